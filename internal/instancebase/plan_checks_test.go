package instancebase

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func TestAPlanCheckThatTheServerRefusesToAnswerIsLeftToTheServer(t *testing.T) {
	for name, tt := range map[string]struct {
		err     error
		planned bool // without an error
	}{
		"not found":              {&openstack.Error{Code: 404, Fault: "itemNotFound"}, true},
		"forbidden":              {&openstack.Error{Code: 403}, true},
		"known only after apply": {&openstack.ConnectError{Stage: openstack.StageUnknown}, true},
		"a 404 of a proxy":       {&openstack.Error{Code: 404}, false},
		"the server is away":     {&openstack.Error{Code: 503}, false},
		"no way to sign in":      {&openstack.ConnectError{Stage: openstack.StageCredentials}, false},
	} {
		if got := !PlanCheckError(t.Context(), "instance", tt.err).HasError(); got != tt.planned {
			t.Errorf("%s: planned: %t, want %t", name, got, tt.planned)
		}
	}
}

func TestAConfigurationGroupIsOfTheVersionOrOfItsName(t *testing.T) {
	_, client := newCloud(t)
	_, id := idOf(t, client, "mysql-5.7")
	group := func(version, name string) *trove.Configuration {
		return &trove.Configuration{ID: "g", Name: "settings", DatastoreName: "mysql", VersionID: version, VersionName: name}
	}
	for name, tt := range map[string]struct {
		group            *trove.Configuration
		state            *Model
		errors, warnings int
	}{
		"the same version":                        {group(id, "mysql-5.7"), &Model{}, 0, 0},
		"a version of the same name":              {group("another", "mysql-5.7"), &Model{}, 0, 0},
		"the same version under another name":     {group(id, "renamed"), &Model{}, 0, 0},
		"another version":                         {group("another", "mysql-8.0"), &Model{}, 1, 0},
		"another version at creation is possible": {group("another", "mysql-8.0"), nil, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			plan := &Model{Datastore: datastoreOf("mysql", "mysql-5.7"), ConfigurationID: types.StringValue("g")}
			diags, err := checkConfigurationVersion(t.Context(), client, tt.state, plan, tt.group)
			if err != nil || diags.ErrorsCount() != tt.errors || diags.WarningsCount() != tt.warnings {
				t.Errorf("%v, %v", diags, err)
			}
		})
	}
}

func TestAnUpgradeWarnsOfAGroupThatIsLeftBehind(t *testing.T) {
	_, client := newCloud(t)
	v, err := client.DatastoreVersion(t.Context(), "mysql", "mysql-5.7")
	if err != nil {
		t.Fatal(err)
	}
	group, err := client.CreateConfiguration(t.Context(), v, trove.ConfigurationRequest{Name: "settings", Values: trove.Values{}})
	if err != nil {
		t.Fatal(err)
	}
	at := func(version, group string) *Model {
		return &Model{Datastore: datastoreOf("mysql", version), ConfigurationID: types.StringValue(group)}
	}
	for name, tt := range map[string]struct {
		plan     *Model
		warnings int
	}{
		"no upgrade":                    {at("mysql-5.7", group.ID), 0},
		"an upgrade":                    {at("mysql-8.0", group.ID), 1},
		"an upgrade to what is not":     {at("mysql-9.9", group.ID), 0}, // another check says so
		"an upgrade without that group": {at("mysql-8.0", "gone"), 0},
	} {
		state := at("mysql-5.7", tt.plan.ConfigurationID.ValueString())
		if diags, err := checkConfiguration(t.Context(), client, state, tt.plan); err != nil || diags.HasError() || diags.WarningsCount() != tt.warnings {
			t.Errorf("%s: %v, %v: want %d warnings", name, diags, err, tt.warnings)
		}
	}
}

func TestAVolumeDoesNotShrink(t *testing.T) {
	size := func(gb int64) *Model { return &Model{Volume: volumeOf(gb, types.StringNull())} }
	for name, tt := range map[string]struct {
		have, want int64
		refused    bool
	}{"smaller": {5, 4, true}, "the same": {5, 5, false}, "larger": {5, 6, false}} {
		if got := checkVolume(t.Context(), size(tt.have), size(tt.want)).HasError(); got != tt.refused {
			t.Errorf("%s: refused: %t", name, got)
		}
	}
}
