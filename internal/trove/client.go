package trove

import (
	"context"
	"crypto/tls"
	"fmt"
	"sync"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// Defaults of Options.
const (
	DefaultMaxRetries     = 4
	DefaultRequestTimeout = time.Minute
)

// TopologyMode says whether to count on the server's topology calls.
type TopologyMode string

// The modes: ask the server on first need, take it for granted, or never use the calls.
const (
	TopologyAuto   TopologyMode = "auto"
	TopologyAlways TopologyMode = "always"
	TopologyNever  TopologyMode = "never"
)

// Options say how to reach a cloud. Only Auth is needed.
type Options struct {
	// Auth names the identity service and the credentials. Re-authentication is the client's own work: AllowReauth is
	// ignored.
	Auth gophercloud.AuthOptions
	// Region picks the endpoint in the catalog; "" takes the first one.
	Region string
	// Availability is the kind of endpoint: public (the default), internal or admin.
	Availability gophercloud.Availability
	// EndpointOverride is used in place of the catalog's endpoint. %(project_id)s in it stands for the project's id.
	EndpointOverride string
	// TLS is the configuration of connections; nil is Go's default.
	TLS *tls.Config
	// MaxRetries is how often a request that is safe to repeat is sent again; 0 is never.
	MaxRetries int
	// RequestTimeout bounds each attempt of a request, with the reading of its answer. 0 is DefaultRequestTimeout.
	RequestTimeout time.Duration
	// UserAgent stands before gophercloud's own.
	UserAgent string
	// TopologyAPI is TopologyAuto unless set.
	TopologyAPI TopologyMode
	// Clock is the time that waiting goes by; nil is the machine's.
	Clock Clock
	// From tells where a setting comes from, such as "the environment", for messages; by the names that the provider block
	// has. It may be nil.
	From map[string]string
	// Log receives one line for each attempt of a request, never with a secret. It may be nil.
	Log func(ctx context.Context, msg string, fields map[string]any)
}

// Client speaks to the Trove of one region. It is safe for concurrent use, and is to be shared: it remembers what it
// has found out about the server and which instances it has made.
type Client struct {
	db      *gophercloud.ServiceClient
	session *session
	region  string
	clock   Clock

	locks    keyLock          // creations by name and by source take turns
	claims   sync.Map         // ids of instances made by this process
	probe    remembered[bool] // whether the server has the topology calls
	offers   catalogue        // flavors and datastores
	founders founders         // which clusters exist or are being founded
	leaving  leavers          // who is about to be deleted, by cluster
}

// Connect prepares a client. It does no network: the first request authenticates, so that a client which is never used
// costs nothing. Errors are those of options that no server is needed to refuse.
//
// Where authentication fails, each use returns an error that holds a *ConnectError and matches ErrUnauthenticated where
// the credentials were refused.
func Connect(_ context.Context, opts Options) (*Client, error) {
	if opts.RequestTimeout == 0 {
		opts.RequestTimeout = DefaultRequestTimeout
	}
	if opts.Availability == "" {
		opts.Availability = gophercloud.AvailabilityPublic
	}
	if opts.TopologyAPI == "" {
		opts.TopologyAPI = TopologyAuto
	}
	if opts.Clock == nil {
		opts.Clock = SystemClock{}
	}
	s, err := newSession(opts)
	if err != nil {
		return nil, err
	}
	return s.client(opts.Region), nil
}

// Unusable returns a client whose every request fails with err. It stands in where the options are not known yet, as
// at plan time.
func Unusable(err error) *Client {
	s := &session{opts: Options{Clock: SystemClock{}, RequestTimeout: DefaultRequestTimeout, TopologyAPI: TopologyAuto}, unusable: err}
	return s.client("")
}

// InRegion returns the client of another region of the same catalog, with the same authentication; "" and the own region
// are the client itself, and so is any where an endpoint is given for a region without a name. It is one client for each region. Whether the region exists shows with the first request.
func (c *Client) InRegion(region string) (*Client, error) {
	if region == "" || region == c.region {
		return c, nil
	}
	if c.session.opts.EndpointOverride != "" {
		if c.region == "" {
			return c, nil // nothing says that the endpoint is another region's
		}
		return nil, &ConnectError{
			Stage:   StageConfiguration,
			Problem: fmt.Sprintf("endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) is the endpoint of one region, and region %s is another", region),
			Hint:    "Configure a second provider block for that region, or leave the override out",
		}
	}
	return c.session.client(region), nil
}

// Region is the region that was asked for; "" takes the catalog's first endpoint.
func (c *Client) Region() string { return c.region }

// topologyMode is the provider's setting.
func (c *Client) topologyMode() TopologyMode { return c.session.opts.TopologyAPI }

// requestTimeout bounds one attempt of a request.
func (c *Client) requestTimeout() time.Duration { return c.session.opts.RequestTimeout }
