package upstream

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

var operatorCases = []testCase{
	{"an_operator_manages_quotas_and_versions", operatorsManage},
	{"an_operator_gives_a_version_parameters_and_classes", operatorsSetParameters},
	{"an_operator_resets_reboots_and_migrates", operatorsAct},
}

// managed are the quotas of a project, and a version that nobody else makes.
func managed(project string, instances int, version, tags string, active bool) string {
	return fmt.Sprintf(`
resource "trove_quota" "q" {
  project_id = %q
  instances  = %d
}
resource "trove_datastore_version" "v" {
  type       = "mysql"
  name       = %q
  number     = "9.9"
  manager    = "mysql"
  image_tags = [%s]
  active     = %t
}
`, project, instances, version, tags, active)
}

func operatorsManage(t *testing.T, c *cloud) {
	admin, project := c.operator(t)
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want int64) resource.TestCheckFunc {
		return func(*terraform.State) error {
			limits, err := client.Limits(t.Context())
			if err == nil && (limits.Instances == nil || *limits.Instances != want) {
				err = fmt.Errorf("the project may have %v instances, want %d", limits.Instances, want)
			}
			return err
		}
	}
	version := "v-" + project
	config := admin.Config(managed(project, 7, version, `"trove", "mysql"`, true))
	changed := admin.Config(managed(project, 8, version+"-old", `"trove"`, false))
	at := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("trove_datastore_version.v", tfjsonpath.New(attribute), want)
	}
	admin.Test(t,
		resource.TestStep{
			Config: config, Check: expect(7),
			ConfigStateChecks: []statecheck.StateCheck{at("is_default", knownvalue.Bool(false)), at("packages", knownvalue.Null()), at("image_id", knownvalue.Null())},
		},
		stays(config),
		resource.TestStep{Config: changed, Check: expect(8), ConfigStateChecks: []statecheck.StateCheck{at("active", knownvalue.Bool(false))}},
		stays(changed),
		resource.TestStep{ResourceName: "trove_datastore_version.v", ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: "trove_quota.q", ImportState: true, ImportStateVerify: true},
	)
	all, err := client.Datastores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		for _, v := range d.Versions {
			if strings.HasPrefix(v.Name, version) {
				t.Errorf("%s is there still", v.Name)
			}
		}
	}
	if err := expect(8)(nil); err != nil {
		t.Error(err) // the quotas stay
	}
}

func operatorsAct(t *testing.T, c *cloud) {
	account, _ := c.operator(t)
	admin, err := account.Client()
	if err != nil {
		t.Fatal(err)
	}
	user, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	id := ""
	act := func() {
		ctx := t.Context()
		_, reset := user.ResetStatus(ctx, id)
		_, reboot := user.Reboot(ctx, id)
		_, _, migrate := user.Migrate(ctx, id, "")
		for _, err := range []error{reset, reboot, migrate} {
			if !errors.Is(err, openstack.ErrForbidden) {
				t.Errorf("%v, want that it is forbidden", err)
			}
		}
		if i, err := admin.ResetStatus(ctx, id); err != nil || !i.Ready() {
			t.Errorf("reset: %+v, %v", i, err)
		}
		if i, err := admin.Reboot(ctx, id); err != nil || !i.Ready() {
			t.Errorf("reboot: %+v, %v", i, err)
		}
		from, to, err := admin.Migrate(ctx, id, "")
		if err != nil || from == to || to == "" {
			t.Errorf("migrated from %q to %q, %v", from, to, err)
		}
		if again, now, err := admin.Migrate(ctx, id, to); err != nil || again != to || now != to {
			t.Errorf("migrated again from %q to %q, %v", again, now, err)
		}
	}
	config := c.Config(instance(``))
	c.Test(t,
		resource.TestStep{Config: config, Check: func(s *terraform.State) error {
			id = acctest.ID(s, db)
			return nil
		}},
		resource.TestStep{PreConfig: act, Config: config, PlanOnly: true},
	)
}

// Trove 23 and later know the classes of the guest agent, and Trove 18 refuses them.
func operatorsSetParameters(t *testing.T, c *cloud) {
	admin, project := c.operator(t)
	name := "p-" + project
	version := func(lines string) string {
		return admin.Config(fmt.Sprintf(`
resource "trove_datastore_version" "v" {
  type       = "mysql"
  name       = %q
  manager    = "mysql"
  image_tags = ["trove"]
  %s
}
`, name, lines))
	}
	expect := func(want ...string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			client, err := c.Client() // a new one, which has asked for none
			if err != nil {
				return err
			}
			v, err := client.DatastoreVersion(t.Context(), "mysql", name)
			if err != nil {
				return err
			}
			all, err := client.Parameters(t.Context(), v)
			var have []string
			for _, p := range all {
				have = append(have, fmt.Sprintf("%s %s %s..%s %t", p.Name, p.Type, p.Min, p.Max, p.RestartRequired))
			}
			slices.Sort(have)
			if err == nil && !slices.Equal(have, want) {
				err = fmt.Errorf("the parameters are %q, want %q", have, want)
			}
			return err
		}
	}
	const classes = `
  registry_ext  = "trove.guestagent.datastore.mysql.manager.Manager"
  repl_strategy = "trove.guestagent.strategies.replication.mysql_gtid.MysqlGTIDReplication"
`
	first := version(`parameters = {
    max_connections = { type = "integer", min = 1, max = 100000 }
    sql_mode        = { type = "string", restart_required = true }
  }`)
	changed := version(`parameters = {
    max_connections = { type = "integer", min = 10, max = 500, restart_required = true }
    wait_timeout    = { type = "integer", min = 0, max = 9 }
  }`)
	steps := []resource.TestStep{
		{Config: first, Check: expect("max_connections integer 1..100000 false", "sql_mode string .. true")},
		stays(first),
		{Config: changed, Check: expect("max_connections integer 10..500 true", "wait_timeout integer 0..9 false")},
		stays(changed),
		{Config: version(``), Check: expect("max_connections integer 10..500 true", "wait_timeout integer 0..9 false")},
		{Config: version(`parameters = {}`), Check: expect()},
	}
	if since(23) {
		steps = append(steps, resource.TestStep{Config: version(classes)}, stays(version(classes)), stays(version(``)))
	} else {
		steps = append(steps, resource.TestStep{Config: version(classes), ExpectError: regexp.MustCompile(`does\s+not\s+offer\s+registry_ext`)})
	}
	admin.Test(t, steps...)
}
