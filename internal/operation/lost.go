package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// LostError says that what is to be created exists already although this process knows nothing of it: a run that was killed after it had sent
// the creation and before the id was in the state leaves that behind.
type LostError struct {
	Kind, Name, ID string // Kind is such as "instance"
}

func (e *LostError) Error() string {
	return fmt.Sprintf("the project has %s %s (%s) already: it has the settings that are to be created, it was created within the last %d hours, and this run "+
		"neither created nor read it, so it may be what is left of a run that was killed before it could save the id", e.Kind, e.Name, e.ID, int(lostAge.Hours()))
}

// checkLost returns a *LostError where something fits a creation that is to be sent, as a search for a lost answer would find it, but for
// what has failed.
func checkLost[T any](ctx context.Context, c *Client, r createSpec[T], failed func(*T) bool) error {
	if c.clients.options.AllowSameName {
		return nil
	}
	found, err := r.find(ctx, c.clock.Now().Add(-lostAge))
	if errors.Is(err, openstack.ErrForbidden) {
		return nil
	}
	if err != nil {
		return &UnsentError{fmt.Errorf("look for a %s of that name: %w", r.kind, err)}
	}
	for n := range found {
		if !failed(&found[n]) {
			return &LostError{r.kind, r.name, r.id(&found[n])}
		}
	}
	return nil
}

// UnsentError says that a creation was not sent, for what came before it.
type UnsentError struct{ Cause error }

func (e *UnsentError) Error() string { return e.Cause.Error() }

func (e *UnsentError) Unwrap() error { return e.Cause }

// lostAge is how long ago an instance can have been made that is taken for one that was lost.
const lostAge = 24 * time.Hour

// existing are the ids of the instances by name, as they were when this process first looked, which is before it has created any.
type existing struct {
	known  bool
	byName map[string][]string
}

// LostInstance returns a *LostError where the project has an instance of the name of one that is to be created which is all that is asked for,
// was created not long ago, is not being deleted, and that this process has neither made nor read for a state. One that has failed is no
// error, and is returned: it would only be replaced. None is looked for where the options say so, and where the user may list none.
func (c *Client) LostInstance(ctx context.Context, r trove.CreateRequest) (*trove.Instance, error) {
	if c.clients.options.AllowSameName {
		return nil, nil //nolint:nilnil // there is none
	}
	ids, err := c.existingNamed(ctx, r.Name)
	if errors.Is(err, openstack.ErrForbidden) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, &UnsentError{fmt.Errorf("look for an instance of that name: %w", err)}
	}
	for _, id := range ids {
		if c.Registry().Claimed(id) || c.Registry().Managed(id) {
			continue
		}
		i, err := c.Instance(ctx, id)
		if errors.Is(err, openstack.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, &UnsentError{fmt.Errorf("look at the instance of that name: %w", err)}
		}
		if i.Name == r.Name && i.Status != trove.StatusShutdown && createdSince(i.Created, c.clock.Now().Add(-lostAge)) && matches(i, r) {
			if i.Failed() {
				return i, nil
			}
			return nil, &LostError{"instance", i.Name, i.ID}
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

// existingNamed are the ids of the instances of a name. The project is listed once, whoever asks first.
func (c *Client) existingNamed(ctx context.Context, name string) ([]string, error) {
	unlock, err := c.Registry().Lock(ctx, "existing/"+c.Region())
	if err != nil {
		return nil, err
	}
	defer unlock()
	if !c.existing.known {
		byName := map[string][]string{}
		err := c.EachInstance(ctx, false, func(page []trove.Instance, _ bool) bool {
			for _, i := range page {
				if !slices.Contains(byName[i.Name], i.ID) {
					byName[i.Name] = append(byName[i.Name], i.ID)
				}
			}
			return true
		})
		if err != nil {
			return nil, err
		}
		c.existing = existing{true, byName}
	}
	return c.existing.byName[name], nil
}
