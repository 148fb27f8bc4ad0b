package trove

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// ErrTopologyIgnored says that a server accepted a creation with a topology and made a lone server, as released Trove
// does with keys that it does not know.
var ErrTopologyIgnored = errors.New("the server ignored the topology and made a standalone instance")

// Topology shows the topology that the instance belongs to, whichever member it is.
func (c *Client) Topology(ctx context.Context, id string) (topology.View, error) {
	var body struct {
		Topology topology.View `json:"topology"`
	}
	err := c.get(ctx, "read the topology of instance "+id, &body, "instances", id, "topology")
	return body.Topology, err
}

// Act submits one topology action through a member of the topology. It is sent once; the work goes on in the
// background.
func (c *Client) Act(ctx context.Context, id string, action topology.Action) error {
	resp, err := c.db.Post(ctx, c.db.ServiceURL("instances", id, "topology", "action"), topology.EncodeAction(action), nil,
		&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK, http.StatusAccepted}})
	_, _, err = gophercloud.ParseResponse(resp, err)
	return fault(fmt.Sprintf("%s through instance %s", topology.OperationName(action), id), err)
}

// ServesTopology tells whether the server has the topology calls: by the provider's setting, or by asking once. It
// compares the answer for an unknown instance's topology with the answer on a route that cannot exist: a released Trove
// answers both alike.
func (c *Client) ServesTopology(ctx context.Context) (bool, error) {
	switch c.topologyMode() {
	case TopologyAlways:
		return true, nil
	case TopologyNever:
		return false, nil
	case TopologyAuto:
	}
	return c.probe.get(func() (bool, error) {
		id := uuid.NewString()
		topologyAnswer, err := c.probeRoute(ctx, id, "topology")
		if err != nil {
			return false, err
		}
		nonsenseAnswer, err := c.probeRoute(ctx, id, "no-such-route-"+rand.Text())
		return topologyAnswer != nonsenseAnswer, err
	})
}

// routeAnswer is what tells two refusals apart.
type routeAnswer struct {
	code    int
	fault   string
	message string
}

func (c *Client) probeRoute(ctx context.Context, id, route string) (routeAnswer, error) {
	const op = "find out whether the server has the topology API"
	err := c.get(ctx, op, nil, "instances", id, route)
	if err == nil {
		return routeAnswer{code: http.StatusOK}, nil
	}
	var answer *Error
	if !errors.As(err, &answer) || answer.Code != http.StatusNotFound {
		return routeAnswer{}, err // anything but 404 says nothing about the route
	}
	// A server that quotes the route would otherwise answer any two routes differently.
	return routeAnswer{code: answer.Code, fault: answer.Fault, message: strings.ReplaceAll(answer.Message, route, "")}, nil
}

// SourcesOf tells which instances this one replicates from now, by whichever way the server shows replication. None
// means that it stands alone or is a source. It costs a further request only where the server has the topology calls and
// the instance itself does not show its topology.
func (c *Client) SourcesOf(ctx context.Context, i *Instance) ([]string, topology.Topology, error) {
	if i.ReplicaOf != nil {
		return i.Sources(topology.Topology{}), topology.Topology{}, nil
	}
	block, err := c.Block(ctx, i)
	return i.Sources(block), block, err
}

// Sources are the ids of what the instance replicates from, by what it shows itself or by its part of a topology.
func (i *Instance) Sources(block topology.Topology) []string {
	if i.ReplicaOf != nil {
		return []string{i.ReplicaOf.ID}
	}
	return block.ReplicatesFrom()
}

// Promote makes a replica a standalone, writable instance and waits until it is: by the topology action promote of MySQL or
// slaveof_no_one of Redis, or, on released Trove, by detaching it. A replica that stands alone already is no error.
func (c *Client) Promote(ctx context.Context, id string) (*Instance, error) {
	serves, err := c.ServesTopology(ctx)
	if err != nil {
		return nil, err
	}
	send := func(block topology.Topology) error {
		switch {
		case !serves:
			return c.patch(ctx, "detach instance "+id, id, map[string]any{"replica_of": ""})
		case block.Redis != nil:
			return c.Act(ctx, id, topology.SlaveofNoOne{ID: id})
		}
		return c.Act(ctx, id, topology.Promote{ID: id})
	}
	unseen := func(*Instance) bool { return false } // an instance does not show it everywhere: the loop below looks
	// A lost answer is settled by looking; asking once more is safe, since it is known then that nothing was done.
	var refused, lost error
	for attempt := 1; ; attempt++ {
		i, err := c.Instance(ctx, id)
		if err != nil {
			return nil, err
		}
		sources, block, err := c.SourcesOf(ctx, i)
		switch {
		case err != nil:
			return i, err
		case len(sources) == 0 && (i.Ready() || i.Failed()):
			return i, nil
		case len(sources) == 0:
			return c.WaitSettled(ctx, id)
		case refused != nil:
			return i, refused
		case attempt > 2 && lost != nil:
			return i, lost
		case attempt > 2:
			return i, fmt.Errorf("promote instance %s: the server accepted it, but the instance still replicates", id)
		}
		// A request that was repeated beneath may be refused because it is done: the next look tells.
		var answer *Error
		_, err = c.change(ctx, id, unseen, func() error { return send(block) })
		lost = nil
		switch {
		case err == nil:
		case ctx.Err() != nil:
			return i, err
		case OutcomeUnknown(err):
			lost = err
		case errors.As(err, &answer):
			refused = err
		default:
			return i, err
		}
	}
}

// CheckTopology returns ErrTopologyIgnored where the server did not take over the topology that an instance was created
// with.
func (c *Client) CheckTopology(ctx context.Context, created *Instance, want topology.Topology) error {
	have := created.Topology
	if have == nil {
		i, err := c.Instance(ctx, created.ID)
		if err != nil {
			return err
		}
		have = i.Topology
	}
	if have == nil {
		view, err := c.Topology(ctx, created.ID)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if m, ok := view.Find(created.ID); ok {
			have = &m.Topology
		}
	}
	if have == nil || have.Namespace() != want.Namespace() {
		return ErrTopologyIgnored
	}
	return nil
}

// Replicas lists the instances that replicate from this one.
func (c *Client) Replicas(ctx context.Context, id string) ([]Reference, error) {
	view, err := c.View(ctx, id)
	if err != nil {
		return nil, err
	}
	return replicasIn(view, id), nil
}

// replicasIn lists the members that replicate from one.
func replicasIn(view topology.View, id string) []Reference {
	var replicas []Reference
	for _, m := range view.Members {
		if slices.Contains(m.ReplicatesFrom(), id) {
			replicas = append(replicas, Reference{ID: m.ID, Name: m.Name})
		}
	}
	return replicas
}

// Block is how the instance stands in its topology: empty where it is in none. It costs a further request only where the
// instance itself does not show its topology.
func (c *Client) Block(ctx context.Context, i *Instance) (topology.Topology, error) {
	if i.Topology != nil {
		return *i.Topology, nil
	}
	view, err := c.served(ctx, i.ID)
	if err != nil {
		return topology.Topology{}, err
	}
	m, _ := view.Find(i.ID)
	return m.Topology, nil
}
