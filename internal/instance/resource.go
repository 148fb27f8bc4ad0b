// Package instance holds trove_instance: a database server that stands alone, or a source that others replicate from.
package instance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	"github.com/opentrove/terraform-provider-trove/internal/node"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const thing = "database instance"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_instance.
type Resource struct{ node.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_instance"
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = node.IdentitySchema()
}

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A database server that stands alone, or the source of replicas: `trove_mysql_replica` names it in `replica_of`.",
		Attributes:          node.Attributes(ctx, node.Shape{}, nil),
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	node.Plan[node.Model](ctx, &r.Resource, thing, req, resp)
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan node.Model
	r.CreateInstance(ctx, thing, req, resp, &plan, func(ctx context.Context, _ *trove.Client) (trove.CreateRequest, diag.Diagnostics) {
		return plan.CreateRequest(ctx)
	})
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, thing, req, resp, &node.Model{})
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.UpdateInstance(ctx, thing, req, resp, &node.Model{}, &node.Model{}, nil)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteInstance(ctx, thing, req, resp, &node.Model{}, nil)
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{node.MovesFrom("trove_mysql_replica", "trove_replica"), node.MovesFromOpenStack()}
}
