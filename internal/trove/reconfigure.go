package trove

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Reconfigure gives several members of one MongoDB replica set the wanted settings in one reconfiguration, all or none,
// and waits for the members to be ready again. It says whether anything was sent: nothing is where nothing differs.
//
// It is sent once. Where the answer is lost, one more look tells whether it has landed; only where it has surely not is it
// sent again, once, since every reconfiguration may cost an election. What is on the wire is not torn by cancelling ctx.
// It takes turns with other changes of the set.
func (c *Client) Reconfigure(ctx context.Context, wanted map[string]topology.MemberSettings) (sent bool, err error) {
	ids := slices.Sorted(maps.Keys(wanted))
	if len(ids) == 0 {
		return false, nil
	}
	view, err := c.Topology(ctx, ids[0])
	if err != nil {
		return false, err
	}
	m, _ := view.Find(ids[0])
	done, err := c.turn(ctx, m.Cluster())
	if err != nil {
		return false, err
	}
	defer done()
	return c.reconfigure(ctx, ids, wanted)
}

// reconfigure is Reconfigure when it is its turn.
func (c *Client) reconfigure(ctx context.Context, ids []string, wanted map[string]topology.MemberSettings) (sent bool, err error) {
	var lost error // why it is not known whether the last request has landed
	for attempts, refused := 0, 0; ; {
		changes, known, err := c.settled(ctx, ids, wanted)
		switch {
		case err != nil && lost != nil:
			return true, fmt.Errorf("%w, and then it could not be found out whether the settings have changed: %w", lost, err)
		case err != nil || len(changes) == 0:
			return sent, err
		case lost != nil && !known:
			return true, fmt.Errorf("%w: the answer was lost and this server does not show the settings, so it is not known whether they changed", lost)
		case attempts == 2:
			return true, lost
		}
		err = c.submit(ctx, ids[0], topology.UpdateMembers{Members: changes})
		switch {
		case errors.Is(err, ErrNotReady) && refused < refusedWhileReady:
			refused++
			if waitErr := c.waitChanges(ctx, ids[0]); waitErr != nil {
				return sent, errors.Join(err, waitErr)
			}
			continue
		case err != nil && !OutcomeUnknown(err):
			return sent, err
		}
		attempts, lost, sent = attempts+1, err, true
		if err := c.waitMembers(ctx, ids); err != nil || lost == nil {
			return true, err
		}
	}
}

// settled is difference when the members are ready: a change that was under way, such as one whose caller gave up, may have
// brought what is wanted.
func (c *Client) settled(ctx context.Context, ids []string, wanted map[string]topology.MemberSettings) (changes []topology.MemberUpdate, known bool, err error) {
	if changes, known, err = c.difference(ctx, ids, wanted); err != nil || len(changes) == 0 {
		return changes, known, err
	}
	if err := c.waitMembers(ctx, ids); err != nil {
		return nil, false, err
	}
	return c.difference(ctx, ids, wanted)
}

// submit is Act that is not torn by cancelling ctx.
func (c *Client) submit(ctx context.Context, via string, action topology.Action) error {
	wire, done := outlive(ctx, c.requestTimeout())
	defer done()
	return c.Act(wire, via, action)
}

// difference is what has to be sent, in the order of ids. known says that the server shows all of it, the contract leaves
// that open: then what is equal is not sent.
func (c *Client) difference(ctx context.Context, ids []string, wanted map[string]topology.MemberSettings) (changes []topology.MemberUpdate, known bool, err error) {
	view, err := c.Topology(ctx, ids[0])
	if err != nil {
		return nil, false, err
	}
	known = true
	for _, id := range ids {
		m, ok := view.Find(id)
		if !ok || m.MongoDB == nil {
			return nil, false, fmt.Errorf("instance %s is no member of the replica set that instance %s belongs to", id, ids[0])
		}
		if d := m.MongoDB.Difference(wanted[id]); !d.Empty() {
			changes = append(changes, topology.MemberUpdate{ID: id, MemberSettings: d})
			known = known && m.MongoDB.Shows(d)
		}
	}
	return changes, known, nil
}

func (c *Client) waitMembers(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if _, err := c.WaitReady(ctx, id); err != nil {
			return err
		}
	}
	return nil
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
