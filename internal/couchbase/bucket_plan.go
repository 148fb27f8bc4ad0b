package couchbase

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// bucketAttributes maps the wire's fields to the names that users write.
var bucketAttributes = map[string]path.Path{
	"bucket":         path.Root("name"),
	"bucket_type":    path.Root("type"),
	"bucket_port":    path.Root("port"),
	"bucket_ramsize": path.Root("ram_mb"),
	"bucket_replica": path.Root("replicas"),
}

// bucketFields are the wire's fields in the order of the attributes.
var bucketFields = []string{"bucket", "bucket_type", "bucket_port", "bucket_ramsize", "bucket_replica"}

// check applies the rules of buckets, except those about values that are not known yet.
func (m *bucketModel) check() diag.Diagnostics {
	var unknown []string
	for field, v := range m.settings() {
		if v.IsUnknown() || v.IsNull() { // null has a default
			unknown = append(unknown, field)
		}
	}
	return instancebase.ProblemDiagnostics(bucketKindName, m.ToAPI().Check(), bucketAttributes, unknown...)
}

// ValidateConfig implements resource.ResourceWithValidateConfig.
func (r *BucketResource) ValidateConfig(ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse) {
	var config bucketModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(config.check()...)
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *BucketResource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	identified, diags := tfkit.CheckPlanState(bucketKindName, req, "node_id", "name")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[bucketModel](ctx, req)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || plan == nil {
		return
	}
	if state != nil {
		// An omitted attribute keeps its value, even if the server does not return that value.
		if plan.Port.IsUnknown() {
			plan.Port = state.Port
		}
		if plan.Replicas.IsUnknown() {
			plan.Replicas = state.Replicas
		}
		resp.RequiresReplace = plan.differs(state)
	}
	resp.Diagnostics.Append(plan.check()...)
	if r.Configured() && !resp.Diagnostics.HasError() {
		r.locate(ctx, state, plan, resp)
	}
	plan.ID = types.StringUnknown()
	if !plan.NodeID.IsUnknown() && !plan.Name.IsUnknown() {
		plan.identify()
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// differs lists the changed settings that a bucket can only get when it is created. Those that an import could not read, because the server
// does not list buckets, are assumed to be as configured.
func (m *bucketModel) differs(state *bucketModel) path.Paths {
	var paths path.Paths
	have, want, read := state.settings(), m.settings(), !state.RAMMB.IsNull()
	for _, field := range bucketFields {
		if !want[field].Equal(have[field]) && (read || !have[field].IsNull()) {
			paths.Append(bucketAttributes[field])
		}
	}
	return paths
}

// locate finds out at plan time which cluster node_id stands for: for another node of the same cluster the bucket stays where it is. It
// reports what a replacement means.
func (r *BucketResource) locate(ctx context.Context, state, plan *bucketModel, resp *resource.ModifyPlanResponse) {
	at := path.Root("node_id")
	client, diags := r.Client(ctx, plan.Region)
	resp.Diagnostics.Append(diags...)
	if state == nil {
		resp.Diagnostics.Append(r.RequireTopologyAPI(ctx, "trove_couchbase_bucket", plan.Region)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	switch {
	case plan.NodeID.IsUnknown():
		plan.ClusterName = types.StringUnknown()
	case state == nil || !plan.NodeID.Equal(state.NodeID):
		id := plan.NodeID.ValueString()
		b, err := client.Buckets(ctx, id, "")
		switch {
		case errors.Is(err, openstack.ErrNotFound):
			resp.Diagnostics.Append(instancebase.APIErrorAt(at, "plan", bucketKindName, err, "node_id must be the id of a node of a Couchbase "+
				"cluster in this project and region."))
			return
		case err != nil:
			resp.Diagnostics.Append(instancebase.PlanCheckError(ctx, bucketKindName, err)...)
			return
		}
		plan.ClusterName = types.StringValue(b.Cluster)
		if state == nil || plan.ClusterName.Equal(state.ClusterName) {
			break
		}
		// If the old node is gone, for example replaced in the same apply, Terraform allows only the update that it has planned: the bucket
		// follows its node.
		old, err := client.Buckets(ctx, state.NodeID.ValueString(), "")
		switch {
		case err == nil && old.Cluster == state.ClusterName.ValueString():
			resp.RequiresReplace.Append(at)
		case err != nil && !errors.Is(err, openstack.ErrNotFound):
			resp.Diagnostics.Append(instancebase.PlanCheckError(ctx, bucketKindName, err)...)
			return
		}
	}
	if state != nil && len(resp.RequiresReplace) > 0 {
		resp.Diagnostics.Append(replacement(ctx, client, state, plan, resp.RequiresReplace[0])...)
	}
}

// replacement reports what the replacement of a bucket means. at is the attribute that causes it.
func replacement(ctx context.Context, client *operation.Client, state, plan *bucketModel, at path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	name, cluster := state.Name.ValueString(), state.ClusterName.ValueString()
	b, err := client.Buckets(ctx, state.NodeID.ValueString(), cluster)
	switch {
	case errors.Is(err, openstack.ErrNotFound):
		return nil // there is nothing left to lose
	case err != nil:
		return instancebase.PlanCheckError(ctx, bucketKindName, err)
	case b.Listed():
		diags.AddAttributeWarning(at, "The replacement of bucket "+name+" loses its data", fmt.Sprintf(
			"The API cannot change a bucket: bucket %s of cluster %s is deleted with all data in it, and a new, empty bucket is created. To "+
				"keep the old bucket, create the new one in another resource with another name, and move the data.", name, cluster))
	case plan.Name.Equal(state.Name) && plan.ClusterName.Equal(state.ClusterName):
		diags.AddAttributeError(at, "Unable to replace "+bucketKindName+" "+name, fmt.Sprintf(
			"This server does not list buckets. If it does not delete them either, bucket %s stays, and the new one cannot be created. Keep its "+
				"settings, or give the new one another name.", name))
	}
	return diags
}
