package topology

import (
	"strings"
	"testing"
)

func TestCouchbaseRulesOfOneNode(t *testing.T) {
	for name, tc := range map[string]struct {
		node Couchbase
		want []finding
	}{
		"a first member":       {Couchbase{ClusterName: "products"}, nil},
		"a joiner":             {Couchbase{ClusterName: "products", Join: to(true)}, nil},
		"cluster_name missing": {Couchbase{Join: to(true)}, []finding{{about: "cluster_name", says: "required"}}},
	} {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, Topology{Couchbase: &tc.node}.Check(Datastore{"couchbase", "couchbase-7.2"}), tc.want)
		})
	}
	if (Couchbase{}).Joins() || !(Couchbase{Join: to(true)}).Joins() {
		t.Error("join defaults to false")
	}
}

func TestBucketRules(t *testing.T) {
	bucket := func(change func(*Bucket)) Bucket {
		b := Bucket{Name: "test_bucket", Type: BucketCouchbase, Port: to[int64](11222), RAMSize: 200, Replica: to[int64](1)}
		change(&b)
		return b
	}
	for name, tc := range map[string]struct {
		bucket Bucket
		want   []finding
	}{
		"as proposed":            {bucket(func(*Bucket) {}), nil},
		"without port, replicas": {bucket(func(b *Bucket) { b.Port, b.Replica = nil, nil }), nil},
		"memcached":              {bucket(func(b *Bucket) { b.Type, b.Replica = BucketMemcached, nil }), nil},
		"memcached, 0 replicas":  {bucket(func(b *Bucket) { b.Type, b.Replica = BucketMemcached, to[int64](0) }), nil},
		"most replicas":          {bucket(func(b *Bucket) { b.Replica = to[int64](3) }), nil},
		"ports at both ends":     {bucket(func(b *Bucket) { b.Port = to[int64](65535) }), nil},
		"smallest quota":         {bucket(func(b *Bucket) { b.RAMSize = 100 }), nil},
		"odd but legal name":     {bucket(func(b *Bucket) { b.Name = "9a.b-c%d_E" }), nil},
		"longest name":           {bucket(func(b *Bucket) { b.Name = strings.Repeat("a", 100) }), nil},
		"no name":                {bucket(func(b *Bucket) { b.Name = "" }), []finding{{about: "bucket"}}},
		"name too long":          {bucket(func(b *Bucket) { b.Name = strings.Repeat("a", 101) }), []finding{{about: "bucket"}}},
		"name with a space":      {bucket(func(b *Bucket) { b.Name = "a b" }), []finding{{about: "bucket", says: `"a b"`}}},
		"name with a newline":    {bucket(func(b *Bucket) { b.Name = "ab\n" }), []finding{{about: "bucket"}}},
		"name of a dot":          {bucket(func(b *Bucket) { b.Name = ".a" }), []finding{{about: "bucket", says: "neither a dot nor"}}},
		"name of an underscore":  {bucket(func(b *Bucket) { b.Name = "_a" }), []finding{{about: "bucket"}}},
		"no type":                {bucket(func(b *Bucket) { b.Type = "" }), []finding{{about: "bucket_type", says: "couchbase or memcached"}}},
		"another type":           {bucket(func(b *Bucket) { b.Type = "ephemeral" }), []finding{{about: "bucket_type"}}},
		"port 0":                 {bucket(func(b *Bucket) { b.Port = to[int64](0) }), []finding{{about: "bucket_port", says: "between 1 and 65535"}}},
		"port too high":          {bucket(func(b *Bucket) { b.Port = to[int64](65536) }), []finding{{about: "bucket_port"}}},
		"quota too small":        {bucket(func(b *Bucket) { b.RAMSize = 99 }), []finding{{about: "bucket_ramsize", says: "100 MB"}}},
		"no quota":               {bucket(func(b *Bucket) { b.RAMSize = 0 }), []finding{{about: "bucket_ramsize"}}},
		"too many replicas":      {bucket(func(b *Bucket) { b.Replica = to[int64](4) }), []finding{{about: "bucket_replica", says: "between 0 and 3"}}},
		"negative replicas":      {bucket(func(b *Bucket) { b.Replica = to[int64](-1) }), []finding{{about: "bucket_replica"}}},
		"memcached with one":     {bucket(func(b *Bucket) { b.Type = BucketMemcached }), []finding{{about: "bucket_replica bucket_type", says: "no replicas"}}},
		"nothing":                {Bucket{}, []finding{{about: "bucket"}, {about: "bucket_type"}, {about: "bucket_ramsize"}}},
	} {
		t.Run(name, func(t *testing.T) { wantFindings(t, tc.bucket.Check(), tc.want) })
	}
}
