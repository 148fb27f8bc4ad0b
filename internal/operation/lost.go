package operation

import (
	"context"
	"errors"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// LostError says that what is to be created exists already: an earlier run created it and was killed before Terraform saved the id.
type LostError struct {
	Kind, Name, ID string // Kind is such as "instance"
}

func (e *LostError) Error() string {
	return fmt.Sprintf("the project has %s %s (%s) already: it has the settings that are to be created, and an earlier run on this machine probably created it and "+
		"was killed before Terraform could save the id", e.Kind, e.Name, e.ID)
}

// UnsentError says that a creation was not sent, because of an error before it.
type UnsentError struct{ Cause error }

func (e *UnsentError) Error() string { return e.Cause.Error() }

func (e *UnsentError) Unwrap() error { return e.Cause }

// checkLost returns a *LostError if an earlier run on this machine left an object that matches a creation about to be sent. One that has
// failed is returned without an error: it would only be replaced. If the user may not list such objects, nothing is found.
func checkLost[T any](ctx context.Context, c *Client, r createSpec[T], failed func(*T) bool) (*T, error) {
	for _, e := range c.clients.journal.unfinished(c.journalKey(r.kind, r.name)) {
		found, err := r.find(ctx, e.Sent)
		if errors.Is(err, openstack.ErrForbidden) {
			return nil, nil //nolint:nilnil // there is none
		}
		if err != nil {
			return nil, &UnsentError{fmt.Errorf("look for what an earlier run may have created: %w", err)}
		}
		for n := range found {
			id := r.id(&found[n])
			switch {
			case !e.mayBe(id), c.Registry().Managed(id):
			case failed(&found[n]):
				return &found[n], nil
			default:
				return nil, &LostError{r.kind, r.name, id}
			}
		}
	}
	return nil, nil //nolint:nilnil // there is none
}

// CheckLost is for an instance about to be created: it returns a *LostError if an earlier run left it. One that has failed is returned
// without an error.
func (c *Client) CheckLost(ctx context.Context, r trove.CreateRequest) (*trove.Instance, error) {
	return checkLost(ctx, c, c.creation(r), (*trove.Instance).Failed)
}

// SetManaged records that a state has the object of that kind and id; kind is as in LostError.
func (c *Client) SetManaged(kind, name, id string) {
	c.Registry().SetManaged(id)
	c.clients.journal.seen(c.journalKey(kind, name), id)
}

func (c *Client) journalKey(kind, name string) string { return journalKey(c.Session(), kind, name) }
