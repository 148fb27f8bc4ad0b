package instance

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	state, plan, ok := instancebase.PlanInstance[model](ctx, &r.Resource, kindName, req, resp)
	if ok && state == nil && r.Configured() {
		resp.Diagnostics.Append(r.checkAlone(ctx, plan)...)
	}
	if ok && state != nil && r.Configured() && state.Locality.IsNull() && tfkit.Known(plan.Locality) {
		resp.Diagnostics.Append(r.checkLocality(ctx, state, plan)...)
	}
	if !ok || !r.Configured() || plan.RestoreFrom.IsNull() || plan.RestoreFrom.IsUnknown() {
		return
	}
	switch {
	case state == nil || !state.RestoreFrom.IsNull() && !state.RestoreFrom.Equal(plan.RestoreFrom):
		resp.Diagnostics.Append(r.checkRestore(ctx, plan)...)
	case state.RestoreFrom.IsNull():
		resp.Diagnostics.AddAttributeWarning(path.Root("restore_from"), "Nothing is restored",
			"The instance exists, and a backup is restored only when an instance is created. Nothing is restored unless this plan replaces the "+
				"instance for another reason. To restore into this resource, replace it: terraform apply -replace=ADDRESS. That deletes the instance with all its "+
				"data. To keep them, restore into another resource.")
	}
}

// checkLocality warns if a locality is configured for an existing instance that has none in its state: an import does not read it, since
// only the instance itself shows it.
func (r *Resource) checkLocality(ctx context.Context, state, plan *model) diag.Diagnostics {
	client, diags := r.Client(ctx, plan.Region)
	if diags.HasError() {
		return diags
	}
	i, err := client.Instance(ctx, state.ID.ValueString())
	if err != nil {
		return instancebase.PlanCheckError(ctx, kindName, err)
	}
	if i.Locality == plan.Locality.ValueString() {
		return diags
	}
	have := "none"
	if i.Locality != "" {
		have = i.Locality
	}
	diags.AddAttributeWarning(path.Root("locality"), "The locality is not changed", fmt.Sprintf(
		"The instance exists, and its locality on the server is %s, not %s: Trove sets it only when an instance is created. Remove the argument, or "+
			"replace the instance, which deletes it with all its data: terraform apply -replace=ADDRESS", have, plan.Locality.ValueString()))
	return diags
}

// inClusters are the resources for datastores whose servers belong to a set or a cluster, by datastore type.
var inClusters = map[string]string{
	"mongodb": "trove_mongodb_member", "cassandra": "trove_cassandra_node", "couchbase": "trove_couchbase_node", "redis": "trove_redis_node or trove_redis_cluster_node",
}

// checkAlone names the right resource for a datastore that is not standalone, if the server has the topology API.
func (r *Resource) checkAlone(ctx context.Context, plan *model) diag.Diagnostics {
	typeName := plan.DatastoreVersion(ctx).Type
	use, ok := inClusters[typeName]
	if !ok {
		return nil
	}
	client, diags := r.Client(ctx, plan.Region)
	if diags.HasError() {
		return diags
	}
	serves, err := client.ServesTopology(ctx)
	at := path.Root("datastore").AtName("type")
	switch {
	case err != nil:
		return instancebase.PlanCheckError(ctx, kindName, err)
	case !serves:
	case typeName == "mongodb":
		diags.AddAttributeError(at, "A MongoDB instance outside a replica set", fmt.Sprintf(
			"datastore.type is %q, and Trove creates MongoDB and TokuMX instances only in replica sets here: use %s, whose replica_set can have one member.", typeName, use))
	default:
		diags.AddAttributeWarning(at, "An instance outside a cluster", fmt.Sprintf(
			"datastore.type is %q: as trove_instance it is standalone, and can neither join a cluster nor be replicated later. To form one, use %s.", typeName, use))
	}
	return diags
}

// checkRestore checks the planned instance against the backup to restore, as the server will.
func (r *Resource) checkRestore(ctx context.Context, plan *model) diag.Diagnostics {
	client, diags := r.Client(ctx, plan.Region)
	if diags.HasError() {
		return diags
	}
	id, at := plan.RestoreFrom.ValueString(), path.Root("restore_from")
	invalid := func(format string, args ...any) {
		diags.AddAttributeError(at, "Invalid restore_from", fmt.Sprintf(format, args...))
	}
	b, err := client.Backup(ctx, id)
	switch {
	case errors.Is(err, openstack.ErrNotFound):
		invalid("There is no backup %s in this project and region.", id)
		return diags
	case err != nil:
		return append(diags, instancebase.PlanCheckError(ctx, "backup "+id, err)...)
	case b.Status == trove.BackupFailed, b.Status == trove.BackupDeleteFailed:
		invalid("Backup %s (%s) is in status %s: nothing can be restored from it.", b.Name, id, b.Status)
	}
	request, d := plan.ToCreateRequest(ctx, client)
	diags.Append(d...)
	if d.HasError() {
		return diags
	}
	if request.Datastore != nil && request.Datastore.Type != "" && request.Datastore.Type != b.Datastore.Type {
		invalid("Backup %s (%s) is one of %s, and datastore.type is %s.", b.Name, id, b.Datastore.Type, request.Datastore.Type)
	}
	if request.Volume != nil && request.Volume.Size > 0 && b.Size != nil && *b.Size > float64(request.Volume.Size) {
		invalid("Backup %s (%s) is %g GB in size, and volume.size is %d.", b.Name, id, *b.Size, request.Volume.Size)
	}
	return diags
}
