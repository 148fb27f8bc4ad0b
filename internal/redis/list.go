package redis

import (
	"github.com/opentrove/terraform-provider-trove/internal/node"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// NewNodeList lists masters and replicas.
var NewNodeList = node.NewList(node.Kind{
	TypeName:   "_redis_node",
	Thing:      nodeThing,
	Things:     "Redis masters and replicas",
	Datastores: []string{datastoreType},
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.Redis != nil },
	Model:      func() node.Instance { return &nodeModel{} },
})
