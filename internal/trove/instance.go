package trove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Statuses of an instance that the client handles; Trove has more (BACKUP, RESIZE, PROMOTE, ...), all of which mean that the instance is
// busy.
const (
	StatusActive  = "ACTIVE"
	StatusHealthy = "HEALTHY"
	StatusBuild   = "BUILD"
	StatusError   = "ERROR"
	StatusFailed  = "FAILED"
	StatusDeleted = "DELETED"
	// StatusRestartRequired lasts until the instance is restarted: its configuration group has settings that take effect only then.
	// Meanwhile Trove attaches and detaches nothing. Most other changes clear the status.
	StatusRestartRequired = "RESTART_REQUIRED"
	StatusShutdown        = "SHUTDOWN" // being deleted
)

// Instance is a database instance as the API shows it. gophercloud's own type lacks the fields for replication, access, configuration and
// topology.
type Instance struct {
	ID              string             `json:"id"`
	Name            string             `json:"name"`
	Status          string             `json:"status"`
	OperatingStatus *string            `json:"operating_status"` // nil if the server does not have the field
	Created         Time               `json:"created"`
	Updated         Time               `json:"updated"`
	Region          string             `json:"region"`
	Hostname        string             `json:"hostname"`
	ClusterID       string             `json:"cluster_id"` // of a cluster of released Trove, whose members cannot be changed individually
	Flavor          Reference          `json:"flavor"`
	Volume          *Volume            `json:"volume"`
	Datastore       Datastore          `json:"datastore"`
	Addresses       []Address          `json:"addresses"`
	Access          *Access            `json:"access"`
	Configuration   *Reference         `json:"configuration"`
	ReplicaOf       *Reference         `json:"replica_of"`
	Replicas        []Reference        `json:"replicas"`
	Locality        string             `json:"locality"` // "" if there is none, and in lists
	Fault           *Fault             `json:"fault"`
	Topology        *topology.Topology `json:"topology"`
	Warnings        []string           `json:"warnings"` // only in the answer to a creation
}

// Identified reports whether the server has named it.
func (i *Instance) Identified() bool { return i.ID != "" }

// HeartbeatLost reports whether the guest agent no longer reports, as when its server is dead: Trove shows that in operating_status, while
// the status stays as it was.
func (i *Instance) HeartbeatLost() bool {
	return !i.Failed() && i.OperatingStatus != nil && *i.OperatingStatus == StatusError
}

// Reference refers to another object by id.
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
	Type          string `json:"type,omitempty"`
	Version       string `json:"version,omitempty"`
	VersionNumber string `json:"version_number,omitempty"` // only shown, never sent
}

// MarshalJSON writes the fields that the server accepts, without those that it only shows.
func (d Datastore) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Type    string `json:"type,omitempty"`
		Version string `json:"version,omitempty"`
	}{d.Type, d.Version})
}

// Fits reports whether the datastore matches what was asked for, where the version may be an id, which is never shown.
func (d Datastore) Fits(asked Datastore) bool {
	if asked.Type != "" && d.Type != asked.Type {
		return false
	}
	return asked.Version == "" || d.Version == asked.Version || uuid.Validate(asked.Version) == nil
}

// Address is one address of an instance.
type Address struct {
	Address string `json:"address"`
	Type    string `json:"type"`
	Network string `json:"network"`
}

// Access says who may reach an instance. It is sent as a whole: an omitted list is emptied.
type Access struct {
	IsPublic     bool     `json:"is_public"`
	AllowedCIDRs []string `json:"allowed_cidrs"`
}

// Equal compares regardless of the order of the networks.
func (a Access) Equal(b Access) bool {
	return a.IsPublic == b.IsPublic && slices.Equal(Distinct(slices.Clone(a.AllowedCIDRs)), Distinct(slices.Clone(b.AllowedCIDRs)))
}

