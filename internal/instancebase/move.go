package instancebase

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Providers are known by the end of their address, since OpenTofu and private registries have hosts of their own.
const ownProvider = "/trove" // mirrors and tests have namespaces of their own

// MoveFrom lets a `moved` block lead from these kinds of instance to the resource. What the two have in common is kept, the
// refresh that follows fills in the rest.
func MoveFrom(types ...string) resource.StateMover {
	return resource.StateMover{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if !strings.HasSuffix(req.SourceProviderAddress, ownProvider) || !slices.Contains(types, req.SourceTypeName) {
			return
		}
		raw, err := withoutSources(req.SourceRawState.JSON)
		if err != nil {
			resp.Diagnostics.AddError("Unable to move "+req.SourceTypeName, "Its state could not be read: "+Sentence(err.Error()))
			return
		}
		value, err := (&tfprotov6.RawState{JSON: raw}).UnmarshalWithOpts(resp.TargetState.Schema.Type().TerraformType(ctx),
			tfprotov6.UnmarshalOpts{ValueFromJSONOpts: tftypes.ValueFromJSONOpts{IgnoreUndefinedAttributes: true}})
		if err != nil {
			resp.Diagnostics.AddError("Unable to move "+req.SourceTypeName, "Its state could not be read: "+Sentence(err.Error()))
			return
		}
		resp.TargetState.Raw = value
		resp.Diagnostics.Append(SetIdentity(ctx, resp.TargetIdentity, &resp.TargetState)...)
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
