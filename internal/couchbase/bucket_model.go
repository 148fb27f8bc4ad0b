package couchbase

import (
	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// bucketModel is the model of trove_couchbase_bucket.
type bucketModel struct {
	ID          types.String   `tfsdk:"id"`
	NodeID      types.String   `tfsdk:"node_id"`
	Region      types.String   `tfsdk:"region"`
	ClusterName types.String   `tfsdk:"cluster_name"`
	Name        types.String   `tfsdk:"name"`
	Type        types.String   `tfsdk:"type"`
	Port        types.Int64    `tfsdk:"port"`
	RAMMB       types.Int64    `tfsdk:"ram_mb"`
	Replicas    types.Int64    `tfsdk:"replicas"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

// settings returns the attributes that define a bucket, by the wire's fields.
func (m *bucketModel) settings() map[string]attr.Value {
	return map[string]attr.Value{"bucket": m.Name, "bucket_type": m.Type, "bucket_port": m.Port, "bucket_ramsize": m.RAMMB, "bucket_replica": m.Replicas}
}

// ToAPI returns what is known in the wire's form.
func (m *bucketModel) ToAPI() topology.Bucket {
	return topology.Bucket{
		Name: m.Name.ValueString(), Type: m.Type.ValueString(), RAMSize: m.RAMMB.ValueInt64(),
		Port: tfkit.IfKnown(m.Port, m.Port.ValueInt64Pointer()), Replica: tfkit.IfKnown(m.Replicas, m.Replicas.ValueInt64Pointer()),
	}
}

// identify sets the id, which is also the import id.
func (m *bucketModel) identify() {
	m.ID = types.StringValue(m.NodeID.ValueString() + "/" + m.Name.ValueString())
}

// SetLocation sets where a bucket is or will be.
func (m *bucketModel) SetLocation(cluster, region string) {
	m.identify()
	m.ClusterName = types.StringValue(cluster)
	m.Region = tfkit.SettleRegion(m.Region, region)
}

// FromAPI takes over what the server lists of the bucket; what it does not list keeps its value.
func (m *bucketModel) FromAPI(b topology.Bucket) {
	m.Type = types.StringValue(b.Type)
	m.RAMMB = types.Int64Value(b.RAMSize)
	m.Port = tfkit.KeepUnlessReturned(m.Port, b.Port, types.Int64Value, types.Int64Null)
	m.Replicas = tfkit.KeepUnlessReturned(m.Replicas, b.Replica, types.Int64Value, types.Int64Null)
}

// displayName returns the name of the bucket in messages.
func (m *bucketModel) displayName() string { return bucketKindName + " " + m.Name.ValueString() }
