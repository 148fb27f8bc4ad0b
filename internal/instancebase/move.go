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

// The ends of the addresses of the providers whose states can be moved.
const (
	ownProvider       = "/trove"
	openstackProvider = "/terraform-provider-openstack/openstack"
)

// MoveFrom allows a `moved` block from these kinds of instance to the resource. replica_of is one id in some and a set of ids in others, so
// the refresh that follows fills it in.
func MoveFrom(types ...string) resource.StateMover {
	return tfkit.MoveFrom(ownProvider, types, "replica_of")
}

// MoveFromOpenStack allows a `moved` block from a resource of the OpenStack provider to ours, as tfkit.MoveFromProvider does.
func MoveFromOpenStack[Old any](source string, take func(context.Context, Old, *tfsdk.State) diag.Diagnostics) resource.StateMover {
	return tfkit.MoveFromProvider(openstackProvider, source, take)
}

// MoveGuestObject splits the id that the OpenStack provider gives a database or user, sets the parts in the state, and returns them.
func MoveGuestObject(ctx context.Context, id string, state *tfsdk.State) (instance, name string, diags diag.Diagnostics) {
	instance, name, ok := strings.Cut(id, "/")
	if !ok || instance == "" || name == "" {
		diags.AddError("Unable to move the state", fmt.Sprintf("The id is %q, but must have the format instance_id/name.", id))
	}
	diags.Append(state.SetAttribute(ctx, path.Root("instance_id"), instance)...)
	diags.Append(state.SetAttribute(ctx, path.Root("name"), name)...)
	return instance, name, diags
}
