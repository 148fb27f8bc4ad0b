package operation

import (
	"context"
	"errors"
	"fmt"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Creation is the creation of an instance that is noted for the next run.
type Creation struct{ entry *journalEntry }

// NoteCreation notes that an instance is about to be created.
func (c *Client) NoteCreation(name string) Creation {
	return Creation{c.clients.journal.begin(journalKey(c.Session(), name), c.clock.Now())}
}

// Made notes what was created. Terraform knows it when it has been read for a state: until then the note stays.
func (n Creation) Made(id string) { n.entry.made(id) }

// Ended takes back what was noted, unless the instance may have been made all the same.
func (n Creation) Ended(err error) {
	var unknown *UnknownOutcomeError
	var ambiguous *AmbiguousCreateError
	if !errors.As(err, &unknown) && !errors.As(err, &ambiguous) {
		n.entry.forget()
	}
}

// SetManaged notes that a state has an instance.
func (c *Client) SetManaged(i *trove.Instance) {
	c.Registry().SetManaged(i.ID)
	c.clients.journal.seen(journalKey(c.Session(), i.Name), i.ID)
}

// LostInstance finds what a run of this machine has left that was killed after it had sent this creation and before Terraform had saved the id:
// an instance of that name which is all that is asked for, and that was made since. It is nil where there is none.
func (c *Client) LostInstance(ctx context.Context, r trove.CreateRequest) (*trove.Instance, error) {
	left := c.clients.journal.unfinished(journalKey(c.Session(), r.Name))
	if len(left) == 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	all, serverTime, err := c.InstancesAt(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for what an earlier run may have created: %w", err)
	}
	for _, e := range left {
		for _, i := range all {
			if e.ID != "" && e.ID != i.ID || i.Name != r.Name || i.Status == trove.StatusShutdown || c.Registry().Claimed(i.ID) || c.Registry().Managed(i.ID) ||
				!createdSince(i.Created, c.onServer(e.Sent, serverTime)) {
				continue
			}
			found, err := c.Instance(ctx, i.ID) // lists show less
			switch {
			case errors.Is(err, openstack.ErrNotFound):
			case err != nil:
				return nil, fmt.Errorf("look at what an earlier run may have created: %w", err)
			case matches(found, r):
				return found, nil
			}
		}
	}
	return nil, nil //nolint:nilnil // there is none
}
