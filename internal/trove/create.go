package trove

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// clockSkew is how far the server's idea of "since" may lie before ours, beside the offset seen in its Date headers.
const clockSkew = 2 * time.Second

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
	Topology         *topology.Topology `json:"topology,omitempty"`
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

// AmbiguousError says that the answer to a creation was lost and that more than one instance could be the one made.
type AmbiguousError struct {
	Name string
	IDs  []string
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("the answer to the creation of %s was lost, and %d instances made since fit it (%s): nothing was adopted; "+
		"delete those that should not be, or import the right one", e.Name, len(e.IDs), strings.Join(e.IDs, ", "))
}

// LostError says that the answer to a creation was lost, and that it could not be found out whether an instance was made.
type LostError struct {
	Name  string
	Cause error
}

func (e *LostError) Error() string {
	return fmt.Sprintf("the answer to the creation of %s was lost, and the search for the instance ended early: look for an instance of that name "+
		"before applying again, it may exist although it is not in the state: %v", e.Name, e.Cause)
}

func (e *LostError) Unwrap() error { return e.Cause }

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
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("create instance %s: not sent: %w", r.Name, err)
	}
	asked := c.clock.Now()
	for attempt := 1; ; attempt++ {
		created, err := c.post(ctx, r)
		if err == nil {
			c.claim(created.ID)
			return created, nil
		}
		// The second request may be refused for what a slow server has made of the first.
		if attempt == 1 && !OutcomeUnknown(err) {
			return nil, err
		}
		found, searchErr := c.adopt(ctx, r, asked)
		if searchErr != nil || found != nil {
			return found, searchErr
		}
		if attempt == 2 || ctx.Err() != nil {
			return nil, err
		}
	}
}

func (c *Client) post(ctx context.Context, r CreateRequest) (*Instance, error) {
	op := "create instance " + r.Name
	var body envelope
	err := fault(op, instances.Create(unbroken(ctx), c.db, r).ExtractInto(&body))
	if err != nil {
		return nil, err
	}
	if body.Instance == nil || body.Instance.ID == "" {
		return nil, fmt.Errorf("%s: %w", op, &garbledError{errors.New("it holds no id")})
	}
	return body.Instance, nil
}

// outlive returns a context that ends only some time after ctx does, so that what was sent before can be found.
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

// adopt looks for the instance that a creation made although its answer was lost, for as long as a slow server could
// still be at it. It returns nil where there is none.
func (c *Client) adopt(ctx context.Context, r CreateRequest, asked time.Time) (*Instance, error) {
	ctx, done := outlive(ctx, c.requestTimeout())
	defer done()
	for start := c.clock.Now(); ; {
		found, err := c.candidates(ctx, r, asked)
		waited := c.clock.Now().Sub(start)
		switch {
		case err != nil && (ctx.Err() != nil || !passing(err)):
			return nil, &LostError{Name: r.Name, Cause: err}
		case len(found) == 1:
			if c.claim(found[0].ID) {
				return &found[0], nil
			}
		case len(found) > 1:
			ids := make([]string, len(found))
			for i := range found {
				ids[i] = found[i].ID
			}
			return nil, &AmbiguousError{Name: r.Name, IDs: ids}
		}
		if waited >= c.requestTimeout() {
			if err != nil {
				return nil, &LostError{Name: r.Name, Cause: err}
			}
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, &LostError{Name: r.Name, Cause: ctx.Err()}
		case <-c.clock.After(min(max(waited/10, minPoll), maxPoll)):
		}
	}
}

// candidates are the unclaimed instances made since then that fit the request.
func (c *Client) candidates(ctx context.Context, r CreateRequest, asked time.Time) ([]Instance, error) {
	all, serverTime, err := c.list(ctx)
	if err != nil {
		return nil, err
	}
	// The server's clock may be off ours: its Date header tells by how much.
	since := asked.Add(-clockSkew)
	if !serverTime.IsZero() {
		since = since.Add(serverTime.Sub(c.clock.Now()))
	}
	var fit []Instance
	for i := range all {
		if all[i].Name != r.Name || !all[i].since(since) || c.claimed(all[i].ID) {
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

// claim marks an instance as made by this process; false where another creation has it already.
func (c *Client) claim(id string) bool {
	_, taken := c.claims.LoadOrStore(id, struct{}{})
	return !taken
}

func (c *Client) claimed(id string) bool {
	_, ok := c.claims.Load(id)
	return ok
}
