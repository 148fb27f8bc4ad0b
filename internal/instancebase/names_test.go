package instancebase

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// newCloud is a sandbox and a client of it that does not retry.
func newCloud(t *testing.T) (*sandbox.Sandbox, *operation.Client) {
	t.Helper()
	s, err := sandbox.New(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return s, connectTo(t, s)
}

// connectTo is a new client, which knows nothing of the server yet.
func connectTo(t *testing.T, s *sandbox.Sandbox) *operation.Client {
	t.Helper()
	client, err := operation.Connect(operation.Options{Options: openstack.Options{
		Auth: gophercloud.AuthOptions{IdentityEndpoint: s.AuthURL(), Username: "demo", Password: "demo", DomainName: "Default", TenantName: "demo"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func datastoreOf(typeName, version string) types.Object {
	return types.ObjectValueMust(datastoreType, map[string]attr.Value{"type": types.StringValue(typeName), "version": tfkit.StringOrNull(version)})
}

func idOf(t *testing.T, c *operation.Client, version string) (datastore, id string) {
	t.Helper()
	v, err := c.DatastoreVersion(t.Context(), "mysql", version)
	if err != nil {
		t.Fatal(err)
	}
	return v.DatastoreID, v.ID
}

func TestFromAPIKeepsHowItWasWritten(t *testing.T) {
	_, client := newCloud(t)
	mysql, id := idOf(t, client, "mysql-5.7")
	_, newer := idOf(t, client, "mysql-8.0")
	tests := map[string]struct {
		flavor              string
		datastore           types.Object
		wantFlavor          string
		wantType, wantNamed string
	}{
		"ids":                             {"2", datastoreOf(mysql, id), "2", mysql, id},
		"names":                           {"db.small", datastoreOf("mysql", "mysql-5.7"), "db.small", "mysql", "mysql-5.7"},
		"the names of others are drift":   {"db.large", datastoreOf("mysql", "mysql-8.0"), "2", "mysql", "mysql-5.7"},
		"the ids of others are drift":     {"4", datastoreOf(mysql, newer), "2", mysql, "mysql-5.7"},
		"an imported one has nothing yet": {"", types.ObjectNull(datastoreType), "2", "mysql", "mysql-5.7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := Model{FlavorID: tfkit.StringOrNull(tt.flavor), Datastore: tt.datastore}
			if diags := m.FromAPI(t.Context(), client, shown()); diags.HasError() {
				t.Fatal(diags)
			}
			if got := m.FlavorID.ValueString(); got != tt.wantFlavor {
				t.Errorf("flavor_id is %q, want %q", got, tt.wantFlavor)
			}
			if want := datastoreOf(tt.wantType, tt.wantNamed); !m.Datastore.Equal(want) {
				t.Errorf("datastore is %s, want %s", m.Datastore, want)
			}
		})
	}
}

func TestFromAPIWithoutTheLists(t *testing.T) {
	for name, tt := range map[string]struct {
		status int
		flavor string
		fails  bool
	}{
		// Who may not list them writes ids: another one is drift. The id of a version cannot be compared with a name.
		"forbidden":    {http.StatusForbidden, "2", false},
		"out of order": {http.StatusInternalServerError, "4", true},
	} {
		t.Run(name, func(t *testing.T) {
			s, client := newCloud(t)
			_, id := idOf(t, client, "mysql-8.0")
			for _, kind := range []string{"GET /flavors", "GET /datastores"} {
				if _, err := s.Faults().Add(faults.Rule{Do: faults.Status, Status: tt.status, Kind: kind, Times: faults.Always}); err != nil {
					t.Fatal(err)
				}
			}
			m := Model{FlavorID: types.StringValue("4"), Datastore: datastoreOf("mysql", id)}
			diags := m.FromAPI(t.Context(), connectTo(t, s), shown())
			if diags.HasError() != tt.fails {
				t.Errorf("diagnostics are %v", diags)
			}
			if m.FlavorID.ValueString() != tt.flavor || !m.Datastore.Equal(datastoreOf("mysql", id)) {
				t.Errorf("flavor_id is %s and datastore %s, want flavor %s and the datastore as it was", m.FlavorID, m.Datastore, tt.flavor)
			}
		})
	}
}

func TestWhatIsWrittenIsSentAsTheServerTakesIt(t *testing.T) {
	_, client := newCloud(t)
	mysql, id := idOf(t, client, "mysql-5.7")
	for name, m := range map[string]Model{
		"ids":   {FlavorID: types.StringValue("3"), Datastore: datastoreOf(mysql, id)},
		"names": {FlavorID: types.StringValue("db.medium"), Datastore: datastoreOf("mysql", "mysql-5.7")},
	} {
		t.Run(name, func(t *testing.T) {
			r, diags := m.ToCreateRequest(t.Context(), client)
			if diags.HasError() || r.FlavorRef != "3" || *r.Datastore != (trove.Datastore{Type: "mysql", Version: "mysql-5.7"}) {
				t.Errorf("flavor %q and datastore %v are sent; %v", r.FlavorRef, r.Datastore, diags)
			}
		})
	}
}

func TestUnknownNamesAreBlamedOnTheirAttribute(t *testing.T) {
	s, client := newCloud(t)
	s.State().SetFlavors([]state.Flavor{{ID: "a", Name: "db.small"}, {ID: "b", Name: "db.small"}, {ID: "c", Name: "db.large"}})
	for name, tt := range map[string]struct {
		m    Model
		at   path.Path
		want string
	}{
		"a flavor": {
			Model{FlavorID: types.StringValue("db.larg")}, path.Root("flavor_id"),
			`flavor_id is "db.larg", but the server has no such flavor. Did you mean "db.large"? It has: db.small, db.small, db.large.`,
		},
		"the name of two flavors": {
			Model{FlavorID: types.StringValue("db.small")}, path.Root("flavor_id"),
			`flavor_id is "db.small", and the server has 2 with that name. Use an id: a, b.`,
		},
		"the id of no version": {
			Model{Datastore: datastoreOf("mysql", "6187357e-060d-4d59-b1fd-8e3428c6005c")}, path.Root("datastore").AtName("version"),
			`datastore.version is "6187357e-060d-4d59-b1fd-8e3428c6005c", but the server has no such version of mysql. It has: mysql-5.5, mysql-5.7, mysql-8.0.`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, diags := tt.m.ToCreateRequest(t.Context(), client)
			if len(diags) != 1 || diags[0].Detail() != tt.want {
				t.Fatalf("got %v, want %s", diags, tt.want)
			}
			if placed, ok := diags[0].(interface{ Path() path.Path }); !ok || !placed.Path().Equal(tt.at) {
				t.Errorf("%v is not blamed on %s", diags[0], tt.at)
			}
		})
	}
}

func TestALongListIsCutToWhatIsMostAlike(t *testing.T) {
	e := &trove.UnknownError{What: "flavor", Name: "m1.mediun"}
	for n := range 80 {
		e.Offered, e.IDs = append(e.Offered, fmt.Sprintf("gpu-%02d", n)), append(e.IDs, fmt.Sprint(n))
	}
	e.Offered = append(e.Offered, "m1.medium", "m1.small")
	text := UnknownItemDetail(e)
	if !strings.Contains(text, `Did you mean "m1.medium"? It has: m1.medium, m1.small, gpu-`) || !strings.HasSuffix(text, ", and 70 more.") {
		t.Errorf("the text is %s", text)
	}
	if n := strings.Count(text, "gpu-"); n != 10 {
		t.Errorf("%d others are listed, want 10: %s", n, text)
	}
}
