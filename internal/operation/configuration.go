package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// attachedGrace is how long the deletion of a group waits for attached instances to be deleted or detached: in one run Terraform may reach
// the group first.
const attachedGrace = 10 * time.Second

// CreateConfiguration creates a configuration group exactly once as far as can be told, as Create does for an instance: if the answer is
// lost, the group is looked for by name, time, datastore version and values.
func (c *Client) CreateConfiguration(ctx context.Context, v *trove.DatastoreVersion, r trove.ConfigurationRequest) (*trove.Configuration, error) {
	r.Datastore = &trove.Datastore{Type: v.DatastoreID, Version: v.ID}
	// Names are not unique: the search for a lost group could otherwise find another creation's.
	unlock, err := c.Registry().Lock(ctx, "configuration/"+r.Name)
	if err != nil {
		return nil, fmt.Errorf("create configuration group %s: waiting for its turn: %w", r.Name, err)
	}
	defer unlock()
	spec := createSpec[trove.Configuration]{
		kind: "configuration group", name: r.Name,
		id:   func(g *trove.Configuration) string { return g.ID },
		post: func(ctx context.Context) (*trove.Configuration, error) { return c.PostConfiguration(ctx, r) },
		find: func(ctx context.Context, asked time.Time) ([]trove.Configuration, error) {
			return c.findConfigurations(ctx, v, r, asked)
		},
	}
	if _, err := checkLost(ctx, c, spec, func(*trove.Configuration) bool { return false }); err != nil {
		return nil, err
	}
	return createOnce(ctx, c, spec)
}

// findConfigurations lists the unclaimed groups created since then that match the request.
func (c *Client) findConfigurations(ctx context.Context, v *trove.DatastoreVersion, r trove.ConfigurationRequest, asked time.Time) ([]trove.Configuration, error) {
	all, serverTime, err := c.ConfigurationsAt(ctx)
	if err != nil {
		return nil, err
	}
	var fit []trove.Configuration
	since := c.onServer(asked, serverTime)
	for _, g := range all {
		if g.Name != r.Name || g.VersionID != v.ID || !r.Describes(g.Description) || !createdSince(g.Created, since) || c.Registry().Claimed(g.ID) {
			continue
		}
		whole, err := c.Configuration(ctx, g.ID)
		switch {
		case errors.Is(err, openstack.ErrNotFound):
		case err != nil:
			return nil, err
		case whole.Values.Fits(r.Values):
			fit = append(fit, *whole)
		}
	}
	return fit, nil
}

// ConfigurationError says that an instance cannot have a configuration group, because the group does not exist or is for another datastore
// version. It does not match the server's refusal, whose 404 would be taken to mean the instance.
type ConfigurationError struct {
	ID      string
	Group   *trove.Configuration // nil if the group does not exist
	Runs    trove.Datastore      // the instance's datastore
	Refusal error                // nil if the server was not asked
}

func (e *ConfigurationError) Error() string {
	text := fmt.Sprintf("there is no configuration group %s in this project and region", e.ID)
	if e.Group != nil {
		text = fmt.Sprintf("configuration group %s (%s) is for %s %s, and the instance has %s %s",
			e.Group.Name, e.ID, e.Group.DatastoreName, e.Group.VersionName, e.Runs.Type, e.Runs.Version)
	}
	if e.Refusal != nil {
		text += ": " + e.Refusal.Error()
	}
	return text
}

// blameConfiguration returns a *ConfigurationError if a group does not suit an instance with this datastore, which may be nil if unknown.
// If nothing is wrong with the group, or that cannot be found out, it returns refusal, the server's, as it is.
func (c *Client) blameConfiguration(ctx context.Context, id string, has *trove.Datastore, refusal error) error {
	if id == "" || refusal != nil && !errors.Is(refusal, openstack.ErrNotFound) && !errors.Is(refusal, openstack.ErrBadRequest) {
		return refusal
	}
	group, err := c.Configuration(ctx, id)
	switch {
	case errors.Is(err, openstack.ErrNotFound):
		return &ConfigurationError{ID: id, Refusal: refusal}
	case err != nil || has == nil || has.Version == "" || errors.Is(refusal, openstack.ErrNotFound):
		return refusal
	}
	v, err := c.DatastoreVersion(ctx, has.Type, has.Version)
	if err != nil || group.IsFor(v) {
		return refusal
	}
	return &ConfigurationError{ID: id, Group: group, Runs: *has, Refusal: refusal}
}

