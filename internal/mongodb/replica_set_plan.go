package mongodb

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *ReplicaSetResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config replicaSetModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	members, diags := config.members(ctx)
	resp.Diagnostics.Append(diags...)
	for _, id := range ids(members) {
		// The plan reports what is missing or unwise, since it knows the settings that the members have.
		resp.Diagnostics.Append(instancebase.ProblemDiagnostics(settingsOf(id), members[id].settings().Check().Errors(), paths(id))...)
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan. It checks the set as a whole: the planned settings over those that the server
// returns for its members.
func (r *ReplicaSetResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	identified, diags := tfkit.CheckPlanState(setKindName, req, "name")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	_, plan, diags := tfkit.StateAndPlan[replicaSetModel](ctx, req)
	resp.Diagnostics.Append(diags...)
	if plan == nil || resp.Diagnostics.HasError() || !r.Configured() {
		return
	}
	resp.Diagnostics.Append(r.RequireTopologyAPI(ctx, "trove_mongodb_replica_set", plan.Region)...)
	members, diags := plan.members(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || len(members) == 0 {
		return
	}
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	for _, id := range ids(members) {
		if own := client.Registry().OwnSettings(id); len(own) > 0 {
			resp.Diagnostics.AddAttributeWarning(path.Root("members").AtMapKey(id), "A member with settings in two places", fmt.Sprintf(
				"trove_mongodb_member also sets settings of instance %s (%s), and the two resources will undo each other's changes: remove them "+
					"there.",
				id, strings.Join(own, ", ")))
		}
	}
	set := plan.Name.ValueString()
	shown, err := client.ReplicaSet(ctx, set, ids(members))
	if err != nil {
		resp.Diagnostics.Append(instancebase.PlanCheckError(ctx, setKindName+" "+set, err)...)
		return
	}
	for _, id := range ids(members) {
		if err := belongs(set, id, shown); err != nil {
			resp.Diagnostics.Append(instancebase.APIErrorAt(path.Root("members").AtMapKey(id), "reconfigure", setKindName+" "+set, err, ""))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(checkSet(members, shown)...)
	if resp.Diagnostics.HasError() {
		return
	}
	show := func(problems topology.Problems) diag.Diagnostics {
		return instancebase.ProblemDiagnosticsAt(path.Root("members"), setKindName, problems, map[string]path.Path{"replSet": path.Root("name")})
	}
	settings, after := cluster.PlannedSettings{}, []topology.MongoDB{}
	for id, m := range shown {
		if listed, ok := members[id]; ok {
			settings[id], m = listed.over, listed.over(m)
		}
		after = append(after, m)
	}
	if client.Registry().Applying() { // the members exist by now, and the plan may not have known their ids
		resp.Diagnostics.Append(show(topology.CheckReplicaSet(after).Errors())...)
		return
	}
	key := setKey(client, set)
	client.Registry().PlanSettings(key, settings)
	resp.Diagnostics.Append(instancebase.JudgeSet(ctx, client, setKind, key, ids(members)[0], show)...)
}

// setKey returns the key of a replica set.
func setKey(c *operation.Client, set string) cluster.Key {
	return c.Key(topology.Topology{MongoDB: &topology.MongoDB{ReplSet: set}}.Cluster())
}

// checkSet applies the rules to each listed member as it will be: the listed settings over those that the server returns. A setting that
// neither has is unknown.
func checkSet(members map[string]settingsModel, shown map[string]topology.MongoDB) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, id := range slices.Sorted(maps.Keys(shown)) {
		if settings, listed := members[id]; listed {
			diags.Append(instancebase.ProblemDiagnostics(settingsOf(id), settings.blame(settings.over(shown[id]).Settings().Check()), paths(id))...)
		}
	}
	return diags
}

// blame reports the problems of a member at the listed settings, and says which settings are the server's.
func (m settingsModel) blame(problems topology.Problems) topology.Problems {
	listed := m.settings().Values()
	for i, p := range problems {
		var ours, left []string
		for _, field := range p.Fields {
			if listed[field] == nil {
				left = append(left, field)
			} else {
				ours = append(ours, field)
			}
		}
		problems[i].Fields = append(ours, left...)
		if len(left) > 0 {
			problems[i].Message += fmt.Sprintf(". Members that are not listed here keep their settings: %s", strings.Join(left, ", "))
		}
	}
	return problems
}

// paths returns the attributes of the settings of one member.
func paths(id string) map[string]path.Path {
	return settingPaths(path.Root("members").AtMapKey(id).AtName)
}

// settingsOf is the name of an entry of members in messages.
func settingsOf(id string) string { return "settings of member " + id }

// belongs returns an error for a listed instance that is not a data-bearing member of the set.
func belongs(set, id string, shown map[string]topology.MongoDB) error {
	switch m, ok := shown[id]; {
	case !ok:
		return fmt.Errorf("instance %s is not a member of replica set %s", id, set)
	case m.IsArbiter():
		return fmt.Errorf("instance %s is an arbiter of replica set %s: it has no settings to change", id, set)
	}
	return nil
}
