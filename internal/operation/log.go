package operation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// UnknownLogError says that an instance has no log of that name.
type UnknownLogError struct {
	ID, Name string
	Has      []string
}

func (e *UnknownLogError) Error() string {
	if len(e.Has) == 0 {
		return fmt.Sprintf("instance %s has no log %q: it has none", e.ID, e.Name)
	}
	return fmt.Sprintf("instance %s has no log %q: it has %s", e.ID, e.Name, strings.Join(e.Has, ", "))
}

// LogsOf lists the logs of an instance; if its database is down, it waits. It returns ErrNotFound if there is no such instance, and a
// *trove.NotOfferedError if the server has no such call.
func (c *Client) LogsOf(ctx context.Context, id string) ([]trove.Log, error) {
	all, err := readGuest(ctx, c, id, func(ctx context.Context) ([]trove.Log, error) { return c.Logs(ctx, id) })
	if errors.Is(err, openstack.ErrNotFound) {
		err = c.instancePathUnknown(ctx, id, "logs", err)
	}
	return all, err
}

// ChangeLog makes a change to a log of an instance, and returns the log afterwards. It returns an *UnknownLogError if there is no such
// log. The change may be repeated, so it is sent again if the answer is lost.
func (c *Client) ChangeLog(ctx context.Context, id, name string, change trove.LogChange) (changed *trove.Log, err error) {
	all, err := c.LogsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(all, func(l trove.Log) bool { return l.Name == name }) {
		unknown := &UnknownLogError{ID: id, Name: name}
		for _, l := range all {
			unknown.Has = append(unknown.Has, l.Name)
		}
		return nil, unknown
	}
	_, err = c.run(ctx, attempt{
		done: func(context.Context, bool) (bool, error) { return changed != nil, nil },
		send: func(ctx context.Context) (err error) {
			changed, err = c.PostLog(openstack.Uncanceled(ctx), id, name, change)
			return err
		},
		refused: c.whileDown(id),
	})
	return changed, err
}
