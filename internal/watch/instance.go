package watch

import (
	"context"
	"errors"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Reader is all that waiting for an instance requires of a client.
type Reader interface {
	Instance(ctx context.Context, id string) (*trove.Instance, error)
}

// Watcher waits for instances. It is safe for concurrent use.
type Watcher struct {
	reader Reader
	clock  clock.Clock
}

// New makes a Watcher.
func New(reader Reader, c clock.Clock) *Watcher { return &Watcher{reader: reader, clock: c} }

// WaitReady polls until the instance is ready. It returns a *FailedError as soon as it shows ERROR or FAILED, a
// *RestartRequiredError where only a restart makes it ready, ErrNotFound when it vanishes and a *TimeoutError when ctx ends.
func (w *Watcher) WaitReady(ctx context.Context, id string) (*trove.Instance, error) {
	i, err := w.WaitSettled(ctx, id)
	if err == nil && i.RestartRequired() {
		return i, &RestartRequiredError{ID: i.ID, Name: i.Name}
	}
	return i, err
}

// WaitSettled is WaitReady, but an instance that waits for a restart will do: nothing more happens to it by itself.
func (w *Watcher) WaitSettled(ctx context.Context, id string) (*trove.Instance, error) {
	return w.WaitUntil(ctx, id, "ready", func(i *trove.Instance, _ time.Duration) (bool, error) {
		if i.Failed() {
			return false, Failed(i)
		}
		return i.Ready() || i.RestartRequired(), nil
	})
}

// WaitGone polls until the instance no longer exists: 404, or status DELETED. It returns a *FailedError where the
// instance stays in ERROR for long, and a *TimeoutError when ctx ends.
func (w *Watcher) WaitGone(ctx context.Context, id string) error {
	_, err := w.WaitUntil(ctx, id, "deleted", func(i *trove.Instance, waited time.Duration) (bool, error) {
		if i.Failed() && waited > deletionGrace {
			return false, Failed(i)
		}
		return i.Status == trove.StatusDeleted, nil
	})
	return ignoreGone(err)
}

// WaitIdle waits until nothing happens to an instance any more, whether it is well or has failed or has gone: only then will
// the server delete it, or change the cluster that it is a member of.
func (w *Watcher) WaitIdle(ctx context.Context, id string) error {
	_, err := w.WaitUntil(ctx, id, "done with what it is at", func(i *trove.Instance, _ time.Duration) (bool, error) { return i.Settled(), nil })
	return ignoreGone(err)
}

// WaitUntil reads the instance again and again until done is content or fails; what says in errors what it waits for.
func (w *Watcher) WaitUntil(ctx context.Context, id, what string, done func(*trove.Instance, time.Duration) (bool, error)) (*trove.Instance, error) {
	return Until(ctx, w.clock, Poll[*trove.Instance]{
		ID: id, For: what, Done: done,
		Read:   func(ctx context.Context) (*trove.Instance, error) { return w.reader.Instance(ctx, id) },
		Status: (*trove.Instance).Condition,
	})
}

func ignoreGone(err error) error {
	if errors.Is(err, openstack.ErrNotFound) {
		return nil
	}
	return err
}
