package state

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	account "github.com/opentrove/terraform-provider-trove/internal/guestrules"
)

// User is a database user; Host is "%" if any host is allowed. Databases are those that it may use.
type User struct {
	Name, Password, Host string
	Databases            []string
}

// id is a guest's name for a user.
func (u User) id() string { return u.Name + "@" + u.Host }

// String hides the password when a user is printed.
func (u User) String() string { return fmt.Sprintf("user %s", u.id()) }

// userOf parses a user in a path: name, or name@host. As in Trove it is unescaped once more than the path, and stays as it is if it cannot
// be unescaped.
func userOf(path string) User {
	name := path
	if unescaped, err := url.PathUnescape(path); err == nil {
		name = unescaped
	}
	at := strings.LastIndex(name, "@")
	if at < 0 || at == len(name)-1 {
		return User{Name: name, Host: account.AnyHost}
	}
	return User{Name: name[:at], Host: name[at+1:]}
}

// checkUser applies the API's rules for names and hosts; op is Trove's name for the failure.
func (s *State) checkUser(u User, op string) error {
	if s.guestsJudge() {
		if err := account.CheckReservedUser(u.Name); err != nil {
			return badRequest("%s: %s", op, err)
		}
		return nil
	}
	err := account.CheckUserName("mysql", u.Name)
	if err == nil && account.IsLongUserName("mysql", u.Name) {
		return badRequest("%s: User name '%s' is too long. Max length = %d.", op, u.Name, account.OldMaxUserName)
	}
	if err == nil && !account.IsAddress(u.Host) {
		return badRequest("%s: '%s' is not a valid hostname.", op, u.Host)
	}
	if err != nil {
		return badRequest("%s: %s", op, err)
	}
	return nil
}

// checkPassword is as careless with passwords as Trove, which quotes those that it refuses.
func (s *State) checkPassword(u User, op string) error {
	if !s.guestsJudge() && account.CheckPassword("mysql", u.Password) != nil {
		return badRequest("%s: '%s' is not a valid password.", op, u.Password)
	}
	return nil
}

// guestTakesUser reports whether the guest agent of an instance accepts a user, or a user's password.
func (i *instance) guestTakesUser(u User) bool {
	datastore := i.version.DatastoreName
	return account.CheckUserName(datastore, u.Name) == nil && account.CheckPassword(datastore, u.Password) == nil && !account.IsLongUserName(datastore, u.Name) &&
		(account.IsPostgreSQL(datastore) || account.IsAddress(u.Host))
}

// onGuest returns a user as the guest agent of an instance stores it: PostgreSQL has no hosts.
func (i *instance) onGuest(u User) User {
	if account.IsPostgreSQL(i.version.DatastoreName) {
		u.Host = account.AnyHost
	}
	return u
}

func (s *State) checkUsers(users []User) error {
	const op = "User create error"
	for n, u := range users {
		if err := s.checkUser(u, op); err != nil {
			return err
		}
		if slices.ContainsFunc(users[:n], func(o User) bool { return o.id() == u.id() }) {
			return badRequest("Two or more users share the same name and host in the initial users list. Please correct the names or remove the duplicate entries.")
		}
		if err := s.checkPassword(u, op); err != nil {
			return err
		}
	}
	return nil
}

func errUserExists(u User) error {
	return badRequest("A user with the name \"%s\" already exists.", u.Name)
}

// Users lists a page of an instance's users, by name and host.
func (s *State) Users(project, id, marker string, limit int) (page []User, next string, err error) {
	err = s.within(project, id, nil, func(i *instance) error {
		all := slices.Clone(i.users)
		slices.SortFunc(all, func(a, b User) int { return strings.Compare(a.id(), b.id()) })
		page, next = paged(all, marker, limit, User.id)
		return nil
	})
	return page, next, err
}

// CreateUsers makes users on an instance: all or none. As in Trove, the databases that they may use need not exist.
func (s *State) CreateUsers(project, id string, users []User) error {
	return s.changeWithin(project, id, func() error { return s.checkUsers(users) }, func(i *instance) error {
		for _, u := range users {
			if slices.ContainsFunc(i.users, func(o User) bool { return o.id() == u.id() }) {
				return errUserExists(u)
			}
		}
		made := users
		if s.guestsJudge() { // the guest makes them one by one, until one is wrong
			made = nil
			for _, u := range users {
				if !i.guestTakesUser(u) {
					break
				}
				made = append(made, i.onGuest(u))
			}
		}
		i.users = append(slices.Clone(i.users), made...)
		return nil
	})
}

