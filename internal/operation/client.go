package operation

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/coalesce"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// Options configure operations; how the cloud is reached is configured elsewhere.
type Options struct {
	openstack.Options
	// TopologyAPI says whether to use the topology calls; "" is trove.TopologyAuto.
	TopologyAPI trove.TopologyMode
	// ReconfigWindow is how long changes to members of one replica set are collected before they are sent together, and how long a
	// member that is to be deleted waits for the others of its cluster.
	ReconfigWindow time.Duration
	// Journal is the directory in which creations are recorded, so that the next run finds what a killed run left; "" records none.
	Journal string
	// Clock is the clock used for waiting; nil is the machine's.
	Clock clock.Clock
}

// Client performs operations that take several requests to the Trove of one endpoint. It is safe for concurrent use, and must be shared:
// it knows what this process has begun.
type Client struct {
	*trove.Client
	*watch.Watcher

	clients *clients
	clock   clock.Clock

	readTargets readTargets
	limits      plannedLimits
	refresh     *watch.Refresh
	topologies  *watch.Topologies

	mu     sync.Mutex
	region string
	key    string // of the endpoint; "" while it is not known
}

// clients holds the clients of one sign-in: one for each endpoint, however its region is named.
type clients struct {
	session  *openstack.Session
	options  Options
	registry *cluster.Registry
	reconfig *coalesce.Group[cluster.Key, string, topology.MemberSettings, int]

	mu         sync.Mutex
	first      *Client
	byEndpoint map[string]*Client
	journal    *journal
}

// Connect prepares a client of the options' region. It sends nothing: the first request signs in, so that an unused client costs nothing.
// It returns an error only for options that are invalid in themselves.
func Connect(options Options) (*Client, error) {
	session, err := openstack.NewSession(options.Options)
	if err != nil {
		return nil, err
	}
	return newClients(session, options), nil
}

// Unusable returns a client whose every request fails with err. It is used while the options are not known yet, as at plan time.
func Unusable(err error, options Options) *Client {
	return newClients(openstack.Unusable(err), options)
}

func newClients(session *openstack.Session, options Options) *Client {
	if options.Clock == nil {
		options.Clock = clock.System{}
	}
	all := &clients{
		session: session, options: options, registry: &cluster.Registry{Clock: options.Clock}, byEndpoint: map[string]*Client{},
		journal: &journal{dir: options.Journal},
	}
	all.reconfig = coalesce.New(all.reconfigOptions())
	all.first = all.client("")
	all.first.region = session.Region()
	return all.first
}

// client returns a new client of a region.
func (a *clients) client(region string) *Client {
	api := trove.New(a.session.Endpoint(region), a.options.TopologyAPI)
	return &Client{
		Client: api, Watcher: watch.New(api, a.options.Clock), refresh: watch.NewRefresh(api, a.options.Clock),
		topologies: watch.NewTopologies(api, a.options.Clock),
		clients:    a, clock: a.options.Clock, region: region,
	}
}

// InRegion returns the client of a region of the same catalog, with the same sign-in; "" is the provider's own region. There is one client
// for each endpoint, however its region is named, so it reads the catalog. It returns an *openstack.ConnectError if there is no such
// region, or if signing in fails.
func (c *Client) InRegion(ctx context.Context, region string) (*Client, error) {
	a := c.clients
	location, err := a.session.Locate(ctx, region)
	var unreached *openstack.ConnectError
	if errors.As(err, &unreached) && unreached.Stage == openstack.StageUnknown {
		return a.first, nil // each of its requests returns that error
	}
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	known, ok := a.byEndpoint[location.URL]
	if !ok {
		known = a.client(region)
		if region == "" || region == a.session.Region() {
			known = a.first
		}
		known.mu.Lock()
		known.key, known.region = location.URL, location.Region
		known.mu.Unlock()
		a.byEndpoint[location.URL] = known
	}
	return known, nil
}

// Region is the endpoint's own region; until that is known, the one asked for.
func (c *Client) Region() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.region
}

// Project is the project the provider is signed in to.
func (c *Client) Project(ctx context.Context) (openstack.Project, error) {
	return c.clients.session.Project(ctx)
}

// Registry holds what this process knows of the clusters of all endpoints.
func (c *Client) Registry() *cluster.Registry { return c.clients.registry }

// Window is how long to wait for other members of a cluster.
func (c *Client) Window() time.Duration { return c.clients.options.ReconfigWindow }

// Session is the endpoint's name in the registry.
func (c *Client) Session() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.key == "" {
		return "region " + c.region // before the catalog is known: only without InRegion
	}
	return c.key
}

// Key is a cluster's key in the registry, from the name that topology.Topology.Cluster gives it.
func (c *Client) Key(name string) cluster.Key {
	if name == "" {
		return cluster.Key{}
	}
	return cluster.KeyOf(c.Session(), name)
}

// requestTimeout bounds one attempt of a request.
func (c *Client) requestTimeout() time.Duration { return c.clients.session.RequestTimeout() }

// pause waits for a while.
func (c *Client) pause(ctx context.Context, d time.Duration) error {
	return watch.Pause(ctx, c.clock, d)
}

// outlive returns a context that ends some time after ctx does, so that there is time to find what was sent before.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}
