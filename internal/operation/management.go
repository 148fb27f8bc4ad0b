package operation

import (
	"context"
	"fmt"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// reportGrace is how long a guest agent may take to report after a reset, and a server to begin to move.
const reportGrace = 2 * time.Minute

// ResetStatus makes the server forget what an instance is busy with, and waits until the guest agent has reported its status; if it does
// not report for two minutes, the instance is returned as it is. A reset may be repeated, so it is sent again if the answer is lost.
func (c *Client) ResetStatus(ctx context.Context, id string) (*trove.Instance, error) {
	_, err := c.run(ctx, attempt{
		done: func(context.Context, bool) (bool, error) { return false, nil },
		send: func(ctx context.Context) error { return c.RequestStatusReset(openstack.Uncanceled(ctx), id) },
	})
	if err != nil {
		return nil, err
	}
	return c.WaitUntil(ctx, id, "well after its status was reset", func(i *trove.Instance, waited time.Duration) (bool, error) {
		return i.Ready() || i.RestartRequired() || waited >= reportGrace, nil
	})
}

// Reboot reboots the server of an instance, even a busy one, and waits until the instance is ready. It is sent once: if the answer is
// lost, the instance is read to see whether it took effect; if that cannot be told, the error is returned.
func (c *Client) Reboot(ctx context.Context, id string) (*trove.Instance, error) {
	return c.restart(ctx, id, restarting{
		ready:  func(ctx context.Context) (*trove.Instance, error) { return c.Instance(ctx, id) },
		needed: func(*trove.Instance) bool { return true },
		send:   func(ctx context.Context) error { return c.RequestReboot(ctx, id) },
		begun: func(before, now *trove.Instance) bool {
			return now.Status != before.Status || !time.Time(now.Updated).Equal(time.Time(before.Updated))
		},
	})
}

// NotMovedError says that the server of an instance was to move, but is still on the same host.
type NotMovedError struct {
	ID, Host string
	Fault    string // of the instance; it may be an old one
}

func (e *NotMovedError) Error() string {
	text := fmt.Sprintf("the migration of instance %s was accepted, but its server is still on host %s", e.ID, e.Host)
	if e.Fault != "" {
		text += ": " + e.Fault
	}
	return text
}

// Migrate moves the server of an instance to a host, or with "" to one that the server chooses, waits until the instance is ready there,
// and returns the hosts. It returns a *NotMovedError if the server stays. One that is on that host already is not moved. It is sent once.
func (c *Client) Migrate(ctx context.Context, id, host string) (from, to string, err error) {
	if from, err = c.HostOf(ctx, id); err != nil || from != "" && from == host {
		return from, from, err
	}
	busy := false
	arrived := func(ctx context.Context, i *trove.Instance) (bool, error) {
		busy = busy || !i.Settled()
		if !i.Settled() {
			return false, nil
		}
		to, err = c.HostOf(ctx, id)
		return err == nil && to != from, err
	}
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) error {
			_, err := c.WaitSettled(ctx, id)
			return err
		},
		done: func(_ context.Context, sent bool) (bool, error) { return sent, nil },
		send: func(ctx context.Context) error { return c.RequestMigration(ctx, id, host) },
		settle: func(ctx context.Context, lost error) error {
			_, err := c.WaitUntil(ctx, id, "moved to another host", func(i *trove.Instance, waited time.Duration) (bool, error) {
				moved, err := arrived(ctx, i)
				switch {
				case moved || err != nil:
					return moved, err
				case i.Settled() && lost != nil && !busy && waited >= c.requestTimeout():
					return false, lost
				case i.Settled() && (busy || waited >= reportGrace):
					return false, &NotMovedError{ID: id, Host: from, Fault: i.FaultText()}
				}
				return false, nil
			})
			return err
		},
	})
	if err != nil {
		return from, to, err
	}
	_, err = c.WaitSettled(ctx, id)
	return from, to, err
}
