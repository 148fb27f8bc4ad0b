package user_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// inhabited makes a MySQL server with 45 users, and returns its id and the users, by name and host. One user has a name that trove_user
// cannot manage, as one made in SQL may have. The markers of the pages are names that stand elsewhere when they are quoted.
func inhabited(t *testing.T, cloud *acctest.Cloud) (id string, users []state.User) {
	t.Helper()
	id = cloud.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "orders", FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-8.0"},
	})
	users = []state.User{
		{Name: "app", Host: "%", Password: "hunter2", Databases: []string{"shop", "stock"}}, {Name: "app", Host: "10.0.0.%", Password: "hunter2"},
		{Name: "app b", Host: "%", Password: "hunter2"}, {Name: "app.json", Host: "%", Password: "hunter2"}, {Name: "app@b", Host: "%", Password: "hunter2"},
	}
	for n := range 40 {
		users = append(users, state.User{Name: fmt.Sprintf("app%02d", n), Host: "%", Password: "hunter2", Databases: []string{"shop"}})
	}
	if err := cloud.State().CreateUsers(identity.DemoProjectID, id, users); err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(users, func(a, b state.User) int { return strings.Compare(a.Name+"\x00"+a.Host, b.Name+"\x00"+b.Host) })
	return id, users
}

func TestUsersOfAnInstance(t *testing.T) {
	t.Parallel()
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			id, users := inhabited(t, cloud)
			run := cloud.NewDriver(t)
			for _, prefix := range []string{"a", "app3", "none"} {
				want := map[string]any{"instance_id": id, "name_prefix": prefix, "region": acctest.Region}
				ids, shown := []any{}, []any{}
				for _, u := range users {
					if !strings.HasPrefix(u.Name, prefix) {
						continue
					}
					databases := []any{}
					for _, name := range u.Databases {
						databases = append(databases, name)
					}
					own := id + "/" + u.Name + "@" + u.Host
					ids, shown = append(ids, own), append(shown, map[string]any{"id": own, "name": u.Name, "host": u.Host, "databases": databases})
				}
				want["ids"], want["users"] = ids, shown
				got, diags := run.ReadData("trove_users", fmt.Sprintf(`{"instance_id": %q, "name_prefix": %q}`, id, prefix))
				run.NoErrors(diags)
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("by prefix %q (-want +got):\n%s", prefix, diff)
				}
			}
			if n := cloud.Ledger().Count("GET /instances/{id}/users"); n != 3*3 {
				t.Errorf("%d pages were read, want 3 for each of 3 reads", n)
			}
		})
	}
}

// What is listed is what an import gives, and an import by the identity of what is listed plans nothing.
func TestUsersAreListed(t *testing.T) {
	t.Parallel()
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, options)
			id, users := inhabited(t, cloud)
			run := cloud.NewDriver(t)
			var want, got []string
			for _, u := range users {
				want = append(want, u.Name+"@"+u.Host)
			}
			slices.Sort(want)
			for _, one := range run.List("trove_user", map[string]string{"instance_id": id}, true, 0) {
				run.NoErrors(one.Diagnostics)
				got = append(got, one.Name)
				imported := run.Import("trove_user", "", one.Identity)
				if diff := cmp.Diff(one.Identity, run.IdentityOf("trove_user", imported)); diff != "" {
					t.Errorf("the identity of %s (-listed +imported):\n%s", one.Name, diff)
				}
				if diff := cmp.Diff(run.Resource("trove_user", imported.State), one.Resource); diff != "" {
					t.Errorf("%s (-imported +listed):\n%s", one.Name, diff)
				}
				if text, err := json.Marshal(one); err != nil || strings.Contains(string(text), "hunter2") {
					t.Errorf("the list shows a password, or nothing: %s, %v", text, err)
				}
				config, err := json.Marshal(map[string]any{"instance_id": id, "name": one.Identity["name"], "host": one.Identity["host"]})
				if err != nil {
					t.Fatal(err)
				}
				if change, diags := run.Plan(acctest.Object{Type: "trove_user", Managed: imported}, string(config)); !run.NoOp(change) || len(diags) > 0 {
					t.Errorf("after the import of %s the plan changes %v: %s", one.Name, run.Changed(change), diags.Text())
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if listed := run.List("trove_user", map[string]string{"instance_id": id, "name_prefix": "app@"}, false, 2); len(listed) != 2 || listed[0].Resource != nil {
				t.Errorf("by prefix and limit the list is %+v", listed)
			}
		})
	}
}

// Data sources show what the server does; lists leave out what could not be imported as it is written.
func TestUsersThatCannotBeManagedAreShownAlone(t *testing.T) {
	t.Parallel()
	proxy := acctest.NewFaultProxy(t, acctest.NewCloud(t))
	id := proxy.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "orders", FlavorRef: "1", Volume: &trove.Volume{Size: 2}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-8.0"},
	})
	long := strings.Repeat("u", 64)
	proxy.Spoil(acctest.Fault{Method: "GET", Path: "/instances/*/users", Times: acctest.Always, Do: acctest.Body(`{"users": [
		{"name": "app", "host": "%", "databases": []}, {"name": "` + long + `", "host": "%", "databases": []},
		{"name": "root", "host": "%", "databases": []}, {"name": "six", "host": "2001:db8::1", "databases": []}]}`)})
	run := proxy.NewDriver(t)
	if listed := run.List("trove_user", map[string]string{"instance_id": id}, false, 0); len(listed) != 1 || listed[0].Name != "app@%" {
		t.Errorf("the list is %+v", listed)
	}
	want := []any{id + "/app@%", id + "/root@%", id + "/six@2001:db8::1", id + "/" + long + "@%"}
	state, diags := run.ReadData("trove_users", fmt.Sprintf(`{"instance_id": %q}`, id))
	run.NoErrors(diags)
	if diff := cmp.Diff(want, state["ids"]); diff != "" {
		t.Errorf("the data source (-want +got):\n%s", diff)
	}
}
