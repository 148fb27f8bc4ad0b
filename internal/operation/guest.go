package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// ReplicaError says that an instance replicates, so that writing to it would lose the data or break its replication.
type ReplicaError struct {
	ID      string
	Sources []string // what it replicates from; if there are several, nothing says which of them to write to
}

func (e *ReplicaError) Error() string {
	if len(e.Sources) == 1 {
		return fmt.Sprintf("instance %s is a replica of instance %s: databases and users belong to the source, from which they replicate", e.ID, e.Sources[0])
	}
	return fmt.Sprintf("instance %s is a replica of the instances %s: databases and users belong to one of its sources, from which they replicate, and "+
		"nothing says to which", e.ID, strings.Join(e.Sources, " and "))
}

// ExistsError says that something of that name exists already and was not created by this process.
type ExistsError struct{ What string }

func (e *ExistsError) Error() string { return e.What + " exists already" }

// sources returns the instances that instance id replicates from now.
func (c *Client) sources(ctx context.Context, id string) ([]string, error) {
	i, err := c.Instance(ctx, id)
	if err != nil {
		return nil, err
	}
	sources, _, err := c.SourcesOf(ctx, i)
	return sources, err
}

// writeTarget returns the instance to write to for changes to what id holds: the one it replicates from, or id itself, even if that source
// is gone. It returns a *ReplicaError if it replicates from several.
func (c *Client) writeTarget(ctx context.Context, id string) (string, error) {
	sources, err := c.sources(ctx, id)
	switch {
	case err != nil:
		return "", err
	case len(sources) == 0:
		return id, nil
	case len(sources) > 1:
		return "", &ReplicaError{ID: id, Sources: sources}
	}
	switch gone, err := isGone(second(c.Instance(ctx, sources[0]))); {
	case err != nil:
		return "", err
	case gone:
		return id, nil
	}
	return sources[0], nil
}

// creationTarget returns the instance to create something on so that instance id has it: id itself, or the source of its set if id has
// lost that role. It returns a *ReplicaError if the instance was made as a replica: then nothing says that the set is meant.
func (c *Client) creationTarget(ctx context.Context, id string) (string, error) {
	i, err := c.Instance(ctx, id)
	if err != nil {
		return "", err
	}
	source, err := c.CurrentSource(ctx, i)
	var replica *ReplicaOfReplicaError
	if errors.As(err, &replica) {
		return "", &ReplicaError{ID: id, Sources: replica.Sources}
	}
	return source, err
}

// readTargets are the instances to read from in place of others, and since when that is known.
type readTargets struct {
	mu    sync.Mutex
	known map[string]readTarget
}

type readTarget struct {
	id    string
	since time.Time
}

// readTargetAge is how long a refresh relies on the roles it has read: many databases and users of one instance are read, and a former
// source shows the same.
const readTargetAge = 30 * time.Second

func (t *readTargets) get(id string, now time.Time) (target string, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	known, ok := t.known[id]
	return known.id, ok && now.Sub(known.since) < readTargetAge
}

func (t *readTargets) set(id, target string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.known == nil {
		t.known = map[string]readTarget{}
	}
	t.known[id] = readTarget{target, now}
}

// forget drops what is known, because roles have changed.
func (t *readTargets) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = nil
}

// readTarget returns the instance to read what id holds from: the one it replicates from, or id itself, even if it replicates from several
// and so has what each of them has. Reads at about the same time share one request.
func (c *Client) readTarget(ctx context.Context, id string) (string, error) {
	if target, ok := c.readTargets.get(id, c.clock.Now()); ok {
		return target, nil
	}
	unlock, err := c.Registry().Lock(ctx, "roles/"+c.Session()+"/"+id)
	if err != nil {
		return "", err
	}
	defer unlock()
	if target, ok := c.readTargets.get(id, c.clock.Now()); ok {
		return target, nil
	}
	target := id
	switch sources, err := c.sources(ctx, id); {
	case err != nil:
		return "", err
	case len(sources) == 1:
		target = sources[0]
	}
	c.readTargets.set(id, target, c.clock.Now())
	return target, nil
}

