package replica

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// elsewhere are the resources for datastores that no Trove replicates with replica_of.
var elsewhere = map[string]string{
	"mongodb": "trove_mongodb_member", "cassandra": "trove_cassandra_node", "couchbase": "trove_couchbase_node",
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	state, plan, ok := instancebase.PlanInstance[replicaModel](ctx, &r.Resource, kindName, req, resp)
	if state != nil && plan == nil {
		r.PlanFailoverCandidates(ctx, kindName, state.Shared(), resp)
	}
	if !ok {
		return
	}
	if state != nil && plan.ReplicaOf.IsNull() && !state.ReplicaOf.IsNull() {
		r.PlanPromotion(ctx, state.Shared(), plan.Shared(), state.ReplicaOf.ValueString())
	}
	moved := state != nil && !plan.ReplicaOf.IsNull() && !plan.ReplicaOf.Equal(state.ReplicaOf)
	if state == nil || moved && r.PlanSourceChange(ctx, kindName, state.Shared(), state.Roles, plan.ReplicaOf, resp) {
		r.checkCreation(ctx, plan, &resp.Diagnostics)
	}
}

// checkCreation reports at plan time what a creation would be refused for.
func (r *Resource) checkCreation(ctx context.Context, plan *replicaModel, diags *diag.Diagnostics) {
	if plan.ReplicaOf.IsNull() {
		was, vanished := r.Former(kindName, plan.Shared())
		if !vanished {
			diags.AddAttributeError(path.Root("replica_of"), "Missing source", missingSource)
			return
		}
		// A warning, so that all others can still be planned: its creation fails.
		diags.AddAttributeWarning(path.Root("replica_of"), "Missing source", fmt.Sprintf("%s (%s) no longer exists. It was detached from its source, "+
			"and a trove_replica is created only from one, so its creation fails. For a new replica set replica_of to the id of an instance. For a "+
			"standalone server, which will be empty, use trove_instance instead, with:\n\n%s\n\nOther resources are not affected.",
			plan.Name.ValueString(), was.ID, strings.Join(instancebase.FormerLines(was), "\n")))
		return
	}
	networks, d := plan.ToNetworks(ctx)
	diags.Append(d...)
	for _, n := range networks {
		if n.IPAddress != "" {
			diags.AddAttributeError(path.Root("networks"), "A replica with a fixed address", fmt.Sprintf(
				"networks has ip_address %s, but Trove refuses a fixed address for a replica: remove it.", n.IPAddress))
		}
	}
	if plan.ReplicaOf.IsUnknown() || !r.Configured() || diags.HasError() {
		return
	}
	client, d := r.Client(ctx, plan.Region)
	diags.Append(d...)
	if d.HasError() {
		return
	}
	source, d := instancebase.LookupSource(ctx, client, kindName, plan.ReplicaOf.ValueString())
	diags.Append(d...)
	if source != nil {
		diags.Append(checkDatastore(ctx, client, source)...)
		diags.Append(instancebase.CheckSourceDatastore(plan.DatastoreVersion(ctx), source, false)...)
		diags.Append(instancebase.CheckReplicaSource(ctx, client, kindName, source)...)
	}
}

// missingSource says why a replica is not created without a source.
const missingSource = "A replica requires a source: set replica_of to the id of an instance. Only an existing replica can be without it, after it was " +
	"detached. For a new standalone server use trove_instance."

// checkDatastore refuses a source whose datastore replicates in another way.
func checkDatastore(ctx context.Context, client *operation.Client, source *trove.Instance) diag.Diagnostics {
	use := elsewhere[source.Datastore.Type]
	if source.Datastore.Type == "redis" {
		serves, err := client.ServesTopology(ctx)
		if err != nil {
			return instancebase.PlanCheckError(ctx, kindName, err)
		}
		if serves {
			use = "trove_redis_node" // released Trove has a strategy for Redis, and checks by itself
		}
	}
	if use == "" {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("replica_of"), "A datastore without replicas of this kind", fmt.Sprintf(
		"%s (%s) is of type %s, which does not replicate with replica_of: use %s, which requires the topology API.", source.Name, source.ID, source.Datastore.Type, use))}
}
