package operation

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// SetParameters sets the parameters of a datastore version to those wanted, by name, one after another. It may be repeated, so a request
// is sent again if its answer is lost.
func (c *Client) SetParameters(ctx context.Context, version string, wanted map[string]trove.ManagedParameter) error {
	have, err := c.parametersByName(ctx, version)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		p := wanted[name]
		if before, is := have[name]; !is || before != p {
			if err := c.setParameter(ctx, version, p, is); err != nil {
				return err
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, kept := wanted[name]; !kept {
			if err := c.removeParameter(ctx, version, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *Client) parametersByName(ctx context.Context, version string) (map[string]trove.ManagedParameter, error) {
	all, err := c.ManagedParameters(ctx, version)
	by := make(map[string]trove.ManagedParameter, len(all))
	for _, p := range all {
		by[p.Name] = p
	}
	return by, err
}

// setParameter creates or changes one parameter; there says that one of that name exists.
func (c *Client) setParameter(ctx context.Context, version string, p trove.ManagedParameter, there bool) error {
	_, err := c.run(ctx, attempt{
		done: func(ctx context.Context, sent bool) (bool, error) {
			if !sent {
				return false, nil
			}
			have, err := c.parametersByName(ctx, version)
			return err == nil && have[p.Name] == p, err
		},
		send: func(ctx context.Context) error {
			if there {
				return c.PutManagedParameter(openstack.Uncanceled(ctx), version, p)
			}
			return c.PostManagedParameter(openstack.Uncanceled(ctx), version, p)
		},
	})
	return err
}

func (c *Client) removeParameter(ctx context.Context, version, name string) error {
	gone := func(ctx context.Context) (bool, error) {
		have, err := c.parametersByName(ctx, version)
		_, is := have[name]
		return err == nil && !is, err
	}
	return c.deleteAndWait(ctx, deletion{
		send: func(ctx context.Context) error { return c.DeleteManagedParameter(ctx, version, name) },
		gone: gone, refused: happenedWhere(gone),
		wait: func(ctx context.Context, _ error) error {
			if is, err := gone(ctx); err != nil || is {
				return err
			}
			return fmt.Errorf("the server accepted to delete parameter %s of datastore version %s, and still lists it", name, version)
		},
	})
}
