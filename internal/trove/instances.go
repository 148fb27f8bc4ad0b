package trove

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Statuses of an instance that the client acts upon; Trove has more (BACKUP, RESIZE, PROMOTE, ...), all of which mean
// that work is going on.
const (
	StatusActive  = "ACTIVE"
	StatusHealthy = "HEALTHY"
	StatusBuild   = "BUILD"
	StatusError   = "ERROR"
	StatusFailed  = "FAILED"
	StatusDeleted = "DELETED"
	// StatusRestartRequired lasts until somebody restarts the instance: its configuration group has settings that take
	// effect only then. Trove attaches and detaches nothing meanwhile, and forgets the status over most other changes.
	StatusRestartRequired = "RESTART_REQUIRED"
)

// Instance is a database instance as the API shows it. gophercloud's own type lacks the fields of replication, access,
// configuration and topology.
type Instance struct {
	ID              string             `json:"id"`
	Name            string             `json:"name"`
	Status          string             `json:"status"`
	OperatingStatus *string            `json:"operating_status"` // nil where the server does not know the field
	Created         Time               `json:"created"`
	Updated         Time               `json:"updated"`
	Region          string             `json:"region"`
	Hostname        string             `json:"hostname"`
	Flavor          Reference          `json:"flavor"`
	Volume          *Volume            `json:"volume"`
	Datastore       Datastore          `json:"datastore"`
	Addresses       []Address          `json:"addresses"`
	Access          *Access            `json:"access"`
	Configuration   *Reference         `json:"configuration"`
	ReplicaOf       *Reference         `json:"replica_of"`
	Replicas        []Reference        `json:"replicas"`
	Fault           *Fault             `json:"fault"`
	Topology        *topology.Topology `json:"topology"`
	Warnings        []string           `json:"warnings"` // only in the answer to a creation
}

// Reference names another object by id.
type Reference struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Volume is an instance's data volume. Size is in GB. Type is sent at creation and never returned.
type Volume struct {
	Size int64  `json:"size"`
	Type string `json:"type,omitempty"`
}

// Datastore is a datastore type and the name of its version.
type Datastore struct {
	Type    string `json:"type,omitempty"`
	Version string `json:"version,omitempty"`
}

// Address is one address of an instance.
type Address struct {
	Address string `json:"address"`
	Type    string `json:"type"`
	Network string `json:"network"`
}

// Access says who may reach an instance. It is sent whole: an omitted list empties it.
type Access struct {
	IsPublic     bool     `json:"is_public"`
	AllowedCIDRs []string `json:"allowed_cidrs"`
}

// equal compares without regard to the order of the networks.
func (a Access) equal(b Access) bool {
	return a.IsPublic == b.IsPublic && slices.Equal(distinct(slices.Clone(a.AllowedCIDRs)), distinct(slices.Clone(b.AllowedCIDRs)))
}

// Network is one network interface at creation; Trove takes one at most. It is never returned.
type Network struct {
	ID        string `json:"net-id,omitempty"`
	SubnetID  string `json:"subnet_id,omitempty"`
	IPAddress string `json:"ip_address,omitempty"`
}

// Fault is the last failure that Trove noted. It outlives recovery: only status ERROR or FAILED means failure.
type Fault struct {
	Message string `json:"message"`
	Created Time   `json:"created"`
}

// Time is a point in time as Trove writes it, in UTC without a zone.
type Time = gophercloud.JSONRFC3339NoZ

// Ready says that the instance serves and no task is running: status ACTIVE or HEALTHY, and operating_status HEALTHY or
// not known to the server (it is empty while a task runs, also where status says ACTIVE).
func (i *Instance) Ready() bool {
	if i.Status != StatusActive && i.Status != StatusHealthy {
		return false
	}
	return i.OperatingStatus == nil || *i.OperatingStatus == StatusHealthy
}

// Failed says that the instance has come to a bad end.
func (i *Instance) Failed() bool { return i.Status == StatusError || i.Status == StatusFailed }

// FaultText is the fault's message, or "" where there is none.
func (i *Instance) FaultText() string {
	if i.Fault == nil {
		return ""
	}
	return i.Fault.Message
}

// RestartRequired says that the instance serves, but waits for a restart before its configuration takes effect.
func (i *Instance) RestartRequired() bool { return i.Status == StatusRestartRequired }

// settled says that nothing more happens to the instance by itself.
func (i *Instance) settled() bool { return i.Ready() || i.Failed() || i.RestartRequired() }

// volumeSize is the size of the data volume in GB, 0 where there is none.
func (i *Instance) volumeSize() int64 {
	if i.Volume == nil {
		return 0
	}
	return i.Volume.Size
}

