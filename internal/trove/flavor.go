package trove

import "context"

// Flavor is a flavor for instances. gophercloud's own type has only RAM. Fields that the server does not show are nil.
type Flavor struct {
	ID        string `json:"str_id"`
	Name      string `json:"name"`
	RAM       int64  `json:"ram"` // MB
	VCPUs     *int64 `json:"vcpus"`
	Disk      *int64 `json:"disk"`      // GB
	Ephemeral *int64 `json:"ephemeral"` // GB
}

// Flavors lists the flavors that the server offers; it asks once, and again if Flavor does not find one.
func (c *Client) Flavors(ctx context.Context) ([]Flavor, error) {
	return c.flavors.get(ctx, func(ctx context.Context) ([]Flavor, error) {
		all, _, err := list[Flavor](ctx, c, "list flavors", "flavors", nil, "flavors")
		return all, err
	})
}

// Flavor finds a flavor by its id, or else by its name. It returns an *UnknownError if there is none, and a *SharedNameError if several
// have the name. A missing flavor may have been created since the list was read, even by the same apply: it is looked for in a new list.
func (c *Client) Flavor(ctx context.Context, idOrName string) (Flavor, error) {
	before := c.flavors.times()
	all, err := c.Flavors(ctx)
	if err != nil {
		return Flavor{}, err
	}
	if len(candidates(all, idOrName)) == 0 && c.flavors.times() == before {
		c.flavors.invalidate(before)
		if all, err = c.Flavors(ctx); err != nil {
			return Flavor{}, err
		}
	}
	return findOne("flavor", all, idOrName)
}

// SameFlavor reports whether two texts, each an id or a name, can mean the same flavor.
func (c *Client) SameFlavor(ctx context.Context, a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	all, err := c.Flavors(ctx)
	return err == nil && equivalent(all, a, b), err
}

// FlavorAsWritten returns what to show as the flavor of an instance, whose id the server shows: what was written for it, an id or a name,
// if that can mean the same flavor, otherwise the id. It asks the server only if the two differ.
func (c *Client) FlavorAsWritten(ctx context.Context, written, shown string) (string, error) {
	if written == "" || written == shown {
		return shown, nil
	}
	all, err := c.Flavors(ctx)
	if err != nil {
		return "", err
	}
	// If neither is offered any more, keep what was written.
	if equivalent(all, written, shown) || len(candidates(all, written)) == 0 && len(candidates(all, shown)) == 0 {
		return written, nil
	}
	return shown, nil
}
