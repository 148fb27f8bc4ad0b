package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// ReplicationSet is a source with its replicas.
type ReplicationSet struct {
	// Source is the id of the source, "" if the instance asked for stands alone.
	Source string
	// Members are the source, first, and its replicas.
	Members []*trove.Instance
}

// IDs are the ids of the members.
func (s ReplicationSet) IDs() []string {
	ids := make([]string, len(s.Members))
	for n, m := range s.Members {
		ids[n] = m.ID
	}
	return ids
}

// Find returns a member by its id, nil if there is none.
func (s ReplicationSet) Find(id string) *trove.Instance {
	n := slices.IndexFunc(s.Members, func(m *trove.Instance) bool { return m.ID == id })
	if n < 0 {
		return nil
	}
	return s.Members[n]
}

// MemberState is what a member of a replication set shows.
type MemberState struct {
	ID, Name string
	State    string // the status, with the fault if there is one
	Role     string // RoleSource, RoleReplica, or "" if it shows neither
	Source   string // the instance it replicates from
}

func (m MemberState) String() string {
	text := fmt.Sprintf("%s (%s) is %s", m.Name, m.ID, m.State)
	switch m.Role {
	case RoleSource:
		return text + ", the source"
	case RoleReplica:
		return text + ", a replica of " + m.Source
	}
	return text + ", with neither source nor replicas"
}

// HeartbeatLostError says that an instance's guest agent no longer reports, as when its server is dead.
type HeartbeatLostError struct{ ID, Name string }

func (e *HeartbeatLostError) Error() string {
	return fmt.Sprintf("instance %s (%s) sends no heartbeats (operating_status ERROR)", e.Name, e.ID)
}

// RoleChangeError says that the source of a replication set was not changed, or that the change failed, and the state of each member.
// Begun tells the two apart.
type RoleChangeError struct {
	Begun   bool
	Members []MemberState
	Cause   error
}

func (e *RoleChangeError) Error() string {
	lines := make([]string, len(e.Members))
	for n, m := range e.Members {
		lines[n] = "- " + m.String()
	}
	return fmt.Sprintf("%s. The members of the set:\n%s", strings.TrimSuffix(e.Cause.Error(), "."), strings.Join(lines, "\n"))
}

func (e *RoleChangeError) Unwrap() error { return e.Cause }

// ReplicationSet returns the replication set that the instance belongs to. An instance that stands alone is its only member.
func (c *Client) ReplicationSet(ctx context.Context, id string) (ReplicationSet, error) {
	var set ReplicationSet
	view, err := c.ReplicationView(ctx, id)
	if err != nil {
		return set, err
	}
	if len(view.Members) == 0 { // a server with topologies shows none for an instance that is in none
		i, err := c.Instance(ctx, id)
		if err == nil {
			set.Members = append(set.Members, i)
		}
		return set, err
	}
	for _, m := range view.Members {
		i, err := c.Instance(ctx, m.ID)
		if errors.Is(err, openstack.ErrNotFound) {
			continue
		}
		if err != nil {
			return set, err
		}
		sources := m.ReplicatesFrom()
		if len(sources) == 1 && set.Source == "" {
			set.Source = sources[0]
		}
		if len(sources) > 1 || len(sources) == 1 && set.Source != sources[0] {
			return set, fmt.Errorf("instance %s (%s) replicates from %s: roles change only in a set of one source and its replicas",
				m.Name, m.ID, strings.Join(sources, " and "))
		}
		if len(sources) == 0 {
			set.Members = slices.Insert(set.Members, 0, i)
		} else {
			set.Members = append(set.Members, i)
		}
	}
	return set, nil
}

// Switchover makes an instance the source of its replication set, by promote_to_replica_source, and waits until every member is ready. If
// it is the source already, nothing is sent. The request is sent once; if its answer is lost, the set is read to see whether it took
// effect, and only if it surely did not is it sent again, once.
//
// It returns a *RoleChangeError if a member is not healthy before or after.
func (c *Client) Switchover(ctx context.Context, id string) error {
	return c.changeRoles(ctx, id, "promote_to_replica_source", "", func(set ReplicationSet) (bool, error) {
		if set.Source == "" {
			return false, fmt.Errorf("instance %s is standalone: it has neither a source nor replicas", id)
		}
		return set.Source == id, nil
	})
}

