package trove

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/databases"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/users"
)

// Account is a user of the database within an instance, named by both name and host.
type Account struct {
	Name string
	Host string // from where it may come; "%" is anywhere
}

// String is how a guest names the user.
func (a Account) String() string { return a.Name + "@" + a.Host }

// path is how URLs name the user. Trove unescapes it once more than other parts of a path, splits it at the last @ and
// takes what follows a dot for the suffix of a file: so everything is escaped twice, the dots too.
func (a Account) path() string {
	escaped := strings.NewReplacer("+", "%20", ".", "%2E").Replace(url.QueryEscape(a.String()))
	return url.PathEscape(escaped)
}

// hidden stands in the place of words that may quote a password.
const hidden = "(the server's words are left out, since they may quote the password)"

// conceal takes out of an error what the server said of a password: Trove quotes those that it refuses.
func conceal(err error, password string) error {
	var answer *Error
	if errors.As(err, &answer) && (strings.Contains(answer.Message, password) || strings.Contains(strings.ToLower(answer.Message), "password")) {
		answer.Message = hidden
	}
	return err
}

// Grants lists the databases that a user may use, in the order of their names; an instance whose database is down is
// waited for. It returns ErrNotFound where there is no such user, or no such instance.
func (c *Client) Grants(ctx context.Context, id string, a Account) (names []string, err error) {
	err = c.serving(ctx, id, func() error {
		names, err = c.grants(ctx, id, a)
		return err
	})
	return names, err
}

func (c *Client) grants(ctx context.Context, id string, a Account) ([]string, error) {
	var body struct {
		User *struct {
			Databases []struct {
				Name string `json:"name"`
			} `json:"databases"`
		} `json:"user"`
	}
	op := "read " + contents("user", a.String(), id)
	if err := c.get(ctx, op, &body, "instances", id, "users", a.path()); err != nil {
		return nil, err
	}
	names := []string{}
	if body.User != nil {
		for _, d := range body.User.Databases {
			names = append(names, d.Name)
		}
	}
	return distinct(names), nil
}

// CreateUser makes a user that may use these databases, and waits until the server shows it. It returns an *ExistsError
// where there is one of that name and host, and a *ReplicaError where the instance is a replica. save is called as soon as
// the user may be there.
func (c *Client) CreateUser(ctx context.Context, id string, a Account, password string, grants []string, save func()) error {
	what := contents("user", a.String(), id)
	if err := c.writable(ctx, id); err != nil {
		return err
	}
	there := func(ctx context.Context) (bool, error) {
		_, err := c.Grants(ctx, id, a)
		missing, err := gone(err)
		return !missing && err == nil, err
	}
	switch _, err := c.Grants(ctx, id, a); {
	case err == nil:
		return &ExistsError{What: what}
	case !errors.Is(err, ErrNotFound):
		return err
	}
	lost := false
	err := c.bringAbout(ctx, id, what, there, func(ctx context.Context) error {
		opts := users.CreateOpts{Name: a.Name, Host: a.Host, Password: password}
		for _, name := range grants {
			opts.Databases = append(opts.Databases, databases.CreateOpts{Name: name})
		}
		err := conceal(fault("create "+what, users.Create(ctx, c.db, id, users.BatchCreateOpts{opts}).ExtractErr()), password)
		lost = lost || OutcomeUnknown(err)
		return err
	}, save)
	switch {
	case err == nil && lost:
		// Whoever made it: from now on it has this password and these rights.
		if err := c.SetPassword(ctx, id, a, password); err != nil {
			return err
		}
		return c.SetGrants(ctx, id, a, grants)
	case errors.Is(err, ErrBadRequest):
		if exists, lookErr := there(ctx); lookErr == nil && exists {
			return &ExistsError{What: what} // somebody else was quicker
		}
	}
	return err
}

