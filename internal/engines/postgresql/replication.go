package postgresql

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// mostCatchingUp limits each wait for a standby to catch up, and mostFollowing the wait for one to stream, after which it is copied anew.
const (
	mostCatchingUp = 20 * time.Second
	mostFollowing  = 10 * time.Second
)

// conninfo returns how a standby connects to its source.
func (e *Engine) conninfo(source *server, id string) string {
	return fmt.Sprintf("host=%s port=%d user=%s password=%s application_name=%s", source.At.Addr(), source.At.Port(), adminUser, e.password, id)
}

// copyFrom makes the data of a standby from its source.
func (e *Engine) copyFrom(ctx context.Context, s *server, id string) error {
	source, runs := e.Find(id)
	if !runs || !source.Alive() {
		return fmt.Errorf("its source %s does not run", id)
	}
	if err := os.RemoveAll(s.data()); err != nil {
		return err
	}
	if err := e.baseBackup(ctx, source, s.data()); err != nil {
		return err
	}
	return e.standBy(s, source)
}

// standBy makes a stopped server a standby of a source.
func (e *Engine) standBy(s, source *server) error {
	s.source = source.want.ID
	return errors.Join(
		process.WriteFile(filepath.Join(s.data(), "standby.signal"), "", systemUser),
		process.WriteFile(filepath.Join(s.data(), "postgresql.auto.conf"), "primary_conninfo = "+literal(e.conninfo(source, s.want.ID))+"\n", systemUser))
}

// lead makes a standby a source. If it takes over from its source, the source is stopped first, and so sends everything that was written to
// it; if the source is dead, everything that any of its other standbys has is applied here first.
func (e *Engine) lead(ctx context.Context, s *server, wanted []engine.Server) error {
	old, runs := e.Find(s.source)
	swaps := slices.ContainsFunc(wanted, func(w engine.Server) bool { return w.ID == s.source && slices.Contains(w.Sources, s.want.ID) })
	switch {
	case runs && old.Alive() && swaps:
		if err := old.Process().Stop(ctx); err != nil {
			return err
		}
	case runs && old.Alive():
		position, err := old.position(ctx, "pg_current_wal_insert_lsn()")
		switch {
		case err == nil:
			err = s.reach(ctx, position)
		case old.Ended(ctx):
			err = e.takeFromOthers(ctx, s, wanted)
		}
		if err != nil {
			return err
		}
	default:
		if err := e.takeFromOthers(ctx, s, wanted); err != nil {
			return err
		}
	}
	var promoted bool
	if err := s.pool.QueryRow(ctx, "SELECT pg_promote(true, 60)").Scan(&promoted); err != nil {
		return err
	}
	if !promoted {
		return errors.New("it was not promoted within a minute")
	}
	s.source = ""
	return nil
}

// takeFromOthers fetches what other standbys of a dead source have received, and this one has not.
func (e *Engine) takeFromOthers(ctx context.Context, s *server, wanted []engine.Server) error {
	for _, w := range wanted {
		sibling, runs := e.Find(w.ID)
		if !runs || sibling == s || !sibling.Alive() || !slices.Contains(w.Sources, s.want.ID) {
			continue
		}
		position, err := sibling.position(ctx, "pg_last_wal_receive_lsn()")
		if err != nil {
			return err
		}
		var ahead bool
		if err := s.pool.QueryRow(ctx, "SELECT pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_receive_lsn()) > 0", position).Scan(&ahead); err != nil {
			return err
		}
		if !ahead {
			continue
		}
		if err := s.point(ctx, sibling); err != nil {
			return err
		}
		if err := s.reach(ctx, position); err != nil {
			return err
		}
	}
	return nil
}

// position returns the position of a server.
func (s *server) position(ctx context.Context, of string) (at string, err error) {
	err = s.pool.QueryRow(ctx, "SELECT COALESCE("+of+", '0/0')::text").Scan(&at)
	return at, err
}

// reach waits until a standby has applied everything up to a position.
func (s *server) reach(ctx context.Context, position string) error {
	ctx, cancel := context.WithTimeout(ctx, mostCatchingUp)
	defer cancel()
	return s.Process().Until(ctx, "waiting for the replica to catch up", func(ctx context.Context) error {
		var missing int64
		err := s.pool.QueryRow(ctx, "SELECT GREATEST(pg_wal_lsn_diff($1::pg_lsn, pg_last_wal_replay_lsn()), 0)::bigint", position).Scan(&missing)
		if err == nil && missing > 0 {
			err = fmt.Errorf("it is %d bytes behind", missing)
		}
		return err
	})
}

// point makes a running standby replicate from another source.
func (s *server) point(ctx context.Context, source *server) error {
	if _, err := s.pool.Exec(ctx, "ALTER SYSTEM SET primary_conninfo = "+literal(s.engine.conninfo(source, s.want.ID))); err != nil {
		return err
	}
	_, err := s.pool.Exec(ctx, "SELECT pg_reload_conf()")
	return err
}

// follow makes a server a standby of a source. A server whose data has diverged is copied anew.
func (e *Engine) follow(ctx context.Context, s *server, id string) error {
	source, runs := e.Find(id)
	if !runs {
		return fmt.Errorf("its source %s does not run", id)
	}
	switch {
	case s.source == id && s.Alive():
	case s.source != "" && s.Alive():
		s.source = id
		if err := s.point(ctx, source); err != nil {
			return err
		}
	default: // it was a source
		if err := s.Process().Stop(ctx); err != nil {
			return err
		}
		if err := e.standBy(s, source); err != nil {
			return err
		}
		if err := e.begin(ctx, s); err != nil {
			return err
		}
	}
	if !source.Alive() {
		return nil // it follows when its source is up again
	}
	if source.connections() > s.connections() && s.want.Parameters[connections] != "" {
		if err := e.again(ctx, s); err != nil {
			return err
		}
	}
	if err := s.streams(ctx); err == nil || ctx.Err() != nil {
		return err
	}
	if err := s.Process().Stop(ctx); err != nil {
		return err
	}
	if err := e.copyFrom(ctx, s, id); err != nil {
		return err
	}
	if err := e.begin(ctx, s); err != nil {
		return err
	}
	return s.streams(ctx)
}

// streams waits until a standby follows its source.
func (s *server) streams(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, mostFollowing)
	defer cancel()
	return s.Process().Until(ctx, "waiting for the replica to follow its source", func(ctx context.Context) error {
		var host string
		err := s.pool.QueryRow(ctx, "SELECT sender_host FROM pg_stat_wal_receiver WHERE status = 'streaming'").Scan(&host)
		if source, runs := s.engine.Find(s.source); err == nil && runs && host != source.At.Addr().String() {
			err = errors.New("it still follows " + host)
		}
		return err
	})
}
