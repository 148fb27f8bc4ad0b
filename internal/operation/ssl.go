package operation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// SSLOf returns the SSL of an instance; if its database is down, it waits. It returns ErrNotFound if there is no such instance, and a
// *trove.NotOfferedError if the server has no such call, or the datastore no SSL.
func (c *Client) SSLOf(ctx context.Context, id string) (*trove.SSL, error) {
	ssl, err := readGuest(ctx, c, id, func(ctx context.Context) (*trove.SSL, error) { return c.SSL(ctx, id) })
	switch {
	case errors.Is(err, openstack.ErrNotFound):
		return nil, c.instancePathUnknown(ctx, id, "SSL", err)
	case err == nil && ssl.Status == trove.SSLNotImplemented:
		return nil, &trove.NotOfferedError{What: "SSL for the datastore of instance " + id, Cause: errors.New("the status is " + ssl.Status)}
	}
	return ssl, err
}

// SSLResult is the result of a change of SSL.
type SSLResult struct {
	// RestartRequired says that the databases must be restarted for it. It is also true if the answer, which says so, was lost.
	RestartRequired bool
	// Restarted are the instances that were restarted.
	Restarted []string
}

// EnableSSL enables SSL for the set of an instance that was not made as a replica. If SSL is enabled already, it is renewed if renew is
// true; otherwise an *ExistsError is returned. Trove applies it to the source and all replicas, or to none. save is called as soon as it
// may be enabled. restart says whether to restart databases, one after another, if that is required.
func (c *Client) EnableSSL(ctx context.Context, id string, change trove.SSLChange, renew, restart bool, save func()) (r SSLResult, err error) {
	change.Enable = true
	before, err := c.SSLOf(ctx, id)
	if err != nil {
		return r, err
	}
	if before.Enabled() && !renew {
		return r, &ExistsError{What: "SSL of instance " + id}
	}
	target, err := c.creationTarget(ctx, id)
	if err != nil {
		return r, err
	}
	// Nothing shows which container is in use: if the answer is lost, a renewal is recognized by the certificate. The mode shows before
	// the database has it.
	is := func(now *trove.SSL) bool {
		return now.Mode == change.Mode && (!now.SameCertificate(before) || before.Enabled() && before.Mode != change.Mode)
	}
	return c.changeSSL(ctx, target, change, restart, is, save)
}

// DisableSSL disables SSL for the set of an instance. An instance that is gone, or SSL that is not enabled, is no error. It returns a
// *trove.NotOfferedError if the server cannot, as for MySQL since 8.0.
func (c *Client) DisableSSL(ctx context.Context, id string, restart bool) (r SSLResult, err error) {
	target, err := c.writeTarget(ctx, id)
	if err != nil {
		return r, ignoreGone(err)
	}
	now, err := c.SSLOf(ctx, target)
	if err != nil || !now.Enabled() {
		return r, ignoreGone(err)
	}
	r, err = c.changeSSL(ctx, target, trove.SSLChange{Disable: true}, restart, func(now *trove.SSL) bool { return !now.Enabled() }, func() {})
	if errors.Is(err, openstack.ErrBadRequest) && c.keepsSSL(ctx, target) {
		err = &trove.NotOfferedError{What: "to disable SSL on MySQL 8.0 and later", Cause: err}
	}
	return r, ignoreGone(err)
}

// keepsSSL reports whether SSL of an instance cannot be disabled: the guest agent refuses it for MySQL since 8.0, whose passwords need it.
func (c *Client) keepsSSL(ctx context.Context, id string) bool {
	i, err := c.Instance(ctx, id)
	if err != nil || i.Datastore.Type != "mysql" {
		return false
	}
	major, _, _ := strings.Cut(i.Datastore.VersionNumber, ".")
	n, err := strconv.Atoi(major)
	return err == nil && n >= 8
}

