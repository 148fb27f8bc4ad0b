package redis

import (
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var nodeKind = instancebase.InstanceKind{
	TypeName:   "_redis_node",
	Name:       nodeKindName,
	Plural:     "Redis masters and replicas",
	Datastores: []string{datastoreType},
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.Redis != nil },
	Model:      func() instancebase.ResourceModel { return &nodeModel{} },
}

// NewNodeList lists masters and replicas.
var NewNodeList = instancebase.NewList(nodeKind)

var clusterNodeKind = instancebase.InstanceKind{
	TypeName:   "_redis_cluster_node",
	Name:       clusterNodeKindName,
	Plural:     "nodes of Redis Clusters",
	Datastores: []string{datastoreType},
	Cluster:    "cluster_name",
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.RedisCluster != nil },
	Model:      func() instancebase.ResourceModel { return &clusterNodeModel{} },
}

// NewClusterNodeList lists nodes of Redis Clusters.
var NewClusterNodeList = instancebase.NewList(clusterNodeKind)
