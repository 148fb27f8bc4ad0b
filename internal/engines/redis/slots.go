package redis

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// batch is how many slots are moved at a time.
const batch = 512

// balance gives the masters equal shares of the slots, and moves all slots away from nodes that leave.
func (c *cluster) balance(ctx context.Context, live, leaving []*server) error {
	masters := slices.DeleteFunc(c.masters(), func(s *server) bool { return !slices.Contains(live, s) })
	if len(masters) == 0 {
		return nil
	}
	known, err := view(ctx, masters[0])
	if err != nil {
		return err
	}
	assigned := 0
	for _, n := range known {
		assigned += len(n.slots)
	}
	if assigned == 0 { // it has just been made
		return c.engine.claim(ctx, masters)
	}
	if err := c.agreed(ctx, live); err != nil { // a new node knows nothing about the slots at first, and accepts no keys
		return err
	}
	surplus := []held{}
	missing := map[*server]int{}
	for n, s := range masters {
		share := slots / len(masters)
		if n < slots%len(masters) {
			share++
		}
		has := known[s.node].slots
		switch {
		case len(has) > share:
			for _, slot := range has[share:] {
				surplus = append(surplus, held{slot, s})
			}
		case len(has) < share:
			missing[s] = share - len(has)
		}
	}
	leaving = slices.DeleteFunc(leaving, func(s *server) bool { return known[s.node].master != "" }) // replicas have no slots
	for _, s := range leaving {
		for _, slot := range known[s.node].slots {
			surplus = append(surplus, held{slot, s})
		}
	}
	all := slices.Concat(masters, leaving)
	for _, to := range masters {
		for missing[to] > 0 && len(surplus) > 0 {
			from := surplus[0].by
			n := 0
			for n < len(surplus) && n < batch && n < missing[to] && surplus[n].by == from {
				n++
			}
			moved := make([]int, n)
			for k := range moved {
				moved[k] = surplus[k].slot
			}
			if err := move(ctx, moved, from, to, all); err != nil {
				return fmt.Errorf("moving slots from %s to %s: %w", from.want.Name, to.want.Name, err)
			}
			surplus, missing[to] = surplus[n:], missing[to]-n
		}
	}
	return nil
}

// held is a slot and the node that has it.
type held struct {
	slot int
	by   *server
}

// claim distributes all slots among the masters of a new cluster.
func (e *Engine) claim(ctx context.Context, masters []*server) error {
	first := 0
	for n, s := range masters {
		last := slots*(n+1)/len(masters) - 1
		if err := s.client.ClusterAddSlotsRange(ctx, first, last).Err(); err != nil {
			return err
		}
		first = last + 1
	}
	return nil
}

// move moves slots with their keys. Until all keys are moved, the old owner redirects clients to the new one.
func move(ctx context.Context, moved []int, from, to *server, all []*server) error {
	mark := func(s *server, state, node string) error {
		_, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
			for _, slot := range moved {
				p.Do(ctx, "CLUSTER", "SETSLOT", slot, state, node)
			}
			return nil
		})
		return err
	}
	if err := mark(to, "IMPORTING", from.node); err != nil {
		return err
	}
	if err := mark(from, "MIGRATING", to.node); err != nil {
		return err
	}
	counts := make([]*redis.IntCmd, len(moved))
	_, err := from.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for n, slot := range moved {
			counts[n] = p.ClusterCountKeysInSlot(ctx, slot)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for n, slot := range moved {
		if counts[n].Val() > 0 {
			if err := moveKeys(ctx, slot, from, to); err != nil {
				return err
			}
		}
	}
	// The new owner first, so that there is always one; then the nodes that only redirect clients.
	if err := mark(to, "NODE", to.node); err != nil {
		return err
	}
	for _, s := range all {
		if s != to {
			if err := mark(s, "NODE", to.node); err != nil {
				return err
			}
		}
	}
	return nil
}

// moveKeys moves the keys of a slot.
func moveKeys(ctx context.Context, slot int, from, to *server) error {
	for {
		keys, err := from.client.ClusterGetKeysInSlot(ctx, slot, 100).Result()
		if err != nil || len(keys) == 0 {
			return err
		}
		args := []any{"MIGRATE", to.At.Addr().String(), strconv.Itoa(int(to.At.Port())), "", 0, 5000, "KEYS"}
		for _, key := range keys {
			args = append(args, key)
		}
		if err := from.client.Do(ctx, args...).Err(); err != nil {
			return err
		}
	}
}
