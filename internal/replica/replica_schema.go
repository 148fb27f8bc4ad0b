package replica

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a replica of a database server, created as on released Trove (`replica_of`), for every datastore " +
			"that replicates there: MySQL, MariaDB, PostgreSQL and others. It has the flavor, volume and datastore of its source. Removing " +
			"`replica_of` detaches the replica in place. It is then a standalone, writable server.\n\nA switchover or the ejection of a dead " +
			"source, by `trove_replication_source` or outside of Terraform, plans no change: `role` and `source_id` show the current roles. " +
			"Before a replica that has become the source is destroyed, it hands the role back, because the server refuses to delete a source " +
			"that has replicas.\n\nFor a flavor or a volume that differs from the source's, or for several sources, use `trove_mysql_replica`.",
		Attributes: instancebase.Attributes(ctx, instancebase.SchemaOptions{FromSource: true}, instancebase.RoleAttributes(map[string]schema.Attribute{
			"replica_of": schema.StringAttribute{
				MarkdownDescription: "The id of the instance to replicate from (`replica_of`). The replica belongs to the " +
					"replication set of that instance, regardless of which member is the source. A new replica is created from the current source. " +
					"Another member of the same set changes nothing. Another instance replaces the replica. Removing the attribute detaches the " +
					"replica in place.",
				Optional:   true,
				Validators: []validator.String{tfkit.NotEmpty{}},
			},
		})),
	}
}
