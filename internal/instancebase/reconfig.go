package instancebase

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/coalesce"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// replicaSet names a replica set; its name is unique in a region, since a provider has one project.
type replicaSet struct{ region, name string }

// String is what errors call it.
func (s replicaSet) String() string { return "replica set " + s.name }

// reconfig merges the changes that one apply makes to members of one replica set into one call. A round's result is the
// number of calls that were really sent for the set so far, 0 where this round had nothing to send.
type reconfig struct {
	once  sync.Once
	group *coalesce.Group[replicaSet, string, topology.MemberSettings, int]

	mu      sync.Mutex
	members map[replicaSet][]string // as last seen
	sent    map[replicaSet]int
}

// Reconfigure makes the settings of members of a replica set what they should be, together with what other resources
// submit at about the same time: one call for all, which succeeds or fails for all. again says that this apply has sent a
// change to the set before, so that the two did not go out as one.
func (r *Resource) Reconfigure(ctx context.Context, c *trove.Client, set string, wanted map[string]topology.MemberSettings) (again bool, err error) {
	conn := r.connection
	rc := &conn.reconfig
	rc.once.Do(func() { rc.group = coalesce.New(conn.options()) })
	key := replicaSet{region: c.Region(), name: set}
	if err := rc.learn(ctx, c, key, wanted); err != nil {
		return false, err
	}
	outcome, err := rc.group.Submit(ctx, key, wanted)
	return outcome.Result > 1, err
}

// learn notes who is in the set, so that nobody is waited for when all have spoken.
func (rc *reconfig) learn(ctx context.Context, c *trove.Client, key replicaSet, wanted map[string]topology.MemberSettings) error {
	for id := range wanted {
		view, err := c.Topology(ctx, id)
		if err != nil {
			return err
		}
		var members []string
		for _, m := range view.Members {
			if m.MongoDB != nil { // arbiters too: their hostname may change in the same round
				members = append(members, m.ID)
			}
		}
		rc.mu.Lock()
		defer rc.mu.Unlock()
		if rc.members == nil {
			rc.members, rc.sent = map[replicaSet][]string{}, map[replicaSet]int{}
		}
		rc.members[key] = members
		return nil
	}
	return nil
}

// ownSettings knows which members have settings in their own resource, by instance id.
type ownSettings struct{ byID sync.Map }

// NoteOwnSettings notes that a member's own resource holds these settings, and OwnSettings tells of it: two resources that
// hold the settings of one member would undo each other's changes.
func (r *Resource) NoteOwnSettings(id string, attributes []string) {
	if len(attributes) > 0 {
		r.connection.own.byID.Store(id, attributes)
	}
}

// OwnSettings are the attributes that NoteOwnSettings was told of, none where it was not.
func (r *Resource) OwnSettings(id string) []string {
	v, _ := r.connection.own.byID.Load(id)
	attributes, _ := v.([]string)
	return attributes
}

// options are how changes are collected and sent.
func (c *Connection) options() coalesce.Options[replicaSet, string, topology.MemberSettings, int] {
	rc := &c.reconfig
	return coalesce.Options[replicaSet, string, topology.MemberSettings, int]{
		Window: c.ReconfigWindow,
		Merge:  topology.MemberSettings.Merge,
		Complete: func(key replicaSet, merged map[string]topology.MemberSettings) bool {
			rc.mu.Lock()
			defer rc.mu.Unlock()
			known := rc.members[key]
			return len(known) > 0 && !slices.ContainsFunc(known, func(id string) bool {
				_, spoken := merged[id]
				return !spoken
			})
		},
		Send: func(ctx context.Context, key replicaSet, merged map[string]topology.MemberSettings) (int, error) {
			client, err := c.Client.InRegion(key.region)
			if err != nil {
				return 0, err
			}
			sent, err := client.Reconfigure(ctx, merged)
			if !sent {
				return 0, err
			}
			rc.mu.Lock()
			defer rc.mu.Unlock()
			rc.sent[key]++
			return rc.sent[key], err
		},
	}
}

// LeaveWindow is how long a member that is to be deleted waits for the others of its cluster: where all go, none leaves.
func (r *Resource) LeaveWindow() time.Duration { return r.connection.ReconfigWindow }
