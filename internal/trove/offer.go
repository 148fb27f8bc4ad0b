package trove

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// offer is something that the server offers under an id and a name.
type offer interface{ idAndName() (id, name string) }

func (f Flavor) idAndName() (id, name string)           { return f.ID, f.Name }
func (d OfferedDatastore) idAndName() (id, name string) { return d.ID, d.Name }
func (v OfferedVersion) idAndName() (id, name string)   { return v.ID, v.Name }

// meant are the ids of what a text can mean: of the offer with that id, else of all with that name.
func meant[O offer](offers []O, text string) (ids []string) {
	for _, o := range offers {
		id, name := o.idAndName()
		switch text {
		case id:
			return []string{id}
		case name:
			ids = append(ids, id)
		}
	}
	return ids
}

// one finds the only offer that a text can mean. It returns an *UnknownError or a *SharedNameError where there is not one.
func one[O offer](what string, offers []O, text string) (found O, err error) {
	ids := meant(offers, text)
	if len(ids) > 1 {
		return found, &SharedNameError{What: what, Name: text, IDs: ids}
	}
	unknown := &UnknownError{What: what, Name: text}
	for _, o := range offers {
		id, name := o.idAndName()
		if slices.Contains(ids, id) {
			return o, nil
		}
		unknown.Offered, unknown.IDs = append(unknown.Offered, name), append(unknown.IDs, id)
	}
	return found, unknown
}

// same says whether two texts, each a name or an id, can mean the same. What is not offered means only itself.
func same[O offer](offers []O, a, b string) bool {
	if a == b {
		return true
	}
	other := meant(offers, b)
	return slices.ContainsFunc(meant(offers, a), func(id string) bool { return slices.Contains(other, id) })
}

// SharedNameError says that several of what the server offers bear the name that was asked for.
type SharedNameError struct {
	What string // such as "flavor", or "version of mysql"
	Name string
	IDs  []string
}

func (e *SharedNameError) Error() string {
	return fmt.Sprintf("the server has %d of the name %q (%s), with the ids %s", len(e.IDs), e.Name, e.What, strings.Join(e.IDs, ", "))
}

// Flavor finds a flavor by its id, or else by its name. It returns an *UnknownError where there is none, and a
// *SharedNameError where several bear the name. One that was not there when the list was read may have been made since, by
// the same apply even: it is looked for in a new list.
func (c *Client) Flavor(ctx context.Context, idOrName string) (Flavor, error) {
	before := c.offers.flavors.times()
	all, err := c.Flavors(ctx)
	if err != nil {
		return Flavor{}, err
	}
	if len(meant(all, idOrName)) == 0 && c.offers.flavors.times() == before {
		c.offers.flavors.outdate(before)
		if all, err = c.Flavors(ctx); err != nil {
			return Flavor{}, err
		}
	}
	return one("flavor", all, idOrName)
}

// SameFlavor says whether two texts, each an id or a name, can mean the same flavor.
func (c *Client) SameFlavor(ctx context.Context, a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	all, err := c.Flavors(ctx)
	return err == nil && same(all, a, b), err
}

// FlavorAsWritten is what to show for the flavor of an instance, whose id the server shows: what was written for it, an id or a
// name, as long as that can mean it, else the id. It asks the server only where the two differ.
func (c *Client) FlavorAsWritten(ctx context.Context, written, shown string) (string, error) {
	if written == "" || written == shown {
		return shown, nil
	}
	all, err := c.Flavors(ctx)
	if err != nil {
		return "", err
	}
	// Where neither is offered any more, nothing speaks against what was written.
	if same(all, written, shown) || len(meant(all, written)) == 0 && len(meant(all, shown)) == 0 {
		return written, nil
	}
	return shown, nil
}

// SameDatastore says whether two texts, each an id or a name, mean the same datastore. It asks the server only where one is
// an id, which of datastores and their versions is a UUID.
func (c *Client) SameDatastore(ctx context.Context, a, b string) (bool, error) {
	if a == b || !IsID(a) && !IsID(b) {
		return a == b, nil
	}
	all, err := c.Datastores(ctx)
	return err == nil && same(all, a, b), err
}

// DatastoreName is the name of a datastore that is given by its id or name. It returns an *UnknownError where there is none.
func (c *Client) DatastoreName(ctx context.Context, idOrName string) (string, error) {
	all, err := c.Datastores(ctx)
	if err != nil {
		return "", err
	}
	d, err := one(unknownDatastore, all, idOrName)
	return d.Name, err
}

// SameVersion says, as SameDatastore does, whether two texts can mean the same version of a datastore, which is an id or a
// name itself. Instances show names alone.
func (c *Client) SameVersion(ctx context.Context, datastore, a, b string) (bool, error) {
	if a == b || !IsID(a) && !IsID(b) {
		return a == b, nil
	}
	versions, err := c.versions(ctx, datastore)
	return err == nil && same(versions, a, b), err
}

// DatastoreAsWritten is what to show for the datastore of an instance, which the server shows by names: type and version as
// they were written, ids or names, as long as they can mean it. It asks the server only where an id was written; nothing
// speaks against one that is not offered any more.
func (c *Client) DatastoreAsWritten(ctx context.Context, written, shown Datastore) (Datastore, error) {
	out := shown
	if IsID(written.Type) {
		all, err := c.Datastores(ctx)
		if err != nil {
			return shown, err
		}
		if same(all, written.Type, shown.Type) || len(meant(all, written.Type)) == 0 {
			out.Type = written.Type
		}
	}
	if IsID(written.Version) {
		versions, err := c.versions(ctx, shown.Type)
		if err != nil {
			return shown, err
		}
		if same(versions, written.Version, shown.Version) || len(meant(versions, written.Version)) == 0 {
			out.Version = written.Version
		}
	}
	return out, nil
}

// versions are those of a datastore, none where it is not offered.
func (c *Client) versions(ctx context.Context, datastore string) ([]OfferedVersion, error) {
	all, err := c.Datastores(ctx)
	if err != nil {
		return nil, err
	}
	ids := meant(all, datastore)
	for _, d := range all {
		if slices.Contains(ids, d.ID) {
			return d.Versions, nil
		}
	}
	return nil, nil
}

// IsID says that a text is the id of a datastore or a version rather than a name: Trove looks it up as the one or the other
// by whether it is a UUID.
func IsID(text string) bool { return uuid.Validate(text) == nil }
