package trove

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/gophercloud/gophercloud/v2"
)

// catalogue remembers what the server offers. Only answers are remembered, never failures.
type catalogue struct {
	flavors    remembered[[]Flavor]
	datastores remembered[[]OfferedDatastore]
	parameters sync.Map // of *remembered[[]Parameter] by the version's id
}

// remembered is an answer that is asked for once. Those who come while it is being asked for wait for it.
type remembered[T any] struct {
	mu    sync.Mutex
	known bool
	value T
	asked int // how often it was
}

func (r *remembered[T]) get(ask func() (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known {
		return r.value, nil
	}
	value, err := ask()
	if err == nil {
		r.known, r.value = true, value
		r.asked++
	}
	return value, err
}

// times is how often the answer was asked for.
func (r *remembered[T]) times() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

// outdate forgets the answer, unless it has been asked for again since.
func (r *remembered[T]) outdate(asked int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked == asked {
		r.known = false
	}
}

// Flavor is a size that instances come in. gophercloud's own type lacks all but RAM. What the server does not tell is nil.
type Flavor struct {
	ID        string `json:"str_id"`
	Name      string `json:"name"`
	RAM       int64  `json:"ram"` // MB
	VCPUs     *int64 `json:"vcpus"`
	Disk      *int64 `json:"disk"`      // GB
	Ephemeral *int64 `json:"ephemeral"` // GB
}

// Flavors lists the flavors that the server offers; it asks once, and once more where Flavor misses one.
func (c *Client) Flavors(ctx context.Context) ([]Flavor, error) {
	return c.offers.flavors.get(func() ([]Flavor, error) {
		var body struct {
			Flavors []Flavor `json:"flavors"`
		}
		err := c.get(ctx, "list flavors", &body, "flavors")
		return body.Flavors, err
	})
}

// OfferedDatastore is a datastore with its versions. gophercloud's own type lacks the numbers of versions.
type OfferedDatastore struct {
	ID             string           `json:"id"`
	Name           string           `json:"name"`
	DefaultVersion string           `json:"default_version"` // the id, "" where there is none
	Versions       []OfferedVersion `json:"versions"`
}

// OfferedVersion is one version of a datastore.
type OfferedVersion struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Number string `json:"version"` // such as 5.7.29; "" where the server does not tell
}

// Datastores lists the datastores that the server offers, with their versions; it asks once.
func (c *Client) Datastores(ctx context.Context) ([]OfferedDatastore, error) {
	return c.offers.datastores.get(func() ([]OfferedDatastore, error) {
		var body struct {
			Datastores []OfferedDatastore `json:"datastores"`
		}
		err := c.get(ctx, "list datastores", &body, "datastores")
		return body.Datastores, err
	})
}

// UnknownError says that the server does not offer something of that name or id.
type UnknownError struct {
	What    string   // what was asked for, such as "datastore", or "version of mysql"
	Name    string   // as it was asked for
	Offered []string // the names that there are
	IDs     []string // of those
}

func (e *UnknownError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("the server has no %s; it has %s", e.What, strings.Join(e.Offered, ", "))
	}
	return fmt.Sprintf("the server has no %s %q; it has %s", e.What, e.Name, strings.Join(e.Offered, ", "))
}

// OfDatastore says that it is the datastore which is not offered, not its version.
func (e *UnknownError) OfDatastore() bool { return e.What == unknownDatastore }

const unknownDatastore = "datastore"

// DatastoreVersion finds a version by the datastore's name or id and the version's, "" being the datastore's default. It
// returns an *UnknownError where the server has no such datastore or version, and a *SharedNameError where several bear the
// name, as versions with different numbers may.
func (c *Client) DatastoreVersion(ctx context.Context, datastore, version string) (*DatastoreVersion, error) {
	all, err := c.Datastores(ctx)
	if err != nil {
		return nil, err
	}
	d, err := one(unknownDatastore, all, datastore)
	if err != nil {
		return nil, err
	}
	what, wanted := "version of ", version
	if version == "" {
		what, wanted = "default version of ", d.DefaultVersion
	}
	found, err := one(what+d.Name, d.Versions, wanted)
	var unknown *UnknownError
	if errors.As(err, &unknown) {
		unknown.Name = version
	}
	if err != nil {
		return nil, err
	}
	return &DatastoreVersion{
		ID: found.ID, Name: found.Name, Number: found.Number, DatastoreID: d.ID, DatastoreName: d.Name,
		Default: found.ID == d.DefaultVersion || found.Name == d.DefaultVersion, Versions: d.versionNames(),
	}, nil
}

// DatastoreVersion is one version of a datastore.
type DatastoreVersion struct {
	ID, Name, Number           string
	DatastoreID, DatastoreName string
	Default                    bool     // an instance gets it where none is asked for
	Versions                   []string // the names of all versions of the datastore
}

// Spelling is how to ask for the version: by its name, or by its id where another version bears the name as well.
func (v *DatastoreVersion) Spelling() string {
	bearers := 0
	for _, name := range v.Versions {
		if name == v.Name {
			bearers++
		}
	}
	if bearers > 1 {
		return v.ID
	}
	return v.Name
}

func (d OfferedDatastore) versionNames() (names []string) {
	for _, v := range d.Versions {
		names = append(names, v.Name)
	}
	return names
}

// get reads one JSON document below the endpoint.
func (c *Client) get(ctx context.Context, op string, into any, parts ...string) error {
	resp, err := c.db.Get(ctx, c.db.ServiceURL(parts...), into, nil)
	_, _, err = gophercloud.ParseResponse(resp, err)
	return fault(op, err)
}
