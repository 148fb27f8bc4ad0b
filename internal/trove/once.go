package trove

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// clockSkew is how far the server's idea of "since" may lie before ours, beside the offset seen in its Date headers.
const clockSkew = 2 * time.Second

// AmbiguousError says that the answer to a creation was lost and that more than one thing could be what it made.
type AmbiguousError struct {
	What, Name string // What is the kind of thing, such as "instance"
	IDs        []string
}

func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("the answer to the creation of %s was lost, and %d %ss made since fit it (%s): nothing was adopted; "+
		"delete those that should not be, or import the right one", e.Name, len(e.IDs), e.What, strings.Join(e.IDs, ", "))
}

// LostError says that the answer to a creation was lost, and that it could not be found out whether anything was made.
type LostError struct {
	What, Name string // What is the kind of thing, such as "instance"
	Cause      error
}

func (e *LostError) Error() string {
	return fmt.Sprintf("the answer to the creation of %s was lost, and the search for the %s ended early: look for one of that name "+
		"before applying again, it may exist although it is not in the state: %v", e.Name, e.What, e.Cause)
}

func (e *LostError) Unwrap() error { return e.Cause }

// creation is what must be made once: how to ask for it, and how to find it where the answer is lost.
type creation[T any] struct {
	what, name string // what kind of thing, and what it is called, for messages
	id         func(*T) string
	post       func(context.Context) (*T, error)
	// made lists what fits the request, was made since it was asked for, and is not claimed by another creation.
	made func(ctx context.Context, asked time.Time) ([]T, error)
}

// once posts a creation and settles what became of it where the answer is lost: one that is found is adopted, none is
// asked for once more, several are an *AmbiguousError. A *LostError says that the search was cut short. A request that is
// under way is not torn by cancelling ctx: its answer holds the id that must not be lost.
func once[T any](ctx context.Context, c *Client, r creation[T]) (*T, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("create %s %s: not sent: %w", r.what, r.name, err)
	}
	asked := c.clock.Now()
	for attempt := 1; ; attempt++ {
		created, err := r.post(unbroken(ctx))
		if err == nil && r.id(created) == "" {
			err = fmt.Errorf("create %s %s: %w", r.what, r.name, &garbledError{errors.New("it holds no id")})
		}
		if err == nil {
			c.claim(r.id(created))
			return created, nil
		}
		// The second request may be refused for what a slow server has made of the first.
		if attempt == 1 && !OutcomeUnknown(err) {
			return nil, err
		}
		found, searchErr := adopt(ctx, c, r, asked)
		if searchErr != nil || found != nil {
			return found, searchErr
		}
		if attempt == 2 || ctx.Err() != nil {
			return nil, err
		}
	}
}

// adopt looks for what a creation made although its answer was lost, for as long as a slow server could still be at it.
// It returns nil where there is none.
func adopt[T any](ctx context.Context, c *Client, r creation[T], asked time.Time) (*T, error) {
	ctx, done := outlive(ctx, c.requestTimeout())
	defer done()
	lost := func(cause error) error { return &LostError{What: r.what, Name: r.name, Cause: cause} }
	for start := c.clock.Now(); ; {
		found, err := r.made(ctx, asked)
		waited := c.clock.Now().Sub(start)
		switch {
		case err != nil && (ctx.Err() != nil || !passing(err)):
			return nil, lost(err)
		case len(found) == 1:
			if c.claim(r.id(&found[0])) {
				return &found[0], nil
			}
		case len(found) > 1:
			ids := make([]string, len(found))
			for i := range found {
				ids[i] = r.id(&found[i])
			}
			return nil, &AmbiguousError{What: r.what, Name: r.name, IDs: ids}
		}
		if waited >= c.requestTimeout() {
			if err != nil {
				return nil, lost(err)
			}
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, lost(ctx.Err())
		case <-c.clock.After(min(max(waited/10, minPoll), maxPoll)):
		}
	}
}

// onServer is a time of ours by the server's clock, as its Date header tells that, with some room before it.
func (c *Client) onServer(ours, serverNow time.Time) time.Time {
	ours = ours.Add(-clockSkew)
	if !serverNow.IsZero() {
		ours = ours.Add(serverNow.Sub(c.clock.Now()))
	}
	return ours
}

// outlive returns a context that ends only some time after ctx does, so that what was sent before can be found.
func outlive(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		t := time.NewTimer(grace)
		defer t.Stop()
		select {
		case <-t.C:
			cancel()
		case <-longer.Done():
		}
	})
	return longer, func() { stop(); cancel() }
}

// claim marks what has this id as made by this process; false where another creation has it already.
func (c *Client) claim(id string) bool {
	_, taken := c.claims.LoadOrStore(id, struct{}{})
	return !taken
}

func (c *Client) claimed(id string) bool {
	_, ok := c.claims.Load(id)
	return ok
}

// createdSince says whether something was created at or after t, to the second that Trove tells.
func createdSince(created Time, t time.Time) bool {
	return !time.Time(created).Before(t.Truncate(time.Second))
}
