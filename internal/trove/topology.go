package trove

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/google/uuid"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// ErrUnlisted says that a server showed a topology that does not list the instance asked for. Such an answer proves nothing: neither that
// the instance is in no topology, nor that it has left one.
var ErrUnlisted = errors.New("it does not list the instance that was asked for")

// ErrNoMembers is the ErrUnlisted for a topology without members.
var ErrNoMembers = fmt.Errorf("it lists no members: %w", ErrUnlisted)

// Topology returns the topology that the instance belongs to, whichever member it is (topology API, section 1). If an answer does not list
// that instance, it asks again, and then returns an error that matches ErrUnlisted.
func (c *Client) Topology(ctx context.Context, id string) (topology.View, error) {
	type envelope struct {
		Topology *topology.View `json:"topology"`
	}
	body, err := get(ctx, c, "read the topology of instance "+id, func(e envelope) error {
		if e.Topology == nil {
			return errors.New("it holds no topology")
		}
		_, listed := e.Topology.Find(id)
		switch {
		case listed:
			return nil
		case e.Topology.Members != nil && len(e.Topology.Members) == 0:
			return ErrNoMembers
		}
		return ErrUnlisted
	}, "instances", id, "topology")
	if err != nil {
		return topology.View{}, err
	}
	c.topologyAPI.learn(true)
	view := *body.Topology
	for n, m := range view.Members {
		view.Members[n].Topology = m.WithLocalIDs()
	}
	return view, nil
}

// Act sends one topology action through a member of the topology. It is sent once; the work continues in the background.
func (c *Client) Act(ctx context.Context, id string, action topology.Action) error {
	return c.act(ctx, id, topology.OperationName(action), topology.EncodeAction(action))
}

func (c *Client) act(ctx context.Context, id, name string, body map[string]any) error {
	return c.send(ctx, fmt.Sprintf("%s through instance %s", name, id), http.MethodPost, body, "instances", id, "topology", "action")
}

// Unsupported reports whether a server that refused an action does not offer it at all: it then answers a nonexistent action in the same
// way. It costs a request.
func (c *Client) Unsupported(ctx context.Context, id string, action topology.Action, refusal error) bool {
	var answer *openstack.Error
	if !errors.As(refusal, &answer) || answer.Code != http.StatusBadRequest && answer.Code != http.StatusNotFound && answer.Code != http.StatusNotImplemented {
		return false
	}
	ns, name := action.Operation()
	// Letters only, as in names of actions: digits might be refused for themselves.
	nonsense := "no_such_action_" + strings.Map(func(r rune) rune { return 'a' + r%26 }, rand.Text())
	body := map[string]any{string(ns): map[string]any{nonsense: map[string]any{}}}
	var other *openstack.Error
	if !errors.As(c.act(ctx, id, string(ns)+"."+nonsense, body), &other) {
		return false
	}
	// The server may quote what it does not know: the name, or the whole body.
	quoted, err := json.Marshal(action)
	if err != nil {
		return false
	}
	neutral := func(e *openstack.Error, name string) routeAnswer {
		message := strings.NewReplacer(name, "", string(quoted), "", id, "").Replace(e.Message)
		return routeAnswer{code: e.Code, fault: e.Fault, message: message}
	}
	return neutral(answer, name) == neutral(other, nonsense)
}

// ServesTopology reports whether the server has the topology calls: by the client's mode, or by asking once. It compares the answer for
// the topology of an unknown instance with the answer for a nonexistent path: released Trove answers both alike.
func (c *Client) ServesTopology(ctx context.Context) (bool, error) {
	switch c.mode {
	case TopologyAlways:
		return true, nil
	case TopologyNever:
		return false, nil
	case TopologyAuto:
	}
	return c.topologyAPI.get(ctx, func(ctx context.Context) (bool, error) {
		id := uuid.NewString()
		topologyAnswer, err := c.probeRoute(ctx, id, "topology")
		if err != nil {
			return false, err
		}
		nonsenseAnswer, err := c.probeRoute(ctx, id, "no-such-route-"+rand.Text())
		return topologyAnswer != nonsenseAnswer, err
	})
}

// routeAnswer is what distinguishes two refusals.
type routeAnswer struct {
	code    int
	fault   string
	message string
}

func (c *Client) probeRoute(ctx context.Context, id, route string) (routeAnswer, error) {
	_, err := get[json.RawMessage](ctx, c, "find out whether the server has the topology API", nil, "instances", id, route)
	if err == nil {
		return routeAnswer{code: http.StatusOK}, nil
	}
	var answer *openstack.Error
	if !errors.As(err, &answer) || answer.Code != http.StatusNotFound {
		return routeAnswer{}, err // anything but 404 says nothing about the path
	}
	// If the server quotes the path, the answers for any two paths would otherwise differ.
	return routeAnswer{code: answer.Code, fault: answer.Fault, message: strings.ReplaceAll(answer.Message, route, "")}, nil
}
