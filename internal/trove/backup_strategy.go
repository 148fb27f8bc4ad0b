package trove

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// BackupStrategy says in which container to store backups that name none.
type BackupStrategy struct {
	InstanceID string `json:"instance_id"` // "" is for every instance of the project that has no strategy of its own
	Backend    string `json:"backend"`     // such as swift
	Container  string `json:"swift_container"`
}

const strategies = "backup_strategies"

// BackupStrategies lists the strategies of the project. The server keeps one whose instance was deleted.
func (c *Client) BackupStrategies(ctx context.Context) ([]BackupStrategy, error) {
	all, _, err := list[BackupStrategy](ctx, c, "list backup strategies", strategies, nil, strategies)
	return all, orNotOffered("backup strategies", err)
}

// PostBackupStrategy creates or changes the strategy of an instance, or of the project if that is "". It may be sent again.
func (c *Client) PostBackupStrategy(ctx context.Context, s BackupStrategy) error {
	type envelope struct {
		Strategy *BackupStrategy `json:"backup_strategy"`
	}
	body := map[string]string{"swift_container": s.Container}
	if s.InstanceID != "" {
		body["instance_id"] = s.InstanceID
	}
	_, err := post(ctx, c, "set the backup strategy of "+s.Of(), map[string]any{"backup_strategy": body}, func(e envelope) error {
		if e.Strategy == nil || e.Strategy.InstanceID != s.InstanceID || e.Strategy.Container != s.Container {
			return errors.New("it is another strategy")
		}
		return nil
	}, strategies)
	return orNotOffered("backup strategies", err)
}

// DeleteBackupStrategy deletes the strategy of an instance, or of the project if that is "". The server reports no error if there is none.
func (c *Client) DeleteBackupStrategy(ctx context.Context, instance string) error {
	defer c.changing()()
	query := url.Values{}
	if instance != "" {
		query.Set("instance_id", instance)
	}
	_, err := openstack.Send(ctx, c.endpoint, openstack.Request[openstack.Empty]{
		Op: "delete the backup strategy of " + BackupStrategy{InstanceID: instance}.Of(), Method: http.MethodDelete, Path: []string{strategies}, Query: query,
	})
	return orNotOffered("backup strategies", err)
}

// Of returns the name of what the strategy is for, for messages.
func (s BackupStrategy) Of() string {
	if s.InstanceID == "" {
		return "the project"
	}
	return "instance " + s.InstanceID
}
