package operation

import (
	"context"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// RestartIfRequired restarts an instance that waits for a restart, and waits until it is ready; if it does not wait for one, nothing is
// sent. The members of one cluster take turns, so that they are not all down at once. If the answer is lost, the instance's status tells
// whether the restart has begun; it is not sent again.
func (c *Client) RestartIfRequired(ctx context.Context, id string) (*trove.Instance, error) {
	before, err := c.WaitSettled(ctx, id)
	if err != nil || !before.RestartRequired() {
		return before, err
	}
	if before.Topology != nil && before.Topology.Cluster() != "" {
		unlock, err := c.Registry().Lock(ctx, "restart/"+c.Session()+"/"+before.Topology.Cluster())
		if err != nil {
			return nil, &watch.TimeoutError{ID: id, For: "restarted in its turn", Last: before.Condition(), Cause: err}
		}
		defer unlock()
	}
	// Another restart may have happened by then.
	return c.restart(ctx, id, restarting{
		needed: (*trove.Instance).RestartRequired, begun: func(_, now *trove.Instance) bool { return !now.RestartRequired() },
	})
}

// Restart restarts an instance and waits until it is ready. It is sent once: if the answer is lost, the instance's status or the time of
// its last change tells whether it took effect; if neither does, the error is returned.
func (c *Client) Restart(ctx context.Context, id string) (*trove.Instance, error) {
	return c.restart(ctx, id, restarting{needed: func(*trove.Instance) bool { return true }, begun: changed})
}

// changed reports whether an instance shows that something has begun since.
func changed(before, now *trove.Instance) bool {
	return !now.Settled() || now.RestartRequired() != before.RestartRequired() || !time.Time(now.Updated).Equal(time.Time(before.Updated))
}

// restarting describes how to restart an instance.
type restarting struct {
	// ready waits until the request can be sent; nil waits until the instance is settled.
	ready func(ctx context.Context) (*trove.Instance, error)
	// needed reports whether the instance that ready returned is to be restarted.
	needed func(*trove.Instance) bool
	// send sends the request; nil restarts the database.
	send func(ctx context.Context) error
	// begun reports, after a lost answer, whether the restart shows.
	begun func(before, now *trove.Instance) bool
}

// restart restarts an instance if needed, and waits until it is ready. If the answer is lost and the restart does not show within the time
// that a request may take, the error is returned.
func (c *Client) restart(ctx context.Context, id string, r restarting) (*trove.Instance, error) {
	if r.ready == nil {
		r.ready = func(ctx context.Context) (*trove.Instance, error) { return c.WaitSettled(ctx, id) }
	}
	if r.send == nil {
		r.send = func(ctx context.Context) error { return c.RequestRestart(ctx, id) }
	}
	var before *trove.Instance
	_, err := c.run(ctx, attempt{
		ready: func(ctx context.Context) (err error) {
			before, err = r.ready(ctx)
			return err
		},
		done: func(_ context.Context, sent bool) (bool, error) { return sent || !r.needed(before), nil },
		send: r.send,
		settle: func(ctx context.Context, lost error) error {
			if lost == nil {
				return nil
			}
			_, err := c.WaitUntil(ctx, id, "restarting", func(i *trove.Instance, waited time.Duration) (bool, error) {
				shows := r.begun(before, i)
				if !shows && waited >= c.requestTimeout() {
					return false, lost
				}
				return shows, nil
			})
			return err
		},
	})
	if err != nil {
		return nil, err
	}
	return c.WaitReady(ctx, id)
}
