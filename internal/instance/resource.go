// Package instance holds trove_instance: a database server that stands alone, or a source that others replicate from.
package instance

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

const kindName = "database instance"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_instance.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// model is one trove_instance.
type model struct {
	instancebase.Model
	RestoreFrom types.String `tfsdk:"restore_from"`
}

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_instance"
}

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A database server that stands alone, or the source of replicas: `trove_mysql_replica` and `trove_replica` name it in `replica_of`. " +
			"Destroying it deletes the server with all its data; its backups stay. A source goes after the replicas of the same apply; while it has others, the " +
			"server refuses, and the error names them.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{}, map[string]schema.Attribute{
			"restore_from": schema.StringAttribute{
				MarkdownDescription: "The id of a backup whose contents the new instance gets (`restorePoint.backupRef`); one that is still being made is " +
					"waited for. Its datastore must be of the same type, and the volume large enough. Databases and users come with it: import those that you " +
					"declare. It matters at creation alone, and the API does " +
					"not return it: another backup replaces the instance; adding the attribute to an instance that exists, such as an imported one, or " +
					"taking it out changes nothing.",
				Optional:      true,
				Validators:    []validator.String{stringvalidator.LengthAtLeast(1)},
				PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}, tfkit.ProviderSideOnly{}},
			},
		}),
	}
}

// ModifyPlan implements resource.ResourceWithModifyPlan.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	state, plan, ok := instancebase.PlanInstance[model](ctx, &r.Resource, kindName, req, resp)
	if !ok || !r.Configured() || plan.RestoreFrom.IsNull() || plan.RestoreFrom.IsUnknown() {
		return
	}
	switch {
	case state == nil || !state.RestoreFrom.IsNull() && !state.RestoreFrom.Equal(plan.RestoreFrom):
		resp.Diagnostics.Append(r.checkRestore(ctx, plan)...)
	case state.RestoreFrom.IsNull():
		resp.Diagnostics.AddAttributeWarning(path.Root("restore_from"), "Nothing is restored",
			"The instance exists, and a backup is restored only when an instance is created: nothing is restored unless this plan replaces the "+
				"instance for another reason. To restore, replace it: terraform apply -replace=ADDRESS")
	}
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	r.CreateInstance(ctx, kindName, req, resp, &plan, plan.ToAPI)
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, instanceKind, req, resp, &model{})
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	r.UpdateInstance(ctx, kindName, req, resp, &model{}, &model{}, nil)
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteInstance(ctx, kindName, req, resp, &model{}, nil)
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{instancebase.MoveFrom("trove_mysql_replica", "trove_replica"), instancebase.MoveFromOpenStack("openstack_db_instance_v1", takeOver)}
}
