// Package replica holds trove_replica, a replica of any datastore that replicates the way released Trove does it, and
// trove_replication_source, which says who is the source of a replication set.
package replica

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "replica"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
)

// Resource is trove_replica.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// replicaModel is one trove_replica.
type replicaModel struct {
	instancebase.Model
	instancebase.Roles
	ReplicaOf types.String `tfsdk:"replica_of"`
}

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_replica"
}

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "A replica of a database server, made the way released Trove makes it (`replica_of`), for every datastore that replicates there: " +
			"MySQL, MariaDB, PostgreSQL and others. Flavor, volume and datastore are the source's. Taking `replica_of` out detaches it in place to a " +
			"standalone, writable server.\n\n" +
			"Roles may move: after a switchover or the ejection of a dead source, by `trove_replication_source` or by somebody else, no plan follows; `role` " +
			"and `source_id` say who is what. Before a replica that has become the source is destroyed, it hands the role back: the server refuses to delete " +
			"a source that has replicas.\n\n" +
			"For a flavor or a volume of its own, or several sources, see `trove_mysql_replica`.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{FromSource: true}, instancebase.RoleAttributes(map[string]schema.Attribute{
			"replica_of": schema.StringAttribute{
				MarkdownDescription: "The id of the instance to replicate from (`replica_of`). It means: belongs to the replication set of that instance, whichever " +
					"of its members is the source now; a new replica is made from that one. Another member of the same set changes nothing, another instance " +
					"replaces the replica. Taking it out detaches the replica in place.",
				Optional:   true,
				Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
			},
		})),
	}
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan replicaModel
	r.CreateInstance(ctx, kindName, req, resp, &plan, plan.ToAPI)
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, replicaKind, req, resp, &replicaModel{})
}

// Update implements resource.Resource. It detaches before anything else.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan replicaModel
	r.UpdateInstance(ctx, kindName, req, resp, &state, &plan, func(ctx context.Context, client *trove.Client) diag.Diagnostics {
		plan.Roles = state.Roles // what it was tells how to read what it is
		if !plan.ReplicaOf.IsNull() || state.ReplicaOf.IsNull() {
			return nil
		}
		diags := instancebase.DetachReplica(ctx, client, "detach", kindName, state.Shared(), plan.Shared())
		if !diags.HasError() {
			state.ReplicaOf = types.StringNull()
		}
		return diags
	})
}

// Delete implements resource.Resource. A replica leaves by being deleted; one that is the source now hands that over first.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state replicaModel
	r.DeleteReplica(ctx, kindName, req, resp, &state, state.sources)
}

// MoveState implements resource.ResourceWithMoveState.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	return []resource.StateMover{instancebase.MoveFrom("trove_instance", "trove_mysql_replica")}
}
