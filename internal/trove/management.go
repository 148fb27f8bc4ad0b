package trove

import (
	"context"
	"errors"
	"net/http"
)

// management is the path of the calls that only administrators may use. Trove refuses others with 401.
const management = "mgmt"

// RequestStatusReset requests that the server forget what an instance is busy with, and its unfinished backups. It stops no work. Only
// administrators may do so.
func (c *Client) RequestStatusReset(ctx context.Context, id string) error {
	return c.send(ctx, "reset the status of instance "+id, http.MethodPost, map[string]any{"reset_status": struct{}{}}, "instances", id, "action")
}

// RequestReboot requests a reboot of the server of an instance, even a busy one.
func (c *Client) RequestReboot(ctx context.Context, id string) error {
	return c.manage(ctx, "reboot instance "+id, id, map[string]any{"reboot": struct{}{}})
}

// RequestMigration requests that the server of an instance be moved to a host of the compute service; with "" that service chooses. It
// returns ErrNotReady while the instance is busy.
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

// HostOf returns the compute host that the server of an instance runs on; "" if the server does not show it.
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
