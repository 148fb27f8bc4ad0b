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

// lostAge is how long ago an instance can have been made that is taken for one that was lost.
const lostAge = 24 * time.Hour

// existing are the ids of the instances by name, as they were when this process first looked, which is before it has created any.
type existing struct {
	known  bool
	byName map[string][]string
}

// LostInstance finds what a run leaves that was killed after it had sent this creation and before the id was in the state: an instance of that
// name which is all that is asked for, was made not long ago, is not being deleted, and that this process has neither made nor read for a
// state. It is nil where there is none, where the provider is not to look, and where the server lists no instances for this user.
func (c *Client) LostInstance(ctx context.Context, r trove.CreateRequest) (*trove.Instance, error) {
	if c.clients.options.AllowSameName {
		return nil, nil //nolint:nilnil // there is none
	}
	ids, err := c.existingNamed(ctx, r.Name)
	if errors.Is(err, openstack.ErrForbidden) {
		return nil, nil //nolint:nilnil // there is none
	}
	if err != nil {
		return nil, fmt.Errorf("look for an instance of that name: %w", err)
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
			return nil, fmt.Errorf("look at the instance of that name: %w", err)
		}
		if i.Name == r.Name && i.Status != trove.StatusShutdown && createdSince(i.Created, c.clock.Now().Add(-lostAge)) && matches(i, r) {
			return i, nil
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
