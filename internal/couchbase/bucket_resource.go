package couchbase

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const bucketKindName = "Couchbase bucket"

var (
	_ resource.ResourceWithConfigure      = (*BucketResource)(nil)
	_ resource.ResourceWithIdentity       = (*BucketResource)(nil)
	_ resource.ResourceWithImportState    = (*BucketResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*BucketResource)(nil)
	_ resource.ResourceWithValidateConfig = (*BucketResource)(nil)
)

// BucketResource is trove_couchbase_bucket.
type BucketResource struct{ instancebase.Resource }

// NewBucketResource makes the resource for the provider's list.
func NewBucketResource() resource.Resource { return &BucketResource{} }

// Metadata implements resource.Resource.
func (r *BucketResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_couchbase_bucket"
	resp.ResourceBehavior.MutableIdentity = true // it may follow its node into another cluster
}

// Create implements resource.Resource.
func (r *BucketResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan bucketModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Create, instancebase.UpdateTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(create(ctx, client, &plan, tfkit.NewPlannedSaver(req.Plan, &resp.State, resp.Identity))...)
}

// create makes the bucket, and saves it in the state as soon as it exists or is accepted.
func create(ctx context.Context, client *operation.Client, plan *bucketModel, keep tfkit.StateSaver) diag.Diagnostics {
	var diags diag.Diagnostics
	saved := false
	made, err := client.CreateBucket(ctx, plan.NodeID.ValueString(), plan.ToAPI(), func(b operation.Buckets) {
		plan.SetLocation(b.Cluster, client.Region())
		diags.Append(keep(ctx, plan)...)
		saved = true
	})
	var exists *operation.BucketExistsError
	var lost *operation.UnknownOutcomeError
	switch {
	case errors.As(err, &exists):
		diags.Append(instancebase.APIErrorAt(path.Root("name"), "create", plan.displayName(), err, fmt.Sprintf(
			"Nothing was created. To manage it, import it: terraform import ADDRESS %s/%s", plan.NodeID.ValueString(), plan.Name.ValueString())))
	case errors.Is(err, openstack.ErrNotFound) && !saved:
		diags.Append(instancebase.APIErrorAt(path.Root("node_id"), "create", plan.displayName(), err, "Nothing was created."))
	case errors.As(err, &lost), openstack.OutcomeUnknown(err):
		diags.Append(instancebase.APIError("create", plan.displayName(), err, ""))
	case err != nil && saved:
		diags.Append(instancebase.APIError("create", plan.displayName(), err,
			"The server has accepted the bucket, so it is in the state. After a failed creation, the next apply replaces it."))
	case err != nil:
		diags.Append(instancebase.APIError("create", plan.displayName(), err, "Nothing was created."))
	case made != nil:
		plan.FromAPI(*made)
		diags.Append(keep(ctx, plan)...)
	}
	return diags
}

// Read implements resource.Resource. If the server does not list buckets, the state stays as it is.
func (r *BucketResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", bucketKindName, req.State.Raw, "node_id", "name")...)
	var state bucketModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	b, err := client.Buckets(ctx, state.NodeID.ValueString(), state.ClusterName.ValueString())
	if err != nil && !errors.Is(err, openstack.ErrNotFound) {
		resp.Diagnostics.Append(instancebase.APIError("read", state.displayName(), err, ""))
		return
	}
	found, there := b.Find(state.Name.ValueString())
	changing := false
	if err == nil && b.Listed() && !there {
		// A bucket that is being created is not listed yet: an interrupted creation must not be forgotten.
		if changing, err = client.Changing(ctx, b); err != nil {
			resp.Diagnostics.Append(instancebase.APIError("read", state.displayName(), err, ""))
			return
		}
	}
	if err != nil || b.Listed() && !there && !changing {
		r.ReadGone(ctx, client, bucketKindName, state.displayName(), req, resp) // the cluster is gone, or has no such bucket
		return
	}
	if b.Node != state.NodeID.ValueString() {
		resp.Diagnostics.AddAttributeWarning(path.Root("node_id"), "The node of bucket "+state.Name.ValueString()+" is gone", fmt.Sprintf(
			"Instance %s is no longer a node of cluster %s. The bucket was found through %s: set node_id to another node of the cluster.",
			state.NodeID.ValueString(), b.Cluster, b.Node))
	}
	if state.ID.IsNull() && !there {
		resp.Diagnostics.AddWarning("Unable to verify bucket "+state.Name.ValueString(), fmt.Sprintf(
			"This server does not list the buckets of cluster %s. The provider assumes that the bucket exists with the settings of the "+
				"configuration.", b.Cluster))
	}
	state.SetLocation(b.Cluster, client.Region())
	if there {
		state.FromAPI(found)
	}
	instancebase.SaveRead(ctx, client, resp, &state)
}