// SetPassword gives a user another password, on a replica that of the source. Nothing shows whether it was taken, but it
// may be asked for again and again: so it is, where the answer is lost.
func (c *Client) SetPassword(ctx context.Context, id string, a Account, password string) error {
	id, err := c.primary(ctx, id)
	if err != nil {
		return err
	}
	body := map[string]any{"users": []map[string]any{{"name": a.Name, "host": a.Host, "password": password}}}
	for attempt := 1; ; attempt++ {
		err := c.serving(ctx, id, func() error {
			resp, err := c.db.Put(ctx, c.db.ServiceURL("instances", id, "users"), body, nil, accepted())
			_, _, err = gophercloud.ParseResponse(resp, err)
			return conceal(fault("change the password of "+contents("user", a.String(), id), err), password)
		})
		if err == nil || !OutcomeUnknown(err) || attempt == 2 || ctx.Err() != nil {
			return err
		}
	}
}

// SetGrants makes a user's databases these: it revokes what is too much, grants what is missing, and waits until the server
// shows it. On a replica it does so at the source.
func (c *Client) SetGrants(ctx context.Context, id string, a Account, want []string) error {
	id, err := c.primary(ctx, id)
	if err != nil {
		return err
	}
	have, err := c.Grants(ctx, id, a)
	if err != nil {
		return err
	}
	path, what := a.path(), contents("user", a.String(), id)
	for _, name := range have {
		if slices.Contains(want, name) {
			continue
		}
		revoked := func(ctx context.Context) (bool, error) {
			now, err := c.Grants(ctx, id, a)
			return !slices.Contains(now, name), err
		}
		err := c.bringAbout(ctx, id, what, revoked, func(ctx context.Context) error {
			resp, err := c.db.Delete(ctx, c.db.ServiceURL("instances", id, "users", path, "databases", url.PathEscape(name)), nil)
			_, _, err = gophercloud.ParseResponse(resp, err)
			_, err = gone(fault("revoke database "+name+" from "+what, err)) // where the user is gone, the look tells
			return err
		}, func() {})
		if err != nil {
			return err
		}
	}
	missing := []map[string]string{}
	for _, name := range distinct(slices.Clone(want)) {
		if !slices.Contains(have, name) {
			missing = append(missing, map[string]string{"name": name})
		}
	}
	if len(missing) == 0 {
		return nil
	}
	granted := func(ctx context.Context) (bool, error) {
		now, err := c.Grants(ctx, id, a)
		return !slices.ContainsFunc(want, func(name string) bool { return !slices.Contains(now, name) }), err
	}
	return c.bringAbout(ctx, id, what, granted, func(ctx context.Context) error {
		resp, err := c.db.Put(ctx, c.db.ServiceURL("instances", id, "users", path, "databases"), map[string]any{"databases": missing}, nil, accepted())
		_, _, err = gophercloud.ParseResponse(resp, err)
		return fault("grant databases to "+what, err)
	}, func() {})
}

// accepted is how Trove answers a change. It is made for each request, since gophercloud puts that one's body into it.
func accepted() *gophercloud.RequestOpts {
	return &gophercloud.RequestOpts{OkCodes: []int{http.StatusAccepted}}
}

// DeleteUser drops a user and waits until the server does not show it any more. One that is gone already is no error, and
// neither is an instance that is. On a replica it drops the user of the source.
func (c *Client) DeleteUser(ctx context.Context, id string, a Account) error {
	id, err := c.primary(ctx, id)
	if err != nil {
		_, err = gone(err)
		return err
	}
	what := contents("user", a.String(), id)
	away := func(ctx context.Context) (bool, error) {
		_, err := c.Grants(ctx, id, a)
		return gone(err)
	}
	return c.bringAbout(ctx, id, what, away, func(ctx context.Context) error {
		_, err := gone(fault("delete "+what, users.Delete(ctx, c.db, id, a.path()).ExtractErr()))
		return err
	}, func() {})
}
