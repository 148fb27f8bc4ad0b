package node

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Providers are known by the end of their address, since OpenTofu and private registries have hosts of their own.
const (
	ownProvider       = "/trove" // mirrors and tests have namespaces of their own
	openstackProvider = "/terraform-provider-openstack/openstack"
)

// MovesFrom lets a `moved` block lead from these kinds of instance to the resource. What the two have in common is kept, the
// refresh that follows fills in the rest.
func MovesFrom(types ...string) resource.StateMover {
	return resource.StateMover{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if !strings.HasSuffix(req.SourceProviderAddress, ownProvider) || !slices.Contains(types, req.SourceTypeName) {
			return
		}
		raw, err := withoutSources(req.SourceRawState.JSON)
		if err != nil {
			resp.Diagnostics.AddError("Unable to move "+req.SourceTypeName, "Its state could not be read: "+sentence(err.Error()))
			return
		}
		value, err := (&tfprotov6.RawState{JSON: raw}).UnmarshalWithOpts(resp.TargetState.Schema.Type().TerraformType(ctx),
			tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}})
		if err != nil {
			resp.Diagnostics.AddError("Unable to move "+req.SourceTypeName, "Its state could not be read: "+sentence(err.Error()))
			return
		}
		resp.TargetState.Raw = value
		resp.Diagnostics.Append(identify(ctx, resp.TargetIdentity, &resp.TargetState)...)
	}}
}

// withoutSources takes replica_of out of a state: it is one id here and a set of ids there, and the refresh fills it in.
func withoutSources(state []byte) ([]byte, error) {
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(state, &attributes); err != nil {
		return nil, err
	}
	delete(attributes, "replica_of")
	return json.Marshal(attributes)
}

// MovesFromOpenStack lets a `moved` block lead from openstack_db_instance_v1 to the resource, as an import would, with what the
// server does not show.
func MovesFromOpenStack() resource.StateMover {
	return resource.StateMover{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		const source = "openstack_db_instance_v1"
		if !strings.HasSuffix(req.SourceProviderAddress, openstackProvider) || req.SourceTypeName != source {
			return
		}
		var have struct {
			ID, Region string
			VolumeType string `json:"volume_type"`
			Network    []struct {
				UUID, Port string
				Address    string `json:"fixed_ip_v4"`
			}
			Database []any
			User     []any
		}
		if err := json.Unmarshal(req.SourceRawState.JSON, &have); err != nil || have.ID == "" {
			resp.Diagnostics.AddError("Unable to move "+source, fmt.Sprintf("Its state holds no id of an instance (%v).", err))
			return
		}
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), have.ID)...)
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("region"), stringOrNull(have.Region))...)
		if have.VolumeType != "" {
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("volume").AtName("type"), have.VolumeType)...)
		}
		if len(have.Network) == 1 && have.Network[0].UUID != "" && have.Network[0].Port == "" {
			at := path.Root("networks").AtListIndex(0)
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, at.AtName("id"), have.Network[0].UUID)...)
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, at.AtName("ip_address"), stringOrNull(have.Network[0].Address))...)
		}
		resp.Diagnostics.Append(identify(ctx, resp.TargetIdentity, &resp.TargetState)...)
		if len(have.Database)+len(have.User) > 0 {
			resp.Diagnostics.Append(leftBehind(have.ID, len(have.Database), len(have.User)))
		}
	}}
}

// MovesAttributesFromOpenStack lets a `moved` block lead from that resource of the OpenStack provider to one that needs only these
// attributes, of the same names, and the region to be read, as an import would. Each comes with what it is where it is empty; ""
// for one that must not be.
func MovesAttributesFromOpenStack(source string, attributes map[string]string) resource.StateMover {
	return resource.StateMover{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if !strings.HasSuffix(req.SourceProviderAddress, openstackProvider) || req.SourceTypeName != source {
			return
		}
		have := map[string]any{}
		if err := json.Unmarshal(req.SourceRawState.JSON, &have); err != nil {
			resp.Diagnostics.AddError("Unable to move "+source, "Its state could not be read: "+sentence(err.Error()))
			return
		}
		region, _ := have["region"].(string)
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("region"), stringOrNull(region))...)
		for name, fallback := range attributes {
			value, _ := have[name].(string) // no text is none
			if value = cmp.Or(value, fallback); value == "" {
				resp.Diagnostics.AddError("Unable to move "+source, "Its state holds no "+name+".")
			}
			resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root(name), value)...)
		}
		resp.Diagnostics.Append(identify(ctx, resp.TargetIdentity, &resp.TargetState)...)
	}}
}

// leftBehind tells what the state of the old resource held and that of the new one does not.
func leftBehind(id string, databases, users int) diag.Diagnostic {
	return diag.NewWarningDiagnostic("Databases and users are declared by themselves", fmt.Sprintf(
		"openstack_db_instance_v1 held %d database and %d user blocks of instance %s. They stay on the server, and leave the state: "+
			"declare them as trove_database and trove_user, and import them.", databases, users, id))
}
