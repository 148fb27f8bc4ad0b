package troveapi

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	account "github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func (a *API) databaseRoutes() {
	a.onGuest("GET /instances/{id}/databases", a.listDatabases)
	a.onGuest("POST /instances/{id}/databases", a.createDatabases)
	a.onGuest("DELETE /instances/{id}/databases/{name}", func(r *http.Request) (int, any, error) {
		return done(a.state.DeleteDatabase(project(r), id(r), r.PathValue("name")))
	})
	a.onGuest("GET /instances/{id}/users", a.listUsers)
	a.onGuest("POST /instances/{id}/users", a.createUsers)
	a.onGuest("PUT /instances/{id}/users", a.changePasswords)
	a.onGuest("GET /instances/{id}/users/{user}", func(r *http.Request) (int, any, error) {
		u, err := a.state.User(project(r), id(r), r.PathValue("user"))
		return http.StatusOK, map[string]any{"user": shownUser(u)}, err
	})
	a.onGuest("PUT /instances/{id}/users/{user}", a.changeUser)
	a.onGuest("DELETE /instances/{id}/users/{user}", func(r *http.Request) (int, any, error) {
		return done(a.state.DeleteUser(project(r), id(r), r.PathValue("user")))
	})
	a.onGuest("GET /instances/{id}/users/{user}/databases", func(r *http.Request) (int, any, error) {
		u, err := a.state.User(project(r), id(r), r.PathValue("user"))
		return http.StatusOK, map[string]any{"databases": named(u.Databases)}, err
	})
	a.onGuest("PUT /instances/{id}/users/{user}/databases", a.grant)
	a.onGuest("DELETE /instances/{id}/users/{user}/databases/{name}", func(r *http.Request) (int, any, error) {
		return done(a.state.Revoke(project(r), id(r), r.PathValue("user"), r.PathValue("name")))
	})
	a.onGuest("GET /instances/{id}/root", func(r *http.Request) (int, any, error) {
		enabled, err := a.state.RootEnabled(project(r), id(r))
		return http.StatusOK, map[string]bool{"rootEnabled": enabled}, err
	})
	a.onGuest("POST /instances/{id}/root", a.enableRoot)
	a.onGuest("DELETE /instances/{id}/root", func(r *http.Request) (int, any, error) {
		return http.StatusNoContent, nil, a.state.DisableRoot(project(r), id(r))
	})
}

// mostGuestTime is how long a request waits for the guest agent to finish earlier work.
const mostGuestTime = 10 * time.Second

// onGuest serves requests to the guest agent, which does one task after the other.
func (a *API) onGuest(pattern string, handle handler) {
	a.on(pattern, func(r *http.Request) (int, any, error) {
		a.settle(r)
		defer a.settle(r)
		return handle(r)
	})
}

