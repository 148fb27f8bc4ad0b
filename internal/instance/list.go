package instance

import (
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var instanceKind = instancebase.InstanceKind{
	TypeName:   "_instance",
	Name:       kindName,
	Plural:     "database servers that stand alone or are the source of replicas",
	Standalone: true,
	Match: func(i *trove.Instance, block topology.Topology) bool {
		return i.ReplicaOf == nil && block.Namespace() == ""
	},
	Model: func() instancebase.ResourceModel { return &model{} },
}

// NewList lists what stands alone or is a source.
var NewList = instancebase.NewList(instanceKind)