// RollBackSSL restores the SSL that an instance had before the last change, and returns it. It is sent once: a second request would do
// something else.
func (c *Client) RollBackSSL(ctx context.Context, id string) (now *trove.SSL, r SSLResult, err error) {
	if _, err := c.SSLOf(ctx, id); err != nil {
		return nil, r, err
	}
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) error { return second(c.WaitSettled(ctx, id)) },
		send: func(ctx context.Context) (err error) {
			r.RestartRequired, err = c.PostSSL(openstack.Uncanceled(ctx), id, trove.SSLChange{Rollback: true})
			return err
		},
		refused: c.whileDown(id),
	})
	if err != nil {
		return nil, r, err
	}
	now, err = c.SSLOf(ctx, id)
	return now, r, err
}

// changeSSL changes the SSL of a source and its replicas once all of them are idle, and restarts them if that is required and wanted. It
// takes turns with the creation of replicas: Trove gives a new replica the SSL that its source has when the creation is requested, changes
// the SSL of existing replicas only, and creates none from a source that needs a restart.
func (c *Client) changeSSL(ctx context.Context, source string, change trove.SSLChange, restart bool, is func(*trove.SSL) bool, save func()) (r SSLResult, err error) {
	unlock, err := c.Registry().Lock(ctx, "source/"+source)
	if err != nil {
		return r, fmt.Errorf("change the SSL of instance %s: waiting for its turn: %w", source, err)
	}
	defer unlock()
	if r.RestartRequired, err = c.postSSL(ctx, source, change, is, save); err != nil {
		return r, err
	}
	if !restart || !r.RestartRequired {
		return r, c.setSettled(ctx, source)
	}
	all, err := c.setOf(ctx, source)
	if err != nil {
		return r, err
	}
	for _, id := range all { // the source first, as Trove recommends
		if _, err := c.Restart(ctx, id); err != nil {
			return r, fmt.Errorf("SSL was changed; restart instance %s for it: %w", id, err)
		}
		r.Restarted = append(r.Restarted, id)
	}
	return r, nil
}

// postSSL requests a change, and reports whether it requires a restart: also true if the answer is lost.
func (c *Client) postSSL(ctx context.Context, source string, change trove.SSLChange, is func(*trove.SSL) bool, save func()) (restart bool, err error) {
	restart = true
	_, err = c.run(ctx, attempt{
		ready: func(ctx context.Context) error { return c.setSettled(ctx, source) },
		done: func(ctx context.Context, sent bool) (bool, error) {
			if !sent {
				return false, nil
			}
			now, err := c.SSLOf(ctx, source)
			return err == nil && is(now), err
		},
		send: func(ctx context.Context) error {
			required, err := c.PostSSL(openstack.Uncanceled(ctx), source, change)
			if err == nil {
				restart = required
			}
			return err
		},
		refused: c.whileDown(source),
		settle: func(ctx context.Context, lost error) error {
			save()
			c.awaitSSL(ctx, source, lost, is)
			return nil
		},
	})
	return restart, err
}

// awaitSSL waits for a change whose answer was lost, for as long as the server may still be working on it: it calls one guest agent after
// another before it answers, and shows nothing of that. Once it has answered, it is done.
func (c *Client) awaitSSL(ctx context.Context, source string, lost error, is func(*trove.SSL) bool) {
	var answered *openstack.Error
	if lost == nil || errors.As(lost, &answered) && answered.Code == http.StatusInternalServerError {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, c.requestTimeout())
	defer cancel()
	for {
		if now, err := c.SSLOf(ctx, source); err == nil && is(now) || c.pause(ctx, watch.MinInterval) != nil {
			return
		}
	}
}

// setOf returns a source and its replicas.
func (c *Client) setOf(ctx context.Context, source string) ([]string, error) {
	replicas, err := c.Replicas(ctx, source)
	all := []string{source}
	for _, r := range replicas {
		all = append(all, r.ID)
	}
	return all, err
}

// setSettled waits until a source and its replicas are idle: Trove changes SSL on all of them or on none.
func (c *Client) setSettled(ctx context.Context, source string) error {
	all, err := c.setOf(ctx, source)
	for _, id := range all {
		if err == nil {
			err = second(c.WaitSettled(ctx, id))
		}
	}
	return err
}