// settle waits until the engine has done what the guest agent was told.
func (a *API) settle(r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), mostGuestTime)
	defer cancel()
	for !a.state.Settled(project(r), id(r)) {
		select {
		case <-ctx.Done():
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
}

type databaseBody struct {
	Name         string `json:"name"`
	CharacterSet string `json:"character_set"`
	Collate      string `json:"collate"`
}

type userBody struct {
	Name      string         `json:"name"`
	Password  *string        `json:"password"`
	Host      string         `json:"host"`
	Databases []databaseBody `json:"databases"`
}

// name is an object that is shown only by its name.
type name struct {
	Name string `json:"name"`
}

func named(names []string) []name {
	list := make([]name, len(names))
	for n := range names {
		list[n].Name = names[n]
	}
	return list
}

// shownUserBody is a user as Trove shows it: without the password.
type shownUserBody struct {
	Name      string `json:"name"`
	Host      string `json:"host"`
	Databases []name `json:"databases"`
}

func shownUser(u state.User) shownUserBody { return shownUserBody{u.Name, u.Host, named(u.Databases)} }

func databasesOf(bodies []databaseBody) []state.Database {
	var list []state.Database
	for _, b := range bodies {
		list = append(list, state.Database(b))
	}
	return list
}

func usersOf(bodies []userBody) []state.User {
	var list []state.User
	for _, b := range bodies {
		u := state.User{Name: b.Name, Password: *b.Password, Host: b.Host}
		if u.Host == "" {
			u.Host = "%"
		}
		for _, d := range b.Databases {
			u.Databases = append(u.Databases, d.Name)
		}
		list = append(list, u)
	}
	return list
}

func checkUsers(of string, bodies []userBody) error {
	for n, b := range bodies {
		switch {
		case b.Name == "":
			return invalid("Validation error: %s[%d] 'name' is a required property", of, n)
		case b.Password == nil || *b.Password == "":
			return invalid("Validation error: %s[%d] 'password' is a required property", of, n)
		case b.Host != "" && account.CheckHost(b.Host) != nil:
			return invalid(`Validation error: %s[%d]['host'] '%s' does not match '^[%%]?[\\w(-).]*[%%]?$'`, of, n, b.Host)
		}
	}
	return nil
}

// list reads a body that has a list under a name and nothing else.
func list[T any](r *http.Request, of string) ([]T, error) {
	body, err := whole(r)
	if err != nil {
		return nil, err
	}
	if err := body.only("body", false, of); err != nil {
		return nil, err
	}
	if !body.has(of) {
		return nil, invalid("Validation error: '%s' is a required property", of)
	}
	into := map[string][]T{}
	if err := body.decode("body", &into); err != nil {
		return nil, err
	}
	return into[of], nil
}

func (a *API) listDatabases(r *http.Request) (int, any, error) {
	marker, limit, err := page(r)
	if err != nil {
		return 0, nil, err
	}
	databases, more, err := a.state.Databases(project(r), id(r), marker, limit)
	names := make([]string, len(databases))
	for n, d := range databases {
		names[n] = d.Name
	}
	return http.StatusOK, next(r, map[string]any{"databases": named(names)}, more), err
}

func (a *API) createDatabases(r *http.Request) (int, any, error) {
	databases, err := list[databaseBody](r, "databases")
	if err != nil {
		return 0, nil, err
	}
	return done(a.state.CreateDatabases(project(r), id(r), databasesOf(databases)))
}

func (a *API) listUsers(r *http.Request) (int, any, error) {
	marker, limit, err := page(r)
	if err != nil {
		return 0, nil, err
	}
	users, more, err := a.state.Users(project(r), id(r), marker, limit)
	bodies := make([]shownUserBody, len(users))
	for n, u := range users {
		bodies[n] = shownUser(u)
	}
	return http.StatusOK, next(r, map[string]any{"users": bodies}, more), err
}

func (a *API) createUsers(r *http.Request) (int, any, error) {
	users, err := list[userBody](r, "users")
	if err == nil {
		err = checkUsers("users", users)
	}
	if err != nil {
		return 0, nil, err
	}
	return done(a.state.CreateUsers(project(r), id(r), usersOf(users)))
}

// changePasswords gives several users new passwords.
func (a *API) changePasswords(r *http.Request) (int, any, error) {
	users, err := list[userBody](r, "users")
	if err == nil {
		err = checkUsers("users", users)
	}
	if err != nil {
		return 0, nil, err
	}
	return done(a.state.ChangePasswords(project(r), id(r), usersOf(users)))
}

// userAttributes are the attributes that a change of one user sets; nil means no change.
type userAttributes struct {
	Name     *string `json:"name"`
	Password *string `json:"password"`
	Host     *string `json:"host"`
}

// withAlphanumeric is Trove's rule for names and passwords.
var withAlphanumeric = regexp.MustCompile(`^.*[0-9a-zA-Z]+.*$`)

// check refuses invalid attributes, and reports all that is wrong at once.
func (u userAttributes) check() error {
	var wrong []string
	check := func(attribute string, value *string, most int, matches func(string) bool, pattern string) {
		if value == nil {
			return
		}
		refuse := func(what string) { wrong = append(wrong, fmt.Sprintf("user['%s'] '%s' %s", attribute, *value, what)) }
		if *value == "" {
			refuse("is too short")
		}
		if most > 0 && utf8.RuneCountInString(*value) > most {
			refuse("is too long")
		}
		if !matches(*value) {
			refuse("does not match '" + pattern + "'")
		}
	}
	check("name", u.Name, 0, withAlphanumeric.MatchString, withAlphanumeric.String())
	check("password", u.Password, account.MaxPassword, withAlphanumeric.MatchString, withAlphanumeric.String())
	check("host", u.Host, 0, func(h string) bool { return h == "" || account.CheckHost(h) == nil }, `^[%]?[\\w(-).]*[%]?$`)
	if len(wrong) > 0 {
		return invalid("Validation error: %s", strings.Join(wrong, "; "))
	}
	return nil
}

// changeUser changes the name, host or password of one user. Trove drops all other fields.
func (a *API) changeUser(r *http.Request) (int, any, error) {
	f, err := fields(r, "user", true)
	if err == nil && len(f) == 0 {
		err = invalid("Validation error: user {} does not have enough properties")
	}
	if err == nil {
		err = f.only("user", true, "name", "password", "host")
	}
	var attributes userAttributes
	if err == nil {
		err = f.decode("user", &attributes)
	}
	if err == nil {
		err = attributes.check()
	}
	if err != nil {
		return 0, nil, err
	}
	return done(a.state.UpdateUser(project(r), id(r), r.PathValue("user"), attributes.Name, attributes.Password, attributes.Host))
}

func (a *API) grant(r *http.Request) (int, any, error) {
	databases, err := list[databaseBody](r, "databases")
	if err != nil {
		return 0, nil, err
	}
	var names []string
	for _, d := range databases {
		names = append(names, d.Name)
	}
	return done(a.state.Grant(project(r), id(r), r.PathValue("user"), names))
}

// enableRoot accepts a password in the body, or no password and no body.
func (a *API) enableRoot(r *http.Request) (int, any, error) {
	text, err := raw(r)
	if err != nil {
		return 0, nil, err
	}
	var b struct {
		Password string `json:"password"`
	}
	if len(text) > 0 {
		if json.Unmarshal(text, &b) != nil {
			return 0, nil, newWebError(http.StatusBadRequest, "Malformed request body<br /><br />\n\n\n")
		}
	}
	password, err := a.state.EnableRoot(project(r), id(r), b.Password)
	return http.StatusOK, map[string]any{"user": map[string]string{"name": "root", "password": password}}, err
}
