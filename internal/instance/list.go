package instance

import (
	"github.com/opentrove/terraform-provider-trove/internal/node"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var kind = node.Kind{
	TypeName:   "_instance",
	Thing:      thing,
	Things:     "database servers that stand alone or are the source of replicas",
	Standalone: true,
	Match: func(i *trove.Instance, block topology.Topology) bool {
		return i.ReplicaOf == nil && block.Namespace() == ""
	},
	Model: func() node.Instance { return &model{} },
}

// NewList lists what stands alone or is a source.
var NewList = node.NewList(kind)
