package user_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// Trove allows MySQL less than MySQL does: a plan that knows of a PostgreSQL server says nothing of that.
func TestALongNameIsDoubtfulOnMySQLAlone(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t, acctest.Upstream, func(o *sandbox.Options) { o.Release = 23 })
	run := cloud.NewDriver(t)
	on := func(datastore, version string) string {
		return fmt.Sprintf("%q", run.ID(run.Must(run.Create("trove_instance", fmt.Sprintf(
			`{"name": %q, "flavor_id": "2", "volume": {"size": 5}, "datastore": {"type": %[1]q, "version": %q}}`, datastore, version)))))
	}
	mysql, postgresql := on("mysql", "mysql-8.0"), on("postgresql", "postgresql-16")
	config := func(instance, name string) string {
		return fmt.Sprintf(`{"instance_id": %s, "name": %q, "password_wo": "secret-1", "password_wo_version": 1}`, instance, name)
	}
	for name, tt := range map[string]struct {
		instance, user string
		doubtful       bool
	}{
		"16 characters on MySQL":      {mysql, strings.Repeat("u", 16), false},
		"17 characters on MySQL":      {mysql, strings.Repeat("u", 17), true},
		"17 characters on PostgreSQL": {postgresql, strings.Repeat("u", 17), false},
		"63 characters on PostgreSQL": {postgresql, strings.Repeat("u", 63), false},
		"17 characters on either":     {`"` + acctest.Unknown + `"`, strings.Repeat("u", 17), true},
	} {
		_, diagnostics := run.Plan(acctest.Object{Type: "trove_user"}, config(tt.instance, tt.user))
		text := diagnostics.Text()
		if diagnostics.Failed() || strings.Count(text, "Not every Trove accepts this user name") != map[bool]int{true: 1}[tt.doubtful] || len(diagnostics) > 1 {
			t.Errorf("%s: %s", name, text)
		}
	}
	// One that is there already is not doubted.
	long := strings.Repeat("u", 20)
	made := run.Must(run.Create("trove_user", config(postgresql, long)))
	if change, diagnostics := run.Plan(made, config(postgresql, long)); !run.NoOp(change) || len(diagnostics) > 0 {
		t.Errorf("the next plan: %s", diagnostics.Text())
	}
}
