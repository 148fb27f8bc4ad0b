package trove

import (
	"context"
	"time"

	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"
)

// RestartIfRequired restarts an instance that waits for a restart, and waits until it is ready; where it does not wait for
// one, nothing is sent. The members of one cluster take turns, so that they do not all stand still at once. Where the
// answer is lost, the instance's status settles whether the restart has begun; it is not sent again.
func (c *Client) RestartIfRequired(ctx context.Context, id string) (*Instance, error) {
	before, err := c.WaitSettled(ctx, id)
	if err != nil || !before.RestartRequired() {
		return before, err
	}
	if before.Topology != nil && before.Topology.Cluster() != "" {
		unlock, err := c.locks.lock(ctx, "restart/"+before.Topology.Cluster())
		if err != nil {
			return nil, &WaitError{ID: id, For: "restarted in its turn", Last: before.state(), Cause: err}
		}
		defer unlock()
	}
	// Somebody else may have been quicker by then.
	return c.restart(ctx, id, (*Instance).RestartRequired, func(_, now *Instance) bool { return !now.RestartRequired() })
}

// Restart restarts an instance and waits until it is ready. It is sent once: where the answer is lost, the instance tells
// whether it has landed, by its status or the time of its last change; where that does not tell, the error stands.
func (c *Client) Restart(ctx context.Context, id string) (*Instance, error) {
	always := func(*Instance) bool { return true }
	return c.restart(ctx, id, always, func(before, now *Instance) bool {
		return !now.settled() || now.RestartRequired() != before.RestartRequired() || !time.Time(now.Updated).Equal(time.Time(before.Updated))
	})
}

// restart restarts an instance once it is settled, where that is needed then, and waits until it is ready. begun says, after a
// lost answer, whether the restart shows; where it does not within the time that a request may take, the error stands.
func (c *Client) restart(ctx context.Context, id string, needed func(*Instance) bool, begun func(before, now *Instance) bool) (*Instance, error) {
	var before *Instance
	settled := func() (err error) {
		before, err = c.WaitSettled(ctx, id)
		return err
	}
	lost := c.whenIdle(ctx, settled, func() error {
		if !needed(before) {
			return nil
		}
		return fault("restart instance "+id, instances.Restart(ctx, c.db, id).ExtractErr())
	})
	if lost != nil && (!OutcomeUnknown(lost) || ctx.Err() != nil) {
		return nil, lost
	}
	if lost != nil {
		_, err := poll(ctx, c.clock, c, id, "restarting", func(i *Instance, waited time.Duration) (bool, error) {
			shows := begun(before, i)
			if !shows && waited >= c.requestTimeout() {
				return false, lost
			}
			return shows, nil
		})
		if err != nil {
			return nil, err
		}
	}
	return c.WaitReady(ctx, id)
}