// Update implements resource.Resource. Only the node that stands for the cluster can change, and attributes that are not sent to the
// server.
func (r *BucketResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", bucketKindName, req.State.Raw, "node_id", "name")...)
	var state, plan bucketModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Update, instancebase.UpdateTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if !plan.NodeID.Equal(state.NodeID) {
		resp.Diagnostics.Append(follow(ctx, client, &state, &plan, tfkit.NewPlannedSaver(req.Plan, &resp.State, resp.Identity))...)
		return
	}
	plan.SetLocation(state.ClusterName.ValueString(), client.Region())
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// follow switches to another node. If the node was not known at plan time, its cluster may be another one, or a new one of the same name:
// the bucket is then created there.
func follow(ctx context.Context, client *operation.Client, state, plan *bucketModel, keep tfkit.StateSaver) diag.Diagnostics {
	var diags diag.Diagnostics
	name, old := state.Name.ValueString(), state.ClusterName.ValueString()
	b, err := client.Buckets(ctx, plan.NodeID.ValueString(), "")
	if err != nil {
		return diag.Diagnostics{instancebase.APIErrorAt(path.Root("node_id"), "update", plan.displayName(), err, "The bucket was not changed.")}
	}
	_, there := b.Find(name)
	switch {
	case b.Cluster != old:
		diags.Append(create(ctx, client, plan, keep)...)
		if !diags.HasError() {
			diags.AddAttributeWarning(path.Root("node_id"), "Bucket "+name+" was created in another cluster", fmt.Sprintf(
				"Its node of cluster %s is gone, and node_id is now a node of cluster %s. Nothing was deleted: if cluster %s still exists, so "+
					"does its bucket %s, which is no longer in the state.", old, b.Cluster, old, name))
		}
		return diags
	case b.Listed() && !there:
		diags.Append(create(ctx, client, plan, keep)...)
		if !diags.HasError() {
			diags.AddAttributeWarning(path.Root("node_id"), "Bucket "+name+" was created again",
				fmt.Sprintf("Cluster %s no longer had it, for example because all of its nodes were replaced. The bucket is empty now.", b.Cluster))
		}
		return diags
	case !there:
		if _, err := client.Instance(ctx, state.NodeID.ValueString()); errors.Is(err, openstack.ErrNotFound) {
			diags.AddAttributeWarning(path.Root("node_id"), "Bucket "+name+" may be gone", fmt.Sprintf(
				"This server does not list buckets. If all nodes of cluster %s were replaced, the bucket is gone. Check that on a node first; then "+
					"create it again: terraform apply -replace=ADDRESS. That deletes a bucket which still exists, with its data.", b.Cluster))
		}
	}
	plan.SetLocation(b.Cluster, client.Region())
	diags.Append(keep(ctx, plan)...)
	return diags
}

// Delete implements resource.Resource.
func (r *BucketResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	unidentified, diags := tfkit.Unidentified(bucketKindName, req.State.Raw, "node_id", "name")
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	var state bucketModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, ctx, cancel := r.Begin(ctx, state.Region, state.Timeouts.Delete, instancebase.DeleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	name, cluster := state.Name.ValueString(), state.ClusterName.ValueString()
	err := client.DeleteBucket(ctx, state.NodeID.ValueString(), cluster, name)
	switch {
	case errors.Is(err, operation.ErrBucketKept):
		resp.Diagnostics.AddWarning("Bucket "+name+" stays", fmt.Sprintf(
			"It was only removed from the state: bucket %s of cluster %s still exists with all its data, until it is deleted with Couchbase's "+
				"own tools or with its cluster. The server returned: %s.", name, cluster, err))
	case err != nil:
		resp.Diagnostics.Append(instancebase.APIError("delete", state.displayName(), err, "The bucket stays in the state: the next destroy tries again."))
	}
}

// IdentitySchema implements resource.ResourceWithIdentity. The node that stands for the cluster may change.
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
	client, diags := r.Client(ctx, types.StringValue(asked["region"]))
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if cluster := asked["cluster_name"]; cluster != "" {
		b, err := client.Buckets(ctx, "", cluster)
		if err != nil {
			resp.Diagnostics.Append(instancebase.APIError("import", bucketKindName+" "+asked["name"], err, "It must be the name of a Couchbase "+
				"cluster in this project and region."))
			return
		}
		asked["node_id"] = b.Node
	}
	r.Import(ctx, asked, req, resp)
}
