package operation

import (
	"context"
	"errors"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// UnseenVersionError says that a datastore version may have been created but cannot be looked up.
type UnseenVersionError struct {
	Version string
	Cause   error
}

func (e *UnseenVersionError) Error() string {
	return fmt.Sprintf("datastore version %s may have been created, and was not found: %v", e.Version, e.Cause)
}

func (e *UnseenVersionError) Unwrap() error { return e.Cause }

// CreateDatastoreVersion creates a version of a datastore, and the datastore if that is new. The server does not return the id, so the
// version is looked up, even if the answer is lost. It returns an *ExistsError if the version exists already, and an *UnseenVersionError
// if its outcome is unknown. save is called with the version once it is found, or without its id if the outcome is unknown; attributes
// that differ from the request are changed after that.
func (c *Client) CreateDatastoreVersion(ctx context.Context, v trove.ManagedVersion, save func(*trove.ManagedVersion)) error {
	unlock, err := c.Registry().Lock(ctx, "datastore/"+c.Session()+"/"+v.Datastore) // two concurrent requests would create a new datastore twice
	if err != nil {
		return fmt.Errorf("create datastore version %s: waiting for its turn: %w", v.String(), err)
	}
	defer unlock()
	all, err := c.ManagedVersions(ctx)
	if err != nil {
		return err
	}
	if have := sameVersion(all, &v); have != nil {
		return &ExistsError{What: "datastore version " + v.String() + " with the id " + have.ID}
	}
	if (v.RegistryExt != "" || v.ReplStrategy != "") && len(all) > 0 && !all[0].HasClasses {
		return classesNotOffered()
	}
	var made *trove.ManagedVersion
	sent, err := c.run(ctx, attempt{
		done: func(ctx context.Context, sent bool) (bool, error) {
			if !sent {
				return false, nil
			}
			looking, done := outlive(ctx, c.requestTimeout())
			defer done()
			made, err = c.FindManagedVersion(looking, &v)
			return made != nil, err
		},
		send: func(ctx context.Context) error { return c.PostManagedVersion(openstack.Uncanceled(ctx), v) },
		ignored: func() error {
			return fmt.Errorf("the server accepted it, and does not list it")
		},
		once: true,
	})
	if err != nil && sent {
		save(&v)
		return &UnseenVersionError{Version: v.String(), Cause: err}
	}
	if err != nil {
		return err
	}
	save(made)
	// The server may have created the version but failed to make it the default.
	return c.changeVersion(ctx, made.ID, trove.VersionChange{Default: &v.Default})
}

// ManagedVersions lists the versions of all datastores, including inactive ones. Only administrators may do so. Trove looks up each version
// of its own list, and answers 400 if one is deleted meanwhile: then it is asked again.
func (c *Client) ManagedVersions(ctx context.Context) ([]trove.ManagedVersion, error) {
	for refusals := 0; ; refusals++ {
		all, err := c.Client.ManagedVersions(ctx)
		if refusals == mostRefusals || !errors.Is(err, openstack.ErrBadRequest) {
			return all, err
		}
		if err := c.pause(ctx, watch.MinInterval); err != nil {
			return nil, err
		}
	}
}

// ManagedVersion returns one version, nil if there is none. It is looked up in the list, since the server answers 400 for a missing one.
func (c *Client) ManagedVersion(ctx context.Context, id string) (*trove.ManagedVersion, error) {
	all, err := c.ManagedVersions(ctx)
	for n := range all {
		if all[n].ID == id {
			return &all[n], err
		}
	}
	return nil, err
}

// FindManagedVersion looks up a version by what identifies it besides its id; nil if there is none.
func (c *Client) FindManagedVersion(ctx context.Context, like *trove.ManagedVersion) (*trove.ManagedVersion, error) {
	all, err := c.ManagedVersions(ctx)
	return sameVersion(all, like), err
}

// sameVersion returns the one of all that like describes, nil if there is none.
func sameVersion(all []trove.ManagedVersion, like *trove.ManagedVersion) *trove.ManagedVersion {
	for n := range all {
		if all[n].Same(like) {
			return &all[n]
		}
	}
	return nil
}

// ChangeDatastoreVersion changes a version of this datastore. It may be repeated, so it is sent again if the answer is lost.
func (c *Client) ChangeDatastoreVersion(ctx context.Context, datastore, id string, change trove.VersionChange) error {
	unlock, err := c.Registry().Lock(ctx, "datastore/"+c.Session()+"/"+datastore)
	if err != nil {
		return fmt.Errorf("change datastore version %s: waiting for its turn: %w", id, err)
	}
	defer unlock()
	return c.changeVersion(ctx, id, change)
}

// classesNotOffered is the error if a server shows no classes of versions. Trove 18 answers 500 if one is to be changed.
func classesNotOffered() error {
	return &trove.NotOfferedError{What: "registry_ext and repl_strategy", Cause: errors.New("it shows them of no version")}
}

func (c *Client) changeVersion(ctx context.Context, id string, change trove.VersionChange) error {
	_, err := c.run(ctx, attempt{
		done: func(ctx context.Context, _ bool) (bool, error) {
			have, err := c.ManagedVersion(ctx, id)
			switch {
			case err != nil:
			case have == nil:
				err = fmt.Errorf("there is no datastore version %s any more", id)
			case !have.HasClasses && (change.RegistryExt != nil || change.ReplStrategy != nil):
				err = classesNotOffered()
			}
			return err == nil && have.Made(change), err
		},
		send: func(ctx context.Context) error { return c.PatchManagedVersion(openstack.Uncanceled(ctx), id, change) },
		ignored: func() error {
			return fmt.Errorf("the server accepted to change datastore version %s, and shows it as it was", id)
		},
	})
	return err
}

// RemoveDatastoreVersion deletes a version; one that is gone already is no error. Its datastore stays.
func (c *Client) RemoveDatastoreVersion(ctx context.Context, id string) error {
	gone := func(ctx context.Context) (bool, error) {
		have, err := c.ManagedVersion(ctx, id)
		return err == nil && have == nil, err
	}
	return c.deleteAndWait(ctx, deletion{
		send:    func(ctx context.Context) error { return c.DeleteManagedVersion(ctx, id) },
		gone:    gone,
		refused: happenedWhere(gone),
		wait: func(ctx context.Context, _ error) error {
			if is, err := gone(ctx); err != nil || is {
				return err
			}
			return fmt.Errorf("the server accepted to delete datastore version %s, and still has it", id)
		},
	})
}
