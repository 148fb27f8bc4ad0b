package trove

import (
	"context"
	"errors"
	"fmt"
)

// ReplicaError says that an instance replicates, so that what is written to it would be lost or break its replication.
type ReplicaError struct {
	ID     string
	Source string // the one to write to
}

func (e *ReplicaError) Error() string {
	return fmt.Sprintf("instance %s is a replica of instance %s: databases and users belong to the source, from where they replicate", e.ID, e.Source)
}

// ExistsError says that something of that name exists already, which this process has not made.
type ExistsError struct{ What string }

func (e *ExistsError) Error() string { return e.What + " exists already" }

// primary is the instance that what id holds is written to: itself, or the one that it replicates from.
func (c *Client) primary(ctx context.Context, id string) (string, error) {
	i, err := c.Instance(ctx, id)
	if err != nil {
		return "", err
	}
	sources, _, err := c.SourcesOf(ctx, i)
	if err != nil || len(sources) != 1 {
		return id, err
	}
	return sources[0], nil
}

// writable returns a *ReplicaError where the instance replicates from another.
func (c *Client) writable(ctx context.Context, id string) error {
	source, err := c.primary(ctx, id)
	if err == nil && source != id {
		return &ReplicaError{ID: id, Source: source}
	}
	return err
}

// serving sends a request about what is within an instance. Trove refuses it with 422 while the database is down, as
// during a restart: then the instance is waited for and the request sent again. It takes any number of such requests at
// once. An instance that stays down, because it has failed or because its datastore has no such thing, is the refusal.
func (c *Client) serving(ctx context.Context, id string, send func() error) error {
	for refused := 0; ; {
		err := send()
		if !errors.Is(err, ErrNotReady) {
			return err
		}
		if _, waitErr := c.WaitSettled(ctx, id); waitErr != nil {
			if errors.Is(waitErr, ErrNotFound) {
				return waitErr
			}
			return errors.Join(err, waitErr)
		}
		if refused++; refused > refusedWhileReady {
			return err
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-c.clock.After(minPoll):
		}
	}
}

// bringAbout makes something within an instance what it should be, in the background of the server: send asks for it, and
// there says whether it is so. Where the answer to send is lost, it is looked for, and sent once more where it is not there:
// that is safe for what has a name, since the server refuses it a second time. save hears as soon as it may be there.
func (c *Client) bringAbout(ctx context.Context, id, what string, there func(context.Context) (bool, error), send func(context.Context) error, save func()) error {
	for attempt := 1; ; attempt++ {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("change %s: not sent: %w", what, err)
		}
		err := c.serving(ctx, id, func() error { return send(unbroken(ctx)) })
		switch {
		case err == nil:
			save()
			return c.until(ctx, id, what, there)
		case !OutcomeUnknown(err) && attempt == 1:
			return err
		case OutcomeUnknown(err):
			save()
		}
		// The second request may be refused for what a slow server has made of the first.
		looking, done := outlive(ctx, c.requestTimeout())
		limited, cancel := context.WithTimeout(looking, c.requestTimeout())
		found := c.until(limited, id, what, there)
		cancel()
		done()
		if found == nil {
			return nil
		}
		if attempt == 2 || ctx.Err() != nil {
			return err
		}
	}
}

// until polls for something within an instance; what names it, and there waits itself while the database is down.
func (c *Client) until(ctx context.Context, id, what string, there func(context.Context) (bool, error)) error {
	start, failures := c.clock.Now(), 0
	for {
		ok, err := there(ctx)
		waited := c.clock.Now().Sub(start)
		switch {
		case ok && err == nil:
			return nil
		case err == nil:
			failures = 0
		case ctx.Err() == nil && !passing(err):
			return err
		default:
			failures++
		}
		if failures > toleratedFailures {
			return err
		}
		select {
		case <-ctx.Done():
			return &WaitError{ID: id, Thing: what, For: "as it should be", Waited: c.clock.Now().Sub(start), Cause: ctx.Err()}
		case <-c.clock.After(min(max(waited/10, minPoll), maxPoll)):
		}
	}
}

// contents names something within an instance.
func contents(kind, name, id string) string {
	return fmt.Sprintf("%s %s on instance %s", kind, name, id)
}

// gone turns the answer to a look into whether there is nothing any more, the instance itself included.
func gone(err error) (bool, error) {
	if errors.Is(err, ErrNotFound) {
		return true, nil
	}
	return false, err
}