// group is the id of the configuration group that is attached, "" where there is none.
func (i *Instance) group() string {
	if i.Configuration == nil {
		return ""
	}
	return i.Configuration.ID
}

// state is the status for messages: "ACTIVE", or "ACTIVE (operating status ERROR)". A fault stands there as well, since
// an instance may be stuck for what the fault says without ever showing ERROR.
func (i *Instance) state() string {
	text := i.Status
	if i.OperatingStatus != nil && *i.OperatingStatus != StatusHealthy && *i.OperatingStatus != "" {
		text += fmt.Sprintf(" (operating status %s)", *i.OperatingStatus)
	}
	if fault := i.FaultText(); fault != "" && !i.Ready() {
		text += fmt.Sprintf(" with the fault %q", fault)
	}
	return text
}

// envelope is how the API wraps one instance.
type envelope struct {
	Instance *Instance `json:"instance"`
}

// Instance shows one instance. It returns ErrNotFound where there is none.
func (c *Client) Instance(ctx context.Context, id string) (*Instance, error) {
	var body envelope
	if err := instances.Get(ctx, c.db, id).ExtractInto(&body); err != nil {
		return nil, fault("read instance "+id, err)
	}
	if body.Instance == nil {
		return nil, fmt.Errorf("read instance %s: the answer holds no instance", id)
	}
	return body.Instance, nil
}

// Instances lists the project's instances with all details, over as many pages as it takes.
func (c *Client) Instances(ctx context.Context) ([]Instance, error) {
	all, _, err := c.list(ctx)
	return all, err
}

// list is Instances with the server's time of day, zero where it does not tell.
func (c *Client) list(ctx context.Context) (all []Instance, serverTime time.Time, err error) {
	for marker := ""; ; {
		var page struct {
			Instances []Instance         `json:"instances"`
			Links     []gophercloud.Link `json:"links"`
		}
		now, err := c.page(ctx, "list instances", marker, &page, "instances", "detail")
		if err != nil {
			return nil, time.Time{}, err
		}
		if !now.IsZero() {
			serverTime = now
		}
		all = append(all, page.Instances...)
		next := nextMarker(page.Links)
		if next == "" || next == marker {
			return all, serverTime, nil
		}
		marker = next
	}
}

// page reads one page of a list, with the server's time of day, which is zero where it does not tell.
func (c *Client) page(ctx context.Context, op, marker string, into any, parts ...string) (serverTime time.Time, err error) {
	// The server's own next links say https whatever the endpoint is, so the marker alone leads on.
	query := url.Values{"limit": {"20"}}
	if marker != "" {
		query.Set("marker", marker)
	}
	resp, err := c.db.Get(ctx, c.db.ServiceURL(parts...)+"?"+query.Encode(), into, nil)
	_, header, err := gophercloud.ParseResponse(resp, err)
	if err != nil {
		return time.Time{}, fault(op, err)
	}
	if date, err := http.ParseTime(header.Get("Date")); err == nil {
		serverTime = date
	}
	return serverTime, nil
}

// nextMarker takes the marker out of a list's next link; "" where there is no further page.
func nextMarker(links []gophercloud.Link) string {
	for _, l := range links {
		if l.Rel != "next" {
			continue
		}
		if u, err := url.Parse(l.Href); err == nil {
			return u.Query().Get("marker")
		}
	}
	return ""
}

// Delete asks for the instance to be deleted; WaitGone tells when it is. It returns ErrNotFound where it is gone already,
// ErrNotReady while the instance is being built and ErrForbidden for a source that has replicas.
func (c *Client) Delete(ctx context.Context, id string) error {
	return fault("delete instance "+id, instances.Delete(ctx, c.db, id).ExtractErr())
}

// Rename gives the instance another name. It takes effect at once.
func (c *Client) Rename(ctx context.Context, id, name string) error {
	return c.patch(ctx, "rename instance "+id, id, map[string]any{"name": name})
}

// patch changes one attribute of an instance; Trove takes one at a time.
func (c *Client) patch(ctx context.Context, op, id string, attributes map[string]any) error {
	resp, err := c.db.Patch(ctx, c.db.ServiceURL("instances", id), map[string]any{"instance": attributes}, nil, &gophercloud.RequestOpts{OkCodes: []int{202}})
	_, _, err = gophercloud.ParseResponse(resp, err)
	return fault(op, err)
}

// put is for what PATCH refuses: access.
func (c *Client) put(ctx context.Context, op, id string, attributes map[string]any) error {
	resp, err := c.db.Put(ctx, c.db.ServiceURL("instances", id), map[string]any{"instance": attributes}, nil, &gophercloud.RequestOpts{OkCodes: []int{202}})
	_, _, err = gophercloud.ParseResponse(resp, err)
	return fault(op, err)
}
