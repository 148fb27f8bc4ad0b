package topology

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// Couchbase is the block of a node of a cluster (topology API, section 5).
type Couchbase struct {
	ClusterName string `json:"cluster_name"`
	Join        *bool  `json:"join,omitempty"`
}

// Joins reports whether the node is to join an existing cluster.
func (c Couchbase) Joins() bool { return joins(c.Join) }

// Check applies the rules of section 5 about a single node.
func (c *Couchbase) Check(Datastore) Problems {
	if c.ClusterName == "" {
		return Problems{problem("cluster_name is required").about("cluster_name").empty()}
	}
	return nil
}

// Bucket types and limits (topology API, section 5; names and the smallest quota are Couchbase's own).
const (
	BucketCouchbase   = "couchbase"
	BucketMemcached   = "memcached"
	MaxBucketReplicas = 3
	MinBucketRAM      = 100 // MB on each node
)

var bucketName = regexp.MustCompile(`^[A-Za-z0-9_.%-]{1,100}$`)

// Bucket is a bucket's settings. RAMSize is in MB on each node.
type Bucket struct {
	Name    string `json:"bucket"`
	Type    string `json:"bucket_type"`
	Port    *int64 `json:"bucket_port,omitempty"`
	RAMSize int64  `json:"bucket_ramsize"`
	Replica *int64 `json:"bucket_replica,omitempty"`
}

// Check applies the rules about a bucket.
func (b Bucket) Check() Problems {
	var ps Problems
	if !bucketName.MatchString(b.Name) || strings.HasPrefix(b.Name, ".") || strings.HasPrefix(b.Name, "_") {
		ps = append(ps, problem("bucket is %q: a name has 1 to 100 letters, digits or _ . %% -, and starts with neither a dot nor an underscore", b.Name).about("bucket").emptyIf(b.Name == ""))
	}
	if !slices.Contains([]string{BucketCouchbase, BucketMemcached}, b.Type) {
		ps = append(ps, problem("bucket_type is %q: it must be couchbase or memcached", b.Type).about("bucket_type").emptyIf(b.Type == ""))
	}
	if p := deref(b.Port, 1024); p < 1 || p > 65535 {
		ps = append(ps, problem("bucket_port is %d: it must lie between 1 and 65535", p).about("bucket_port"))
	}
	if b.RAMSize < MinBucketRAM {
		ps = append(ps, problem("bucket_ramsize is %d: it must be %d MB or more on each node", b.RAMSize, MinBucketRAM).about("bucket_ramsize"))
	}
	switch r := deref(b.Replica, 0); {
	case r < 0 || r > MaxBucketReplicas:
		ps = append(ps, problem("bucket_replica is %d: it must lie between 0 and %d", r, MaxBucketReplicas).about("bucket_replica"))
	case r > 0 && b.Type == BucketMemcached:
		ps = append(ps, problem("bucket_replica is %d, but memcached keeps no replicas", r).about("bucket_replica", "bucket_type"))
	}
	return ps
}

// Fits reports whether a bucket in a server's list may have been created with these settings: optional values absent from either match.
func (b Bucket) Fits(asked Bucket) bool {
	same := func(have, want *int64) bool { return have == nil || want == nil || *have == *want }
	return b.Name == asked.Name && b.Type == asked.Type && b.RAMSize == asked.RAMSize && same(b.Port, asked.Port) && same(b.Replica, asked.Replica)
}

// CreateBucket creates a bucket in the cluster.
type CreateBucket struct {
	Bucket
}

// Operation implements Action.
func (CreateBucket) Operation() (Namespace, string) { return NamespaceCouchbase, "create_bucket" }

func (a CreateBucket) check() error { return a.Bucket.Check().Err() }

// DeleteBucket deletes a bucket with its contents.
type DeleteBucket struct {
	Bucket string `json:"bucket"`
}

// Operation implements Action.
func (DeleteBucket) Operation() (Namespace, string) { return NamespaceCouchbase, "delete_bucket" }

func (a DeleteBucket) check() error {
	if a.Bucket == "" {
		return errors.New("bucket is required")
	}
	return nil
}

// Rebalance moves a node's data to the others and removes the node from the cluster.
type Rebalance struct {
	ServerRemove string `json:"server_remove"`
}

// Operation implements Action.
func (Rebalance) Operation() (Namespace, string) { return NamespaceCouchbase, "rebalance" }

func (a Rebalance) check() error { return requireID("rebalance", "server_remove", a.ServerRemove) }
