package operation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// bootstrapHeadStart is how long a member that cannot create a cluster waits before its first request, so that those that can come first.
const bootstrapHeadStart = time.Second

// bootstrapWait is how long a member that cannot or should not create its cluster waits for another creation of this process to do so,
// while every change under way in this process is waiting as well. Terraform begins what it can at about the same time, and the rest when
// something has ended.
const bootstrapWait = 20 * time.Second

// CreateOrJoin creates an instance. A member of a named cluster joins through a member that is not being deleted. If its topology leaves
// open whether to create or join the cluster, this is decided here: of the creations of this process one bootstraps; the others wait until
// it is ready and then join. If the cluster exists already, all join. A member that should not be the first bootstraps only if no other
// has begun to for a while.
//
// ended must be called when the build has ended, with whether the instance became ready; it is never nil. CreateOrJoin returns what Create
// does, and ErrNotFound if there is nothing to join and nobody bootstraps.
func (c *Client) CreateOrJoin(ctx context.Context, r trove.CreateRequest) (created *trove.Instance, ended func(ready bool), err error) {
	switch {
	case r.Topology == nil || r.Topology.Cluster() == "":
		created, err = c.Create(ctx, r)
		return created, func(bool) {}, err
	case !r.Topology.Undecided():
		return c.join(ctx, r)
	}
	b := bootstrap{Client: c, request: r, key: c.Key(r.Topology.Cluster())}
	return b.run(ctx)
}

// join creates a member. It tries again if another change of this apply has made room for it since it was refused.
func (c *Client) join(ctx context.Context, r trove.CreateRequest) (created *trove.Instance, ended func(ready bool), err error) {
	created, ended, err = c.joinOnce(ctx, r)
	if err == nil || openstack.OutcomeUnknown(err) || r.Topology.MongoDB == nil {
		return created, ended, err
	}
	if room, waitErr := c.waitRoom(ctx, r); !room {
		return nil, ended, errors.Join(err, waitErr)
	}
	return c.joinOnce(ctx, r)
}

// joinOnce creates a member while no other of its cluster is being deleted. Deletions of others wait until the build has ended.
func (c *Client) joinOnce(ctx context.Context, r trove.CreateRequest) (created *trove.Instance, ended func(ready bool), err error) {
	joined, err := c.Registry().Join(ctx, c.Key(r.Topology.Cluster()))
	if err != nil {
		return nil, func(bool) {}, fmt.Errorf("create instance %s: waiting for members of %s that are being deleted: %w", r.Name, r.Topology.Cluster(), err)
	}
	created, err = c.Create(ctx, r)
	if err != nil {
		joined()
		return nil, func(bool) {}, err
	}
	return created, func(bool) { joined() }, nil
}

// waitRoom waits, if a replica set has too many voters or members for a new one, until another change of the same apply makes room: by
// taking away votes, or as members leave. room reports that there was none before, and is now.
func (c *Client) waitRoom(ctx context.Context, r trove.CreateRequest) (room bool, err error) {
	via, view, err := c.FindCluster(ctx, string(topology.NamespaceMongoDB), r.Topology.Cluster())
	if err != nil || fits(view, r) {
		return false, nil
	}
	defer c.Registry().AwaitOthers()()
	return watch.Until(ctx, c.clock, watch.Poll[bool]{
		ID: via, For: "in a replica set with room for another member",
		Read: func(ctx context.Context) (bool, error) {
			view, err := c.Topology(ctx, via)
			return err == nil && fits(view, r), err
		},
		Done: func(room bool, _ time.Duration) (bool, error) {
			return room || c.Registry().QuietFor() >= bootstrapWait+c.Window(), nil
		},
	})
}

// fits reports whether the limits of a replica set allow a new member.
func fits(view topology.View, r trove.CreateRequest) bool {
	members := []topology.MongoDB{r.Topology.MongoDB.InForce()}
	for _, m := range view.Members {
		if m.MongoDB != nil {
			members = append(members, *m.MongoDB)
		}
	}
	return len(topology.CheckReplicaSet(members).Errors()) == 0
}

// bootstrap decides for one member whether to bootstrap or to join.
type bootstrap struct {
	*Client
	request trove.CreateRequest
	key     cluster.Key
}

