package topologydatasource

import (
	"cmp"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// topologyModel is one trove_topology. Nil lists and objects are null.
type topologyModel struct {
	InstanceID types.String  `tfsdk:"instance_id"`
	Region     types.String  `tfsdk:"region"`
	Namespace  types.String  `tfsdk:"namespace"`
	Mermaid    types.String  `tfsdk:"mermaid"`
	Members    []memberModel `tfsdk:"members"`
	Buckets    []bucketModel `tfsdk:"buckets"`
}

type memberModel struct {
	ID           types.String       `tfsdk:"id"`
	Name         types.String       `tfsdk:"name"`
	MySQL        *mysqlModel        `tfsdk:"mysql"`
	MongoDB      *mongodbModel      `tfsdk:"mongodb"`
	Cassandra    *cassandraModel    `tfsdk:"cassandra"`
	Couchbase    *couchbaseModel    `tfsdk:"couchbase"`
	Redis        *redisModel        `tfsdk:"redis"`
	RedisCluster *redisClusterModel `tfsdk:"redis_cluster"`
}

type mysqlModel struct {
	ReplicaOf []string   `tfsdk:"replica_of"`
	ReadOnly  types.Bool `tfsdk:"read_only"`
}

type mongodbModel struct {
	Type               types.String  `tfsdk:"type"`
	ReplicaSet         types.String  `tfsdk:"replica_set"`
	Priority           types.Float64 `tfsdk:"priority"`
	Hidden             types.Bool    `tfsdk:"hidden"`
	SecondaryDelaySecs types.Int64   `tfsdk:"secondary_delay_secs"`
	Votes              types.Int64   `tfsdk:"votes"`
	Hostname           types.String  `tfsdk:"hostname"`
}

type cassandraModel struct {
	ClusterName    types.String `tfsdk:"cluster_name"`
	NumTokens      types.Int64  `tfsdk:"num_tokens"`
	IsSeed         types.Bool   `tfsdk:"is_seed"`
	EndpointSnitch types.String `tfsdk:"endpoint_snitch"`
	AutoBootstrap  types.Bool   `tfsdk:"auto_bootstrap"`
	SeedProvider   types.String `tfsdk:"seed_provider"`
	DataCenter     types.String `tfsdk:"data_center"`
	Rack           types.String `tfsdk:"rack"`
}

type couchbaseModel struct {
	ClusterName types.String `tfsdk:"cluster_name"`
}

type redisModel struct {
	ReplicaOf types.String `tfsdk:"replica_of"`
}

type redisClusterModel struct {
	ClusterName    types.String `tfsdk:"cluster_name"`
	ClusterTimeout types.Int64  `tfsdk:"cluster_timeout"`
	ReplicaOf      types.String `tfsdk:"replica_of"`
}

type bucketModel struct {
	Name     types.String `tfsdk:"name"`
	Type     types.String `tfsdk:"type"`
	Port     types.Int64  `tfsdk:"port"`
	RAM      types.Int64  `tfsdk:"ram_mb"`
	Replicas types.Int64  `tfsdk:"replicas"`
}

// FromAPI takes over the view, in an order of its own: the server's may change from one read to the next.
func (m *topologyModel) FromAPI(v topology.View) {
	m.Mermaid = types.StringValue(topology.Mermaid(v))
	m.Namespace = types.StringNull()
	members := slices.SortedFunc(slices.Values(v.Members), func(a, b topology.Member) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	m.Members = make([]memberModel, len(members))
	for i, member := range members {
		m.Members[i] = newMember(member)
		if ns := member.Namespace(); ns != "" {
			m.Namespace = types.StringValue(string(ns)) // the same for all that have a block
		}
	}
	m.Buckets = nil
	for _, b := range slices.SortedFunc(slices.Values(v.Buckets), func(a, b topology.Bucket) int { return cmp.Compare(a.Name, b.Name) }) {
		m.Buckets = append(m.Buckets, bucketModel{
			Name:     types.StringValue(b.Name),
			Type:     tfkit.StringOrNull(b.Type),
			Port:     types.Int64PointerValue(b.Port),
			RAM:      types.Int64Value(b.RAMSize),
			Replicas: types.Int64PointerValue(b.Replica),
		})
	}
}

func newMember(m topology.Member) memberModel {
	out := memberModel{ID: types.StringValue(m.ID), Name: types.StringValue(m.Name)}
	if b := m.MySQL; b != nil && len(b.SlaveOf) > 0 { // a source has none, even where a server shows it an empty one
		out.MySQL = &mysqlModel{ReplicaOf: b.Sources(), ReadOnly: types.BoolValue(!b.Writable())}
	}
	if b := m.MongoDB; b != nil {
		out.MongoDB = &mongodbModel{
			Type:               tfkit.StringOrNull(b.Type),
			ReplicaSet:         tfkit.StringOrNull(b.ReplSet),
			Priority:           types.Float64PointerValue(b.Priority),
			Hidden:             types.BoolPointerValue(b.Hidden),
			SecondaryDelaySecs: types.Int64PointerValue(b.SlaveDelay),
			Votes:              types.Int64PointerValue(b.Votes),
			Hostname:           types.StringPointerValue(b.Hostname),
		}
	}
	if b := m.Cassandra; b != nil {
		out.Cassandra = &cassandraModel{
			ClusterName:    tfkit.StringOrNull(b.ClusterName),
			NumTokens:      types.Int64PointerValue(b.NumTokens),
			IsSeed:         types.BoolPointerValue(b.IsSeed),
			EndpointSnitch: types.StringPointerValue(b.EndpointSnitch),
			AutoBootstrap:  types.BoolPointerValue(b.AutoBootstrap),
			SeedProvider:   types.StringPointerValue(b.SeedProvider),
			DataCenter:     tfkit.StringOrNull(b.DataCenter),
			Rack:           tfkit.StringOrNull(b.Rack),
		}
	}
	if b := m.Couchbase; b != nil {
		out.Couchbase = &couchbaseModel{ClusterName: tfkit.StringOrNull(b.ClusterName)}
	}
	if b := m.Redis; b != nil {
		out.Redis = &redisModel{ReplicaOf: types.StringPointerValue(b.SlaveOf)}
	}
	if b := m.RedisCluster; b != nil {
		out.RedisCluster = &redisClusterModel{
			ClusterName:    tfkit.StringOrNull(b.ClusterName),
			ClusterTimeout: types.Int64PointerValue(b.ClusterTimeout),
			ReplicaOf:      types.StringPointerValue(b.SlaveOf),
		}
	}
	return out
}
