package operation

import (
	"cmp"
	"context"
	"errors"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// mostRefusals is how often a request may be refused with "not ready" although all that it needs shows ready: another
// task may have begun in between, but not forever.
const mostRefusals = 5

// attempt is the one shape of all that changes something at a server: what must hold before it is sent, how it is sent, and how one sees
// that it has happened. A request whose outcome is unknown is looked after before it is sent again, once; a refusal is returned as it is.
type attempt struct {
	// ready waits until the request can be sent; nil if it always can. It runs before each look.
	ready func(context.Context) error
	// done says whether it has happened, or need not happen; nil if nothing shows that: then an unknown outcome is the error.
	// sent says whether it has been sent: a look before that is for what need not be sent at all.
	done func(ctx context.Context, sent bool) (bool, error)
	// send sends it.
	send func(context.Context) error
	// refused judges a refusal; nil is the usual.
	refused func(ctx context.Context, refusal error) (verdict, error)
	// settle waits for the end of what was begun; lost is why the outcome is unknown, nil if it was accepted. It may be nil.
	settle func(ctx context.Context, lost error) error
	// ignored is the error of a request that was accepted and has not made done true; nil takes acceptance for success.
	ignored func() error
	// unknown is the error if nothing tells what became of the request, sent twice; nil is the reason itself.
	unknown func(lost error) error
	// once says that an accepted request is not sent again, even if it had no effect.
	once bool
}

// verdict is what to do about a refusal.
type verdict int

// The verdicts.
const (
	usual    verdict = iota // "not ready" is sent again after a pause, so often; any other refusal is the error
	retry                   // it is sent again as "not ready" is
	repeat                  // it is sent again, however often
	happened                // it is no matter: what was to be done is done
)

// run makes an attempt. sent says whether a request was accepted, or may have been.
func (c *Client) run(ctx context.Context, a attempt) (sent bool, err error) {
	var last error // why the outcome of the last request is unknown; nil if it was accepted
	for sends, refusals := 0, 0; ; {
		if a.ready != nil {
			if err := a.ready(ctx); err != nil {
				return sends > 0, err
			}
		}
		if a.done != nil {
			done, err := a.done(ctx, sends > 0)
			if err != nil || done {
				return sends > 0, err
			}
		}
		switch {
		case sends > 0 && last == nil && (a.once || sends == 2):
			return true, a.ignored()
		case sends == 2 && a.unknown != nil:
			return true, a.unknown(last)
		case sends == 2:
			return true, last
		}
		if ended := ctx.Err(); ended != nil {
			return sends > 0, cmp.Or(last, ended)
		}
		err := a.send(ctx)
		if err != nil && !openstack.OutcomeUnknown(err) {
			again, err := c.refusal(ctx, a, err, sends > 0, &refusals)
			if !again {
				return sends > 0, err
			}
			continue
		}
		sends, last = sends+1, err
		if a.settle != nil {
			if err := a.settle(ctx, last); err != nil {
				return true, err
			}
		}
		switch {
		case last == nil && (a.done == nil || a.ignored == nil):
			return true, nil
		case a.done == nil:
			return true, last
		}
	}
}

// refusal judges a refusal: whether the request is to be sent again, else the error, which is nil if it has happened all the same, as
// by a request that was repeated beneath, or by an earlier one that a slow server has carried out since.
func (c *Client) refusal(ctx context.Context, a attempt, refusal error, sent bool, refusals *int) (again bool, err error) {
	judged := usual
	if a.refused != nil {
		if judged, err = a.refused(ctx, refusal); err != nil {
			return false, err
		}
	}
	if judged == repeat || judged == happened {
		return judged == repeat, nil
	}
	if judged == retry || errors.Is(refusal, openstack.ErrNotReady) {
		if *refusals++; *refusals <= mostRefusals {
			if err := c.pause(ctx, watch.MinInterval); err != nil {
				return false, errors.Join(refusal, err)
			}
			return true, nil
		}
	}
	if a.done != nil {
		if done, err := a.done(ctx, sent); err == nil && done {
			return false, nil
		}
	}
	return false, refusal
}

// deletion is the deletion of anything that has an id or a name.
type deletion struct {
	send func(context.Context) error
	// gone says whether it is gone; that is no error.
	gone func(context.Context) (bool, error)
	// wait waits until it is gone; lost is why it is not known whether the server has accepted the deletion, nil if it has.
	wait    func(ctx context.Context, lost error) error
	refused func(ctx context.Context, refusal error) (verdict, error)
}

// happenedWhere judges the refusals of a server that knows no 404 for what is to be deleted.
func happenedWhere(gone func(context.Context) (bool, error)) func(context.Context, error) (verdict, error) {
	return func(ctx context.Context, _ error) (verdict, error) {
		if is, err := gone(ctx); err == nil && is {
			return happened, nil
		}
		return usual, nil
	}
}

// deleteAndWait deletes something once, and waits until it is gone. What is gone already is no error. If the answer is lost, it is
// looked for as long as the server could still be at it, and the deletion is sent once more if it stays.
func (c *Client) deleteAndWait(ctx context.Context, d deletion) error {
	over := false
	_, err := c.run(ctx, attempt{
		done: func(ctx context.Context, sent bool) (bool, error) {
			if over || !sent {
				return over, nil
			}
			return d.gone(ctx)
		},
		send: func(ctx context.Context) error {
			err := d.send(ctx)
			if errors.Is(err, openstack.ErrNotFound) {
				over, err = true, nil
			}
			return err
		},
		refused: d.refused,
		settle: func(ctx context.Context, lost error) error {
			if over {
				return nil
			}
			if lost == nil {
				over = true
				return d.wait(ctx, nil)
			}
			looking, cancel := context.WithTimeout(ctx, c.requestTimeout())
			defer cancel()
			if err := d.wait(looking, lost); err == nil {
				over = true
			} else if ctx.Err() != nil {
				return errors.Join(lost, ctx.Err())
			}
			return nil
		},
	})
	return err
}
