package redis

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// slots is how many hash slots a Redis Cluster has.
const slots = 16384

// clusters changes the clusters to the wanted state, and removes nodes that should be in none. It returns errors by id.
func (e *Engine) clusters(ctx context.Context, wanted []engine.Server, all map[string]*server) map[string]error {
	errs := map[string]error{}
	byName := map[string][]engine.Server{}
	for _, w := range wanted {
		if w.Cluster != "" && all[w.ID] != nil {
			byName[w.Cluster] = append(byName[w.Cluster], w)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		members := byName[name]
		c := cluster{engine: e, name: name}
		for _, w := range members {
			c.add(all[w.ID], w)
		}
		if err := c.realize(ctx); err != nil {
			for _, w := range members {
				errs[w.ID] = fmt.Errorf("cluster %s: %w", name, err)
			}
		}
	}
	return errs
}

// cluster is the wanted state of a Redis Cluster.
type cluster struct {
	engine *Engine
	name   string
	nodes  []*server         // masters first
	master map[string]string // the master of each replica, by instance ids
}

func (c *cluster) add(s *server, w engine.Server) {
	if c.master == nil {
		c.master = map[string]string{}
	}
	if len(w.Sources) > 0 {
		c.master[s.want.ID] = w.Sources[0]
		c.nodes = append(c.nodes, s)
		return
	}
	at := 0
	for at < len(c.nodes) && c.master[c.nodes[at].want.ID] == "" {
		at++
	}
	c.nodes = slices.Insert(c.nodes, at, s)
}

// masters returns the nodes that should hold slots.
func (c *cluster) masters() []*server {
	return slices.DeleteFunc(slices.Clone(c.nodes), func(s *server) bool { return c.master[s.want.ID] != "" })
}

// realize takes the steps in an order in which every key can be read at all times: nodes are added before slots move to them, roles change
// before slots move, and slots move before a node is forgotten.
func (c *cluster) realize(ctx context.Context) error {
	var live []*server
	for _, s := range c.nodes {
		if !s.Alive() {
			continue
		}
		id, err := s.client.Do(ctx, "CLUSTER", "MYID").Text()
		switch {
		case err == nil:
			c.engine.setNode(s, id)
			live = append(live, s)
		case !s.Ended(ctx):
			return err
		}
	}
	if len(live) == 0 {
		return errors.New("none of its nodes runs")
	}
	if err := c.meet(ctx, live); err != nil {
		return err
	}
	if err := c.roles(ctx, live); err != nil {
		return err
	}
	leaving, err := c.leaving(ctx, live)
	if err != nil {
		return err
	}
	if err := c.balance(ctx, live, leaving); err != nil {
		return err
	}
	if err := c.forget(ctx, live); err != nil {
		return err
	}
	return c.agreed(ctx, live)
}

// meet introduces all nodes to each other.
func (c *cluster) meet(ctx context.Context, live []*server) error {
	first := live[0]
	for _, s := range live[1:] {
		known, err := view(ctx, first)
		if err != nil {
			return err
		}
		if _, knows := known[s.node]; !knows {
			if err := first.client.ClusterMeet(ctx, s.At.Addr().String(), strconv.Itoa(int(s.At.Port()))).Err(); err != nil {
				return err
			}
		}
	}
	return first.Process().Until(ctx, "waiting for the nodes to know each other", func(ctx context.Context) error {
		for _, s := range live {
			known, err := view(ctx, s)
			if err != nil {
				return err
			}
			for _, other := range live {
				n, knows := known[other.node]
				if !knows || n.has("handshake") || n.link != "connected" && other != s {
					return fmt.Errorf("node %s does not know %s yet", s.want.Name, other.want.Name)
				}
			}
		}
		return nil
	})
}

// roles makes masters and replicas. A master exchanges roles with its replica by a failover, which loses no write.
func (c *cluster) roles(ctx context.Context, live []*server) error {
	for _, s := range c.masters() {
		if !slices.Contains(live, s) {
			continue
		}
		known, err := view(ctx, s)
		if err != nil {
			return err
		}
		old, replicates := known[known[s.node].master]
		if !replicates {
			continue
		}
		mode := []any{"CLUSTER", "FAILOVER"}
		if runs := slices.ContainsFunc(live, func(o *server) bool { return o.node == old.id }); !runs || old.has("fail") {
			mode = append(mode, "TAKEOVER")
		}
		if err := s.client.Do(ctx, mode...).Err(); err != nil {
			return err
		}
		err = s.Process().Until(ctx, "waiting for the replica to take over", func(ctx context.Context) error {
			known, err := view(ctx, s)
			if err == nil && known[s.node].master != "" {
				err = fmt.Errorf("node %s is still a replica", s.want.Name)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for _, s := range live {
		master := c.find(c.master[s.want.ID])
		if master == nil || !slices.Contains(live, master) {
			continue
		}
		err := s.Process().Until(ctx, "waiting for the replica to follow its master", func(ctx context.Context) error {
			known, err := view(ctx, s)
			if err != nil {
				return err
			}
			if known[s.node].master != master.node {
				if err := s.client.ClusterReplicate(ctx, master.node).Err(); err != nil {
					return err
				}
			}
			info, err := replication(ctx, s.client)
			if err == nil && info["master_link_status"] != "up" {
				err = fmt.Errorf("the link of %s is %s", s.want.Name, info["master_link_status"])
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) find(id string) *server {
	for _, s := range c.nodes {
		if s.want.ID == id {
			return s
		}
	}
	return nil
}

// leaving returns running nodes of the cluster that should no longer be in it.
func (c *cluster) leaving(ctx context.Context, live []*server) ([]*server, error) {
	known, err := view(ctx, live[0])
	if err != nil {
		return nil, err
	}
	var leaving []*server
	for _, s := range c.engine.All() {
		if _, in := known[c.engine.nodeOf(s)]; in && c.find(s.want.ID) == nil && s.Alive() {
			leaving = append(leaving, s)
		}
	}
	return leaving, nil
}

// forget makes all nodes forget those that should not be in the cluster.
func (c *cluster) forget(ctx context.Context, live []*server) error {
	for _, s := range live {
		known, err := view(ctx, s)
		if err != nil {
			return err
		}
		for id := range known {
			if slices.ContainsFunc(c.nodes, func(o *server) bool { return o.node == id }) {
				continue
			}
			if err := s.client.ClusterForget(ctx, id).Err(); err != nil && !strings.Contains(err.Error(), "Unknown node") && !strings.Contains(err.Error(), "my master") {
				return err
			}
		}
	}
	return nil
}

// agreed waits until all nodes report that the cluster is healthy.
func (c *cluster) agreed(ctx context.Context, live []*server) error {
	if len(live) < len(c.nodes) {
		return nil // it may stay unhealthy with nodes that have ended
	}
	return live[0].Process().Until(ctx, "waiting for the cluster to be well", func(ctx context.Context) error {
		for _, s := range live {
			info, err := s.client.ClusterInfo(ctx).Result()
			if err != nil {
				return err
			}
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, fmt.Sprintf("cluster_slots_assigned:%d", slots)) {
				return fmt.Errorf("node %s says: %s", s.want.Name, strings.Join(strings.Fields(info), " "))
			}
		}
		return nil
	})
}

// node is a node as another one sees it.
type node struct {
	id, link string
	master   string // its id, "" for a master
	flags    []string
	slots    []int
}

func (n node) has(flag string) bool { return slices.Contains(n.flags, flag) }

// view returns the cluster as a node sees it, by the nodes' ids.
func view(ctx context.Context, s *server) (map[string]node, error) {
	text, err := s.client.ClusterNodes(ctx).Result()
	if err != nil {
		return nil, err
	}
	nodes := map[string]node{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 8 {
			continue
		}
		n := node{id: f[0], flags: strings.Split(f[2], ","), link: f[7]}
		if f[3] != "-" {
			n.master = f[3]
		}
		for _, of := range f[8:] {
			if strings.HasPrefix(of, "[") { // it is being moved
				continue
			}
			from, to, isRange := strings.Cut(of, "-")
			if !isRange {
				to = from
			}
			first, err := strconv.Atoi(from)
			if err != nil {
				return nil, err
			}
			last, err := strconv.Atoi(to)
			if err != nil {
				return nil, err
			}
			for slot := first; slot <= last; slot++ {
				n.slots = append(n.slots, slot)
			}
		}
		nodes[n.id] = n
	}
	return nodes, nil
}
