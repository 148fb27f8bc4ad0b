package trove

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// TopologyMode says whether to use the server's topology calls.
type TopologyMode string

// The modes: ask the server when first needed, assume that it has the calls, or never use them.
const (
	TopologyAuto   TopologyMode = "auto"
	TopologyAlways TopologyMode = "always"
	TopologyNever  TopologyMode = "never"
)

// Client talks to the Trove of one endpoint: each method sends one request, or reads one list through its pages. It is safe for concurrent
// use and must be shared, since it caches flavors, datastores and whether there are topology calls.
type Client struct {
	endpoint *openstack.Endpoint
	mode     TopologyMode

	topologyAPI cached[bool]
	flavors     cached[[]Flavor]
	datastores  cached[[]OfferedDatastore]
	parameters  cachedByID[[]Parameter]
	changes     atomic.Int64
}

// New returns a client of an endpoint. mode "" is TopologyAuto.
func New(endpoint *openstack.Endpoint, mode TopologyMode) *Client {
	if mode == "" {
		mode = TopologyAuto
	}
	return &Client{endpoint: endpoint, mode: mode}
}

// get reads one JSON document below the endpoint. check reports whether it is what was asked for; it may be nil.
func get[T any](ctx context.Context, c *Client, op string, check func(T) error, path ...string) (T, error) {
	answer, err := openstack.Send(ctx, c.endpoint, openstack.Request[T]{Op: op, Method: http.MethodGet, Path: path, Check: check})
	return answer.Value, err
}

// list reads a list through its pages, with the server's time of day, zero if unknown.
func list[T any](ctx context.Context, c *Client, op, key string, query url.Values, path ...string) ([]T, time.Time, error) {
	return openstack.List[T](ctx, c.endpoint, op, key, query, path...)
}

// pageSize requests large pages; the server reduces them to its own limit, 20 by default.
func pageSize() url.Values { return url.Values{"limit": {"1000"}} }

// Changes increases with each request that may change something, before it is sent and when it is answered: what was read at another value
// may be out of date.
func (c *Client) Changes() int64 { return c.changes.Load() }

// changing counts a request that may change something. It returns the function to call when it is answered.
func (c *Client) changing() (done func()) {
	c.changes.Add(1)
	return func() { c.changes.Add(1) }
}

// send sends a request whose answer has only a status.
func (c *Client) send(ctx context.Context, op, method string, body any, path ...string) error {
	defer c.changing()()
	_, err := openstack.Send(ctx, c.endpoint, openstack.Request[openstack.Empty]{Op: op, Method: method, Path: path, Body: body})
	return err
}

// post sends a creation and reads its answer. check must require an id: an answer without one is useless.
func post[T any](ctx context.Context, c *Client, op string, body any, check func(T) error, path ...string) (T, error) {
	defer c.changing()()
	answer, err := openstack.Send(ctx, c.endpoint, openstack.Request[T]{Op: op, Method: http.MethodPost, Path: path, Body: body, Check: check})
	return answer.Value, err
}
