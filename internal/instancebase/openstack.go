package instancebase

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

const openstackProvider = "/terraform-provider-openstack/openstack"

// MoveFromOpenStack lets a `moved` block lead from that resource of the OpenStack provider to ours. Id and region are taken
// over as they are. take sees to the rest of what Old decodes: all that would replace where it is not in the
// state, since the plan that moves need not refresh. Old must decode no password: those stand there in plain text.
func MoveFromOpenStack[Old any](source string, take func(context.Context, Old, *tfsdk.State) diag.Diagnostics) resource.StateMover {
	return resource.StateMover{StateMover: func(ctx context.Context, req resource.MoveStateRequest, resp *resource.MoveStateResponse) {
		if !strings.HasSuffix(req.SourceProviderAddress, openstackProvider) || req.SourceTypeName != source {
			return
		}
		var common struct{ ID, Region string }
		var own Old
		err := errors.Join(decodeState(req.SourceRawState, &common), decodeState(req.SourceRawState, &own))
		if err == nil && common.ID == "" {
			err = errors.New("its state holds no id")
		}
		if err != nil {
			resp.Diagnostics.AddError("Unable to move "+source, Sentence(err.Error())+" Or take it out of the state by a removed block, and import it.")
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

// decodeState reads a state. Terraform before 0.12 wrote another form, which Terraform leaves out here and OpenTofu hands over.
func decodeState(raw *tfprotov6.RawState, into any) error {
	if raw == nil || len(raw.JSON) == 0 {
		return errors.New("its state is of the form of Terraform 0.11: let `terraform apply -refresh-only` with the OpenStack provider renew it, before the move")
	}
	if err := json.Unmarshal(raw.JSON, into); err != nil {
		return fmt.Errorf("its state could not be read: %w", err)
	}
	return nil
}

// MoveGuestObject puts what the OpenStack provider's id of what is within an instance says into the state, and returns it.
func MoveGuestObject(ctx context.Context, id string, state *tfsdk.State) (instance, name string, diags diag.Diagnostics) {
	instance, name, ok := strings.Cut(id, "/")
	if !ok || instance == "" || name == "" {
		diags.AddError("Unable to move the state", fmt.Sprintf("The id is %q, and not of the form instance_id/name.", id))
	}
	diags.Append(state.SetAttribute(ctx, path.Root("instance_id"), instance)...)
	diags.Append(state.SetAttribute(ctx, path.Root("name"), name)...)
	return instance, name, diags
}
