package watch

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// WaitReady polls until the instance is ready. It returns a *FailedError as soon as it shows ERROR or FAILED, a
// *RestartRequiredError if only a restart makes it ready, ErrNotFound when it vanishes and a *TimeoutError when ctx ends.
func (w *Watcher) WaitReady(ctx context.Context, id string) (*trove.Instance, error) {
	return orRestart(w.WaitSettled(ctx, id))
}

func orRestart(i *trove.Instance, err error) (*trove.Instance, error) {
	if err == nil && i.RestartRequired() {
		return i, &RestartRequiredError{ID: i.ID, Name: i.Name}
	}
	return i, err
}

// WaitSettled is WaitReady, but also accepts an instance that waits for a restart: nothing more happens to it by itself.
func (w *Watcher) WaitSettled(ctx context.Context, id string) (*trove.Instance, error) {
	return w.until(ctx, goal{id: id, what: "ready", done: settled})
}

func settled(i *trove.Instance, _ time.Duration) (bool, error) {
	if i.Failed() {
		return false, Failed(i)
	}
	return i.Ready() || i.RestartRequired(), nil
}

// WaitBuilt is WaitReady for a new instance, as shown in the answer to its creation: the first look is when such instances are usually
// built, from what this process has seen.
func (w *Watcher) WaitBuilt(ctx context.Context, created *trove.Instance) (*trove.Instance, error) {
	kind := fmt.Sprintf("build %s %s of flavor %s, replica %t, topology %t", created.Datastore.Type, created.Datastore.Version, created.Flavor.ID,
		created.ReplicaOf != nil, created.Topology != nil)
	i, err := w.until(ctx, goal{id: created.ID, what: "ready", kind: kind, begun: true, done: settled})
	return orRestart(i, err)
}

// kindGone is the schedule's kind for deletions.
const kindGone = "deletion"

// WaitGone waits until an instance whose deletion the server has accepted no longer exists: 404, or status DELETED. It returns a
// *FailedError if the instance stays in ERROR for long, and a *TimeoutError when ctx ends.
func (w *Watcher) WaitGone(ctx context.Context, id string) error {
	_, err := w.until(ctx, goal{id: id, what: "deleted", kind: kindGone, begun: true, done: func(i *trove.Instance, waited time.Duration) (bool, error) {
		if i.Failed() && waited > deletionGrace {
			return false, Failed(i)
		}
		return i.Status == trove.StatusDeleted, nil
	}})
	return ignoreGone(err)
}

// WaitIdle waits until nothing happens to an instance any more, whether it is healthy, has failed or is gone: only then does the server
// delete it, or change the cluster it belongs to.
func (w *Watcher) WaitIdle(ctx context.Context, id string) error {
	_, err := w.until(ctx, goal{id: id, what: "done with what it is at", done: func(i *trove.Instance, _ time.Duration) (bool, error) { return i.Settled(), nil }})
	return ignoreGone(err)
}

// WaitUntil polls the instance itself until done, which may look at all of it, reports true or fails; what names the awaited condition in
// errors.
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
