package trove

import (
	"context"
	"errors"
	"net/http"
)

// RootEnabled reports whether root was enabled on an instance. Released Trove up to 25 reports true even after it was disabled. It returns
// ErrNotFound if there is no such instance, or no such path, and ErrNotReady while the database is down.
func (c *Client) RootEnabled(ctx context.Context, id string) (bool, error) {
	type envelope struct {
		Enabled *bool `json:"rootEnabled"`
	}
	body, err := get(ctx, c, "read whether root is enabled on instance "+id, func(e envelope) error {
		if e.Enabled == nil {
			return errors.New("it does not say")
		}
		return nil
	}, "instances", id, "root")
	return err == nil && *body.Enabled, err
}

// PostRoot enables root on an instance and sets its password; with "" the server chooses one. The server's answer contains the password,
// and is not read.
func (c *Client) PostRoot(ctx context.Context, id, password string) error {
	body := map[string]string{}
	if password != "" {
		body["password"] = password
	}
	err := c.send(ctx, "enable root on instance "+id, http.MethodPost, body, "instances", id, "root")
	if password == "" {
		return err
	}
	return conceal(err, password)
}

// DeleteRoot disables root on an instance: its password becomes one that nobody knows. It returns ErrNotFound if the server has no record
// that root was ever enabled there.
func (c *Client) DeleteRoot(ctx context.Context, id string) error {
	return c.send(ctx, "disable root on instance "+id, http.MethodDelete, nil, "instances", id, "root")
}
