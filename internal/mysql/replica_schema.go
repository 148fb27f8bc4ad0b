package mysql

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Schema implements resource.Resource.
func (r *ReplicaResource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a MySQL or MariaDB server that replicates from a source (`topology.mysql`, or `replica_of` on released " +
			"Trove). Removing `replica_of` promotes it in place to a standalone, writable server. Destroying the resource deletes the server " +
			"with its copy of the data. If the replica has become the source of its set, it first hands the role back.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{DatastoreType: "mysql", Inherits: true}, instancebase.RoleAttributes(map[string]schema.Attribute{
			"replica_of": schema.SetAttribute{
				MarkdownDescription: "The ids of the instances to replicate from (`slave_of`). More than one source requires the topology API, " +
					"and MySQL 5.7 or MariaDB 10.0 or later. With one source, the replica belongs to the replication set of that " +
					"instance, regardless of which member is the source. Removing the attribute promotes the replica in place. Another member of " +
					"the same set changes nothing. Any other change replaces the replica.",
				ElementType: types.StringType,
				Optional:    true,
				Validators: []validator.Set{
					setvalidator.SizeAtLeast(1),
					setvalidator.ValueStringsAre(tfkit.NotEmpty{}),
				},
			},
			"read_only": schema.BoolAttribute{
				MarkdownDescription: "Whether the replica refuses writes (`read_only`). Requires `replica_of`. Default `true`. A change " +
					"replaces the replica. On released Trove every replica is read-only.",
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

// readOnlyDefault is true for a replica and null for a standalone server: a default that depends on another attribute.
type readOnlyDefault struct{}

// Description implements planmodifier.Describer.
func (readOnlyDefault) Description(context.Context) string {
	return "true where replica_of is set"
}

// MarkdownDescription implements planmodifier.Describer.
func (d readOnlyDefault) MarkdownDescription(ctx context.Context) string { return d.Description(ctx) }

// PlanModifyBool implements planmodifier.Bool.
func (readOnlyDefault) PlanModifyBool(ctx context.Context, req planmodifier.BoolRequest, resp *planmodifier.BoolResponse) {
	if !req.ConfigValue.IsNull() {
		return
	}
	var replicaOf types.Set
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("replica_of"), &replicaOf)...)
	switch {
	case replicaOf.IsUnknown():
		resp.PlanValue = types.BoolUnknown()
	case replicaOf.IsNull():
		resp.PlanValue = types.BoolNull()
	default:
		resp.PlanValue = types.BoolValue(true)
	}
}
