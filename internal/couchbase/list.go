package couchbase

import (
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var nodeKind = instancebase.InstanceKind{
	TypeName:   "_couchbase_node",
	Name:       nodeKindName,
	Plural:     "nodes of Couchbase clusters",
	Datastores: []string{"couchbase"},
	Cluster:    "cluster_name",
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.Couchbase != nil },
	Model:      func() instancebase.ResourceModel { return &nodeModel{} },
}

// NewNodeList lists nodes.
var NewNodeList = instancebase.NewList(nodeKind)
