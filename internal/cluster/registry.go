// Package cluster is what one provider process knows of the clusters that it works on: who is being created, who bootstraps, who is going, and
// what has been agreed. Terraform tells each resource only of itself, so members of a cluster meet here. It is plain data: it sends nothing.
package cluster

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
)

// Key names one replica set or cluster.
type Key struct {
	Session   string // the endpoint, which stands for the project and the region
	Namespace string // of the topology API, such as mongodb
	Name      string
}

// KeyOf is the key of a cluster by the name that topology.Topology.Cluster gives it, such as mongodb/products.
func KeyOf(session, cluster string) Key {
	namespace, name, _ := strings.Cut(cluster, "/")
	return Key{Session: session, Namespace: namespace, Name: name}
}

// Named says whether it is the key of a cluster at all: what belongs to none has no name.
func (k Key) Named() bool { return k.Name != "" }

// String is the cluster's name as topology.Topology.Cluster gives it.
func (k Key) String() string { return k.Namespace + "/" + k.Name }

// Registry holds what is known of all clusters, and of the instances in none. It is safe for concurrent use; its zero value is ready.
type Registry struct {
	// Clock is the time that waiting goes by; nil is the machine's.
	Clock clock.Clock

	locks keyLock

	mu        sync.Mutex
	changed   chan struct{} // closed and made anew with every change
	clusters  map[Key]*cluster
	deletions map[string]*deletion // under way in this process, by instance id
	deletedAt time.Time            // when a deletion last began or ended
	waiting   int                  // deletions that wait for others to begin
	claimed   map[string]bool      // ids of what this process has made
	managed   map[string]bool      // ids that this process has read for Terraform's state
	settings  map[string][]string  // attributes that a member's own resource holds, by instance id
	destroys  destroyPlans
	detached  map[detachedFrom][]string // instances whose detachment is planned
	plans     plans
	changes   changes
}

// cluster is what is known of one.
type cluster struct {
	exists        bool
	bootstrapping bool
	version       int       // of the two above
	joining       int       // members whose creation has been sent and has not ended
	joined        time.Time // when the last of those ended
	members       []string  // as last seen at the server
	reconfigured  int       // how often, by this process

	planned  []string // ids whose destruction is planned
	whole    bool     // the destruction of all members is planned
	settled  bool     // no further destructions are planned: somebody waited for them, and none came
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

// at returns a cluster. The lock must be held.
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

// signal wakes all who wait. The lock must be held.
func (r *Registry) signal() {
	if r.changed != nil {
		close(r.changed)
		r.changed = nil
	}
}

// Look runs a function under the lock, for what must be read together.
func (r *Registry) look(f func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f()
}

// wait runs until under the lock, again after every change and after the time that it returns, until it is content; a time of 0 waits for
// a change alone. It returns the context's error if that ends first.
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

// Lock lets one at a time do what these keys stand for, such as the creation of an instance of one name. It returns what lets go of them,
// or the context's error; then nothing is held.
func (r *Registry) Lock(ctx context.Context, keys ...string) (unlock func(), err error) {
	return r.locks.lock(ctx, keys...)
}

// LockCluster lets one change of a cluster go on at a time, since a server takes no two.
func (r *Registry) LockCluster(ctx context.Context, key Key) (unlock func(), err error) {
	return r.locks.lock(ctx, "cluster/"+key.Session+"/"+key.String())
}

// Claim marks what has this id as made by this process; false if another creation has it already.
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

// Claimed says whether a creation of this process has what has this id.
func (r *Registry) Claimed(id string) (claimed bool) {
	r.look(func() { claimed = r.claimed[id] })
	return claimed
}
