package trove

import (
	"context"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// TopologyMode says whether to count on the server's topology calls.
type TopologyMode string

// The modes: ask the server on first need, take it for granted, or never use the calls.
const (
	TopologyAuto   TopologyMode = "auto"
	TopologyAlways TopologyMode = "always"
	TopologyNever  TopologyMode = "never"
)

// Client speaks to the Trove of one endpoint: a method is one request, or one list through its pages. It is safe for concurrent use,
// and is to be shared, since it asks only once what does not change: flavors, datastores, whether there are topology calls.
type Client struct {
	endpoint *openstack.Endpoint
	mode     TopologyMode

	topologyAPI cached[bool]
	flavors     cached[[]Flavor]
	datastores  cached[[]OfferedDatastore]
	parameters  cachedByID[[]Parameter]
	changes     atomic.Int64
}

// New makes a client of an endpoint. mode "" is TopologyAuto.
func New(endpoint *openstack.Endpoint, mode TopologyMode) *Client {
	if mode == "" {
		mode = TopologyAuto
	}
	return &Client{endpoint: endpoint, mode: mode}
}

// get reads one JSON document below the endpoint. check says whether it is of what was asked; it may be nil.
func get[T any](ctx context.Context, c *Client, op string, check func(T) error, path ...string) (T, error) {
	answer, err := openstack.Send(ctx, c.endpoint, openstack.Request[T]{Op: op, Method: http.MethodGet, Path: path, Check: check})
	return answer.Value, err
}

// list reads a list through its pages, with the server's time of day, which is zero if it does not tell.
func list[T any](ctx context.Context, c *Client, op, key string, query url.Values, path ...string) ([]T, time.Time, error) {
	return openstack.List[T](ctx, c.endpoint, op, key, query, path...)
}

// pageSize asks for large pages; the server makes them as small as it is set up to, of 20 by default.
func pageSize() url.Values { return url.Values{"limit": {"1000"}} }

// Changes grows with each request that may change something, before it is sent and when it has been answered: what was read at another
// number may be out of date.
func (c *Client) Changes() int64 { return c.changes.Load() }

// changing counts a request that may change something. It returns what is to be called when it has been answered.
func (c *Client) changing() (done func()) {
	c.changes.Add(1)
	return func() { c.changes.Add(1) }
}

// send sends a request of which only the status counts.
func (c *Client) send(ctx context.Context, op, method string, body any, path ...string) error {
	defer c.changing()()
	_, err := openstack.Send(ctx, c.endpoint, openstack.Request[openstack.Empty]{Op: op, Method: method, Path: path, Body: body})
	return err
}

// post sends a creation and reads what it answers. check must want an id: an answer without one is as good as none.
func post[T any](ctx context.Context, c *Client, op string, body any, check func(T) error, path ...string) (T, error) {
	defer c.changing()()
	answer, err := openstack.Send(ctx, c.endpoint, openstack.Request[T]{Op: op, Method: http.MethodPost, Path: path, Body: body, Check: check})
	return answer.Value, err
}