// Network is one network interface at creation; Trove accepts at most one. It is never returned.
type Network struct {
	ID        string `json:"net-id,omitempty"`
	SubnetID  string `json:"subnet_id,omitempty"`
	IPAddress string `json:"ip_address,omitempty"`
}

// Fault is the last failure that Trove recorded. It remains after recovery: only status ERROR or FAILED means failure.
type Fault struct {
	Message string `json:"message"`
	Created Time   `json:"created"`
}

// Time is a time as the server writes it.
type Time = openstack.Time

// Ready reports whether the instance is in service and idle: status ACTIVE or HEALTHY, and operating_status HEALTHY or unknown to the
// server (it is empty while a task runs, even if status is ACTIVE).
func (i *Instance) Ready() bool {
	if i.Status != StatusActive && i.Status != StatusHealthy {
		return false
	}
	return i.OperatingStatus == nil || *i.OperatingStatus == StatusHealthy
}

// Failed reports whether the instance has failed.
func (i *Instance) Failed() bool { return i.Status == StatusError || i.Status == StatusFailed }

// FaultText is the fault's message, or "" if there is none.
func (i *Instance) FaultText() string {
	if i.Fault == nil {
		return ""
	}
	return i.Fault.Message
}

// RestartRequired reports whether the instance is in service but needs a restart before its configuration takes effect. If the guest agent
// has found that out itself, as after a change of SSL, only the operating status says so.
func (i *Instance) RestartRequired() bool {
	return i.Status == StatusRestartRequired || i.Status == StatusActive && i.OperatingStatus != nil && *i.OperatingStatus == StatusRestartRequired
}

// Settled reports whether nothing more happens to the instance by itself.
func (i *Instance) Settled() bool { return i.Ready() || i.Failed() || i.RestartRequired() }

// VolumeSize returns the size of the data volume in GB, 0 if there is none.
func (i *Instance) VolumeSize() int64 {
	if i.Volume == nil {
		return 0
	}
	return i.Volume.Size
}

// ConfigurationID returns the id of the attached configuration group, "" if there is none.
func (i *Instance) ConfigurationID() string {
	if i.Configuration == nil {
		return ""
	}
	return i.Configuration.ID
}

// Condition returns the status for messages: "ACTIVE", or "ACTIVE (operating status ERROR)". It includes the fault, since an instance may
// be stuck because of it without ever showing ERROR.
func (i *Instance) Condition() string {
	text := i.Status
	if i.OperatingStatus != nil && *i.OperatingStatus != StatusHealthy && *i.OperatingStatus != "" {
		text += fmt.Sprintf(" (operating status %s)", *i.OperatingStatus)
	}
	if fault := i.FaultText(); fault != "" && !i.Ready() {
		text += fmt.Sprintf(" with the fault %q", fault)
	}
	return text
}

// instanceEnvelope is the JSON object around one instance.
type instanceEnvelope struct {
	Instance *Instance `json:"instance"`
}

// Instance returns one instance. It returns ErrNotFound if there is none. An answer about another instance is not accepted.
func (c *Client) Instance(ctx context.Context, id string) (*Instance, error) {
	body, err := get(ctx, c, "read instance "+id, func(e instanceEnvelope) error {
		if e.Instance == nil {
			return errors.New("it holds no instance")
		}
		return isOf("instance", e.Instance.ID, id)
	}, "instances", id)
	if err != nil {
		return nil, err
	}
	if body.Instance.Topology != nil {
		c.topologyAPI.learn(true)
	}
	return body.Instance.withLocalIDs(), nil
}

// withLocalIDs returns the instance with the longer form of ids of other instances replaced by plain ids.
func (i *Instance) withLocalIDs() *Instance {
	if i.Topology != nil {
		local := i.Topology.WithLocalIDs()
		i.Topology = &local
	}
	return i
}

// isOf returns an error if an answer is not about what was asked.
func isOf(kind, shown, asked string) error {
	if shown != asked {
		return fmt.Errorf("it is of %s %q and not of %s", kind, shown, asked)
	}
	return nil
}

