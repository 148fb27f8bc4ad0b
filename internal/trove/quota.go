package trove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// Quotas are the limits of a project: instances, GB of all volumes together, backups, and MB of memory. nil means not shown by the server,
// or not to be changed; -1 means no limit.
type Quotas struct {
	Instances, VolumeGB, Backups, RAM *int64
}

// QuotaUnlimited means no limit.
const QuotaUnlimited = -1

// named returns the quotas by the server's names for them.
func (q *Quotas) named() map[string]**int64 {
	return map[string]**int64{"instances": &q.Instances, "volumes": &q.VolumeGB, "backups": &q.Backups, "ram": &q.RAM}
}

// Meet reports whether the quotas are as wanted; nil in wanted matches any.
func (q Quotas) Meet(wanted Quotas) bool {
	have := q.named()
	for name, want := range wanted.named() {
		if *want != nil && (*have[name] == nil || **have[name] != **want) {
			return false
		}
	}
	return true
}

// UnmarshalJSON implements json.Unmarshaler for the server's list, which also shows what is in use.
func (q *Quotas) UnmarshalJSON(data []byte) error {
	var list []struct {
		Resource string `json:"resource"`
		Limit    *int64 `json:"limit"`
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for n, one := range list {
		if one.Limit == nil {
			return fmt.Errorf("quota %d has no limit", n)
		}
		if into, ok := q.named()[one.Resource]; ok {
			*into = one.Limit
		}
	}
	return nil
}

const quotas = "quotas"

// Quotas returns the quotas of a project; users of other projects may see them only as administrators. The server does not check whether
// there is such a project.
func (c *Client) Quotas(ctx context.Context, project string) (*Quotas, error) {
	type envelope struct {
		Quotas *Quotas `json:"quotas"`
	}
	body, err := get(ctx, c, "read the quotas of project "+project, func(e envelope) error {
		if e.Quotas == nil || e.Quotas.Instances == nil {
			return errors.New("it holds no quotas")
		}
		return nil
	}, management, quotas, project)
	return body.Quotas, err
}

// PutQuotas changes the quotas of a project; only administrators may do so. It may be sent again.
func (c *Client) PutQuotas(ctx context.Context, project string, wanted Quotas) error {
	type envelope struct {
		Quotas map[string]int64 `json:"quotas"`
	}
	body := map[string]int64{}
	for name, limit := range wanted.named() {
		if *limit != nil {
			body[name] = **limit
		}
	}
	defer c.changing()()
	_, err := openstack.Send(ctx, c.endpoint, openstack.Request[envelope]{
		Op: "change the quotas of project " + project, Method: http.MethodPut, Path: []string{management, quotas, project}, Body: envelope{body},
		Check: func(e envelope) error {
			for name, limit := range body {
				if now, ok := e.Quotas[name]; !ok || now != limit {
					return fmt.Errorf("it does not say that the quota of %s is %d", name, limit)
				}
			}
			return nil
		},
	})
	return err
}
