package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// clockSkew is how far the server's "since" may lie before ours, in addition to the offset seen in its Date headers.
const clockSkew = 2 * time.Second

// AmbiguousCreateError says that the answer to a creation was lost and that more than one object matches it.
type AmbiguousCreateError struct {
	Kind, Name string // Kind is such as "instance"
	IDs        []string
}

func (e *AmbiguousCreateError) Error() string {
	return fmt.Sprintf("the answer to the creation of %s was lost, and %d %ss created since then match it (%s): none was adopted",
		e.Name, len(e.IDs), e.Kind, strings.Join(e.IDs, ", "))
}

// UnknownOutcomeError says that the answer to a creation was lost, and that the search for the object could not be completed.
type UnknownOutcomeError struct {
	Kind, Name string // Kind is such as "instance"
	Cause      error
}

func (e *UnknownOutcomeError) Error() string {
	return fmt.Sprintf("the answer to the creation of %s was lost, and the search for the %s ended early: look for one with that name "+
		"before you apply again, because it may exist although it is not in the state: %v", e.Name, e.Kind, e.Cause)
}

func (e *UnknownOutcomeError) Unwrap() error { return e.Cause }

// createSpec is an object to create once: how to request it, and how to find it if the answer is lost.
type createSpec[T any] struct {
	kind, name string // for messages: "instance", and its name
	id         func(*T) string
	post       func(context.Context) (*T, error)
	// find lists the objects that match the request, were created since it was sent, and are not claimed by another creation.
	find func(ctx context.Context, asked time.Time) ([]T, error)
}

// createOnce posts a creation. If the answer is lost, it looks for the object: if one is found, it is adopted; if none, the request is
// sent once more; if several, it returns an *AmbiguousCreateError. An *UnknownOutcomeError says that the search was cut short. Canceling
// ctx does not abort a request in flight: its answer holds the id, which must not be lost.
func createOnce[T any](ctx context.Context, c *Client, r createSpec[T]) (*T, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("create %s %s: not sent: %w", r.kind, r.name, err)
	}
	asked := c.clock.Now()
	note := c.clients.journal.begin(c.journalKey(r.kind, r.name), asked)
	var made *T
	lost := false
	_, err := c.run(ctx, attempt{
		done: func(ctx context.Context, sent bool) (found bool, err error) {
			if made != nil || !sent {
				return made != nil, nil
			}
			made, err = adopt(ctx, c, r, asked)
			return made != nil, err
		},
		send: func(ctx context.Context) (err error) {
			created, err := r.post(openstack.Uncanceled(ctx))
			if err == nil {
				c.Registry().Claim(r.id(created))
				made = created
			}
			return err
		},
		refused: func(ctx context.Context, refusal error) (_ verdict, err error) {
			if !errors.Is(refusal, openstack.ErrNotReady) {
				return usual, nil
			}
			if lost { // a slow server may refuse it because of the first request
				if made, err = adopt(ctx, c, r, asked); made != nil || err != nil {
					return happened, err
				}
			}
			return usual, refusal // whether the source is idle is up to the attempt around this one
		},
		settle: func(_ context.Context, unknown error) error {
			lost = unknown != nil
			return nil
		},
	})
	if made != nil {
		note.made(r.id(made))
		return made, nil
	}
	note.ended(err)
	return nil, c.withQuota(ctx, err)
}

// adopt looks for the object of a creation whose answer was lost, as long as a slow server may still be working on it. It returns nil if
// there is none.
func adopt[T any](ctx context.Context, c *Client, r createSpec[T], asked time.Time) (*T, error) {
	ctx, done := outlive(ctx, c.requestTimeout())
	defer done()
	var adopted *T
	_, err := watch.Until(ctx, c.clock, watch.Poll[[]T]{
		Object: r.kind + " " + r.name, For: "found",
		Read: func(ctx context.Context) ([]T, error) { return r.find(ctx, asked) },
		Done: func(found []T, waited time.Duration) (bool, error) {
			if len(found) > 1 {
				ids := make([]string, len(found))
				for i := range found {
					ids[i] = r.id(&found[i])
				}
				return false, &AmbiguousCreateError{Kind: r.kind, Name: r.name, IDs: ids}
			}
			if len(found) == 1 && c.Registry().Claim(r.id(&found[0])) {
				adopted = &found[0]
			}
			return adopted != nil || waited >= c.requestTimeout(), nil
		},
	})
	var ambiguous *AmbiguousCreateError
	switch {
	case err == nil:
		return adopted, nil
	case errors.As(err, &ambiguous):
		return nil, err
	}
	return nil, &UnknownOutcomeError{Kind: r.kind, Name: r.name, Cause: err}
}

// onServer converts a local time to the server's clock, known from its Date header, and subtracts a margin.
func (c *Client) onServer(ours, serverNow time.Time) time.Time {
	ours = ours.Add(-clockSkew)
	if !serverNow.IsZero() {
		ours = ours.Add(serverNow.Sub(c.clock.Now()))
	}
	return ours
}

// createdSince reports whether an object was created at or after t, at Trove's precision of one second.
func createdSince(created trove.Time, t time.Time) bool {
	return !time.Time(created).Before(t.Truncate(time.Second))
}