// readOfSet reads what instance id holds from the source of its set, or from the instance itself if that source is gone.
func readOfSet[T any](ctx context.Context, c *Client, id string, read func(ctx context.Context, id string) (T, error)) (T, error) {
	target, err := c.readTarget(ctx, id)
	if err != nil {
		var none T
		return none, err
	}
	value, err := read(ctx, target)
	if target == id || !errors.Is(err, openstack.ErrNotFound) {
		return value, err
	}
	switch _, lookErr := c.Instance(ctx, target); {
	case lookErr == nil:
		return value, err
	case !errors.Is(lookErr, openstack.ErrNotFound):
		return value, lookErr
	}
	return read(ctx, id)
}

// whileDown waits for an instance whose database is down, after a request about its contents was refused with 422, as during a restart. If
// the instance stays down, because it has failed or because its datastore has no such objects, it returns the refusal.
func (c *Client) whileDown(id string) func(context.Context, error) (verdict, error) {
	return func(ctx context.Context, refusal error) (verdict, error) {
		if !errors.Is(refusal, openstack.ErrNotReady) {
			return usual, nil
		}
		_, err := c.WaitSettled(ctx, id)
		if errors.Is(err, openstack.ErrNotFound) {
			return usual, err
		}
		return usual, joined(refusal, err)
	}
}

// readGuest reads something inside an instance, and waits if its database is down.
func readGuest[T any](ctx context.Context, c *Client, id string, read func(context.Context) (T, error)) (value T, err error) {
	_, err = c.run(ctx, attempt{
		send: func(ctx context.Context) (err error) {
			value, err = read(ctx)
			return err
		},
		refused: c.whileDown(id),
	})
	return value, err
}

// ensure brings something inside an instance into the wanted state, which the server does in the background: send requests it, and is
// reports whether it is so. If the answer to send is lost, the state is read, and the request is sent once more if needed; that is safe
// for named objects, since the server refuses a duplicate. save is called as soon as the state may be reached.
func (c *Client) ensure(ctx context.Context, id, what string, is func(context.Context) (bool, error), send func(context.Context) error, save func()) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("change %s: not sent: %w", what, err)
	}
	over, lostOnce := false, false
	look := func(ctx context.Context) {
		looking, done := outlive(ctx, c.requestTimeout())
		defer done()
		limited, cancel := context.WithTimeout(looking, c.requestTimeout())
		defer cancel()
		over = c.waitGuest(limited, id, what, is) == nil
	}
	_, err := c.run(ctx, attempt{
		done: func(context.Context, bool) (bool, error) { return over, nil },
		send: func(ctx context.Context) error { return send(openstack.Uncanceled(ctx)) },
		refused: func(ctx context.Context, refusal error) (verdict, error) {
			if lostOnce && !errors.Is(refusal, openstack.ErrNotReady) {
				look(ctx) // a slow server may refuse it because of the first request
			}
			return c.whileDown(id)(ctx, refusal)
		},
		settle: func(ctx context.Context, lost error) error {
			save()
			if lost == nil {
				over = true
				return c.waitGuest(ctx, id, what, is)
			}
			lostOnce = true
			if look(ctx); !over && ctx.Err() != nil {
				return lost
			}
			return nil
		},
	})
	return err
}

// waitGuest polls for something inside an instance; what names it, and is itself waits while the database is down.
func (c *Client) waitGuest(ctx context.Context, id, what string, is func(context.Context) (bool, error)) error {
	_, err := watch.Until(ctx, c.clock, watch.Poll[bool]{
		ID: id, Object: what, For: "as it should be",
		Read: is,
		Done: func(so bool, _ time.Duration) (bool, error) { return so, nil },
	})
	return err
}
