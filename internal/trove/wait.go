package trove

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Polling grows with the time waited: a tenth of it, within these bounds.
const (
	minPoll = 250 * time.Millisecond
	maxPoll = 5 * time.Second
)

// toleratedFailures is how many polls in a row may fail for passing reasons before a wait gives up; the requests
// beneath have been retried by then.
const toleratedFailures = 5

// deletionGrace is how long an instance may show ERROR after it was asked to go: Trove shows that for a while when
// the server beneath is already broken.
const deletionGrace = 2 * time.Minute

// Getter is all that waiting needs of a client.
type Getter interface {
	Instance(ctx context.Context, id string) (*Instance, error)
}

// Clock is the time that waiting goes by.
type Clock interface {
	Now() time.Time
	// After delivers once, when d has passed.
	After(d time.Duration) <-chan time.Time
}

// SystemClock is the machine's own clock.
type SystemClock struct{}

// Now implements Clock.
func (SystemClock) Now() time.Time { return time.Now() }

// After implements Clock.
func (SystemClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// FailedError says that an instance ended in status ERROR or FAILED. Fault is the server's own text.
type FailedError struct {
	ID, Name, Status, Fault string
}

func (e *FailedError) Error() string {
	text := e.Fault
	if text == "" {
		text = "the server gave no reason"
	}
	return fmt.Sprintf("instance %s (%s) is in status %s: %s", e.Name, e.ID, e.Status, text)
}

// WaitError says that a wait ended before what it waited for came about: its context ended, or the instance could not
// be read any more. It unwraps to the cause.
type WaitError struct {
	ID     string        // of the instance or backup
	Thing  string        // what was waited for where it is no instance; "" where it is one
	For    string        // what was waited for, such as "ready"
	Last   string        // the last status seen, "" if none was
	Waited time.Duration // since the wait began
	Cause  error
}

func (e *WaitError) Error() string {
	last := "its status could not be read"
	if e.Last != "" {
		last = "it still showed status " + e.Last
	}
	thing := e.Thing
	if thing == "" {
		thing = "instance " + e.ID
	} else if e.Last == "" {
		last = "it was not" // what is not there yet has no status
	}
	why := e.Cause.Error()
	switch {
	case errors.Is(e.Cause, context.DeadlineExceeded):
		why = "the time-out was reached"
	case errors.Is(e.Cause, context.Canceled):
		why = "the wait was cancelled"
	}
	return fmt.Sprintf("%s was waited for to be %s for %s; %s, then %s", thing, e.For, e.Waited.Round(time.Second), last, why)
}

func (e *WaitError) Unwrap() error { return e.Cause }

// RestartRequiredError says that an instance cannot be changed before it is restarted.
type RestartRequiredError struct{ ID, Name string }

func (e *RestartRequiredError) Error() string {
	return fmt.Sprintf("instance %s (%s) must be restarted before anything else can be done to it: settings of its configuration group "+
		"take effect only then", e.Name, e.ID)
}

// WaitReady polls until the instance is ready. It returns a *FailedError as soon as it shows ERROR or FAILED, a
// *RestartRequiredError where only a restart makes it ready, ErrNotFound when it vanishes and a *WaitError when ctx ends.
func WaitReady(ctx context.Context, clock Clock, g Getter, id string) (*Instance, error) {
	i, err := WaitSettled(ctx, clock, g, id)
	if err == nil && i.RestartRequired() {
		return i, &RestartRequiredError{ID: i.ID, Name: i.Name}
	}
	return i, err
}

// WaitSettled is WaitReady, but an instance that waits for a restart will do: nothing more happens to it by itself.
func WaitSettled(ctx context.Context, clock Clock, g Getter, id string) (*Instance, error) {
	return poll(ctx, clock, g, id, "ready", func(i *Instance, _ time.Duration) (bool, error) {
		if i.Failed() {
			return false, &FailedError{ID: i.ID, Name: i.Name, Status: i.Status, Fault: i.FaultText()}
		}
		return i.Ready() || i.RestartRequired(), nil
	})
}

// WaitGone polls until the instance no longer exists: 404, or status DELETED. It returns a *FailedError where the
// instance stays in ERROR for long, and a *WaitError when ctx ends.
func WaitGone(ctx context.Context, clock Clock, g Getter, id string) error {
	_, err := poll(ctx, clock, g, id, "deleted", func(i *Instance, waited time.Duration) (bool, error) {
		if i.Failed() && waited > deletionGrace {
			return false, &FailedError{ID: i.ID, Name: i.Name, Status: i.Status, Fault: i.FaultText()}
		}
		return i.Status == StatusDeleted, nil
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// waitIdle waits until nothing happens to an instance any more, whether it is well or has failed or has gone: only then will
// the server delete it, or change the cluster that it is a member of.
func (c *Client) waitIdle(ctx context.Context, id string) error {
	_, err := poll(ctx, c.clock, c, id, "done with what it is at", func(i *Instance, _ time.Duration) (bool, error) { return i.settled(), nil })
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// poll reads the instance again and again until judge is content or fails.
func poll(ctx context.Context, clock Clock, g Getter, id, what string, judge func(*Instance, time.Duration) (bool, error)) (*Instance, error) {
	start, last, failures := clock.Now(), "", 0
	for {
		instance, err := g.Instance(ctx, id)
		waited := clock.Now().Sub(start)
		switch {
		case err == nil:
			failures, last = 0, instance.state()
			done, err := judge(instance, waited)
			if err != nil {
				return instance, err
			}
			if done {
				return instance, nil
			}
		case ctx.Err() != nil:
			return nil, &WaitError{ID: id, For: what, Last: last, Waited: waited, Cause: ctx.Err()}
		case !passing(err):
			return nil, err
		default:
			if failures++; failures > toleratedFailures {
				return nil, &WaitError{ID: id, For: what, Last: last, Waited: waited, Cause: err}
			}
		}
		select {
		case <-ctx.Done():
			return instance, &WaitError{ID: id, For: what, Last: last, Waited: clock.Now().Sub(start), Cause: ctx.Err()}
		case <-clock.After(min(max(waited/10, minPoll), maxPoll)):
		}
	}
}

// passing says that an error may be gone at the next poll: the server is unwell or out of reach, but did not refuse.
func passing(err error) bool {
	var answer *Error
	if errors.As(err, &answer) {
		return errors.Is(err, ErrUnavailable) || errors.Is(err, ErrRateLimited)
	}
	var unreached *ConnectError
	if errors.As(err, &unreached) {
		return unreached.Temporary
	}
	return true
}
