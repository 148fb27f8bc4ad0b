package instancebase

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// planDetachment notes at plan time that an instance is to lose its configuration group, so that the deletion of the group knows it:
// Terraform deletes a group that was removed from the configuration before it changes the instances.
func (r *Resource) planDetachment(ctx context.Context, state, plan *Model) {
	if !r.Configured() || !tfkit.Known(state.ConfigurationID) || plan.ConfigurationID.Equal(state.ConfigurationID) {
		return
	}
	client, diags := r.Client(ctx, state.Region)
	if diags.HasError() {
		return // the checks of the plan report it
	}
	client.Registry().PlanDetachment(client.Session(), state.ConfigurationID.ValueString(), detachment(state, plan))
	if r.connection.plan.begun() {
		r.savePlan(ctx, client)
	}
}

// detachment returns what a plan notes of an instance that it detaches.
func detachment(state, plan *Model) cluster.Detachment {
	return cluster.Detachment{ID: state.ID.ValueString(), Restart: plan.restartsIfNeeded()}
}

// savePlan passes on what this plan knows.
func (r *Resource) savePlan(ctx context.Context, client *operation.Client) {
	if err := r.connection.plan.save(func() cluster.Plan { return client.Registry().PlannedSoFar(client.Session()) }); err != nil {
		tflog.Warn(ctx, "what the plan knows of other changes is only noted in each destruction", map[string]any{"reason": err.Error()})
	}
}

// PlanPromotion notes at plan time that a replica is to be detached from its declared sources, so that the deletion of one of them knows
// it: Terraform deletes a source that was removed from the configuration, or is replaced, before it changes the replica.
func (r *Resource) PlanPromotion(ctx context.Context, state, plan *Model, sources ...string) {
	if !r.Configured() {
		return
	}
	client, diags := r.Client(ctx, state.Region)
	if diags.HasError() {
		return // the checks of the plan report it
	}
	for _, source := range sources {
		client.Registry().PlanDetachment(client.Session(), source, detachment(state, plan))
	}
	if r.connection.plan.begun() {
		r.savePlan(ctx, client)
	}
}

// PlanDeletion notes at plan time, for a deletion, which instances are to be detached from the deleted object, and which file lists those
// that are planned later. A replacement deletes with the note of the creation that follows.
func (r *Resource) PlanDeletion(ctx context.Context, kind string, region types.String, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	if !r.Configured() || resp.Private == nil {
		return nil
	}
	client, diags := r.Client(ctx, region)
	if diags.HasError() {
		return diags
	}
	return append(diags, r.noteDestroyPlan(ctx, kind, client.Registry().PlannedSoFar(client.Session()), resp)...)
}

// noteDestroyPlan notes in private state what is known of a plan now, and the file with what is known at its end.
func (r *Resource) noteDestroyPlan(ctx context.Context, kind string, known cluster.Plan, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	note, err := json.Marshal(destroyPlan{File: r.connection.plan.token(), Plan: known})
	if err != nil {
		return diag.Diagnostics{APIError("plan", kind, err, "")}
	}
	return resp.Private.SetKey(ctx, destroyPlanKey, note)
}

// promotePlanned detaches from an instance that is to be deleted those replicas that lose it as their source in the same plan.
func promotePlanned(ctx context.Context, c *operation.Client, kind string, source *Model, planned cluster.Plan) (diags diag.Diagnostics) {
	for _, d := range planned.Detached[source.ID.ValueString()] {
		again := func(group string) { diags.AddWarning(attachedAgain(group, "instance "+d.ID)) }
		if _, err := c.Promote(ctx, d.ID, &operation.Keep{Restart: d.Restart, Again: again}); err != nil && !isNotFound(err) {
			diags.Append(APIError("delete", source.displayName(kind), fmt.Errorf("its replica %s must be promoted first: %w", d.ID, err),
				"The instance was not deleted and stays in the state: the next apply tries again."))
		}
	}
	return diags
}

// DetachPlanned detaches a configuration group that is to be deleted from those instances that lose it in the same plan.
func (r *Resource) DetachPlanned(ctx context.Context, client *operation.Client, kind, group string, req resource.DeleteRequest, resp *resource.DeleteResponse) diag.Diagnostics {
	planned, diags := r.takeDestroyPlan(ctx, req, resp)
	if diags.HasError() || len(planned.Detached[group]) == 0 {
		return diags
	}
	attached, err := client.ConfiguredInstances(ctx, group)
	if err != nil && !isNotFound(err) {
		return append(diags, APIError("delete", kind+" "+group, err, "It stays in the state."))
	}
	for _, ref := range attached {
		if !planned.Detaches(group, ref.ID) {
			continue
		}
		if _, err := client.SetConfiguration(ctx, ref.ID, "", false); err != nil && !isNotFound(err) {
			diags.Append(APIError("detach", kind+" "+group+" from instance "+ref.Name+" ("+ref.ID+")", err, "The group stays in the state: the next apply tries again."))
		}
	}
	return diags
}