// Instances lists the project's instances with all details.
func (c *Client) Instances(ctx context.Context) ([]Instance, error) {
	all, _, err := c.InstancesAt(ctx)
	return all, err
}

// InstancesAt is Instances with the server's time of day, zero if unknown.
func (c *Client) InstancesAt(ctx context.Context) (all []Instance, serverTime time.Time, err error) {
	all, serverTime, err = list[Instance](ctx, c, "list instances", "instances", pageSize(), "instances", "detail")
	for n := range all {
		all[n].withLocalIDs()
	}
	return all, serverTime, err
}

// EachInstance reads the list of the project's instances page by page, until each reports that it has seen enough. With detail false the
// items are short, and cost the server little: no fault, configuration, replicas, topology or times. Members of clusters are included.
// Absence from a list proves nothing: Trove leaves out instances that have no service status yet, and pages by id, so that a new one can
// be created before the marker.
func (c *Client) EachInstance(ctx context.Context, detail bool, each func(page []Instance, more bool) bool) error {
	path := []string{"instances"}
	if detail {
		path = append(path, "detail")
	}
	query := pageSize()
	query.Set("include_clustered", "true")
	return openstack.Pages(ctx, c.endpoint, "list instances", "instances", query, func(page []Instance, _ time.Time, more bool) bool {
		for n := range page {
			page[n].withLocalIDs()
		}
		return each(page, more)
	}, path...)
}

// InstancePage reads the page of the detailed list of the project's instances that begins at a marker; "" is the first page. next is the
// marker of the next page, "" if there is none. See EachInstance for what a list contains; topologies are not shown.
func (c *Client) InstancePage(ctx context.Context, marker string) (page []Instance, next string, err error) {
	query := pageSize()
	query.Set("include_clustered", "true")
	page, next, _, err = openstack.Page[Instance](ctx, c.endpoint, "list instances", "instances", query, marker, "instances", "detail")
	for n := range page {
		page[n].withLocalIDs()
	}
	return page, next, err
}

// CreateRequest is the body of POST /instances. gophercloud's own CreateOpts supports neither topologies nor replicas. Empty fields are
// not sent.
type CreateRequest struct {
	Name             string             `json:"name"`
	FlavorRef        string             `json:"flavorRef,omitempty"`
	Volume           *Volume            `json:"volume,omitempty"`
	Datastore        *Datastore         `json:"datastore,omitempty"`
	AvailabilityZone string             `json:"availability_zone,omitempty"`
	Networks         []Network          `json:"nics,omitempty"`
	Configuration    string             `json:"configuration,omitempty"`
	Access           *Access            `json:"access,omitempty"`
	Locality         string             `json:"locality,omitempty"`
	ReplicaOf        string             `json:"replica_of,omitempty"` // released Trove; without flavor, volume and datastore
	RestorePoint     *RestorePoint      `json:"restorePoint,omitempty"`
	Topology         *topology.Topology `json:"topology,omitempty"`
}

// RestorePoint is the id of the backup to create a new instance from.
type RestorePoint struct {
	Backup string `json:"backupRef"`
}

// Sources returns the instances that the new one will replicate from; each must be idle for the creation to be accepted.
func (r CreateRequest) Sources() []string {
	switch {
	case r.ReplicaOf != "":
		return []string{r.ReplicaOf}
	case r.Topology != nil:
		return r.Topology.ReplicatesFrom()
	}
	return nil
}

// PostInstance requests an instance. It is sent once.
func (c *Client) PostInstance(ctx context.Context, r CreateRequest) (*Instance, error) {
	body, err := post(ctx, c, "create instance "+r.Name, map[string]any{"instance": r}, func(e instanceEnvelope) error {
		if e.Instance == nil || e.Instance.ID == "" {
			return errors.New("it holds no id")
		}
		return nil
	}, "instances")
	if err != nil {
		return nil, err
	}
	return body.Instance.withLocalIDs(), nil
}

