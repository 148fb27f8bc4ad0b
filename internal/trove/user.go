package trove

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// Account is a database user of an instance, identified by name and host.
type Account struct {
	Name string
	Host string // that it may connect from; "%" is any
}

// String returns the user's name in the guest's form.
func (a Account) String() string { return a.Name + "@" + a.Host }

// segment returns the user's name in URLs. Trove unescapes it once more than other parts of a path, splits it at the last @ and takes what
// follows a dot as a file suffix: so everything is escaped here, dots included, and again with the path.
func (a Account) segment() string {
	return strings.NewReplacer("+", "%20", ".", "%2E").Replace(url.QueryEscape(a.String()))
}

// hidden replaces words that may quote a password.
const hidden = "(the server's message is omitted, since it may quote the password)"

// conceal removes a server's message about a password from an error: Trove quotes those that it refuses.
func conceal(err error, password string) error {
	var answer *openstack.Error
	if errors.As(err, &answer) && (strings.Contains(answer.Message, password) || strings.Contains(strings.ToLower(answer.Message), "password")) {
		answer.Message = hidden
	}
	return err
}

// Grants lists the databases that a user may use, sorted by name. It returns ErrNotFound if there is no such user or instance, and
// ErrNotReady while the instance's database is down.
func (c *Client) Grants(ctx context.Context, id string, a Account) ([]string, error) {
	type envelope struct {
		User *struct {
			Name      string      `json:"name"`
			Databases []Reference `json:"databases"`
		} `json:"user"`
	}
	op := "read " + GuestObject("user", a.String(), id)
	body, err := get(ctx, c, op, func(e envelope) error {
		if e.User == nil {
			return errors.New("it holds no user")
		}
		return isOf("user", e.User.Name, a.Name)
	}, "instances", id, "users", a.segment())
	if err != nil {
		return nil, err
	}
	return Distinct(namesOf(body.User.Databases)), nil
}

// User is a database user of an instance, as a list shows it.
type User struct {
	Account
	Databases []string // that it may use, sorted by name
}

// Users lists the users of an instance, except those that the server hides. It returns ErrNotFound if there is no such instance, and
// ErrNotReady while its database is down.
func (c *Client) Users(ctx context.Context, id string) ([]User, error) {
	type listed struct {
		Name      string      `json:"name"`
		Host      string      `json:"host"`
		Databases []Reference `json:"databases"`
	}
	account := func(u listed) Account { return Account{Name: u.Name, Host: cmp.Or(u.Host, "%")} }
	byAccount := func(u listed) string { return account(u).String() }
	all, _, err := openstack.ListBy(ctx, c.endpoint, "list the users of instance "+id, "users", nil, byAccount, "instances", id, "users")
	if err != nil {
		return nil, err
	}
	users := make([]User, len(all))
	for n, u := range all {
		users[n] = User{Account: account(u), Databases: Distinct(namesOf(u.Databases))}
	}
	return users, nil
}

// PostUser requests a user that may use these databases. The server refuses a name and host that exist.
func (c *Client) PostUser(ctx context.Context, id string, a Account, password string, grants []string) error {
	user := map[string]any{"name": a.Name, "host": a.Host, "password": password}
	if len(grants) > 0 {
		user["databases"] = named(grants)
	}
	err := c.send(ctx, "create "+GuestObject("user", a.String(), id), http.MethodPost, map[string]any{"users": []any{user}}, "instances", id, "users")
	return conceal(err, password)
}

// PutPassword sets the password of a user.
func (c *Client) PutPassword(ctx context.Context, id string, a Account, password string) error {
	body := map[string]any{"users": []map[string]any{{"name": a.Name, "host": a.Host, "password": password}}}
	err := c.send(ctx, "change the password of "+GuestObject("user", a.String(), id), http.MethodPut, body, "instances", id, "users")
	return conceal(err, password)
}

// PutUser changes a user's name, host or both, and its password unless that is "". The user keeps its rights. The server refuses a name
// and host that exist.
func (c *Client) PutUser(ctx context.Context, id string, a, to Account, password string) error {
	user := map[string]string{}
	if to.Name != a.Name {
		user["name"] = to.Name
	}
	if to.Host != a.Host {
		user["host"] = to.Host
	}
	if password != "" {
		user["password"] = password
	}
	op := "rename " + GuestObject("user", a.String(), id) + " to " + to.String()
	err := c.send(ctx, op, http.MethodPut, map[string]any{"user": user}, "instances", id, "users", a.segment())
	if password == "" {
		return err
	}
	return conceal(err, password)
}

// Grant grants a user rights on databases.
func (c *Client) Grant(ctx context.Context, id string, a Account, databases []string) error {
	op := "grant databases to " + GuestObject("user", a.String(), id)
	return c.send(ctx, op, http.MethodPut, map[string]any{"databases": named(databases)}, "instances", id, "users", a.segment(), "databases")
}

// Revoke revokes a user's rights on a database.
func (c *Client) Revoke(ctx context.Context, id string, a Account, database string) error {
	op := "revoke database " + database + " from " + GuestObject("user", a.String(), id)
	return c.send(ctx, op, http.MethodDelete, nil, "instances", id, "users", a.segment(), "databases", database)
}

// DeleteUser requests that a user be dropped.
func (c *Client) DeleteUser(ctx context.Context, id string, a Account) error {
	return c.send(ctx, "delete "+GuestObject("user", a.String(), id), http.MethodDelete, nil, "instances", id, "users", a.segment())
}

// named returns names in the form the API expects.
func named(names []string) []map[string]string {
	all := make([]map[string]string, len(names))
	for i, name := range names {
		all[i] = map[string]string{"name": name}
	}
	return all
}