// Eject removes a dead source from its replication set: the server makes the most up-to-date replica the source of the others, and the old
// source stands alone. It waits until the remaining members are ready and returns the new source; "" if only one remains, which then
// stands alone as well. The server refuses if the source still sends heartbeats.
func (c *Client) Eject(ctx context.Context, source string) (successor string, err error) {
	var first string // any that remains
	err = c.changeRoles(ctx, source, "eject_replica_source", source, func(set ReplicationSet) (bool, error) {
		for _, m := range set.Members {
			if m.ID != source {
				first = m.ID
			}
		}
		return set.Source != source, nil
	})
	if err != nil || first == "" {
		return "", err
	}
	set, err := c.ReplicationSet(ctx, first)
	return set.Source, err
}

// changeRoles sends an action about id that changes the roles in its replication set. done reports whether that has happened. dead is the
// member that need not be healthy, "" if all must be.
func (c *Client) changeRoles(ctx context.Context, id, action, dead string, done func(ReplicationSet) (bool, error)) error {
	set, err := c.ReplicationSet(ctx, id)
	if err != nil {
		return err
	}
	members := set.IDs()
	keys := make([]string, len(members))
	for n, m := range members {
		keys[n] = "source/" + m // creations of replicas take this turn too
	}
	unlock, err := c.Registry().Lock(ctx, keys...)
	if err != nil {
		return err
	}
	defer unlock()
	defer c.readTargets.forget()
	begun := false
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) error { return c.waitRoles(ctx, members, dead, begun) },
		done: func(ctx context.Context, sent bool) (bool, error) {
			set, err := c.ReplicationSet(ctx, id)
			if err != nil {
				return false, err
			}
			changed, err := done(set)
			if sent {
				err = nil // it stands alone after the ejection
			}
			return changed && err == nil, err
		},
		send: func(ctx context.Context) error {
			// The answer must be read: what the server has begun is waited for.
			wire, stop := outlive(ctx, c.requestTimeout())
			defer stop()
			return c.RequestRole(wire, id, action)
		},
		settle: func(context.Context, error) error {
			begun = true
			return nil
		},
		ignored: func() error {
			return c.roleChangeError(ctx, members, true, fmt.Errorf("%s of instance %s: the server accepted it, but the roles have not changed", action, id))
		},
		once: true,
	})
	return err
}

// waitRoles waits until nothing happens to the members any more; the dead one need not be healthy. It returns a *RoleChangeError if one
// has failed or, before anything has begun, sends no heartbeats: a change of roles needs all members.
func (c *Client) waitRoles(ctx context.Context, members []string, dead string, begun bool) error {
	for _, id := range members {
		_, err := c.WaitUntil(ctx, id, "ready", func(i *trove.Instance, _ time.Duration) (bool, error) {
			switch {
			case id == dead:
				return i.Settled() || i.HeartbeatLost(), nil
			case i.Failed():
				return false, &watch.FailedError{ID: i.ID, Name: i.Name, Status: i.Status, Fault: i.FaultText()}
			case i.RestartRequired():
				return false, &watch.RestartRequiredError{ID: i.ID, Name: i.Name}
			case i.HeartbeatLost() && !begun:
				return false, &HeartbeatLostError{ID: i.ID, Name: i.Name}
			}
			return i.Ready(), nil
		})
		var failed *watch.FailedError
		var silent *HeartbeatLostError
		switch {
		case err == nil, errors.Is(err, openstack.ErrNotFound):
		case errors.As(err, &silent):
			return c.roleChangeError(ctx, members, begun, err)
		case errors.As(err, &failed):
			// Wait for the other members too, so that the final state of each can be reported.
			for _, other := range members {
				if err := c.WaitIdle(ctx, other); err != nil {
					return err
				}
			}
			return c.roleChangeError(ctx, members, begun, err)
		default:
			return err
		}
	}
	return nil
}

// roleChangeError reports the state of the members.
func (c *Client) roleChangeError(ctx context.Context, members []string, begun bool, cause error) error {
	e := &RoleChangeError{Begun: begun, Cause: cause}
	for _, id := range members {
		i, err := c.Instance(ctx, id)
		if errors.Is(err, openstack.ErrNotFound) {
			continue
		}
		if err != nil {
			return errors.Join(cause, err)
		}
		sources, replicas, err := c.Replication(ctx, i)
		if err != nil {
			return errors.Join(cause, err)
		}
		m := MemberState{ID: i.ID, Name: i.Name, State: i.Condition()}
		switch {
		case len(sources) > 0:
			m.Role, m.Source = RoleReplica, strings.Join(sources, " and ")
		case len(replicas) > 0:
			m.Role = RoleSource
		}
		e.Members = append(e.Members, m)
	}
	return e
}
