package replica

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *SourceResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config sourceModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	if consent := config.EjectDeadSource; !consent.IsNull() && !consent.IsUnknown() {
		if _, err := time.Parse(time.DateOnly, consent.ValueString()); err != nil {
			resp.Diagnostics.AddAttributeError(path.Root("eject_dead_source"), "Invalid eject_dead_source", fmt.Sprintf(
				"eject_dead_source is %q, but must be a date such as %q.", consent.ValueString(), today()))
		}
	}
	members, diags := config.members(ctx)
	resp.Diagnostics.Append(diags...)
	if id := config.SourceID.ValueString(); id != "" && config.known() && !slices.Contains(members, id) {
		resp.Diagnostics.AddAttributeError(path.Root("source_id"), "The source is not a member", fmt.Sprintf("source_id is %s, which is not in members: add it, or choose one of members.", id))
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan. It checks the present state of the set.
func (r *SourceResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	identified, diags := tfkit.CheckPlanState(setKindName, req, "id")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[sourceModel](ctx, req)
	resp.Diagnostics.Append(diags...)
	if state != nil && plan != nil && state.SourceID.Equal(plan.SourceID) && state.Members.Equal(plan.Members) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("roles"), state.Roles)...) // nothing changes
	}
	if plan == nil || resp.Diagnostics.HasError() || !r.Configured() || plan.SourceID.IsUnknown() || !plan.known() {
		return
	}
	if state != nil && state.SourceID.Equal(plan.SourceID) && state.Members.Equal(plan.Members) {
		return
	}
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	members, diags := plan.members(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	wanted := plan.SourceID.ValueString()
	set, err := client.ReplicationSet(ctx, wanted)
	switch {
	case errors.Is(err, openstack.ErrNotFound):
		resp.Diagnostics.AddAttributeError(path.Root("source_id"), "Unknown instance", fmt.Sprintf(
			"source_id is %s, but there is no such instance in this project and region.", wanted))
		return
	case err != nil:
		resp.Diagnostics.Append(instancebase.PlanCheckError(ctx, setKindName, err)...)
		return
	}
	d := plan.check(set, plan.toCheck(state, members))
	if d == nil {
		d = plan.consent(set)
	}
	if d != nil {
		resp.Diagnostics.Append(d)
	}
}

// toCheck returns the members that must belong to the set: an unchanged list may still contain one that was ejected. have is the state
// before, nil for a creation.
func (m *sourceModel) toCheck(have *sourceModel, members []string) []string {
	if have != nil && have.Members.Equal(m.Members) {
		return []string{m.SourceID.ValueString()}
	}
	return members
}

// check refuses members that are not in the set.
func (m *sourceModel) check(set operation.ReplicationSet, members []string) diag.Diagnostic {
	wanted := m.SourceID.ValueString()
	if set.Source == "" {
		return diag.NewAttributeErrorDiagnostic(path.Root("source_id"), "Not in a replication set", fmt.Sprintf(
			"source_id is %s, which is standalone: it has neither a source nor replicas. It was ejected or detached, or "+
				"has no replica yet. Set source_id to a member of the set.", wanted))
	}
	apart := slices.DeleteFunc(slices.Clone(members), func(id string) bool { return set.Find(id) != nil })
	if len(apart) == 0 {
		return nil
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("members"), "Not one replication set", fmt.Sprintf(
		"These instances of members do not belong to the replication set of source_id, %s: %s. That set has: %s. Its source is %s.",
		wanted, strings.Join(apart, ", "), strings.Join(set.IDs(), ", "), set.Source))
}

// dead returns the source of the set if it is dead and another one is wanted; else nil.
func (m *sourceModel) dead(set operation.ReplicationSet) *trove.Instance {
	source := set.Find(set.Source)
	if source == nil || source.ID == m.SourceID.ValueString() || !source.HeartbeatLost() && !source.Failed() {
		return nil
	}
	return source
}

// consent refuses to eject a dead source without today's consent.
func (m *sourceModel) consent(set operation.ReplicationSet) diag.Diagnostic {
	dead := m.dead(set)
	if dead == nil || m.EjectDeadSource.IsUnknown() || m.EjectDeadSource.ValueString() == today() {
		return nil
	}
	given := "it is not set"
	if !m.EjectDeadSource.IsNull() {
		given = fmt.Sprintf("it is %q", m.EjectDeadSource.ValueString())
	}
	return diag.NewAttributeErrorDiagnostic(path.Root("eject_dead_source"), "The source is dead", fmt.Sprintf(
		"%s (%s), the current source, sends no heartbeats or has failed (status %s), so it cannot hand over the role. It can be ejected: "+
			"data that it has not yet sent to its replicas is lost, and it is standalone afterwards. That requires eject_dead_source with "+
			"today's date in UTC, %q, and %s. Nothing was ejected.",
		dead.Name, dead.ID, dead.Status, today(), given))
}

// today is the date for the consent.
func today() string { return time.Now().UTC().Format(time.DateOnly) }