// DeleteInstance requests the deletion of an instance. It returns ErrNotFound if it is gone already, ErrNotReady while it is being built
// and ErrForbidden for a source that has replicas.
func (c *Client) DeleteInstance(ctx context.Context, id string) error {
	return c.send(ctx, "delete instance "+id, http.MethodDelete, nil, "instances", id)
}

// PatchName changes the name of an instance. It takes effect at once.
func (c *Client) PatchName(ctx context.Context, id, name string) error {
	return c.patchInstance(ctx, "rename instance "+id, id, map[string]any{"name": name})
}

// Detach requests that a replica stop replicating, by the call of released Trove.
func (c *Client) Detach(ctx context.Context, id string) error {
	return c.patchInstance(ctx, "detach instance "+id, id, map[string]any{"replica_of": ""})
}

// RequestUpgrade requests another version of the instance's datastore, by name or id.
func (c *Client) RequestUpgrade(ctx context.Context, id, version string) error {
	return c.patchInstance(ctx, "upgrade instance "+id, id, map[string]any{"datastore_version": version})
}

// PutAccess replaces the instance's access settings, which PATCH refuses.
func (c *Client) PutAccess(ctx context.Context, id string, access Access) error {
	return c.putInstance(ctx, "change the access of instance "+id, id, map[string]any{"access": access})
}

// PutConfiguration attaches a group to an instance that has none, or with "" detaches the present one.
func (c *Client) PutConfiguration(ctx context.Context, id, group string) error {
	if group == "" {
		return c.putInstance(ctx, "detach the configuration of instance "+id, id, map[string]any{"configuration": nil})
	}
	return c.putInstance(ctx, "attach the configuration of instance "+id, id, map[string]any{"configuration": group})
}

// RequestFlavor requests another flavor.
func (c *Client) RequestFlavor(ctx context.Context, id, flavor string) error {
	return c.instanceAction(ctx, "resize instance "+id, id, map[string]any{"resize": map[string]any{"flavorRef": flavor}})
}

// RequestVolume requests a volume of the given size in GB.
func (c *Client) RequestVolume(ctx context.Context, id string, size int64) error {
	return c.instanceAction(ctx, "grow the volume of instance "+id, id, map[string]any{"resize": map[string]any{"volume": map[string]any{"size": size}}})
}

// RequestRestart requests a restart of the database.
func (c *Client) RequestRestart(ctx context.Context, id string) error {
	return c.instanceAction(ctx, "restart instance "+id, id, map[string]any{"restart": map[string]any{}})
}

// RequestRole requests one of released Trove's role changes: promote_to_replica_source or eject_replica_source.
func (c *Client) RequestRole(ctx context.Context, id, action string) error {
	return c.instanceAction(ctx, fmt.Sprintf("%s of instance %s", action, id), id, map[string]any{action: map[string]any{}})
}

// patchInstance changes one attribute of an instance; Trove accepts one at a time.
func (c *Client) patchInstance(ctx context.Context, op, id string, attributes map[string]any) error {
	return c.send(ctx, op, http.MethodPatch, map[string]any{"instance": attributes}, "instances", id)
}

// putInstance changes what PATCH refuses.
func (c *Client) putInstance(ctx context.Context, op, id string, attributes map[string]any) error {
	return c.send(ctx, op, http.MethodPut, map[string]any{"instance": attributes}, "instances", id)
}

// instanceAction sends an action of released Trove. It is sent once.
func (c *Client) instanceAction(ctx context.Context, op, id string, body map[string]any) error {
	return c.send(ctx, op, http.MethodPost, body, "instances", id, "action")
}

// Distinct sorts ids and removes duplicates.
func Distinct(ids []string) []string {
	slices.Sort(ids)
	return slices.Compact(ids)
}
