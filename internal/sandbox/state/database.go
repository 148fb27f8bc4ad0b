package state

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Database is a database (schema) on an instance. Character set and collation are accepted and, as in Trove, not shown.
type Database struct {
	Name, CharacterSet, Collate string
}

// User is a database user; Host is "%" where it may come from anywhere. Databases are those that it may use.
type User struct {
	Name, Password, Host string
	Databases            []string
}

// id is how paths name a user: name, or name@host.
func (u User) id() string {
	if u.Host == "%" {
		return u.Name
	}
	return u.Name + "@" + u.Host
}

var (
	reservedDatabases = []string{"mysql", "information_schema", "performance_schema", "sys"}
	reservedUsers     = []string{"os_admin", "root"}
)

// maxUserName is the longest name of a user that Trove takes.
const maxUserName = 16

func quoted(names []string) string { return "['" + strings.Join(names, "', '") + "']" }

func checkDatabase(d Database) error {
	switch {
	case len(d.Name) < 2 || len(d.Name) > 64 || strings.ContainsAny(d.Name, `\/?%*:|"<>.`):
		return badRequest("'%s' is not a valid schema name.", d.Name)
	case slices.Contains(reservedDatabases, d.Name):
		return badRequest("Database name \"%s\" is on the reserved list: %s.", d.Name, quoted(reservedDatabases))
	}
	return nil
}

func checkUser(u User) error {
	switch {
	case slices.Contains(reservedUsers, u.Name):
		return badRequest("User create error: User name \"%s\" is on the reserved list: %s.", u.Name, quoted(reservedUsers))
	case len(u.Name) > maxUserName:
		return badRequest("User create error: User name '%s' is too long. Max length = %d.", u.Name, maxUserName)
	}
	return nil
}

func unsupported(d Datastore) error {
	return unprocessable("Operation not supported for datastore %s.", d.Name)
}

// checkSchemas checks the databases and users that an instance is created with.
func checkSchemas(d Datastore, databases []Database, users []User) error {
	if !d.schemas && len(databases)+len(users) > 0 {
		return unsupported(d)
	}
	for n, db := range databases {
		if err := checkDatabase(db); err != nil {
			return err
		}
		if slices.ContainsFunc(databases[:n], func(o Database) bool { return o.Name == db.Name }) {
			return badRequest("Databases names must be unique; %s is given twice.", db.Name)
		}
	}
	for n, u := range users {
		if err := checkUser(u); err != nil {
			return err
		}
		if slices.ContainsFunc(users[:n], func(o User) bool { return o.id() == u.id() }) {
			return badRequest("User names must be unique; %s is given twice.", u.Name)
		}
		for _, name := range u.Databases {
			if !slices.ContainsFunc(databases, func(d Database) bool { return d.Name == name }) {
				return badRequest("The request indicates that user %s should have access to database %s, but database %s is not included in the initial databases list.", u.Name, name, name)
			}
		}
	}
	return nil
}

// within runs something against the database of an instance, which must serve.
func (s *State) within(project, id string, do func(i *instance) error) error {
	defer s.enter()()
	i, err := s.project(project).find(id)
	switch {
	case err != nil:
		return err
	case !i.ready():
		return unprocessable("Instance %s is not ready.", i.id)
	case !datastoreOf(i.version).schemas:
		return unsupported(datastoreOf(i.version))
	}
	return do(i)
}

// Databases lists a page of an instance's databases, by name.
func (s *State) Databases(project, id, marker string, limit int) (page []Database, next string, err error) {
	err = s.within(project, id, func(i *instance) error {
		all := slices.Clone(i.schemas)
		slices.SortFunc(all, func(a, b Database) int { return strings.Compare(a.Name, b.Name) })
		page, next = paged(all, marker, limit, func(d Database) string { return d.Name })
		return nil
	})
	return page, next, err
}

// CreateDatabases makes databases on an instance: all or none.
func (s *State) CreateDatabases(project, id string, databases []Database) error {
	return s.within(project, id, func(i *instance) error {
		all := slices.Clone(i.schemas)
		for _, d := range databases {
			if err := checkDatabase(d); err != nil {
				return err
			}
			if slices.ContainsFunc(all, func(o Database) bool { return o.Name == d.Name }) {
				return badRequest("A database with the name \"%s\" already exists.", d.Name)
			}
			all = append(all, d)
		}
		i.schemas = all
		return nil
	})
}

// DeleteDatabase drops a database, and with it the users' rights to it.
func (s *State) DeleteDatabase(project, id, name string) error {
	return s.within(project, id, func(i *instance) error {
		rest := slices.DeleteFunc(slices.Clone(i.schemas), func(d Database) bool { return d.Name == name })
		if len(rest) == len(i.schemas) {
			return notFound("Database %s cannot be found on the instance.", name)
		}
		i.schemas = rest
		users := slices.Clone(i.users)
		for n := range users {
			users[n].Databases = without(users[n].Databases, name)
		}
		i.users = users
		return nil
	})
}

func without(names []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == name })
}

