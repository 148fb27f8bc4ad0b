package trove

import (
	"context"
	"errors"
	"net/http"
)

// management is where the calls stand that only administrators may use. Trove refuses others with 401.
const management = "mgmt"

// RequestStatusReset asks for what an instance is busy with to be forgotten, and its backups that are being made with it. It stops no work.
// Administrators alone may do so.
func (c *Client) RequestStatusReset(ctx context.Context, id string) error {
	return c.send(ctx, "reset the status of instance "+id, http.MethodPost, map[string]any{"reset_status": struct{}{}}, "instances", id, "action")
}

// RequestReboot asks for the server of an instance to be rebooted, whatever the instance is at.
func (c *Client) RequestReboot(ctx context.Context, id string) error {
	return c.manage(ctx, "reboot instance "+id, id, map[string]any{"reboot": struct{}{}})
}

// RequestMigration asks for the server of an instance to be moved to a host of the compute service; "" is one of its own choice. It returns
// ErrNotReady while the instance is busy.
func (c *Client) RequestMigration(ctx context.Context, id, host string) error {
	arguments := map[string]string{}
	if host != "" {
		arguments["host"] = host
	}
	return c.manage(ctx, "migrate instance "+id, id, map[string]any{"migrate": arguments})
}

func (c *Client) manage(ctx context.Context, op, id string, body any) error {
	return c.send(ctx, op, http.MethodPost, body, management, "instances", id, "action")
}

// HostOf is the host of the compute service that the server of an instance runs on; "" if the server does not tell.
func (c *Client) HostOf(ctx context.Context, id string) (string, error) {
	type envelope struct {
		Instance *struct {
			ID     string `json:"id"`
			Server *struct {
				Host string `json:"host"`
			} `json:"server"`
		} `json:"instance"`
	}
	body, err := get(ctx, c, "read the host of instance "+id, func(e envelope) error {
		if e.Instance == nil {
			return errors.New("it holds no instance")
		}
		return isOf("instance", e.Instance.ID, id)
	}, management, "instances", id)
	if err != nil || body.Instance.Server == nil {
		return "", err
	}
	return body.Instance.Server.Host, nil
}
