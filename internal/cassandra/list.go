package cassandra

import (
	"github.com/opentrove/terraform-provider-trove/internal/node"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var nodeKind = node.Kind{
	TypeName:   "_cassandra_node",
	Thing:      nodeThing,
	Things:     "nodes of Cassandra clusters",
	Datastores: []string{"cassandra"},
	Cluster:    "cluster_name",
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.Cassandra != nil },
	Model:      func() node.Instance { return &nodeModel{} },
}

// NewNodeList lists nodes.
var NewNodeList = node.NewList(nodeKind)
