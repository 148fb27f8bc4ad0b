package mysql

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// attributes maps the wire's fields to the names that users write.
var attributes = map[string]path.Path{
	"slave_of":              path.Root("replica_of"),
	"read_only":             path.Root("read_only"),
	topology.FieldDatastore: path.Root("datastore"),
}

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *ReplicaResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config replicaModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(config.check(ctx)...)
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *ReplicaResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	state, plan, ok := instancebase.PlanInstance[replicaModel](ctx, &r.Resource, kindName, req, resp)
	if state != nil && plan == nil {
		r.PlanFailoverCandidates(ctx, kindName, state.Shared(), resp)
	}
	if !ok {
		return
	}
	if state != nil && plan.ReplicaOf.IsNull() {
		sources, _ := state.sources()
		r.PlanPromotion(ctx, state.Shared(), plan.Shared(), sources...)
	}
	if state == nil || !plan.ReplicaOf.IsNull() && !plan.ReplicaOf.Equal(state.ReplicaOf) && r.PlanSourceChange(ctx, kindName, state.Shared(), state.Roles, plan.onlySource(), resp) {
		var config replicaModel
		resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
		plan.ConfiguredOnly(&config.Model)
		r.checkCreation(ctx, plan, &resp.Diagnostics)
	}
}

// checkCreation reports at plan time what a creation would be refused for. plan holds only what is configured.
func (r *ReplicaResource) checkCreation(ctx context.Context, plan *replicaModel, diags *diag.Diagnostics) {
	diags.Append(plan.check(ctx)...)
	if plan.ReplicaOf.IsNull() {
		diags.Append(r.RequireFlavor(kindName, plan.Shared())...)
		diags.AddAttributeWarning(path.Root("replica_of"), "A replica without a source",
			"replica_of is not set, so this creates a standalone instance. Omit it only for replicas that were promoted; for a new instance use "+
				"trove_instance.")
		return
	}
	if !r.Configured() || diags.HasError() {
		return
	}
	client, d := r.Client(ctx, plan.Region)
	diags.Append(d...)
	if d.HasError() {
		return
	}
	serves, err := client.ServesTopology(ctx)
	if err != nil {
		diags.Append(instancebase.PlanCheckError(ctx, kindName, err)...)
		return
	}
	sources, _ := plan.sources()
	if !serves {
		diags.Append(plan.checkUpstream()...)
	}
	wanted := plan.DatastoreVersion(ctx)
	for _, id := range sources {
		source, d := instancebase.LookupSource(ctx, client, kindName, id)
		diags.Append(d...)
		if source == nil {
			continue
		}
		if !slices.Contains([]string{"mysql", "mariadb"}, source.Datastore.Type) {
			use := "trove_replica"
			if source.Datastore.Type == "redis" && serves {
				use = "trove_redis_node"
			}
			diags.AddAttributeError(path.Root("replica_of"), "A datastore without replicas of this kind", fmt.Sprintf(
				"%s (%s) is of type %s, and trove_mysql_replica replicates from MySQL and MariaDB: use %s.", source.Name, source.ID, source.Datastore.Type, use))
			continue
		}
		diags.Append(instancebase.CheckSourceDatastore(wanted, source, serves)...)
		if wanted.Type == "" || wanted.Version == "" && wanted.Type == source.Datastore.Type {
			// Values that are not configured are those of the source, and the rules apply to them too.
			inherited := topology.Datastore{Type: source.Datastore.Type, Version: source.Datastore.Version}
			if wanted.Version != "" {
				inherited.Version = wanted.Version
			}
			wanted = inherited
			diags.Append(instancebase.ProblemDiagnostics(kindName, plan.block().Check(wanted).Errors(), map[string]path.Path{
				"slave_of": path.Root("replica_of"), topology.FieldDatastore: path.Root("replica_of"),
			})...)
		}
		if !serves && !diags.HasError() {
			diags.Append(plan.checkSize(ctx, source)...)
			diags.Append(instancebase.CheckReplicaSource(ctx, client, kindName, source)...)
		}
	}
}

// check applies the rules of the topology to what is known.
func (m *replicaModel) check(ctx context.Context) diag.Diagnostics {
	if m.ReplicaOf.IsNull() && (m.ReadOnly.IsNull() || m.ReadOnly.IsUnknown()) {
		return nil
	}
	var unknown []string
	if m.ReplicaOf.IsUnknown() {
		unknown = append(unknown, "slave_of")
	}
	if m.ReadOnly.IsUnknown() {
		unknown = append(unknown, "read_only")
	}
	if m.Datastore.IsUnknown() {
		unknown = append(unknown, topology.FieldDatastore)
	}
	block := m.block()
	// A source that is not created yet counts as one, though its id is not known.
	_, later := m.sources()
	for i := range later {
		block.SlaveOf = append(block.SlaveOf, topology.Ref{ID: fmt.Sprintf("%s %d", topology.KnownLater, i)})
	}
	return instancebase.ProblemDiagnostics(kindName, block.Check(m.DatastoreVersion(ctx)), attributes, unknown...)
}

// checkUpstream refuses what released Trove cannot do.
func (m *replicaModel) checkUpstream() diag.Diagnostics {
	var diags diag.Diagnostics
	if n := len(m.ReplicaOf.Elements()); n > 1 {
		diags.AddAttributeError(path.Root("replica_of"), "More than one source on released Trove", fmt.Sprintf(
			"replica_of names %d sources. This server has no topology API, and released Trove supports one source: set only one.", n))
	}
	if !m.ReadOnly.IsNull() && !m.ReadOnly.IsUnknown() && !m.ReadOnly.ValueBool() {
		diags.AddAttributeError(path.Root("read_only"), "A writable replica on released Trove",
			"read_only is false. This server has no topology API, and released Trove makes every replica read-only: omit read_only.")
	}
	return diags
}

// checkSize refuses a volume smaller than the source's: released Trove makes the replica's the same size, and cannot shrink it.
func (m *replicaModel) checkSize(ctx context.Context, source *trove.Instance) diag.Diagnostics {
	size, diags := m.VolumeSize(ctx)
	if source.Volume != nil && size > 0 && size < source.Volume.Size {
		diags.AddAttributeError(path.Root("volume").AtName("size"), "A replica smaller than its source on released Trove", fmt.Sprintf(
			"volume.size is %d, and the source %s (%s) has %d GB. This server has no topology API, and released Trove makes every replica as "+
				"large as its source: set volume.size to %d GB or more, or omit volume.", size, source.Name, source.ID, source.Volume.Size, source.Volume.Size))
	}
	return diags
}
