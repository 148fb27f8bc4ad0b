package trove

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// attachedGrace is how long a group's deletion waits for instances that are attached to it to be deleted or detached by
// somebody, as in one run Terraform may well reach the group first.
const attachedGrace = 10 * time.Second

// Values are the settings of a configuration group by parameter: each a bool, a string or a json.Number.
type Values map[string]any

// UnmarshalJSON implements json.Unmarshaler. Numbers keep the server's spelling: some are larger than a float64 can tell.
func (v *Values) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode((*map[string]any)(v))
}

// fits says whether these are the values that were asked for; a masked one is given the benefit of the doubt.
func (v Values) fits(asked Values) bool {
	for name, value := range asked {
		if shown, ok := v[name]; !ok || !SameValue(shown, Text(value)) {
			return false
		}
	}
	return len(v) == len(asked)
}

// Configuration is a configuration group. gophercloud's own type makes a float64 of every number.
type Configuration struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"`
	Description   *string `json:"description"`
	Created       Time    `json:"created"`
	Updated       Time    `json:"updated"`
	DatastoreName string  `json:"datastore_name"`
	VersionID     string  `json:"datastore_version_id"`
	VersionName   string  `json:"datastore_version_name"`
	Values        Values  `json:"values"`
}

// ConfigurationRequest is what a configuration group is to be. A description cannot be emptied: "" leaves it as it is.
type ConfigurationRequest struct {
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Datastore   *Datastore `json:"datastore,omitempty"` // only at creation
	Values      Values     `json:"values"`
}

// describes says whether a description that the server shows is the one that was asked for.
func (r ConfigurationRequest) describes(shown *string) bool {
	return shown == nil && r.Description == "" || shown != nil && *shown == r.Description
}

// configurationEnvelope is how the API wraps one group.
type configurationEnvelope struct {
	Configuration *Configuration `json:"configuration"`
}

// Configuration shows a configuration group. It returns ErrNotFound where there is none.
func (c *Client) Configuration(ctx context.Context, id string) (*Configuration, error) {
	op := "read configuration group " + id
	var body configurationEnvelope
	if err := c.get(ctx, op, &body, "configurations", id); err != nil {
		return nil, err
	}
	if body.Configuration == nil {
		return nil, fmt.Errorf("%s: the answer holds no configuration group", op)
	}
	return body.Configuration, nil
}

// CreateConfiguration makes a configuration group exactly once as far as the world can tell, as Create does for an
// instance: where the answer is lost, the group is looked for by name, time, datastore version and values.
func (c *Client) CreateConfiguration(ctx context.Context, v *DatastoreVersion, r ConfigurationRequest) (*Configuration, error) {
	r.Datastore = &Datastore{Type: v.DatastoreID, Version: v.ID}
	// Names are not unique: looking for a lost group could otherwise find another creation's.
	unlock, err := c.locks.lock(ctx, "configuration/"+r.Name)
	if err != nil {
		return nil, fmt.Errorf("create configuration group %s: waiting for its turn: %w", r.Name, err)
	}
	defer unlock()
	return once(ctx, c, creation[Configuration]{
		what: "configuration group", name: r.Name,
		id: func(g *Configuration) string { return g.ID },
		post: func(ctx context.Context) (*Configuration, error) {
			var body configurationEnvelope
			resp, err := c.db.Post(ctx, c.db.ServiceURL("configurations"), map[string]any{"configuration": r}, &body,
				&gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
			_, _, err = gophercloud.ParseResponse(resp, err)
			if err == nil && body.Configuration == nil {
				body.Configuration = new(Configuration)
			}
			return body.Configuration, fault("create configuration group "+r.Name, err)
		},
		made: func(ctx context.Context, asked time.Time) ([]Configuration, error) {
			return c.configurationsLike(ctx, v, r, asked)
		},
	})
}

// Configurations lists the project's configuration groups, without their values, which the server does not list.
func (c *Client) Configurations(ctx context.Context) ([]Configuration, error) {
	all, _, err := c.configurations(ctx)
	return all, err
}

// configurations is Configurations with the server's time of day, zero where it does not tell.
func (c *Client) configurations(ctx context.Context) (all []Configuration, serverTime time.Time, err error) {
	for marker := ""; ; {
		var page struct {
			Configurations []Configuration    `json:"configurations"`
			Links          []gophercloud.Link `json:"links"`
		}
		now, err := c.page(ctx, "list configuration groups", marker, &page, "configurations")
		if err != nil {
			return nil, time.Time{}, err
		}
		if !now.IsZero() {
			serverTime = now
		}
		all = append(all, page.Configurations...)
		next := nextMarker(page.Links)
		if next == "" || next == marker {
			return all, serverTime, nil
		}
		marker = next
	}
}

// configurationsLike are the unclaimed groups made since then that fit the request.
func (c *Client) configurationsLike(ctx context.Context, v *DatastoreVersion, r ConfigurationRequest, asked time.Time) ([]Configuration, error) {
	all, serverTime, err := c.configurations(ctx)
	if err != nil {
		return nil, err
	}
	var fit []Configuration
	since := c.onServer(asked, serverTime)
	for _, g := range all {
		if g.Name != r.Name || g.VersionID != v.ID || !r.describes(g.Description) || !createdSince(g.Created, since) || c.claimed(g.ID) {
			continue
		}
		whole, err := c.Configuration(ctx, g.ID)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return nil, err
		case whole.Values.fits(r.Values):
			fit = append(fit, *whole)
		}
	}
	return fit, nil
}

