// Package cluster holds what one provider process knows of the clusters that it works on: which members are being created or deleted,
// which one bootstraps, and what is planned. Terraform handles each resource by itself, so members of a cluster coordinate here. It holds
// plain data and sends nothing.
package cluster

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
)

// Key identifies one replica set or cluster.
type Key struct {
	Session   string // the endpoint, which identifies the project and the region
	Namespace string // of the topology API, such as mongodb
	Name      string
}

// KeyOf returns the key of a cluster from the name that topology.Topology.Cluster gives it, such as mongodb/products.
func KeyOf(session, cluster string) Key {
	namespace, name, _ := strings.Cut(cluster, "/")
	return Key{Session: session, Namespace: namespace, Name: name}
}

// Named reports whether the key is that of a cluster: an instance in no cluster has a key without a name.
func (k Key) Named() bool { return k.Name != "" }

// String returns the cluster's name as topology.Topology.Cluster gives it.
func (k Key) String() string { return k.Namespace + "/" + k.Name }

// Registry holds what is known of all clusters, and of instances outside clusters. It is safe for concurrent use; its zero value is ready.
type Registry struct {
	// Clock is the clock used for waiting; nil is the machine's.
	Clock clock.Clock

	locks keyLock

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at every change
	clusters  map[Key]*cluster
	deletions map[string]*deletion // under way in this process, by instance id
	deletedAt time.Time            // when a deletion last began or ended
	waiting   int                  // deletions that wait for others to begin
	claimed   map[string]bool      // ids of what this process has created
	managed   map[string]bool      // ids that this process is told to read for Terraform's state
	settings  map[string][]string  // attributes that a member's own resource sets, by instance id
	destroys  destroyPlans
	detached  map[detachedFrom][]Detachment // instances whose detachment is planned
	plans     plans
	changes   changes
}

// cluster is what is known of one cluster.
type cluster struct {
	exists        bool
	bootstrapping bool
	version       int       // of the two above
	joining       int       // members whose creation was sent and has not ended
	joined        time.Time // when the last of those ended
	members       []string  // as the server last showed them
	reconfigured  int       // number of reconfigurations by this process

	planned  []string // ids of members whose destruction is planned
	whole    bool     // the destruction of all members that are known is planned
	settled  bool     // no further destructions are planned: a plan waited for them, and none came
	staying  map[string]bool
	deleting map[string]bool
	gone     map[string]bool
}

func (r *Registry) clock() clock.Clock {
	if r.Clock == nil {
		return clock.System{}
	}
	return r.Clock
}

// at returns a cluster, new if needed. The lock must be held.
func (r *Registry) at(key Key) *cluster {
	if r.clusters == nil {
		r.clusters = map[Key]*cluster{}
	}
	c := r.clusters[key]
	if c == nil {
		c = &cluster{staying: map[string]bool{}, deleting: map[string]bool{}, gone: map[string]bool{}}
		r.clusters[key] = c
	}
	return c
}

// signal wakes all waiters. The lock must be held.
func (r *Registry) signal() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// look runs a function under the lock, for reads that must be consistent.
func (r *Registry) look(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// wait calls until under the lock, again after every change and after the time it returns, until it reports true; a time of 0 waits for a
// change only. If the context ends first, it returns the context's error.
func (r *Registry) wait(ctx context.Context, until func() (done bool, again time.Duration)) error {
	for {
		r.mu.Lock()
		done, again := until()
		if r.changed == nil {
			r.changed = make(chan struct{})
		}
		changed := r.changed
		r.mu.Unlock()
		if done {
			return nil
		}
		var over <-chan time.Time
		if again > 0 {
			over = r.clock().After(again)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		case <-over:
		}
	}
}

// Lock locks these keys, each of which stands for some work, such as the creation of an instance of one name. It returns the function that
// unlocks them. If the context ends first, it returns the context's error and locks nothing.
func (r *Registry) Lock(ctx context.Context, keys ...string) (unlock func(), err error) {
	return r.locks.lock(ctx, keys...)
}

// LockCluster allows one change of a cluster at a time, since a server accepts no two.
func (r *Registry) LockCluster(ctx context.Context, key Key) (unlock func(), err error) {
	return r.locks.lock(ctx, "cluster/"+key.Session+"/"+key.String())
}

// Claim marks the object with this id as created by this process; false if another creation has claimed it already.
func (r *Registry) Claim(id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.claimed == nil {
		r.claimed = map[string]bool{}
	}
	if r.claimed[id] {
		return false
	}
	r.claimed[id] = true
	return true
}

// Claimed reports whether a creation of this process has claimed the object with this id.
func (r *Registry) Claimed(id string) (claimed bool) {
	r.look(func() { claimed = r.claimed[id] })
	return claimed
}
