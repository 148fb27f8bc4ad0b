package mysql

import (
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var replicaKind = instancebase.InstanceKind{
	TypeName:   "_mysql_replica",
	Name:       kindName,
	Plural:     "MySQL and MariaDB replicas",
	Datastores: []string{"mysql", "mariadb"},
	Match: func(i *trove.Instance, block topology.Topology) bool {
		return i.ReplicaOf != nil || block.MySQL != nil && len(block.MySQL.SlaveOf) > 0
	},
	Model: func() instancebase.ResourceModel { return &replicaModel{} },
}

// NewReplicaList lists replicas.
var NewReplicaList = instancebase.NewList(replicaKind)
