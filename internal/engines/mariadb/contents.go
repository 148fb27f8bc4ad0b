package mariadb

import (
	"context"
	"fmt"
	"slices"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// fill makes the databases, users and grants that a source should have, and drops those that it should no longer have. What applications
// have made stays. A replica has those of its source.
func (s *server) fill(ctx context.Context, w engine.Server) error {
	if len(w.Sources) > 0 {
		return nil
	}
	for _, d := range w.Databases {
		if slices.Contains(s.want.Databases, d) {
			continue
		}
		statement := "CREATE DATABASE IF NOT EXISTS " + identifier(d.Name)
		if d.CharacterSet != "" {
			statement += " CHARACTER SET " + identifier(d.CharacterSet)
		}
		if d.Collate != "" {
			statement += " COLLATE " + identifier(d.Collate)
		}
		if err := s.execute(ctx, "making database "+d.Name, statement); err != nil {
			return err
		}
	}
	for _, d := range s.want.Databases {
		if !slices.ContainsFunc(w.Databases, func(o engine.Database) bool { return o.Name == d.Name }) {
			if err := s.execute(ctx, "dropping database "+d.Name, "DROP DATABASE IF EXISTS "+identifier(d.Name)); err != nil {
				return err
			}
		}
	}
	for _, u := range s.want.Users {
		if !slices.ContainsFunc(w.Users, func(o engine.User) bool { return account(o) == account(u) }) {
			if err := s.execute(ctx, "dropping user "+u.Name, "DROP USER IF EXISTS "+account(u)); err != nil {
				return err
			}
		}
	}
	for _, u := range w.Users {
		if err := s.user(ctx, u); err != nil {
			return err
		}
	}
	return s.root(ctx, w.RootPassword)
}

// user makes a user, or applies what has changed of one.
func (s *server) user(ctx context.Context, u engine.User) error {
	var had engine.User
	if n := slices.IndexFunc(s.want.Users, func(o engine.User) bool { return account(o) == account(u) }); n >= 0 {
		had = s.want.Users[n]
	}
	if had.Name == "" || had.Password != u.Password {
		err := s.execute(ctx, "making user "+u.Name, "CREATE USER IF NOT EXISTS "+account(u)+" IDENTIFIED BY "+quote(u.Password),
			"ALTER USER "+account(u)+" IDENTIFIED BY "+quote(u.Password))
		if err != nil {
			return err
		}
	}
	for _, name := range u.Databases {
		if !slices.Contains(had.Databases, name) {
			if err := s.execute(ctx, "granting to user "+u.Name, "GRANT ALL ON "+identifier(name)+".* TO "+account(u)); err != nil {
				return err
			}
		}
	}
	for _, name := range had.Databases {
		if !slices.Contains(u.Databases, name) {
			if err := s.execute(ctx, "revoking from user "+u.Name, "REVOKE ALL ON "+identifier(name)+".* FROM "+account(u)); err != nil {
				return err
			}
		}
	}
	return nil
}

// root allows root to sign in from anywhere with a password, or with "" not at all.
func (s *server) root(ctx context.Context, password string) error {
	switch password {
	case s.want.RootPassword:
		return nil
	case "":
		return s.execute(ctx, "disabling root", "DROP USER IF EXISTS 'root'@'%'")
	}
	return s.execute(ctx, "enabling root", "CREATE OR REPLACE USER 'root'@'%' IDENTIFIED BY "+quote(password), "GRANT ALL ON *.* TO 'root'@'%' WITH GRANT OPTION")
}

// account returns how statements name a user.
func account(u engine.User) string { return quote(u.Name) + "@" + quote(u.Host) }

// execute runs statements. Errors do not quote them, since they contain passwords.
func (s *server) execute(ctx context.Context, what string, statements ...string) error {
	for _, statement := range statements {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}
