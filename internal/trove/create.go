package trove

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// CreateRequest is the body of POST /instances. gophercloud's own CreateOpts can express neither a topology nor a
// replica. Empty fields are not sent.
type CreateRequest struct {
	Name             string             `json:"name"`
	FlavorRef        string             `json:"flavorRef,omitempty"`
	Volume           *Volume            `json:"volume,omitempty"`
	Datastore        *Datastore         `json:"datastore,omitempty"`
	AvailabilityZone string             `json:"availability_zone,omitempty"`
	Networks         []Network          `json:"nics,omitempty"`
	Configuration    string             `json:"configuration,omitempty"`
	Access           *Access            `json:"access,omitempty"`
	ReplicaOf        string             `json:"replica_of,omitempty"` // upstream Trove; goes without flavor, volume and datastore
	RestorePoint     *RestorePoint      `json:"restorePoint,omitempty"`
	Topology         *topology.Topology `json:"topology,omitempty"`
}

// RestorePoint names the backup, by its id, whose contents a new instance gets.
type RestorePoint struct {
	Backup string `json:"backupRef"`
}

// ToInstanceCreateMap implements gophercloud's instances.CreateOptsBuilder.
func (r CreateRequest) ToInstanceCreateMap() (map[string]any, error) {
	return map[string]any{"instance": r}, nil
}

// Sources are the instances that the new one will replicate from; each must be idle for the creation to be accepted.
func (r CreateRequest) sources() []string {
	switch {
	case r.ReplicaOf != "":
		return []string{r.ReplicaOf}
	case r.Topology != nil:
		return r.Topology.ReplicatesFrom()
	}
	return nil
}

// SourceError says that an instance cannot be replicated from: it does not exist, has failed, or did not become ready
// in time. It unwraps to the cause.
type SourceError struct {
	ID    string
	Cause error
}

func (e *SourceError) Error() string { return fmt.Sprintf("source %s: %v", e.ID, e.Cause) }

func (e *SourceError) Unwrap() error { return e.Cause }

// Create sends a creation exactly once as far as the world can tell, and returns the instance as soon as the server has
// accepted it; it is not ready then.
//
// Creations from one source take turns, since the server backs the source up for each, and a busy source is waited for.
// A request that is under way is not torn by cancelling ctx: its answer holds the id that must not be lost. Where the
// answer is lost all the same, the instance is looked for by name, time, flavor, datastore and topology: one is adopted,
// none is asked for once more, several are an *AmbiguousError. A *LostError says that even the search was cut short, and a
// *SourceError that the source cannot be replicated from.
func (c *Client) Create(ctx context.Context, r CreateRequest) (*Instance, error) {
	// Two creations of one name take turns too: looking for a lost one could otherwise find the other's.
	keys := []string{"name/" + r.Name}
	for _, id := range r.sources() {
		keys = append(keys, "source/"+id)
	}
	unlock, err := c.locks.lock(ctx, keys...)
	if err != nil {
		return nil, fmt.Errorf("create instance %s: waiting for its turn: %w", r.Name, err)
	}
	defer unlock()

	if len(r.sources()) == 0 {
		return c.createOnce(ctx, r)
	}
	var created *Instance
	wait := func() error {
		for _, id := range r.sources() {
			source, err := c.WaitReady(ctx, id)
			if err == nil && r.ReplicaOf != "" {
				err = c.waitSiblings(ctx, source)
			}
			if err != nil {
				return &SourceError{ID: id, Cause: err}
			}
		}
		return nil
	}
	err = c.whenIdle(ctx, wait, func() error {
		created, err = c.createOnce(ctx, r)
		return err
	})
	if err != nil {
		return nil, err
	}
	return created, nil
}

// createOnce posts the creation and settles what became of it where the answer is lost.
func (c *Client) createOnce(ctx context.Context, r CreateRequest) (*Instance, error) {
	return once(ctx, c, creation[Instance]{
		what: "instance", name: r.Name,
		id:   func(i *Instance) string { return i.ID },
		post: func(ctx context.Context) (*Instance, error) { return c.post(ctx, r) },
		made: func(ctx context.Context, asked time.Time) ([]Instance, error) { return c.candidates(ctx, r, asked) },
	})
}

func (c *Client) post(ctx context.Context, r CreateRequest) (*Instance, error) {
	var body envelope
	err := fault("create instance "+r.Name, instances.Create(ctx, c.db, r).ExtractInto(&body))
	if err == nil && body.Instance == nil {
		body.Instance = new(Instance)
	}
	return body.Instance, err
}

// candidates are the unclaimed instances made since then that fit the request.
func (c *Client) candidates(ctx context.Context, r CreateRequest, asked time.Time) ([]Instance, error) {
	all, serverTime, err := c.list(ctx)
	if err != nil {
		return nil, err
	}
	since := c.onServer(asked, serverTime)
	var fit []Instance
	for i := range all {
		if all[i].Name != r.Name || !createdSince(all[i].Created, since) || c.claimed(all[i].ID) {
			continue
		}
		// The list does not show everything: the topology only stands in the instance itself.
		whole, err := c.Instance(ctx, all[i].ID)
		if errors.Is(err, ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if matches(whole, r) {
			fit = append(fit, *whole)
		}
	}
	return fit, nil
}

// matches compares what the request asked for with what the server shows; what it does not show cannot speak against it.
func matches(i *Instance, r CreateRequest) bool {
	switch {
	case r.FlavorRef != "" && i.Flavor.ID != r.FlavorRef:
		return false
	case r.Datastore != nil && !i.Datastore.fits(*r.Datastore):
		return false
	case r.ReplicaOf != "":
		return i.ReplicaOf != nil && i.ReplicaOf.ID == r.ReplicaOf
	case r.Topology == nil:
		return i.Topology == nil && i.ReplicaOf == nil
	default:
		// A server that ignored the topology made this one all the same; Created tells.
		return i.Topology == nil || i.Topology.Place() == r.Topology.Place()
	}
}

// fits compares a datastore with what was asked for; a version may have been asked for by an id, which is never shown.
func (d Datastore) fits(asked Datastore) bool {
	if asked.Type != "" && d.Type != asked.Type {
		return false
	}
	return asked.Version == "" || d.Version == asked.Version || uuid.Validate(asked.Version) == nil
}