// ChangeConfiguration changes a group to what the request says, including all of its values, and has the server apply it to the attached
// instances. It waits for these before, since a busy one would keep its old settings, and after. It returns them as they are then: some
// may need a restart.
func (c *Client) ChangeConfiguration(ctx context.Context, id string, r trove.ConfigurationRequest) (attached []trove.Instance, err error) {
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) error {
			_, err := c.waitConfigured(ctx, id)
			return err
		},
		// All values are sent each time, so that a second request changes nothing.
		done: func(context.Context, bool) (bool, error) { return false, nil },
		send: func(ctx context.Context) error { return c.PutConfigurationGroup(ctx, id, r) },
	})
	if err != nil {
		return nil, err
	}
	return c.waitConfigured(ctx, id)
}

// waitConfigured waits until the instances that a group is attached to are idle, and returns them.
func (c *Client) waitConfigured(ctx context.Context, id string) (attached []trove.Instance, err error) {
	references, err := c.ConfiguredInstances(ctx, id)
	if err != nil {
		return nil, err
	}
	for _, ref := range references {
		i, err := c.WaitUntil(ctx, ref.ID, "done with what it is at", func(i *trove.Instance, _ time.Duration) (bool, error) { return i.Settled(), nil })
		switch {
		case errors.Is(err, openstack.ErrNotFound): // it was deleted in the meantime
		case err != nil:
			return nil, err
		default:
			attached = append(attached, *i)
		}
	}
	return attached, nil
}

// AttachedError says that a configuration group cannot be deleted because it is attached to instances. It unwraps to the
// server's refusal.
type AttachedError struct {
	ID        string
	Instances []trove.Reference
	Refusal   error
}

func (e *AttachedError) Error() string {
	return fmt.Sprintf("%v: it is attached to %s", e.Refusal, names(e.Instances))
}

func (e *AttachedError) Unwrap() error { return e.Refusal }

// RemoveConfiguration deletes a group; one that is gone already is no error. It waits for attached instances that are being deleted or
// changed; if some stay attached, it returns an *AttachedError.
func (c *Client) RemoveConfiguration(ctx context.Context, id string) error {
	start := c.clock.Now()
	return c.deleteAndWait(ctx, deletion{
		send: func(ctx context.Context) error { return c.DeleteConfiguration(ctx, id) },
		gone: func(ctx context.Context) (bool, error) { return isGone(second(c.Configuration(ctx, id))) },
		wait: func(_ context.Context, lost error) error { return lost }, // a group is gone at once
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			if !errors.Is(refusal, openstack.ErrBadRequest) {
				return usual, nil
			}
			waited := c.clock.Now().Sub(start)
			staying, going, err := c.stillConfigured(ctx, id)
			switch {
			case err != nil:
				return usual, errors.Join(refusal, err)
			case len(staying) > 0 && waited >= attachedGrace:
				return usual, &AttachedError{ID: id, Instances: staying, Refusal: refusal}
			case len(staying)+going == 0 && waited >= attachedGrace:
				return usual, nil // it is refused for another reason
			}
			return repeat, joined(refusal, c.pause(ctx, watch.Interval(waited)))
		},
	})
}

// stillConfigured lists the instances that a group stays attached to, and counts those that are being deleted or are busy, after which
// they may no longer be attached.
func (c *Client) stillConfigured(ctx context.Context, id string) (staying []trove.Reference, going int, err error) {
	attached, err := c.ConfiguredInstances(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	for _, ref := range attached {
		i, err := c.Instance(ctx, ref.ID)
		switch {
		case errors.Is(err, openstack.ErrNotFound):
			going++
		case err != nil:
			return nil, 0, err
		case i.Settled(), i.Status == trove.StatusBuild:
			staying = append(staying, ref)
		default:
			going++
		}
	}
	return staying, going, nil
}
