// Package mysql holds trove_mysql_replica: a MySQL or MariaDB server that replicates from one or more sources.
package mysql

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "MySQL replica"

var (
	_ resource.ResourceWithConfigure      = (*ReplicaResource)(nil)
	_ resource.ResourceWithIdentity       = (*ReplicaResource)(nil)
	_ resource.ResourceWithImportState    = (*ReplicaResource)(nil)
	_ resource.ResourceWithMoveState      = (*ReplicaResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*ReplicaResource)(nil)
	_ resource.ResourceWithValidateConfig = (*ReplicaResource)(nil)
)

// ReplicaResource is trove_mysql_replica.
type ReplicaResource struct{ instancebase.Resource }

// NewReplicaResource makes the resource for the provider's list.
func NewReplicaResource() resource.Resource { return &ReplicaResource{} }

// replicaModel is one trove_mysql_replica.
type replicaModel struct {
	instancebase.Model
	instancebase.Roles
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
			"Taking `replica_of` out promotes it in place to a standalone, writable server. " +
			"Destroying it deletes the server with its copy of the data; one that has become the source of its set hands that back first.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: "mysql", Inherits: true}, instancebase.RoleAttributes(map[string]schema.Attribute{
			"replica_of": schema.SetAttribute{
				MarkdownDescription: "The ids of the instances to replicate from (`slave_of`). More than one takes the topology API and MySQL 5.7 or " +
					"MariaDB 10.0 and later. With one source it means: belongs to the replication set of that instance, whichever of the two is the source now. " +
					"Taking the attribute out promotes the replica in place; another member of the set changes nothing; any other change replaces it.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(stringvalidator.LengthAtLeast(1)),
				},
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
		})),
	}
}

// Create implements resource.Resource.
func (r *ReplicaResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan replicaModel
	r.CreateInstance(ctx, kindName, req, resp, &plan, plan.ToAPI)
}

// Read implements resource.Resource.
func (r *ReplicaResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, replicaKind, req, resp, &replicaModel{})
}

// Update implements resource.Resource. It promotes before anything else.
func (r *ReplicaResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan replicaModel
	r.UpdateInstance(ctx, kindName, req, resp, &state, &plan, func(ctx context.Context, client *trove.Client) diag.Diagnostics {
		plan.Roles = state.Roles // what it was tells how to read what it is
		if !plan.ReplicaOf.IsNull() || state.ReplicaOf.IsNull() {
			return nil
		}
		diags := instancebase.DetachReplica(ctx, client, "promote", kindName, state.Shared(), plan.Shared())
		if !diags.HasError() {
			state.ReplicaOf, state.ReadOnly = types.SetNull(types.StringType), types.BoolNull()
		}
		return diags
	})
}

// Delete implements resource.Resource. A replica leaves by being deleted; one that is the source now hands that over first.
func (r *ReplicaResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state replicaModel
	r.DeleteReplica(ctx, kindName, req, resp, &state, func() []string {
		ids, _ := state.sources()
		return ids
	})
}

// MoveState implements resource.ResourceWithMoveState.
func (r *ReplicaResource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{instancebase.MoveFrom("trove_instance", "trove_replica")}
}
