package trove

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// OfferedDatastore is a datastore with its versions. gophercloud's own type lacks the version numbers.
type OfferedDatastore struct {
	ID             string           `json:"id"`
	Name           string           `json:"name"`
	DefaultVersion string           `json:"default_version"` // the id, "" if there is none
	Versions       []OfferedVersion `json:"versions"`
}

// OfferedVersion is one version of a datastore.
type OfferedVersion struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Number string `json:"version"` // such as 5.7.29; "" if the server does not show it
}

// Datastores lists the datastores that the server offers, with their versions; it asks once.
func (c *Client) Datastores(ctx context.Context) ([]OfferedDatastore, error) {
	return c.datastores.get(ctx, func(ctx context.Context) ([]OfferedDatastore, error) {
		all, _, err := list[OfferedDatastore](ctx, c, "list datastores", "datastores", nil, "datastores")
		return all, err
	})
}

// UnknownError says that the server offers nothing of that name or id.
type UnknownError struct {
	What    string   // what was asked for, such as "datastore", or "version of mysql"
	Name    string   // as it was asked for
	Offered []string // the names offered
	IDs     []string // of those
}

func (e *UnknownError) Error() string {
	if e.Name == "" {
		return fmt.Sprintf("the server has no %s; it has %s", e.What, strings.Join(e.Offered, ", "))
	}
	return fmt.Sprintf("the server has no %s %q; it has %s", e.What, e.Name, strings.Join(e.Offered, ", "))
}

// OfDatastore reports whether the datastore itself is not offered, rather than its version.
func (e *UnknownError) OfDatastore() bool { return e.What == unknownDatastore }

const unknownDatastore = "datastore"

// DatastoreVersion finds a version by the name or id of the datastore and of the version; version "" is the datastore's default. It
// returns an *UnknownError if the server has no such datastore or version, and a *SharedNameError if several have the name, as versions
// with different numbers may.
func (c *Client) DatastoreVersion(ctx context.Context, datastore, version string) (*DatastoreVersion, error) {
	all, err := c.Datastores(ctx)
	if err != nil {
		return nil, err
	}
	d, err := findOne(unknownDatastore, all, datastore)
	if err != nil {
		return nil, err
	}
	what, wanted := "version of ", version
	if version == "" {
		what, wanted = "default version of ", d.DefaultVersion
	}
	found, err := findOne(what+d.Name, d.Versions, wanted)
	var unknown *UnknownError
	if errors.As(err, &unknown) {
		unknown.Name = version
	}
	if err != nil {
		return nil, err
	}
	return &DatastoreVersion{
		ID: found.ID, Name: found.Name, Number: found.Number, DatastoreID: d.ID, DatastoreName: d.Name,
		Default: found.ID == d.DefaultVersion || found.Name == d.DefaultVersion, Versions: d.versionNames(),
	}, nil
}

// DatastoreVersion is one version of a datastore.
type DatastoreVersion struct {
	ID, Name, Number           string
	DatastoreID, DatastoreName string
	Default                    bool     // used if a new instance does not name one
	Versions                   []string // the names of all versions of the datastore
}

// Spelling returns how to ask for the version: by its name, or by its id if another version has the same name.
func (v *DatastoreVersion) Spelling() string {
	bearers := 0
	for _, name := range v.Versions {
		if name == v.Name {
			bearers++
		}
	}
	if bearers > 1 {
		return v.ID
	}
	return v.Name
}

func (d OfferedDatastore) versionNames() (names []string) {
	for _, v := range d.Versions {
		names = append(names, v.Name)
	}
	return names
}

// SameDatastore reports whether two texts, each an id or a name, mean the same datastore. It asks the server only if one of them is an id,
// that is, a UUID.
func (c *Client) SameDatastore(ctx context.Context, a, b string) (bool, error) {
	if a == b || !IsID(a) && !IsID(b) {
		return a == b, nil
	}
	all, err := c.Datastores(ctx)
	return err == nil && equivalent(all, a, b), err
}

// DatastoreName returns the name of a datastore from its id or name. It returns an *UnknownError if there is none.
func (c *Client) DatastoreName(ctx context.Context, idOrName string) (string, error) {
	all, err := c.Datastores(ctx)
	if err != nil {
		return "", err
	}
	d, err := findOne(unknownDatastore, all, idOrName)
	return d.Name, err
}

// SameVersion reports, like SameDatastore, whether two texts can mean the same version of a datastore, itself an id or a name. Instances
// show only names.
func (c *Client) SameVersion(ctx context.Context, datastore, a, b string) (bool, error) {
	if a == b || !IsID(a) && !IsID(b) {
		return a == b, nil
	}
	versions, err := c.versions(ctx, datastore)
	return err == nil && equivalent(versions, a, b), err
}

// DatastoreAsWritten returns what to show as the datastore of an instance, which the server shows by names: type and version as they were
// written, ids or names, if they can mean the same. It asks the server only if an id was written; one that is no longer offered is kept.
func (c *Client) DatastoreAsWritten(ctx context.Context, written, shown Datastore) (Datastore, error) {
	out := shown
	if IsID(written.Type) {
		all, err := c.Datastores(ctx)
		if err != nil {
			return shown, err
		}
		if equivalent(all, written.Type, shown.Type) || len(candidates(all, written.Type)) == 0 {
			out.Type = written.Type
		}
	}
	if IsID(written.Version) {
		versions, err := c.versions(ctx, shown.Type)
		if err != nil {
			return shown, err
		}
		if equivalent(versions, written.Version, shown.Version) || len(candidates(versions, written.Version)) == 0 {
			out.Version = written.Version
		}
	}
	return out, nil
}

// versions returns those of a datastore, none if it is not offered.
func (c *Client) versions(ctx context.Context, datastore string) ([]OfferedVersion, error) {
	all, err := c.Datastores(ctx)
	if err != nil {
		return nil, err
	}
	ids := candidates(all, datastore)
	for _, d := range all {
		if slices.Contains(ids, d.ID) {
			return d.Versions, nil
		}
	}
	return nil, nil
}
