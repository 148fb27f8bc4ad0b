package instancebase

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ReadInstance refreshes the state. An instance that is gone is removed from it, and one that was imported must be of this kind. state is
// an empty model of the kind.
func (r *Resource) ReadInstance(ctx context.Context, kind InstanceKind, req resource.ReadRequest, resp *resource.ReadResponse, state ResourceModel) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kind.Name, req.State.Raw, "id")...)
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	client, diags := r.Client(ctx, state.Shared().Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	// Before it is read: a plan of another member waits for this one then.
	client.Registry().SetManaged(state.Shared().ID.ValueString())
	found, diags := readInstance(ctx, client, kind, state)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if found == nil {
		if r.ReadGone(ctx, client, kind.Name, state.Shared().displayName(kind.Name), req, resp); !resp.Diagnostics.HasError() {
			r.noteFormer(ctx, kind.Name, state.Shared())
		}
		return
	}
	if state.Shared().Name.IsNull() { // an import knows only the id
		resp.Diagnostics.Append(kind.checkImport(ctx, client, found)...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	client.SetManaged("instance", found.Name, found.ID)
	if found.HeartbeatLost() {
		resp.Diagnostics.AddWarning("A database does not answer", fmt.Sprintf("%s is in status %s, and its operating status is %s: its database or its guest "+
			"agent has stopped, or cannot be reached. Nothing was changed. Restart the instance. If it is a dead source, you can eject it instead "+
			"(`eject_dead_source` of `trove_replication_source`, or the action `trove_eject_source`): writes that no replica has received are lost.", displayName(kind.Name, found), found.Status, *found.OperatingStatus))
	}
	resp.Diagnostics.Append(state.FromAPI(ctx, client, found)...)
	if resp.Diagnostics.HasError() {
		return
	}
	SaveRead(ctx, client, resp, state)
}

// readInstance reads the instance; nil without an error means that it is gone, which only removes it from the state.
func readInstance(ctx context.Context, c *operation.Client, kind InstanceKind, state ResourceModel) (*trove.Instance, diag.Diagnostics) {
	m := state.Shared()
	var i *trove.Instance
	var err error
	switch member, isMember := state.(ClusterMember); {
	case m.Name.IsNull(): // an import reads all of it
		i, err = c.Instance(ctx, m.ID.ValueString())
	case isMember:
		i, err = c.RefreshedMember(ctx, member.Cluster(), m.ID.ValueString())
	case kind.InTopology:
		i, err = c.RefreshedMember(ctx, "", m.ID.ValueString())
	default:
		i, err = c.Refreshed(ctx, m.ID.ValueString())
	}
	if errors.Is(err, openstack.ErrNotFound) || err == nil && i.Status == trove.StatusDeleted {
		return nil, nil
	}
	if err != nil {
		return nil, diag.Diagnostics{APIError("read", m.displayName(kind.Name), err, "")}
	}
	return i, nil
}