// User returns a user by name, or by name@host.
func (s *State) User(project, id, user string) (found User, err error) {
	named := userOf(user)
	err = s.within(project, id, func() error { return s.checkUser(named, "User show error") }, func(i *instance) error {
		n, err := i.user(named, user)
		if err == nil {
			found = i.users[n]
		}
		return err
	})
	return found, err
}

// user finds a user; path is the name in the request.
func (i *instance) user(u User, path string) (int, error) {
	n := slices.IndexFunc(i.users, func(o User) bool { return o.id() == i.onGuest(u).id() })
	if n < 0 {
		return n, notFound("User %s cannot be found on the instance.", path)
	}
	return n, nil
}

// changeUser replaces a user by the result of change; if that is nil, it drops the user. op is Trove's name for a failure to find it.
func (s *State) changeUser(project, id, user, op string, change func(i *instance, u User) (*User, error)) error {
	named := userOf(user)
	return s.changeWithin(project, id, func() error { return s.checkUser(named, op) }, func(i *instance) error {
		n, err := i.user(named, user)
		if err != nil {
			return err
		}
		changed, err := change(i, i.users[n])
		if err != nil {
			return err
		}
		users := slices.Delete(slices.Clone(i.users), n, n+1)
		if changed != nil {
			users = append(users, *changed)
		}
		i.users = users
		return nil
	})
}

// errLoadingUser is Trove's error if the name of a user to be changed is not valid.
const errLoadingUser = "Error loading user"

// UpdateUser changes the non-nil attributes of a user, who keeps its rights. As in Trove, the password is not checked, and a name or host
// that the user already has is refused as if another user had it.
func (s *State) UpdateUser(project, id, user string, name, password, host *string) error {
	return s.changeUser(project, id, user, errLoadingUser, func(i *instance, u User) (*User, error) {
		before := u
		if name != nil {
			u.Name = *name
		}
		if password != nil {
			u.Password = *password
		}
		if host != nil {
			u.Host = *host
		}
		if s.guestsJudge() { // the database checks it, and refuses a name that already exists
			u = i.onGuest(u)
			if (name != nil || host != nil) && slices.ContainsFunc(i.users, func(o User) bool { return o.id() == u.id() }) {
				u.Name, u.Host = before.Name, before.Host
			}
			return &u, nil
		}
		if err := s.checkUser(u, "User update error"); err != nil {
			return nil, err
		}
		if (name != nil || host != nil) && slices.ContainsFunc(i.users, func(o User) bool { return o.id() == u.id() }) {
			return nil, errUserExists(u)
		}
		return &u, nil
	})
}

// ChangePasswords sets the passwords of users: all or none.
func (s *State) ChangePasswords(project, id string, users []User) error {
	check := func() error {
		for _, u := range users {
			if err := s.checkUser(u, errLoadingUser); err != nil {
				return err
			}
			if err := s.checkPassword(u, errLoadingUser); err != nil {
				return err
			}
		}
		return nil
	}
	return s.changeWithin(project, id, check, func(i *instance) error {
		changed := slices.Clone(i.users)
		for _, u := range users {
			n, err := i.user(u, u.id())
			if err != nil {
				return err
			}
			if !s.guestsJudge() || i.guestTakesUser(u) {
				changed[n].Password = u.Password
			}
		}
		i.users = changed
		return nil
	})
}

// DeleteUser drops a user.
func (s *State) DeleteUser(project, id, user string) error {
	return s.changeUser(project, id, user, "User delete error", func(*instance, User) (*User, error) { return nil, nil })
}

// Grant allows a user to use more databases, which as in Trove need not exist.
func (s *State) Grant(project, id, user string, databases []string) error {
	return s.changeUser(project, id, user, errLoadingUser, func(_ *instance, u User) (*User, error) {
		for _, name := range databases {
			if !slices.Contains(u.Databases, name) {
				u.Databases = append(slices.Clone(u.Databases), name)
			}
		}
		return &u, nil
	})
}

// Revoke takes the right to a database from a user.
func (s *State) Revoke(project, id, user, database string) error {
	return s.changeUser(project, id, user, errLoadingUser, func(_ *instance, u User) (*User, error) {
		if !slices.Contains(u.Databases, database) {
			return nil, notFound("Database %s cannot be found on the instance.", database)
		}
		u.Databases = without(u.Databases, database)
		return &u, nil
	})
}
