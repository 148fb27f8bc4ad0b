package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// DeleteInstance deletes the instance. leave takes it out of its topology first, using what the plan has noted, and reports whether to keep
// the instance then; it may be nil. state is an empty model of the kind.
func (r *Resource) DeleteInstance(ctx context.Context, kind string, req resource.DeleteRequest, resp *resource.DeleteResponse, state ResourceModel,
	leave func(context.Context, *operation.Client, cluster.Plan) (keep bool, diags diag.Diagnostics),
) {
	unidentified, diags := tfkit.Unidentified(kind, req.State.Raw, "id")
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	planned, diags := r.takeDestroyPlan(ctx, req, resp)
	resp.Diagnostics.Append(diags...)
	resp.Diagnostics.Append(req.State.Get(ctx, state)...)
	shared := state.Shared()
	client, ctx, cancel := r.Begin(ctx, shared.Region, shared.Timeouts.Delete, DeleteTimeout, &resp.Diagnostics)
	defer cancel()
	resp.Diagnostics.Append(ProtectedFromDeletion(ctx, kind, req.State)...)
	if req.Private != nil && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(RefuseOtherProject(ctx, client, "delete", shared.displayName(kind), req.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(promotePlanned(ctx, client, kind, shared, planned)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if leave != nil {
		keep, diags := leave(ctx, client, planned)
		if resp.Diagnostics.Append(diags...); keep || diags.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(deleteInstance(ctx, client, kind, shared)...)
}

// deleteInstance deletes the instance and waits until it is gone.
func deleteInstance(ctx context.Context, c *operation.Client, kind string, m *Model) diag.Diagnostics {
	if err := c.Delete(ctx, m.ID.ValueString()); err != nil {
		return diag.Diagnostics{APIError("delete", m.displayName(kind), err, "The instance stays in the state: the next destroy tries again.")}
	}
	return nil
}
