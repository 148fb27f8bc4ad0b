package state

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	account "github.com/opentrove/terraform-provider-trove/internal/guestrules"
)

// Database is a database (schema) on an instance. Character set and collation are accepted and, as in Trove, not returned.
type Database struct {
	Name, CharacterSet, Collate string
}

// errSameDatabase is Trove's error for a list that names a database twice.
func errSameDatabase() error {
	return badRequest("Two or more databases share the same name in the initial databases list. Please correct the names or remove the duplicate entries.")
}

// checkDatabases checks what the API checks.
func (s *State) checkDatabases(databases []Database) error {
	for n, d := range databases {
		if err := s.checkDatabaseName(d.Name); err != nil {
			return badRequest("%s", err)
		}
		if slices.ContainsFunc(databases[:n], func(o Database) bool { return o.Name == d.Name }) {
			return errSameDatabase()
		}
		if s.guestsJudge() {
			continue
		}
		if err := d.checkCharacters(); err != nil {
			return err
		}
	}
	return nil
}

// checkDatabaseName is the API's rule: that of MySQL, or if guests check names, only that the name is not reserved.
func (s *State) checkDatabaseName(name string) error {
	if s.guestsJudge() {
		return account.CheckReservedDatabase(name)
	}
	return account.CheckDatabaseName("mysql", name)
}

// guestTakes reports whether the guest agent of an instance accepts a database.
func (i *instance) guestTakes(d Database) bool {
	return account.CheckDatabaseName(i.version.DatastoreName, d.Name) == nil && (account.IsPostgreSQL(i.version.DatastoreName) || d.checkCharacters() == nil)
}

func unsupported(d Datastore) error {
	return unprocessable("Operation not supported for datastore %s.", d.Name)
}

// checkSchemas checks the databases and users that an instance is created with.
func (s *State) checkSchemas(d Datastore, databases []Database, users []User) error {
	if !s.hasSchemas(d) && len(databases)+len(users) > 0 {
		return unsupported(d)
	}
	if err := s.checkDatabases(databases); err != nil {
		return err
	}
	if err := s.checkUsers(users); err != nil {
		return err
	}
	for _, u := range users {
		for _, name := range u.Databases {
			if !slices.ContainsFunc(databases, func(d Database) bool { return d.Name == name }) {
				return badRequest("The request indicates that user %s should have access to database %s, but database %s is not included in the initial databases list.", u.Name, name, name)
			}
		}
	}
	return nil
}

// serving returns, in Trove's words, why the database within the instance cannot be used now; nil if it can. It depends on what the guest
// last reported about the database, so a backup or a promotion does not prevent it, and neither need ERROR.
func (s *State) serving(i *instance) error {
	if err := i.up(); err != nil {
		return err
	}
	if !s.hasSchemas(datastoreOf(i.version)) {
		return unsupported(datastoreOf(i.version))
	}
	return nil
}

// up returns why the database of the instance cannot be used; nil if it can.
func (i *instance) up() error {
	switch {
	case i.phase == building:
		return unprocessable("Instance %s is not ready.", i.id)
	case !i.built:
		return unprocessable("Instance %s is not ready, status: failed to spawn.", i.id)
	case i.task != nil && i.task.down != "":
		return unprocessable("Instance %s is not ready, status: %s.", i.id, i.task.down)
	}
	return nil
}

// within runs something against the database of an instance, which must serve. Trove checks the request itself, with check, before the
// instance's state; check may be nil.
func (s *State) within(project, id string, check func() error, do func(i *instance) error) error {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return err
	}
	return s.withinInstance(i, check, do)
}

// changeWithin is within for a change: it records a refusal as a fault, and applies the change to replicas.
func (s *State) changeWithin(project, id string, check func() error, do func(i *instance) error) error {
	return s.on(project, id, func(i *instance) error {
		err := s.withinInstance(i, check, do)
		if err == nil {
			i.replicateContents()
			s.refresh(i)
		}
		return err
	})
}

