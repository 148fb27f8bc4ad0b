package mysql

import (
	"github.com/opentrove/terraform-provider-trove/internal/node"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var kind = node.Kind{
	TypeName:   "_mysql_replica",
	Thing:      thing,
	Things:     "MySQL and MariaDB replicas",
	Datastores: []string{"mysql", "mariadb"},
	Match: func(i *trove.Instance, block topology.Topology) bool {
		return i.ReplicaOf != nil || block.MySQL != nil && len(block.MySQL.SlaveOf) > 0
	},
	Model: func() node.Instance { return &replicaModel{} },
}

// NewReplicaList lists replicas.
var NewReplicaList = node.NewList(kind)