func (b bootstrap) run(ctx context.Context) (created *trove.Instance, ended func(ready bool), err error) {
	able := b.request.Topology.CanBootstrap()
	canBootstrap := able && !b.request.Topology.PrefersToJoin()
	hopeless := bootstrapWait // when to check whether all members have failed
	defer b.Registry().AwaitOthers()()
	for start := b.clock.Now(); ; {
		state, mine := b.Registry().Bootstrap(b.key, canBootstrap)
		waited := b.clock.Now().Sub(start)
		switch {
		case mine:
			created, ended, err := b.first(ctx)
			if err == nil || !errors.Is(err, openstack.ErrConflict) {
				return created, ended, err
			}
		case state.Bootstrapping:
			if err := b.wait(ctx, state, 0); err != nil {
				return nil, func(bool) {}, err
			}
		case !canBootstrap && !state.Exists && waited < bootstrapHeadStart:
			if err := b.wait(ctx, state, bootstrapHeadStart); err != nil {
				return nil, func(bool) {}, err
			}
		default:
			created, ended, err := b.as(ctx, true)
			pause := bootstrapWait - b.Registry().QuietFor()
			switch {
			case err == nil:
				b.Registry().Bootstrapped(b.key, true)
				return created, ended, nil
			case errors.Is(err, openstack.ErrNotReady):
				// Its first member is still building, here or in another process, or none of its members is healthy.
				waited := b.clock.Now().Sub(start)
				if waited >= hopeless {
					if err := b.allFailed(ctx, err); err != nil {
						return nil, func(bool) {}, err
					}
					hopeless = 2 * waited
				}
				pause = watch.Interval(waited)
			case !errors.Is(err, openstack.ErrNotFound):
				return nil, func(bool) {}, err
			case state.Exists:
				b.Registry().Vanished(b.key, state) // exactly one creation must bootstrap it again
				continue
			case pause <= 0 && able && !canBootstrap:
				canBootstrap = true // no other member does
				continue
			case pause <= 0:
				return nil, func(bool) {}, err // nobody bootstraps it
			}
			if waitErr := b.Registry().WaitBootstrap(ctx, b.key, state, pause); waitErr != nil {
				return nil, func(bool) {}, givenUp(b.key, err, waitErr)
			}
		}
	}
}

// first creates the first member. If somebody else has created the cluster, the error matches ErrConflict.
func (b bootstrap) first(ctx context.Context) (created *trove.Instance, ended func(ready bool), err error) {
	created, joined, err := b.as(ctx, false)
	if err != nil {
		b.Registry().Bootstrapped(b.key, errors.Is(err, openstack.ErrConflict))
		return nil, func(bool) {}, err
	}
	return created, func(ready bool) {
		b.Registry().Bootstrapped(b.key, ready)
		joined(ready)
	}, nil
}

// wait waits for the first member.
func (b bootstrap) wait(ctx context.Context, seen cluster.Bootstrap, atMost time.Duration) error {
	if err := b.Registry().WaitBootstrap(ctx, b.key, seen, atMost); err != nil {
		return fmt.Errorf("create instance %s: waiting for the first member of %s: %w", b.request.Name, b.key, err)
	}
	return nil
}

// as creates the member with join set as given.
func (b bootstrap) as(ctx context.Context, join bool) (*trove.Instance, func(bool), error) {
	r := b.request
	t := r.Topology.WithJoin(join)
	r.Topology = &t
	return b.join(ctx, r)
}

// allFailed returns an error if all members of the cluster have failed. It reads every instance of the same datastore.
func (b bootstrap) allFailed(ctx context.Context, refusal error) error {
	instances, err := b.Instances(ctx)
	if err != nil {
		return nil //nolint:nilerr // it is only a reason to give up early
	}
	var failed []trove.Reference
	like := b.request.Datastore
	for n := range instances {
		i := &instances[n]
		if like != nil && like.Type != "" && i.Datastore.Type != like.Type {
			continue
		}
		block, err := b.Block(ctx, i)
		switch {
		case err != nil || block.Cluster() == b.key.String() && !i.Failed():
			return nil //nolint:nilerr // this one is not known to have failed
		case block.Cluster() == b.key.String():
			failed = append(failed, trove.Reference{ID: i.ID, Name: i.Name})
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%w: all members of %s have failed: %s", refusal, b.key, names(failed))
}

// givenUpError says that the wait for a cluster to join ended, and what the server said last.
type givenUpError struct {
	cluster     cluster.Key
	last, cause error
}

func givenUp(key cluster.Key, last, cause error) error {
	return &givenUpError{cluster: key, last: last, cause: cause}
}

func (e *givenUpError) Error() string {
	why := "it was canceled"
	if errors.Is(e.cause, context.DeadlineExceeded) {
		why = "the timeout was reached"
	}
	return fmt.Sprintf("%v; the wait for a ready member of %s ended: %s", e.last, e.cluster, why)
}

func (e *givenUpError) Unwrap() []error { return []error{e.last, e.cause} }
