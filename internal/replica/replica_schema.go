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
				Validators: []validator.String{tfkit.NotEmpty{}},
			},
		})),
	}
}
