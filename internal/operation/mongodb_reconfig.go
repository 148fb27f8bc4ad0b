package operation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/coalesce"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Reconfigure sets members of a replica set to the wanted settings, together with what other resources submit at about the same time: one
// call for all, which succeeds or fails as a whole. again reports that this process has sent a change to the set before, so that the two
// were not sent as one.
//
// A change joins the others before anything is sent to the server, so that no member is left out because its own read is slow or fails.
func (c *Client) Reconfigure(ctx context.Context, set string, wanted map[string]topology.MemberSettings) (again bool, err error) {
	if len(wanted) == 0 {
		return false, nil
	}
	key := c.Key(topology.Topology{MongoDB: &topology.MongoDB{ReplSet: set}}.Cluster())
	looked := make(chan struct{})
	learning, stop := context.WithCancel(ctx)
	defer func() {
		stop()
		<-looked
	}()
	go func() {
		defer close(looked)
		c.learnMembers(learning, key, wanted)
	}()
	outcome, err := c.clients.reconfig.Submit(ctx, key, wanted)
	return outcome.Result > 1, err
}

// learnMembers records the members of the set, so that the wait ends when all have submitted their changes. If they cannot be read, the
// wait lasts for the whole window.
func (c *Client) learnMembers(ctx context.Context, key cluster.Key, wanted map[string]topology.MemberSettings) {
	for _, id := range slices.Sorted(maps.Keys(wanted)) {
		view, err := c.Topology(ctx, id)
		if err != nil {
			continue
		}
		var members []string
		for _, m := range view.Members {
			if m.MongoDB != nil { // arbiters too: their hostname may change in the same round
				members = append(members, m.ID)
			}
		}
		c.Registry().SetMembers(key, members)
		c.clients.reconfig.Reconsider(key)
		return
	}
}

// reconfigOptions says how changes are collected and sent. A round's result is the number of calls sent for the set so far, 0 if this
// round had nothing to send.
func (a *clients) reconfigOptions() coalesce.Options[cluster.Key, string, topology.MemberSettings, int] {
	return coalesce.Options[cluster.Key, string, topology.MemberSettings, int]{
		Window: a.options.ReconfigWindow,
		Merge:  topology.MemberSettings.Merge,
		Complete: func(key cluster.Key, merged map[string]topology.MemberSettings) bool {
			return a.registry.AllAmong(key, func(id string) bool {
				_, submitted := merged[id]
				return submitted
			})
		},
		Send: func(ctx context.Context, key cluster.Key, merged map[string]topology.MemberSettings) (int, error) {
			client := a.at(key.Session)
			if client == nil {
				return 0, fmt.Errorf("no client of %s", key.Session)
			}
			sent, err := client.reconfigure(ctx, key, merged)
			if !sent {
				return 0, err
			}
			return a.registry.Reconfigured(key), err
		},
	}
}

// at returns the client of an endpoint.
func (a *clients) at(session string) *Client {
	a.mu.Lock()
	defer a.mu.Unlock()
	if c := a.byEndpoint[session]; c != nil {
		return c
	}
	return a.first
}

// reconfigure sets several members of one MongoDB replica set to the wanted settings in one reconfiguration, all or none, and waits for
// the members to be ready again. It reports whether anything was sent: nothing is sent if nothing differs.
//
// It is sent once. If the answer is lost, the set is read to see whether it took effect; only if it surely did not is it sent again, once,
// since every reconfiguration may cause an election. Canceling ctx does not abort a request in flight. It takes turns with other changes
// of the set.
func (c *Client) reconfigure(ctx context.Context, key cluster.Key, wanted map[string]topology.MemberSettings) (sent bool, err error) {
	ids := slices.Sorted(maps.Keys(wanted))
	if len(ids) == 0 {
		return false, nil
	}
	unlock, err := c.Registry().LockCluster(ctx, key)
	if err != nil {
		return false, err
	}
	defer unlock()
	var (
		changes []topology.MemberUpdate
		known   bool
		lost    error // why the outcome of the last request is unknown
	)
	return c.run(ctx, attempt{
		done: func(ctx context.Context, _ bool) (bool, error) {
			changes, known, err = c.settledDifference(ctx, key, ids, wanted)
			switch {
			case err != nil && lost != nil:
				return false, fmt.Errorf("%w, and then the provider could not determine whether the settings have changed: %w", lost, err)
			case err != nil || len(changes) == 0:
				return true, err
			case lost != nil && !known:
				return false, fmt.Errorf("%w: the answer was lost and this server does not show the settings, so it is not known whether they changed", lost)
			}
			return false, nil
		},
		send: func(ctx context.Context) error {
			return c.submit(ctx, ids[0], topology.UpdateMembers{Members: changes})
		},
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			if !errors.Is(refusal, openstack.ErrNotReady) {
				return usual, refusal
			}
			return usual, joined(refusal, c.waitChanges(ctx, ids[0]))
		},
		settle: func(ctx context.Context, unknown error) error {
			lost = unknown
			return c.waitAllReady(ctx, ids)
		},
	})
}

// settledDifference is difference once the members are ready: a change that was under way, for instance one whose caller gave up, may have
// made the wanted settings.
func (c *Client) settledDifference(ctx context.Context, key cluster.Key, ids []string, wanted map[string]topology.MemberSettings) (changes []topology.MemberUpdate, known bool, err error) {
	if changes, known, err = c.difference(ctx, key, ids, wanted); err != nil || len(changes) == 0 {
		return changes, known, err
	}
	if err := c.waitAllReady(ctx, ids); err != nil {
		return nil, false, err
	}
	return c.difference(ctx, key, ids, wanted)
}

// difference returns the changes to send, sorted by id. known reports that the server shows all of these settings, which the contract
// leaves open: then equal settings are not sent.
func (c *Client) difference(ctx context.Context, key cluster.Key, ids []string, wanted map[string]topology.MemberSettings) (changes []topology.MemberUpdate, known bool, err error) {
	view, err := c.Topology(ctx, ids[0])
	if err != nil {
		return nil, false, err
	}
	known = true
	for _, id := range ids {
		m, ok := view.Find(id)
		if !ok || m.MongoDB == nil || m.MongoDB.ReplSet != key.Name {
			return nil, false, fmt.Errorf("instance %s is not a member of replica set %s", id, key.Name)
		}
		if hostname := (topology.MemberSettings{Hostname: wanted[id].Hostname}); m.MongoDB.IsArbiter() && wanted[id] != hostname {
			return nil, false, fmt.Errorf("instance %s is an arbiter of replica set %s: it has no settings to change", id, key.Name)
		}
		if d := m.MongoDB.Difference(wanted[id]); !d.Empty() {
			changes = append(changes, topology.MemberUpdate{ID: id, MemberSettings: d})
			known = known && m.MongoDB.Shows(d)
		}
	}
	return changes, known, nil
}

func (c *Client) waitAllReady(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if _, err := c.WaitReady(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// ReplicaSet returns the members of the replica set of that name by id, read through the first of these instances that is a member. It is
// empty if none is.
func (c *Client) ReplicaSet(ctx context.Context, set string, via []string) (map[string]topology.MongoDB, error) {
	members := map[string]topology.MongoDB{}
	for _, id := range via {
		view, err := c.Topology(ctx, id)
		if errors.Is(err, openstack.ErrNotFound) {
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
