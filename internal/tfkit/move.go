package tfkit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// MoveFrom allows a `moved` block from these types of resource to another one. It keeps the attributes that both have, except those in
// without, which mean something else there; the refresh that follows fills in the rest. provider is the end of the provider's address,
// since OpenTofu, mirrors and private registries have hosts and namespaces of their own.
func MoveFrom(provider string, types []string, without ...string) resource.StateMover {
	return resource.StateMover{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if !strings.HasSuffix(req.SourceProviderAddress, provider) || !slices.Contains(types, req.SourceTypeName) {
			return
		}
		raw, err := withoutAttributes(req.SourceRawState.JSON, without)
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

// withoutAttributes removes attributes from a state.
func withoutAttributes(state []byte, names []string) ([]byte, error) {
	var attributes map[string]json.RawMessage
	if err := json.Unmarshal(state, &attributes); err != nil {
		return nil, err
	}
	for _, name := range names {
		delete(attributes, name)
	}
	return json.Marshal(attributes)
}

// MoveFromProvider allows a `moved` block from a resource of another provider to ours. It takes over id and region as they are. take
// handles the rest of what Old decodes: it must set every attribute that would cause a replacement if it is missing in the state, since the
// plan that moves need not refresh. Old must not decode passwords: that state has them in plain text.
func MoveFromProvider[Old any](provider, source string, take func(context.Context, Old, *tfsdk.State) diag.Diagnostics) resource.StateMover {
	return resource.StateMover{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if !strings.HasSuffix(req.SourceProviderAddress, provider) || req.SourceTypeName != source {
			return
		}
		var common struct{ ID, Region string }
		var own Old
		err := errors.Join(decodeState(req.SourceRawState, &common), decodeState(req.SourceRawState, &own))
		if err == nil && common.ID == "" {
			err = errors.New("its state holds no id")
		}
		if err != nil {
			resp.Diagnostics.AddError("Unable to move "+source, Sentence(err.Error())+" Or remove it from the state with a removed block, and "+
				"import it.")
			return
		}
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("id"), common.ID)...)
		resp.Diagnostics.Append(resp.TargetState.SetAttribute(ctx, path.Root("region"), StringOrNull(common.Region))...)
		resp.Diagnostics.Append(take(ctx, own, &resp.TargetState)...)
		if !resp.Diagnostics.HasError() {
			resp.Diagnostics.Append(SetIdentity(ctx, resp.TargetIdentity, &resp.TargetState)...)
		}
	}}
}

// decodeState reads a state. Terraform before 0.12 wrote another form, which Terraform omits here and OpenTofu passes on.
func decodeState(raw *tfprotov6.RawState, into any) error {
	if raw == nil || len(raw.JSON) == 0 {
		return errors.New("its state has the format of Terraform 0.11: renew it with `terraform apply -refresh-only` and the OpenStack provider " +
			"before the move")
	}
	if err := json.Unmarshal(raw.JSON, into); err != nil {
		return fmt.Errorf("its state could not be read: %w", err)
	}
	return nil
}
