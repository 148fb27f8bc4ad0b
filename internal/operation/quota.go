package operation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// QuotaError says what the project may use, after the server has refused something because of its quota. It unwraps to the refusal.
type QuotaError struct {
	Limits *trove.Limits
	Cause  error
}

func (e *QuotaError) Error() string {
	return e.Cause.Error() + ". The quota of the project: " + describe(e.Limits)
}

func (e *QuotaError) Unwrap() error { return e.Cause }

// describe lists the limits that the server shows.
func describe(l *trove.Limits) string {
	var all []string
	for _, quota := range []struct {
		most *int64
		of   string
	}{{l.Instances, "%d instances"}, {l.VolumeGB, "%d GB of volumes"}, {l.Backups, "%d backups"}, {l.RAM, "%d MB of memory"}} {
		if quota.most != nil && *quota.most >= 0 {
			all = append(all, fmt.Sprintf(quota.of, *quota.most))
		}
	}
	if len(all) == 0 {
		return "the server shows no limit"
	}
	return strings.Join(all, ", ")
}

// withQuota adds the quota to a refusal because of it, at the cost of one request. It returns err itself if the quota cannot be read or if
// err is another error.
func (c *Client) withQuota(ctx context.Context, err error) error {
	if !errors.Is(err, openstack.ErrOverQuota) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, c.requestTimeout())
	defer cancel()
	limits, failed := c.Limits(ctx)
	if failed != nil {
		return err // the refusal matters more
	}
	return &QuotaError{Limits: limits, Cause: err}
}

// plannedLimits is what a plan asks only once, whatever the result.
type plannedLimits struct {
	once   sync.Once
	limits *trove.Limits
	err    error
}

// PlannedLimits is Limits for a plan: this process asks once, even if that fails.
func (c *Client) PlannedLimits(ctx context.Context) (*trove.Limits, error) {
	c.limits.once.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, c.requestTimeout())
		defer cancel()
		c.limits.limits, c.limits.err = c.Limits(ctx)
	})
	return c.limits.limits, c.limits.err
}

// SetQuotas changes the quotas of a project if they are not as wanted. It may be repeated, so it is sent again if the answer is lost. save
// is called as soon as they may have changed, and also if nothing is to be changed.
func (c *Client) SetQuotas(ctx context.Context, project string, wanted trove.Quotas, save func()) error {
	_, err := c.run(ctx, attempt{
		done: func(ctx context.Context, sent bool) (bool, error) {
			have, err := c.Quotas(ctx, project)
			if err != nil || !have.Meet(wanted) {
				return false, err
			}
			if !sent {
				save()
			}
			return true, nil
		},
		send: func(ctx context.Context) error { return c.PutQuotas(openstack.Uncanceled(ctx), project, wanted) },
		settle: func(context.Context, error) error {
			save()
			return nil
		},
		ignored: func() error {
			return fmt.Errorf("the server accepted to change the quotas of project %s, and shows other ones", project)
		},
	})
	return err
}
