package trove

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Reconfigure gives several members of one MongoDB replica set the wanted settings in one reconfiguration, all or none,
// and waits for the members to be ready again. It says whether anything was sent: nothing is where nothing differs.
//
// It is sent once. Where the answer is lost, one more look tells whether it has landed; only where it has surely not is it
// sent again, since every reconfiguration may cost an election. What is on the wire is not torn by cancelling ctx.
func (c *Client) Reconfigure(ctx context.Context, wanted map[string]topology.MemberSettings) (sent bool, err error) {
	ids := slices.Sorted(maps.Keys(wanted))
	if len(ids) == 0 {
		return false, nil
	}
	for attempt := 1; ; attempt++ {
		changes, err := c.difference(ctx, ids, wanted)
		if err != nil || len(changes) == 0 {
			return sent, err
		}
		if attempt > 2 {
			return sent, fmt.Errorf("update_members of %s: the server accepted the changes, but does not show them", strings.Join(ids, ", "))
		}
		var lost bool
		err = c.whenIdle(ctx, func() error { return c.waitMembers(ctx, ids) }, func() error {
			wire, done := outlive(ctx, c.requestTimeout())
			defer done()
			err := c.Act(wire, ids[0], topology.UpdateMembers{Members: changes})
			lost = OutcomeUnknown(err)
			return err
		})
		if err != nil && !lost {
			return sent, err
		}
		sent = true
		if waitErr := c.waitMembers(ctx, ids); waitErr != nil {
			return true, waitErr
		}
		if lost && !c.shows(ctx, ids[0]) {
			return true, fmt.Errorf("%w: the answer was lost and this server does not show the settings, so it is not known whether they changed", err)
		}
		if !lost {
			return true, nil
		}
	}
}

// difference is what has to be sent, in the order of ids.
func (c *Client) difference(ctx context.Context, ids []string, wanted map[string]topology.MemberSettings) ([]topology.MemberUpdate, error) {
	view, err := c.Topology(ctx, ids[0])
	if err != nil {
		return nil, err
	}
	var changes []topology.MemberUpdate
	for _, id := range ids {
		m, ok := view.Find(id)
		if !ok || m.MongoDB == nil {
			return nil, fmt.Errorf("instance %s is no member of the replica set that instance %s belongs to", id, ids[0])
		}
		if d := m.MongoDB.Difference(wanted[id]); !d.Empty() {
			changes = append(changes, topology.MemberUpdate{ID: id, MemberSettings: d})
		}
	}
	return changes, nil
}

func (c *Client) waitMembers(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if _, err := c.WaitReady(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// shows says whether the server shows members' settings at all; the contract leaves it open.
func (c *Client) shows(ctx context.Context, id string) bool {
	view, err := c.Topology(ctx, id)
	if err != nil {
		return false
	}
	m, _ := view.Find(id)
	return m.MongoDB != nil && m.MongoDB.Votes != nil
}

// ReplicaSet shows the members of the replica set of that name by id, asked through the first of these instances that is
// one of them. It is empty where none is.
func (c *Client) ReplicaSet(ctx context.Context, set string, via []string) (map[string]topology.MongoDB, error) {
	members := map[string]topology.MongoDB{}
	for _, id := range via {
		view, err := c.Topology(ctx, id)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if m, ok := view.Find(id); !ok || m.MongoDB == nil || m.MongoDB.ReplSet != set {
			continue
		}
		for _, m := range view.Members {
			if m.MongoDB != nil {
				members[m.ID] = *m.MongoDB
			}
		}
		return members, nil
	}
	return members, nil
}
