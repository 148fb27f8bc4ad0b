package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Roles of a member of a replication set.
const (
	RoleSource  = "source"
	RoleReplica = "replica"
)

// ReplicationRole is the role of an instance in a replication set, where switchovers and ejections change roles.
type ReplicationRole struct {
	// Role is RoleSource or RoleReplica; "" if the instance stands alone, or if its role cannot be told at present.
	Role string
	// Sources are the ids of the instances it replicates from now.
	Sources []string
	// Block is its topology, empty if the server shows none.
	Block topology.Topology
	// Detached says that the instance no longer belongs to the set of its declared source.
	Detached bool
}

// ReplicationRole returns the role of an instance in the set of its declared source; declared is "" for one that was not made as a
// replica, and was is the role it was last seen in. It sends requests only if the instance does not replicate from the declared source.
func (c *Client) ReplicationRole(ctx context.Context, i *trove.Instance, declared, was string) (ReplicationRole, error) {
	var s ReplicationRole
	var err error
	if s.Sources, s.Block, err = c.SourcesOf(ctx, i); err != nil {
		return s, err
	}
	if len(s.Sources) > 0 {
		s.Role = RoleReplica
		return s, nil
	}
	_, replicas, err := c.Replication(ctx, i)
	if err != nil {
		return s, err
	}
	if len(replicas) > 0 {
		s.Role = RoleSource
	}
	switch {
	case declared == "" || !i.Ready():
		// While roles change, and after a failed change, the server shows neither source nor replicas of a member.
		return s, nil
	case slices.Contains(replicas, declared):
		return s, nil
	}
	s.Detached, err = c.detached(ctx, declared, was, len(replicas) > 0)
	if !s.Detached {
		s.Role = RoleSource
	}
	return s, err
}

// detached reports whether an instance that replicates from nothing has left the set of its declared source. It has not if it took the
// source's place because that one is gone, or was ejected because it is dead.
func (c *Client) detached(ctx context.Context, declared, was string, leads bool) (bool, error) {
	source, err := c.Instance(ctx, declared)
	if errors.Is(err, openstack.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sources, replicas, err := c.Replication(ctx, source)
	if err != nil {
		return false, err
	}
	alive := !source.Failed() && !source.HeartbeatLost()
	if leads {
		// It leads a set without the declared source. If that one leads another set, the instance was detached.
		serves, err := c.ServesTopology(ctx)
		return alive && was != RoleSource && len(sources) == 0 && (len(replicas) > 0 || serves), err
	}
	return alive && was != RoleSource, nil
}

// ReplicaOfReplicaError says that an instance cannot be replicated from, because it was itself made as a replica.
type ReplicaOfReplicaError struct {
	ID, Name string
	Sources  []string // what it replicates from now
}

func (e *ReplicaOfReplicaError) Error() string {
	return fmt.Sprintf("instance %s (%s) is itself a replica of %s, and Trove does not create a replica of a replica", e.Name, e.ID, strings.Join(e.Sources, " and "))
}

// CurrentSource returns the id of the instance to make a replica from, so that it belongs to the replication set of the declared one: the
// declared instance, or the one that has taken over its source role. It returns a *ReplicaOfReplicaError if the declared instance was made
// as a replica, that is, if its source is not younger than itself or it has several, and a *SourceError if its source cannot be read.
func (c *Client) CurrentSource(ctx context.Context, declared *trove.Instance) (string, error) {
	sources, _, err := c.SourcesOf(ctx, declared)
	if err != nil || len(sources) == 0 {
		return declared.ID, err
	}
	if len(sources) == 1 {
		source, err := c.Instance(ctx, sources[0])
		switch {
		case err != nil:
			return "", &SourceError{ID: sources[0], Cause: err}
		case time.Time(declared.Created).Before(time.Time(source.Created)):
			return source.ID, nil
		}
	}
	return "", &ReplicaOfReplicaError{ID: declared.ID, Name: declared.Name, Sources: sources}
}