func (s *State) withinInstance(i *instance, check func() error, do func(i *instance) error) error {
	if check != nil {
		if err := check(); err != nil {
			return err
		}
	}
	if err := s.serving(i); err != nil {
		return err
	}
	return do(i)
}

// replicateContents copies the instance's databases and users to its replicas that have no other source. Trove allows writes to a replica:
// they are overwritten here, as they might be lost in reality.
func (i *instance) replicateContents() {
	for _, r := range i.project.replicas(i) {
		if len(r.parents()) == 1 && r.built {
			r.schemas, r.users = i.schemas, i.users
			r.replicateContents()
		}
	}
}

// Databases lists a page of an instance's databases, by name.
func (s *State) Databases(project, id, marker string, limit int) (page []Database, next string, err error) {
	err = s.within(project, id, nil, func(i *instance) error {
		all := slices.Clone(i.schemas)
		slices.SortFunc(all, func(a, b Database) int { return strings.Compare(a.Name, b.Name) })
		page, next = paged(all, marker, limit, func(d Database) string { return d.Name })
		return nil
	})
	return page, next, err
}

// CreateDatabases makes databases on an instance: all or none.
func (s *State) CreateDatabases(project, id string, databases []Database) error {
	return s.changeWithin(project, id, func() error { return s.checkDatabases(databases) }, func(i *instance) error {
		all := slices.Clone(i.schemas)
		for _, d := range databases {
			if slices.ContainsFunc(all, func(o Database) bool { return o.Name == d.Name }) {
				return badRequest("A database with the name \"%s\" already exists.", d.Name)
			}
			all = append(all, d)
		}
		if s.guestsJudge() { // the guest makes them one by one, until one is wrong
			if n := slices.IndexFunc(databases, func(d Database) bool { return !i.guestTakes(d) }); n >= 0 {
				all = all[:len(i.schemas)+n]
			}
		}
		i.schemas = all
		return nil
	})
}

// DeleteDatabase drops a database, and removes the users' rights to it.
func (s *State) DeleteDatabase(project, id, name string) error {
	check := func() error {
		err := s.checkDatabaseName(name)
		switch {
		case err != nil && account.IsReserved(name):
			return badRequest("Database delete error: Cannot delete database: %s", err)
		case err != nil:
			return badRequest("Database delete error: %s", err)
		}
		return nil
	}
	return s.changeWithin(project, id, check, func(i *instance) error {
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

// RootEnabled reports whether root was ever enabled on an instance; only since Trove 26 does disabling reset that.
func (s *State) RootEnabled(project, id string) (enabled bool, err error) {
	err = s.within(project, id, nil, func(i *instance) error {
		enabled = i.root
		return nil
	})
	return enabled, err
}

// EnableRoot sets the password of an instance's root, a random one for "", and returns it.
func (s *State) EnableRoot(project, id, password string) (string, error) {
	if password == "" {
		password = randomPassword()
	}
	return password, s.within(project, id, nil, func(i *instance) error {
		i.root, i.rootPassword = true, password
		s.refresh(i)
		return nil
	})
}

func randomPassword() string { return strings.ReplaceAll(uuid.NewString(), "-", "") }

// RootPassword returns the password of an instance's root, "" if it never had one.
func (s *State) RootPassword(project, id string) (string, error) {
	defer s.enter()()
	i, err := s.project(project).find(id)
	if err != nil {
		return "", err
	}
	return i.rootPassword, nil
}

// DisableRoot sets root's password to one that nobody knows.
func (s *State) DisableRoot(project, id string) error {
	return s.within(project, id, nil, func(i *instance) error {
		if !i.root {
			return notFound("Root user has never been enabled on the instance.")
		}
		i.root, i.rootPassword = !s.Since(26), randomPassword()
		s.refresh(i)
		return nil
	})
}
