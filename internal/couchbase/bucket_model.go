package couchbase

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// bucketModel is one trove_couchbase_bucket.
type bucketModel struct {
	ID          types.String   `tfsdk:"id"`
	NodeID      types.String   `tfsdk:"node_id"`
	Region      types.String   `tfsdk:"region"`
	ClusterName types.String   `tfsdk:"cluster_name"`
	Name        types.String   `tfsdk:"name"`
	Type        types.String   `tfsdk:"type"`
	Port        types.Int64    `tfsdk:"port"`
	RAMMB       types.Int64    `tfsdk:"ram_mb"`
	Replicas    types.Int64    `tfsdk:"replicas"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

// bucketAttributes are the names that users write for the wire's fields.
var bucketAttributes = map[string]path.Path{
	"bucket":         path.Root("name"),
	"bucket_type":    path.Root("type"),
	"bucket_port":    path.Root("port"),
	"bucket_ramsize": path.Root("ram_mb"),
	"bucket_replica": path.Root("replicas"),
}

// bucketFields are the wire's fields in the order of the attributes.
var bucketFields = []string{"bucket", "bucket_type", "bucket_port", "bucket_ramsize", "bucket_replica"}

// settings are the attributes that make a bucket what it is, by the wire's fields.
func (m *bucketModel) settings() map[string]attr.Value {
	return map[string]attr.Value{"bucket": m.Name, "bucket_type": m.Type, "bucket_port": m.Port, "bucket_ramsize": m.RAMMB, "bucket_replica": m.Replicas}
}

// ToAPI is the wire's form of what is known.
func (m *bucketModel) ToAPI() topology.Bucket {
	return topology.Bucket{
		Name: m.Name.ValueString(), Type: m.Type.ValueString(), RAMSize: m.RAMMB.ValueInt64(),
		Port: tfkit.IfKnown(m.Port, m.Port.ValueInt64Pointer()), Replica: tfkit.IfKnown(m.Replicas, m.Replicas.ValueInt64Pointer()),
	}
}

// check applies the rules of buckets, but for those about values that are not known yet.
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
		// What is left out stays as it is, also where the server does not tell how that is.
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

// differs lists the settings that a bucket can only have from its creation on. Those that an import could not read, since the
// server does not list buckets, are taken to be what the configuration says.
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

// locate finds out at plan time which cluster node_id stands for: another node of the same cluster is no other place for the
// bucket. It tells what a replacement means.
func (r *BucketResource) locate(ctx context.Context, state, plan *bucketModel, resp *resource.ModifyPlanResponse) {
	at := path.Root("node_id")
	client, diags := r.Client(plan.Region)
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
		case errors.Is(err, trove.ErrNotFound):
			resp.Diagnostics.Append(instancebase.APIErrorAt(at, "plan", bucketKindName, err, "node_id takes the id of a node of a Couchbase cluster in this project and region."))
			return
		case err != nil:
			resp.Diagnostics.Append(instancebase.PlanCheckError(ctx, bucketKindName, err)...)
			return
		}
		plan.ClusterName = types.StringValue(b.Cluster)
		if state == nil || plan.ClusterName.Equal(state.ClusterName) {
			break
		}
		// Where the old node has gone, as one that is replaced in the same apply, Terraform allows no more than the update that it
		// has planned: the bucket follows its node.
		old, err := client.Buckets(ctx, state.NodeID.ValueString(), "")
		switch {
		case err == nil && old.Cluster == state.ClusterName.ValueString():
			resp.RequiresReplace.Append(at)
		case err != nil && !errors.Is(err, trove.ErrNotFound):
			resp.Diagnostics.Append(instancebase.PlanCheckError(ctx, bucketKindName, err)...)
			return
		}
	}
	if state != nil && len(resp.RequiresReplace) > 0 {
		resp.Diagnostics.Append(replacement(ctx, client, state, plan, resp.RequiresReplace[0])...)
	}
}

// replacement tells what the replacement of a bucket means. at is the attribute that makes it one.
func replacement(ctx context.Context, client *trove.Client, state, plan *bucketModel, at path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	name, cluster := state.Name.ValueString(), state.ClusterName.ValueString()
	b, err := client.Buckets(ctx, state.NodeID.ValueString(), cluster)
	switch {
	case errors.Is(err, trove.ErrNotFound):
		return nil // there is nothing to lose any more
	case err != nil:
		return instancebase.PlanCheckError(ctx, bucketKindName, err)
	case b.Listed():
		diags.AddAttributeWarning(at, "The replacement of bucket "+name+" loses its data", fmt.Sprintf(
			"The API cannot change a bucket: bucket %s of cluster %s is deleted with all it holds, and a new, empty one is made. "+
				"To keep the old one, give the new one another name in a resource of its own, and move the data.", name, cluster))
	case plan.Name.Equal(state.Name) && plan.ClusterName.Equal(state.ClusterName):
		diags.AddAttributeError(at, "Unable to replace "+bucketKindName+" "+name, fmt.Sprintf(
			"This server does not list buckets, and where it does not delete them either, bucket %s would stay and keep the new one from being made. "+
				"Keep its settings, or give the new one another name.", name))
	}
	return diags
}

// identify sets the id, by which the bucket is imported.
func (m *bucketModel) identify() {
	m.ID = types.StringValue(m.NodeID.ValueString() + "/" + m.Name.ValueString())
}

// SetLocation notes where a bucket is or will be.
func (m *bucketModel) SetLocation(cluster, region string) {
	m.identify()
	m.ClusterName = types.StringValue(cluster)
	m.Region = tfkit.SettleRegion(m.Region, region)
}

// FromAPI takes over what the server lists of the bucket; what it does not tell keeps its value.
func (m *bucketModel) FromAPI(b topology.Bucket) {
	m.Type = types.StringValue(b.Type)
	m.RAMMB = types.Int64Value(b.RAMSize)
	m.Port = tfkit.KeepUnlessReturned(m.Port, b.Port, types.Int64Value, types.Int64Null)
	m.Replicas = tfkit.KeepUnlessReturned(m.Replicas, b.Replica, types.Int64Value, types.Int64Null)
}

// displayName is how messages call the bucket.
func (m *bucketModel) displayName() string { return bucketKindName + " " + m.Name.ValueString() }

// IdentitySchema implements resource.ResourceWithIdentity. The node that stands for the cluster may be another tomorrow.
func (r *BucketResource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"cluster_name": {Description: "The name of the cluster, unique in the project.", RequiredForImport: true},
		"name":         {Description: "The name of the bucket.", RequiredForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by node_id/name, or by identity, through any node of the cluster.
func (r *BucketResource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, bucketKindName, req, func(typed string) (map[string]string, error) {
		id, name, ok := strings.Cut(typed, "/")
		if !ok || id == "" || name == "" {
			return nil, errors.New("it must be the instance id of any node of the cluster, a slash, and the name of the bucket")
		}
		return map[string]string{"node_id": id, "name": name}, nil
	})
	resp.Diagnostics.Append(diags...)
	client, diags := r.Client(types.StringValue(asked["region"]))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if cluster := asked["cluster_name"]; cluster != "" {
		b, err := client.Buckets(ctx, "", cluster)
		if err != nil {
			resp.Diagnostics.Append(instancebase.APIError("import", bucketKindName+" "+asked["name"], err, "It takes the name of a Couchbase cluster in this project and region."))
			return
		}
		asked["node_id"] = b.Node
	}
	r.Import(ctx, asked, req, resp)
}