// Users lists a page of an instance's users, by name and host.
func (s *State) Users(project, id, marker string, limit int) (page []User, next string, err error) {
	err = s.within(project, id, func(i *instance) error {
		all := slices.Clone(i.users)
		slices.SortFunc(all, func(a, b User) int { return strings.Compare(a.id(), b.id()) })
		page, next = paged(all, marker, limit, User.id)
		return nil
	})
	return page, next, err
}

// CreateUsers makes users on an instance: all or none.
func (s *State) CreateUsers(project, id string, users []User) error {
	return s.within(project, id, func(i *instance) error {
		all := slices.Clone(i.users)
		for _, u := range users {
			if err := checkUser(u); err != nil {
				return err
			}
			if slices.ContainsFunc(all, func(o User) bool { return o.id() == u.id() }) {
				return badRequest("A user with the name \"%s\" already exists.", u.Name)
			}
			for _, name := range u.Databases {
				if err := i.hasDatabase(name); err != nil {
					return err
				}
			}
			all = append(all, u)
		}
		i.users = all
		return nil
	})
}

func (i *instance) hasDatabase(name string) error {
	if !slices.ContainsFunc(i.schemas, func(d Database) bool { return d.Name == name }) {
		return notFound("Database %s cannot be found on the instance.", name)
	}
	return nil
}

// User shows a user by name, or by name@host.
func (s *State) User(project, id, user string) (found User, err error) {
	err = s.within(project, id, func(i *instance) error {
		n, err := i.user(user)
		if err == nil {
			found = i.users[n]
		}
		return err
	})
	return found, err
}

func (i *instance) user(id string) (int, error) {
	n := slices.IndexFunc(i.users, func(u User) bool { return u.id() == id })
	if n < 0 {
		return n, notFound("User %s cannot be found on the instance.", id)
	}
	return n, nil
}

// changeUser replaces a user by what change makes of it; where change says nil, the user is dropped.
func (s *State) changeUser(project, id, user string, change func(i *instance, u User) (*User, error)) error {
	return s.within(project, id, func(i *instance) error {
		n, err := i.user(user)
		if err != nil {
			return err
		}
		changed, err := change(i, i.users[n])
		if err != nil {
			return err
		}
		users := slices.Delete(slices.Clone(i.users), n, n+1)
		if changed != nil {
			if slices.ContainsFunc(users, func(o User) bool { return o.id() == changed.id() }) {
				return badRequest("A user with the name \"%s\" already exists.", changed.Name)
			}
			users = append(users, *changed)
		}
		i.users = users
		return nil
	})
}

// UpdateUser changes what is not nil of a user.
func (s *State) UpdateUser(project, id, user string, name, password, host *string) error {
	return s.changeUser(project, id, user, func(_ *instance, u User) (*User, error) {
		if name != nil {
			u.Name = *name
		}
		if password != nil {
			u.Password = *password
		}
		if host != nil {
			u.Host = *host
		}
		return &u, checkUser(u)
	})
}

// ChangePasswords gives users the passwords that they are given with: all or none.
func (s *State) ChangePasswords(project, id string, users []User) error {
	return s.within(project, id, func(i *instance) error {
		changed := slices.Clone(i.users)
		for _, u := range users {
			n, err := i.user(u.id())
			if err != nil {
				return err
			}
			changed[n].Password = u.Password
		}
		i.users = changed
		return nil
	})
}

// DeleteUser drops a user.
func (s *State) DeleteUser(project, id, user string) error {
	return s.changeUser(project, id, user, func(*instance, User) (*User, error) { return nil, nil })
}

// Grant lets a user use further databases.
func (s *State) Grant(project, id, user string, databases []string) error {
	return s.changeUser(project, id, user, func(i *instance, u User) (*User, error) {
		for _, name := range databases {
			if err := i.hasDatabase(name); err != nil {
				return nil, err
			}
			u.Databases = append(without(u.Databases, name), name)
		}
		return &u, nil
	})
}

// Revoke takes the right to a database from a user.
func (s *State) Revoke(project, id, user, database string) error {
	return s.changeUser(project, id, user, func(_ *instance, u User) (*User, error) {
		if !slices.Contains(u.Databases, database) {
			return nil, notFound("Database %s cannot be found on the instance.", database)
		}
		u.Databases = without(u.Databases, database)
		return &u, nil
	})
}

// RootEnabled says whether root was ever enabled on an instance; disabling it does not change that.
func (s *State) RootEnabled(project, id string) (enabled bool, err error) {
	err = s.within(project, id, func(i *instance) error {
		enabled = i.root
		return nil
	})
	return enabled, err
}

// EnableRoot gives an instance's root a password, one of the server's choice for "", and returns it.
func (s *State) EnableRoot(project, id, password string) (string, error) {
	err := s.within(project, id, func(i *instance) error {
		i.root = true
		return nil
	})
	if password == "" {
		password = strings.ReplaceAll(uuid.NewString(), "-", "")
	}
	return password, err
}

// DisableRoot takes root's rights again.
func (s *State) DisableRoot(project, id string) error {
	return s.within(project, id, func(i *instance) error {
		if !i.root {
			return notFound("Root user has never been enabled on the instance.")
		}
		return nil
	})
}

// String hides the password wherever a user is printed.
func (u User) String() string { return fmt.Sprintf("user %s", u.id()) }
