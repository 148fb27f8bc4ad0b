package instancebase

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// InstanceKind tells the instances of one resource from those of all others, for lists and imports.
type InstanceKind struct {
	// TypeName is the resource's type name without the provider's name, such as "_mysql_replica". Name is the singular in messages, Plural
	// the plural in descriptions.
	TypeName, Name, Plural string
	// ListNote is a sentence for the page of the list, such as which other list shows the same instances.
	ListNote string
	// Datastores are the datastore types that such an instance may have; empty for any.
	Datastores []string
	// Cluster is the attribute that names an instance's set or cluster, "" if the kind has none.
	Cluster string
	// Standalone says that such an instance replicates from no other, unless roles have changed.
	Standalone bool
	// InTopology says that such an instance may be in a topology without a name, which is read to refresh it.
	InTopology bool
	// Match reports whether an instance is of this kind. block is empty for an instance that is in no topology.
	Match func(i *trove.Instance, block topology.Topology) bool
	// Model returns an empty model of the resource.
	Model func() ResourceModel
}

// checkImport reports whether an instance that is read for the first time, after an import or a move, is of this kind. It refuses one that
// would not leave its cluster before it is deleted, or that could not be told from one that has left; what only looks unusual is a warning:
// a declared source is a replica after a switchover.
func (k InstanceKind) checkImport(ctx context.Context, c *operation.Client, i *trove.Instance) diag.Diagnostics {
	block, err := c.Block(ctx, i)
	if err != nil {
		return diag.Diagnostics{APIError("read the topology of", displayName(k.Name, i), err, "")}
	}
	sources := operation.Sources(i, block)
	var is string
	match := k.Match(i, block)
	switch {
	case len(k.Datastores) > 0 && !slices.Contains(k.Datastores, i.Datastore.Type) && !match:
		is = fmt.Sprintf("Its datastore is %s, and that of %s is %s.", i.Datastore.Type, k.Plural, strings.Join(k.Datastores, " or "))
	case block.Cluster() != "" && !match:
		is = fmt.Sprintf("It is a member of %s.", block.Cluster())
	case k.Cluster != "" && !match:
		is = "It is not in a set or cluster."
	case len(sources) > 0 && k.Standalone:
		return diag.Diagnostics{diag.NewWarningDiagnostic("The instance is a replica", fmt.Sprintf(
			"%s (%s) replicates from %s. As trove%s it is managed as a standalone instance. That is right for the declared source of a set "+
				"after a switchover. Otherwise import it as %s.", i.Name, i.ID, strings.Join(sources, ", "), k.TypeName, resourceOf(i, block)))}
	default:
		return nil
	}
	return diag.Diagnostics{diag.NewErrorDiagnostic("Unable to import "+displayName(k.Name, i), is+fmt.Sprintf(
		"\n\nNothing was changed. Import it as %s.", resourceOf(i, block)))}
}

// resourceOf returns the resource that an instance should be imported as.
func resourceOf(i *trove.Instance, block topology.Topology) string {
	switch ns := block.Namespace(); ns {
	case topology.NamespaceMySQL:
		if len(block.MySQL.SlaveOf) > 0 {
			return "trove_mysql_replica"
		}
	case topology.NamespaceMongoDB:
		return "trove_mongodb_member"
	case topology.NamespaceCassandra, topology.NamespaceCouchbase, topology.NamespaceRedis, topology.NamespaceRedisCluster:
		return "trove_" + string(ns) + "_node"
	}
	if i.ReplicaOf != nil {
		return "trove_replica"
	}
	return "trove_instance"
}
