package instance

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
)

// openstackState is the part of an openstack_db_instance_v1 that is taken over.
type openstackState struct {
	ID, Name        string
	FlavorID        string `json:"flavor_id"`
	Size            int64
	VolumeType      string `json:"volume_type"`
	ConfigurationID string `json:"configuration_id"`
	Datastore       []struct{ Type, Version string }
	Network         []struct {
		UUID, Port string
		Address    string `json:"fixed_ip_v4"`
	}
	Database []struct{ Name string }
	User     []struct{ Name, Host string }
}

// takeOver fills the state, and reports what the old state has and the new one does not.
func takeOver(ctx context.Context, old openstackState, state *tfsdk.State) (diags diag.Diagnostics) {
	set := func(at path.Path, value string) {
		if value != "" {
			diags.Append(state.SetAttribute(ctx, at, types.StringValue(value))...)
		}
	}
	set(path.Root("name"), old.Name)
	set(path.Root("flavor_id"), old.FlavorID)
	set(path.Root("configuration_id"), old.ConfigurationID)
	set(path.Root("volume").AtName("type"), old.VolumeType)
	if old.Size > 0 {
		diags.Append(state.SetAttribute(ctx, path.Root("volume").AtName("size"), old.Size)...)
	}
	for _, d := range old.Datastore {
		set(path.Root("datastore").AtName("type"), d.Type)
		set(path.Root("datastore").AtName("version"), d.Version)
	}
	if len(old.Network) == 1 && old.Network[0].UUID != "" && old.Network[0].Port == "" {
		at := path.Root("networks").AtListIndex(0)
		set(at.AtName("id"), old.Network[0].UUID)
		set(at.AtName("ip_address"), old.Network[0].Address)
	}
	var left []string
	for _, d := range old.Database {
		left = append(left, fmt.Sprintf("- trove_database %s/%s", old.ID, d.Name))
	}
	for _, u := range old.User {
		left = append(left, fmt.Sprintf("- trove_user %s/%s@%s", old.ID, u.Name, cmp.Or(u.Host, guestrules.AnyHost)))
	}
	if len(left) > 0 {
		diags.AddWarning("Databases and users require their own resources", "openstack_db_instance_v1 also managed databases and users. They "+
			"stay on the server, and are removed from the state. Declare those that Terraform should manage, and import them with these "+
			"ids.\n\n"+strings.Join(left, "\n"))
	}
	return diags
}
