// Package mysql holds trove_mysql_replica: a MySQL or MariaDB server that replicates from one or more sources.
package mysql

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/node"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const thing = "MySQL replica"

var (
	_ resource.ResourceWithConfigure      = (*ReplicaResource)(nil)
	_ resource.ResourceWithImportState    = (*ReplicaResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*ReplicaResource)(nil)
	_ resource.ResourceWithValidateConfig = (*ReplicaResource)(nil)
)

// ReplicaResource is trove_mysql_replica.
type ReplicaResource struct{ node.Resource }

// NewReplicaResource makes the resource for the provider's list.
func NewReplicaResource() resource.Resource { return &ReplicaResource{} }

// replicaModel is one trove_mysql_replica.
type replicaModel struct {
	node.Model
	ReplicaOf types.Set  `tfsdk:"replica_of"`
	ReadOnly  types.Bool `tfsdk:"read_only"`
}

// Metadata implements resource.Resource.
func (r *ReplicaResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_mysql_replica"
}

// Schema implements resource.Resource.
func (r *ReplicaResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A MySQL or MariaDB server that replicates from a source (`topology.mysql`, or `replica_of` on released Trove). " +
			"Taking `replica_of` out promotes it in place to a standalone, writable server.",
		Attributes: node.Attributes(ctx, node.Shape{DatastoreType: "mysql", Inherits: true}, map[string]schema.Attribute{
			"replica_of": schema.SetAttribute{
				MarkdownDescription: "The ids of the instances to replicate from (`slave_of`). More than one takes the topology API and MySQL 5.7 or " +
					"MariaDB 10.0 and later. Taking the attribute out promotes the replica in place; any other change replaces it.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
				PlanModifiers: []planmodifier.Set{setplanmodifier.RequiresReplaceIf(
					func(_ context.Context, req planmodifier.SetRequest, resp *setplanmodifier.RequiresReplaceIfFuncResponse) {
						resp.RequiresReplace = !req.PlanValue.IsNull() // null promotes
					}, "replaces unless it is taken out, which promotes", "replaces unless it is taken out, which promotes")},
			},
			"read_only": schema.BoolAttribute{
				MarkdownDescription: "Whether the replica refuses writes (`read_only`). Only together with `replica_of`; default `true`. A change replaces " +
					"the replica. Released Trove makes every replica read-only.",
				Optional: true,
				Computed: true,
				PlanModifiers: []planmodifier.Bool{
					readOnlyDefault{},
					boolplanmodifier.RequiresReplaceIf(
						func(_ context.Context, req planmodifier.BoolRequest, resp *boolplanmodifier.RequiresReplaceIfFuncResponse) {
							resp.RequiresReplace = !req.StateValue.IsNull() && !req.PlanValue.IsNull()
						}, "replaces while it replicates", "replaces while it replicates"),
				},
			},
		}),
	}
}

// Create implements resource.Resource.
func (r *ReplicaResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan replicaModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, &plan.Model, plan.Timeouts.Create, node.CreateTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	request, inherits, diags := plan.createRequest(ctx, client)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	created, diags := node.Create(ctx, client, thing, request, func(i *trove.Instance) diag.Diagnostics {
		plan.Accepted(i, client.Region())
		return resp.State.Set(ctx, &plan)
	})
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if inherits {
		// The server took flavor and volume from the source: what the plan wants otherwise is changed now.
		inherited := plan
		resp.Diagnostics.Append(inherited.Fill(ctx, created, client.Region())...)
		created, diags = node.Update(ctx, client, thing, &inherited.Model, &plan.Model)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(plan.fill(ctx, client, created)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Read implements resource.Resource.
func (r *ReplicaResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state replicaModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, diags := r.Client(state.Region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	found, diags := node.Read(ctx, client, thing, &state.Model)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if found == nil {
		resp.State.RemoveResource(ctx)
		return
	}
	replicated := !state.ReplicaOf.IsNull()
	resp.Diagnostics.Append(state.fill(ctx, client, found)...)
	if replicated && state.ReplicaOf.IsNull() && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(promotedElsewhere(&state))
	}
	resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
}

// Update implements resource.Resource.
func (r *ReplicaResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan replicaModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, &plan.Model, plan.Timeouts.Update, node.UpdateTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	// Before anything slow: whoever promotes waits for a server that takes writes.
	if plan.ReplicaOf.IsNull() && !state.ReplicaOf.IsNull() {
		if _, err := client.Promote(ctx, state.ID.ValueString()); err != nil {
			resp.Diagnostics.Append(node.FailureAt(path.Root("replica_of"), "promote", thing+" "+state.Name.ValueString(), err,
				"The next plan shows whether the instance still replicates."))
			return
		}
	}
	updated, diags := node.Update(ctx, client, thing, &state.Model, &plan.Model)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(plan.fill(ctx, client, updated)...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete implements resource.Resource.
func (r *ReplicaResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state replicaModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, ctx, cancel := r.Begin(ctx, &state.Model, state.Timeouts.Delete, node.DeleteTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(node.Delete(ctx, client, thing, &state.Model)...)
}
