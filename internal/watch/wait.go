// Package watch waits for what a server does in the background. All polling is here: one loop, one interval, one way to tell a temporary
// failure from a permanent one.
package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// deletionGrace is how long an instance may show ERROR after its deletion was requested: Trove shows that for a while if the underlying
// server is already broken.
const deletionGrace = 2 * time.Minute

// FailedError says that an instance ended in status ERROR or FAILED. Fault is the server's own text.
type FailedError struct {
	ID, Name, Status, Fault string
}

// Failed returns the FailedError of an instance.
func Failed(i *trove.Instance) *FailedError {
	return &FailedError{ID: i.ID, Name: i.Name, Status: i.Status, Fault: i.FaultText()}
}

func (e *FailedError) Error() string {
	text := e.Fault
	if text == "" {
		text = "the server gave no reason"
	}
	return fmt.Sprintf("instance %s (%s) is in status %s: %s", e.Name, e.ID, e.Status, text)
}

// TimeoutError says that the context of a wait ended first. It unwraps to the cause, and to the reason the last poll failed.
type TimeoutError struct {
	ID     string        // of the instance or backup
	Object string        // what was waited for if it is not an instance; "" if it is
	For    string        // the awaited condition, such as "ready"
	Last   string        // the last status seen, "" if none was
	Waited time.Duration // since the wait began
	Cause  error
	Failed error // why the last poll failed, nil if it did not
}

func (e *TimeoutError) Error() string {
	last := "its status could not be read"
	if e.Last != "" {
		last = "it still showed status " + e.Last
	}
	object := e.Object
	if object == "" {
		object = "instance " + e.ID
	} else if e.Last == "" {
		last = "it was not" // an object that does not exist yet has no status
	}
	why := e.Cause.Error()
	switch {
	case errors.Is(e.Cause, context.DeadlineExceeded):
		why = "the timeout was reached"
	case errors.Is(e.Cause, context.Canceled):
		why = "the wait was canceled"
	}
	if e.Failed != nil {
		why += ", after: " + e.Failed.Error()
	}
	return fmt.Sprintf("the wait for %s to be %s ended after %s; %s, then %s", object, e.For, e.Waited.Round(time.Second), last, why)
}

func (e *TimeoutError) Unwrap() []error {
	if e.Failed == nil {
		return []error{e.Cause}
	}
	return []error{e.Cause, e.Failed}
}

// RestartRequiredError says that an instance cannot be changed until it is restarted.
type RestartRequiredError struct{ ID, Name string }

func (e *RestartRequiredError) Error() string {
	return fmt.Sprintf("instance %s (%s) must be restarted before any other change: settings of its configuration group "+
		"take effect only then", e.Name, e.ID)
}

// Poll is one wait: what to read again and again, and when to stop.
type Poll[T any] struct {
	ID, Object, For string // as in TimeoutError
	Read            func(context.Context) (T, error)
	// Done reports whether what was read is enough; an error ends the wait.
	Done func(value T, waited time.Duration) (bool, error)
	// Status returns the status that an error shows for what was read last; nil shows nothing.
	Status func(T) string
	// Pause waits between two polls of a wait that has lasted this long; nil pauses for Interval.
	Pause func(ctx context.Context, waited time.Duration) error
}

// Until polls until Done reports true, and returns what was read last. It returns a *TimeoutError if ctx ends. A poll that fails for a
// temporary reason is repeated as long as ctx lasts; any other failure is returned as it is.
func Until[T any](ctx context.Context, c clock.Clock, p Poll[T]) (value T, err error) {
	start, last := c.Now(), ""
	var failed error
	timeout := func(cause error) error {
		return &TimeoutError{ID: p.ID, Object: p.Object, For: p.For, Last: last, Waited: c.Now().Sub(start), Cause: cause, Failed: failed}
	}
	for {
		read, err := p.Read(ctx)
		waited := c.Now().Sub(start)
		switch {
		case err == nil:
			value, failed = read, nil
			if p.Status != nil {
				last = p.Status(value)
			}
			if done, err := p.Done(value, waited); done || err != nil {
				return value, err
			}
		case ctx.Err() != nil:
			return value, timeout(ctx.Err())
		case !Temporary(err):
			return value, err
		default:
			failed = err
		}
		pause := p.Pause
		if pause == nil {
			pause = func(ctx context.Context, waited time.Duration) error { return Pause(ctx, c, Interval(waited)) }
		}
		if err := pause(ctx, waited); err != nil {
			return value, timeout(err)
		}
	}
}

// Pause waits for a while, or returns the error of a context that ends first.
func Pause(ctx context.Context, c clock.Clock, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-c.After(d):
		return nil
	}
}

// Temporary reports whether an error may be gone at the next poll: the server failed or is out of reach, but did not refuse. What became of
// an instance is an outcome, also if a poll waited for it.
func Temporary(err error) bool {
	if errors.As(err, new(*FailedError)) || errors.As(err, new(*RestartRequiredError)) {
		return false
	}
	var answer *openstack.Error
	if errors.As(err, &answer) {
		return errors.Is(err, openstack.ErrUnavailable) || errors.Is(err, openstack.ErrRateLimited)
	}
	var unreached *openstack.ConnectError
	if errors.As(err, &unreached) {
		return unreached.Temporary
	}
	return !errors.Is(err, openstack.ErrUnbounded)
}