// ChangeConfiguration makes a group what the request says, all of its values included, and has the server apply it to the
// instances that it is attached to. These are waited for before that, since a busy one would keep its old settings, and
// after it. It returns them as they are then: some may wait for a restart.
func (c *Client) ChangeConfiguration(ctx context.Context, id string, r ConfigurationRequest) ([]Instance, error) {
	settled := func() (attached []Instance, err error) {
		references, err := c.ConfiguredInstances(ctx, id)
		if err != nil {
			return nil, err
		}
		for _, ref := range references {
			i, err := poll(ctx, c.clock, c, ref.ID, "done with what it is at", func(i *Instance, _ time.Duration) (bool, error) { return i.settled(), nil })
			switch {
			case errors.Is(err, ErrNotFound): // it has been deleted meanwhile
			case err != nil:
				return nil, err
			default:
				attached = append(attached, *i)
			}
		}
		return attached, nil
	}
	r.Datastore = nil
	wait := func() error {
		_, err := settled()
		return err
	}
	err := c.whenIdle(ctx, wait, func() error {
		resp, err := c.db.Put(ctx, c.db.ServiceURL("configurations", id), map[string]any{"configuration": r}, nil,
			&gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}})
		_, _, err = gophercloud.ParseResponse(resp, err)
		return fault("change configuration group "+id, err)
	})
	if err != nil {
		return nil, err
	}
	return settled()
}

// ConfiguredInstances lists the instances that a configuration group is attached to.
func (c *Client) ConfiguredInstances(ctx context.Context, id string) (attached []Reference, err error) {
	for marker := ""; ; {
		var page struct {
			Instances []Reference        `json:"instances"`
			Links     []gophercloud.Link `json:"links"`
		}
		if _, err := c.page(ctx, "list the instances of configuration group "+id, marker, &page, "configurations", id, "instances"); err != nil {
			return nil, err
		}
		attached = append(attached, page.Instances...)
		next := nextMarker(page.Links)
		if next == "" || next == marker {
			return attached, nil
		}
		marker = next
	}
}

// AttachedError says that a configuration group cannot be deleted because it is attached to instances. It unwraps to the
// server's refusal.
type AttachedError struct {
	ID        string
	Instances []Reference
	Refusal   error
}

func (e *AttachedError) Error() string {
	names := make([]string, len(e.Instances))
	for i, r := range e.Instances {
		names[i] = fmt.Sprintf("%s (%s)", r.Name, r.ID)
	}
	return fmt.Sprintf("%v: it is attached to %s", e.Refusal, strings.Join(names, ", "))
}

func (e *AttachedError) Unwrap() error { return e.Refusal }

// RemoveConfiguration deletes a group; one that is gone already is no error. Instances that it is attached to are waited
// for while they are being deleted or changed; where some stay attached, it returns an *AttachedError.
func (c *Client) RemoveConfiguration(ctx context.Context, id string) error {
	for start := c.clock.Now(); ; {
		resp, err := c.db.Delete(ctx, c.db.ServiceURL("configurations", id), nil)
		_, _, err = gophercloud.ParseResponse(resp, err)
		err = fault("delete configuration group "+id, err)
		switch {
		case err == nil, errors.Is(err, ErrNotFound):
			return nil
		case !errors.Is(err, ErrBadRequest):
			return err
		}
		waited := c.clock.Now().Sub(start)
		staying, going, listErr := c.stillConfigured(ctx, id)
		switch {
		case listErr != nil:
			return errors.Join(err, listErr)
		case len(staying) > 0 && waited >= attachedGrace:
			return &AttachedError{ID: id, Instances: staying, Refusal: err}
		case len(staying)+going == 0 && waited >= attachedGrace:
			return err // it is refused for another reason
		}
		select {
		case <-ctx.Done():
			return errors.Join(err, ctx.Err())
		case <-c.clock.After(min(max(waited/10, minPoll), maxPoll)):
		}
	}
}

// stillConfigured lists the instances that a group stays attached to, and counts those that are being deleted or are at
// some work, after which they may be attached to it no more.
func (c *Client) stillConfigured(ctx context.Context, id string) (staying []Reference, going int, err error) {
	attached, err := c.ConfiguredInstances(ctx, id)
	if err != nil {
		return nil, 0, err
	}
	for _, ref := range attached {
		i, err := c.Instance(ctx, ref.ID)
		switch {
		case errors.Is(err, ErrNotFound):
			going++
		case err != nil:
			return nil, 0, err
		case i.settled(), i.Status == StatusBuild:
			staying = append(staying, ref)
		default:
			going++
		}
	}
	return staying, going, nil
}
