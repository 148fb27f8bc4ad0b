package cassandra

import (
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var nodeKind = instancebase.InstanceKind{
	TypeName:   "_cassandra_node",
	Name:       nodeKindName,
	Plural:     "nodes of Cassandra clusters",
	Datastores: []string{"cassandra"},
	Cluster:    "cluster_name",
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.Cassandra != nil },
	Model:      func() instancebase.ResourceModel { return &nodeModel{} },
}

// NewNodeList lists nodes.
var NewNodeList = instancebase.NewList(nodeKind)
