package instancebase

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func shown() *trove.Instance {
	operating := trove.StatusHealthy
	return &trove.Instance{
		ID: "i-1", Name: "orders", Status: "ACTIVE", OperatingStatus: &operating, Region: "RegionOne",
		Created:   openstack.Time(time.Date(2026, 11, 22, 22, 48, 48, 0, time.UTC)),
		Flavor:    trove.Reference{ID: "2"},
		Volume:    &trove.Volume{Size: 5},
		Datastore: trove.Datastore{Type: "mysql", Version: "mysql-5.7"},
		Addresses: []trove.Address{{Address: "10.1.0.21", Type: "private", Network: "n-1"}},
	}
}

func volumeOf(size int64, kind types.String) types.Object {
	return types.ObjectValueMust(volumeType, map[string]attr.Value{"size": types.Int64Value(size), "type": kind})
}

func TestFromAPIKeepsWhatTheServerDoesNotShow(t *testing.T) {
	m := Model{
		Volume:             volumeOf(5, types.StringValue("ssd")),
		AvailabilityZone:   types.StringValue("az1"),
		DeletionProtection: types.BoolValue(true),
	}
	if diags := m.FromAPI(t.Context(), &operation.Client{}, shown()); diags.HasError() {
		t.Fatal(diags)
	}
	if got, want := m.Volume, volumeOf(5, types.StringValue("ssd")); !got.Equal(want) {
		t.Errorf("volume is %s, want %s", got, want)
	}
	if m.AvailabilityZone.ValueString() != "az1" || !m.DeletionProtection.ValueBool() {
		t.Errorf("availability zone %s and deletion protection %s were not kept", m.AvailabilityZone, m.DeletionProtection)
	}
}

func TestFromAPITakesOverWhatTheServerShows(t *testing.T) {
	var imported Model // only the id is known after an import
	i := shown()
	i.Configuration = &trove.Reference{ID: "c-1"}
	i.Access = &trove.Access{IsPublic: true, AllowedCIDRs: []string{"192.0.2.0/24"}}
	if diags := imported.FromAPI(t.Context(), &operation.Client{}, i); diags.HasError() {
		t.Fatal(diags)
	}
	got := map[string]string{
		"region": imported.Region.ValueString(), "flavor": imported.FlavorID.ValueString(), "volume": imported.Volume.String(),
		"datastore": imported.Datastore.String(), "configuration": imported.ConfigurationID.ValueString(), "access": imported.Access.String(),
		"protection": imported.DeletionProtection.String(), "created": imported.Created.ValueString(), "hostname": imported.Hostname.String(),
		"addresses": imported.Addresses.String(),
	}
	want := map[string]string{
		"region": "RegionOne", "flavor": "2", "volume": `{"size":5,"type":<null>}`,
		"datastore": `{"type":"mysql","version":"mysql-5.7"}`, "configuration": "c-1", "access": `{"allowed_cidrs":["192.0.2.0/24"],"is_public":true}`,
		"protection": "false", "created": "2026-11-22T22:48:48Z", "hostname": "<null>",
		"addresses": `[{"address":"10.1.0.21","network":"n-1","type":"private"}]`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestFromAPILeavesTheClosedDefaultOutOfTheState(t *testing.T) {
	closed := &trove.Access{}
	asked := types.ObjectValueMust(accessType, map[string]attr.Value{"is_public": types.BoolValue(true), "allowed_cidrs": types.SetNull(types.StringType)})
	tests := map[string]struct {
		before types.Object
		access *trove.Access
		want   string
	}{
		"never asked for, closed":        {types.ObjectNull(accessType), closed, "<null>"},
		"never asked for, not shown":     {types.ObjectNull(accessType), nil, "<null>"},
		"asked for, closed meanwhile":    {asked, closed, `{"allowed_cidrs":[],"is_public":false}`},
		"asked for, not shown":           {asked, nil, asked.String()},
		"never asked for, opened by all": {types.ObjectNull(accessType), &trove.Access{IsPublic: true}, `{"allowed_cidrs":[],"is_public":true}`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m, i := Model{Access: tt.before}, shown()
			i.Access = tt.access
			if diags := m.FromAPI(t.Context(), &operation.Client{}, i); diags.HasError() {
				t.Fatal(diags)
			}
			if got := m.Access.String(); got != tt.want {
				t.Errorf("access is %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSetCreatedLeavesNothingUnknown(t *testing.T) {
	m := Model{
		ID: types.StringUnknown(), Region: types.StringUnknown(), FlavorID: types.StringUnknown(), Status: types.StringUnknown(),
		Hostname: types.StringUnknown(), Created: types.StringUnknown(), Updated: types.StringUnknown(),
		Volume: types.ObjectUnknown(volumeType), Addresses: types.ListUnknown(addressType),
		Datastore: types.ObjectValueMust(datastoreType, map[string]attr.Value{"type": types.StringValue("mysql"), "version": types.StringUnknown()}),
	}
	m.SetCreated(&trove.Instance{ID: "i-1", Status: "BUILD"}, "RegionOne")
	if m.ID.ValueString() != "i-1" || m.Region.ValueString() != "RegionOne" || m.Status.ValueString() != "BUILD" {
		t.Errorf("id %s, region %s, status %s", m.ID, m.Region, m.Status)
	}
	for name, v := range map[string]attr.Value{
		"flavor_id": m.FlavorID, "hostname": m.Hostname, "created": m.Created, "updated": m.Updated, "volume": m.Volume, "addresses": m.Addresses,
		"datastore.version": m.Datastore.Attributes()["version"],
	} {
		if !v.IsNull() {
			t.Errorf("%s is %s, want null", name, v)
		}
	}
}

func TestWhatTheServerChangedBackIsDrift(t *testing.T) {
	_, client := newCloud(t)
	m := Model{ConfigurationID: types.StringValue("c-1"), FlavorID: types.StringValue("3"), Volume: volumeOf(4, types.StringNull())}
	if diags := m.FromAPI(t.Context(), client, shown()); diags.HasError() {
		t.Fatal(diags)
	}
	if !m.ConfigurationID.IsNull() || m.FlavorID.ValueString() != "2" || !m.Volume.Equal(volumeOf(5, types.StringNull())) {
		t.Errorf("configuration %s, flavor %s, volume %s", m.ConfigurationID, m.FlavorID, m.Volume)
	}
}
