package operation

import (
	"cmp"
	"context"
	"errors"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// mostRefusals is how often a request may be refused with "not ready" although everything it needs shows ready: another task may have
// begun in between, but not forever.
const mostRefusals = 5

// attempt describes a change at a server: what must hold before it is sent, how it is sent, and how to see that it has happened. If the
// outcome of a request is unknown, its effect is looked for before it is sent again, once; a refusal is returned as it is.
type attempt struct {
	// ready waits until the request can be sent; nil if it always can. It runs before each look.
	ready func(context.Context) error
	// done reports whether it has happened, or need not happen; nil if nothing shows that: then an unknown outcome is the error.
	// sent says whether it has been sent: a look before that finds what need not be sent at all.
	done func(ctx context.Context, sent bool) (bool, error)
	// send sends it.
	send func(context.Context) error
	// refused judges a refusal; nil stands for the default.
	refused func(ctx context.Context, refusal error) (verdict, error)
	// settle waits for the end of what was begun; lost is why the outcome is unknown, nil if the request was accepted. It may be nil.
	settle func(ctx context.Context, lost error) error
	// ignored is the error if a request was accepted but done does not become true; nil takes acceptance as success.
	ignored func() error
	// unknown is the error if the request was sent twice and nothing tells the outcome; nil returns the reason itself.
	unknown func(lost error) error
	// once says that an accepted request is not sent again, even if it had no effect.
	once bool
}

// verdict says what to do about a refusal.
type verdict int

// The verdicts.
const (
	usual    verdict = iota // "not ready" is sent again after a pause, up to mostRefusals times; any other refusal is the error
	retry                   // it is sent again like "not ready"
	repeat                  // it is sent again without a limit
	happened                // the refusal does not matter: the change has happened
)

// run makes an attempt. sent reports whether a request was accepted, or may have been.
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

// refusal judges a refusal: whether the request is to be sent again, and otherwise the error. The error is nil if the change has happened
// anyway, by a repeated request or by an earlier one that a slow server has carried out since.
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

// deletion is the deletion of an object that has an id or a name.
type deletion struct {
	send func(context.Context) error
	// gone reports whether it is gone; that is no error.
	gone func(context.Context) (bool, error)
	// wait waits until it is gone; lost is why it is unknown whether the server accepted the deletion, nil if it did.
	wait    func(ctx context.Context, lost error) error
	refused func(ctx context.Context, refusal error) (verdict, error)
}

// happenedWhere judges the refusals of a server that does not answer 404 if the object is gone.
func happenedWhere(gone func(context.Context) (bool, error)) func(context.Context, error) (verdict, error) {
	return func(ctx context.Context, _ error) (verdict, error) {
		if is, err := gone(ctx); err == nil && is {
			return happened, nil
		}
		return usual, nil
	}
}

// deleteAndWait deletes something once, and waits until it is gone. If it is gone already, that is no error. If the answer is lost, it
// looks for the object as long as the server may still be working on it, and sends the deletion once more if the object stays.
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
