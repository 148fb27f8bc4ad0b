package operation_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Requests that go at once must not get each other's bodies, least of all with passwords in them; nor may an answer with a
// body that came before be looked for in one that has none.
func TestPasswordsAndRightsOfManyUsersAtOnce(t *testing.T) {
	w := newWorld(t, sandbox.Options{}, func(o *operation.Options) { o.RequestTimeout = 10 * time.Second })
	id := w.make(t, server("db")).ID
	if _, err := w.CreateBackup(t.Context(), trove.BackupRequest{Name: "b", InstanceID: id}); err != nil {
		t.Fatal(err)
	}
	const users = 10
	var wait sync.WaitGroup
	for n := range users {
		wait.Go(func() {
			a := trove.Account{Name: fmt.Sprintf("u%d", n), Host: "%"}
			if err := w.CreateUser(t.Context(), id, a, "first", nil, func() {}); err != nil {
				t.Error(err)
			}
			if err := w.SetPassword(t.Context(), id, a, "secret-of-"+a.Name); err != nil {
				t.Error(err)
			}
			if err := w.SetGrants(t.Context(), id, a, []string{"db-of-" + a.Name}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	got, _, err := w.State().Users(identity.DemoProjectID, id, "", 0)
	if err != nil || len(got) != users {
		t.Fatalf("the users are %v, %v", got, err)
	}
	for _, u := range got {
		if u.Password != "secret-of-"+u.Name || !slices.Equal(u.Databases, []string{"db-of-" + u.Name}) {
			t.Errorf("user %s has the password %s and the databases %s", u.Name, u.Password, strings.Join(u.Databases, ", "))
		}
	}
}
