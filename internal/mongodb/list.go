package mongodb

import (
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var memberKind = instancebase.InstanceKind{
	TypeName:   "_mongodb_member",
	Name:       memberKindName,
	Plural:     "members and arbiters of MongoDB replica sets",
	Datastores: []string{"mongodb"},
	Cluster:    "replica_set",
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.MongoDB != nil },
	Model:      func() instancebase.ResourceModel { return &memberModel{} },
}

// NewMemberList lists members and arbiters.
var NewMemberList = instancebase.NewList(memberKind)
