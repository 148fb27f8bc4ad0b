package instancebase

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// The ends of the addresses of providers whose states can be moved.
const (
	ownProvider       = "/trove"
	openstackProvider = "/terraform-provider-openstack/openstack"
)

// MoveFrom lets a `moved` block lead from these kinds of instance to the resource. replica_of is one id here and a set of ids there,
// and the refresh that follows fills it in.
func MoveFrom(types ...string) resource.StateMover {
	return tfkit.MoveFrom(ownProvider, types, "replica_of")
}

// MoveFromOpenStack lets a `moved` block lead from that resource of the OpenStack provider to ours, as tfkit.MoveFromProvider does.
func MoveFromOpenStack[Old any](source string, take func(context.Context, Old, *tfsdk.State) diag.Diagnostics) resource.StateMover {
	return tfkit.MoveFromProvider(openstackProvider, source, take)
}

// MoveGuestObject puts what the OpenStack provider's id of what is within an instance says into the state, and returns it.
func MoveGuestObject(ctx context.Context, id string, state *tfsdk.State) (instance, name string, diags diag.Diagnostics) {
	instance, name, ok := strings.Cut(id, "/")
	if !ok || instance == "" || name == "" {
		diags.AddError("Unable to move the state", fmt.Sprintf("The id is %q, but must have the format instance_id/name.", id))
	}
	diags.Append(state.SetAttribute(ctx, path.Root("instance_id"), instance)...)
	diags.Append(state.SetAttribute(ctx, path.Root("name"), name)...)
	return instance, name, diags
}
