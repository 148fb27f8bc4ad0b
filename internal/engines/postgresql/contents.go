package postgresql

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// root is the name of the administrator, as in Trove.
const root = "postgres"

// fill makes the databases, users and grants that a source should have, and drops those that it should no longer have. What applications
// have made stays. A standby has those of its source.
func (s *server) fill(ctx context.Context, w engine.Server) error {
	if len(w.Sources) > 0 {
		return nil
	}
	for _, d := range w.Databases {
		if err := s.database(ctx, d); err != nil {
			return err
		}
	}
	for _, u := range s.want.Users {
		if !slices.ContainsFunc(w.Users, func(o engine.User) bool { return o.Name == u.Name }) {
			if err := s.dropUser(ctx, u); err != nil {
				return err
			}
		}
	}
	for _, d := range s.want.Databases {
		if !slices.ContainsFunc(w.Databases, func(o engine.Database) bool { return o.Name == d.Name }) {
			if err := s.execute(ctx, "dropping database "+d.Name, "DROP DATABASE IF EXISTS "+identifier(d.Name)+" WITH (FORCE)"); err != nil {
				return err
			}
		}
	}
	for _, u := range w.Users {
		if err := s.user(ctx, u); err != nil {
			return err
		}
	}
	if w.RootPassword != s.want.RootPassword {
		return s.role(ctx, root, "SUPERUSER", w.RootPassword)
	}
	return nil
}

func (s *server) database(ctx context.Context, d engine.Database) error {
	var there bool
	if err := s.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", d.Name).Scan(&there); err != nil || there {
		return err
	}
	statement := "CREATE DATABASE " + identifier(d.Name) + " TEMPLATE template0"
	if d.CharacterSet != "" {
		statement += " ENCODING " + literal(d.CharacterSet)
	}
	if d.Collate != "" {
		statement += " LC_COLLATE " + literal(d.Collate)
	}
	return s.execute(ctx, "making database "+d.Name, statement)
}

// user makes a user, or applies what has changed of one.
func (s *server) user(ctx context.Context, u engine.User) error {
	var had engine.User
	if n := slices.IndexFunc(s.want.Users, func(o engine.User) bool { return o.Name == u.Name }); n >= 0 {
		had = s.want.Users[n]
	}
	if had.Name == "" || had.Password != u.Password {
		if err := s.role(ctx, u.Name, "", u.Password); err != nil {
			return err
		}
	}
	for _, name := range u.Databases {
		if !slices.Contains(had.Databases, name) {
			if err := s.within(ctx, name, "granting to user "+u.Name, "GRANT ALL ON DATABASE "+identifier(name)+" TO "+identifier(u.Name),
				"GRANT ALL ON SCHEMA public TO "+identifier(u.Name)); err != nil {
				return err
			}
		}
	}
	for _, name := range had.Databases {
		if !slices.Contains(u.Databases, name) {
			if err := s.revoke(ctx, u.Name, name); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *server) revoke(ctx context.Context, user, database string) error {
	return s.within(ctx, database, "revoking from user "+user, "REVOKE ALL ON DATABASE "+identifier(database)+" FROM "+identifier(user),
		"REVOKE ALL ON SCHEMA public FROM "+identifier(user))
}

// dropUser drops a user. What the user owns becomes the administrator's.
func (s *server) dropUser(ctx context.Context, u engine.User) error {
	for _, name := range u.Databases {
		if err := s.within(ctx, name, "taking over what user "+u.Name+" has made", "REASSIGN OWNED BY "+identifier(u.Name)+" TO "+identifier(adminUser),
			"DROP OWNED BY "+identifier(u.Name)); err != nil {
			return err
		}
	}
	return s.execute(ctx, "dropping user "+u.Name, "DROP ROLE IF EXISTS "+identifier(u.Name))
}

// role makes a role that can sign in, or changes its password.
func (s *server) role(ctx context.Context, name, with, password string) error {
	var there bool
	if err := s.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", name).Scan(&there); err != nil {
		return err
	}
	verb := "CREATE"
	if there {
		verb = "ALTER"
	}
	return s.execute(ctx, "making user "+name, fmt.Sprintf("%s ROLE %s LOGIN %s PASSWORD %s", verb, identifier(name), with, literal(password)))
}

// execute runs statements. Errors do not quote them, since they contain passwords.
func (s *server) execute(ctx context.Context, what string, statements ...string) error {
	for _, statement := range statements {
		if _, err := s.pool.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// within runs statements in a database, if that exists.
func (s *server) within(ctx context.Context, database, what string, statements ...string) (err error) {
	var there bool
	if err := s.pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", database).Scan(&there); err != nil || !there {
		return err
	}
	config := s.pool.Config().ConnConfig.Copy()
	config.Database = database
	conn, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}
