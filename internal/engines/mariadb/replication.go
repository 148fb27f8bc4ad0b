package mariadb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

// waitSeconds limits each wait for a replica to catch up.
const waitSeconds = 20

// link is one connection of a replica to a source.
type link struct {
	name, host, port  string
	receives, applies string
	fault             string
}

func (l link) running() bool { return l.receives == "Yes" && l.applies == "Yes" }

// links are a server's connections to sources.
func (s *server) links(ctx context.Context) ([]link, error) {
	rows, err := s.db.QueryContext(ctx, "SHOW ALL SLAVES STATUS")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // what fails is told by Err
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all []link
	for rows.Next() {
		values := make([]*string, len(columns))
		into := make([]any, len(columns))
		for n := range values {
			into[n] = &values[n]
		}
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		text := func(column string) string {
			if n := slices.Index(columns, column); n >= 0 && values[n] != nil {
				return *values[n]
			}
			return ""
		}
		all = append(all, link{
			name: text("Connection_name"), host: text("Master_Host"), port: text("Master_Port"), receives: text("Slave_IO_Running"),
			applies: text("Slave_SQL_Running"), fault: strings.TrimSpace(text("Last_IO_Error") + " " + text("Last_SQL_Error")),
		})
	}
	return all, rows.Err()
}

// linkName returns the name of the connection to a source.
func linkName(source string) string { return "s" + source }

// lead makes a server one that replicates from none. If it takes over from its source, the source accepts no writes from then on, and its
// last writes are applied here first; if the source is dead, everything that any of its other replicas has is applied here first.
func (e *Engine) lead(ctx context.Context, s *server, wanted []engine.Server, all map[string]*server) error {
	links, err := s.links(ctx)
	if err != nil {
		return err
	}
	if len(links) == 0 {
		return s.writable(ctx, true)
	}
	for _, l := range links {
		source, runs := e.Find(strings.TrimPrefix(l.name, "s"))
		if runs && source.Alive() {
			swaps := slices.ContainsFunc(wanted, func(w engine.Server) bool {
				return w.ID == source.want.ID && slices.Contains(w.Sources, s.want.ID)
			})
			err := s.catchUp(ctx, source, swaps)
			if err == nil {
				continue
			}
			if !source.Ended(ctx) {
				return err
			}
		}
		for _, w := range wanted {
			if sibling := all[w.ID]; sibling != nil && sibling != s && slices.Contains(w.Sources, s.want.ID) {
				if err := s.takeFrom(ctx, sibling, l); err != nil {
					return err
				}
			}
		}
	}
	for _, l := range links {
		if err := s.unlink(ctx, l.name); err != nil {
			return err
		}
	}
	return s.writable(ctx, true)
}

// writable allows or forbids writes by users.
func (s *server) writable(ctx context.Context, yes bool) error {
	_, err := s.db.ExecContext(ctx, "SET GLOBAL read_only = ?", !yes)
	return err
}

// catchUp waits until a replica has everything that was written to its source. If the two exchange roles, the source accepts no writes
// before that.
func (s *server) catchUp(ctx context.Context, source *server, swaps bool) error {
	if swaps {
		if err := source.writable(ctx, false); err != nil {
			return err
		}
	}
	var position string
	if err := source.db.QueryRowContext(ctx, "SELECT @@gtid_binlog_pos").Scan(&position); err != nil {
		return err
	}
	return s.waitFor(ctx, position)
}

// waitFor waits until a replica has reached a position.
func (s *server) waitFor(ctx context.Context, position string) error {
	var reached int
	if err := s.db.QueryRowContext(ctx, "SELECT MASTER_GTID_WAIT(?, ?)", position, waitSeconds).Scan(&reached); err != nil {
		return err
	}
	if reached != 0 {
		return fmt.Errorf("it has not come to the position %s of its source within %d s", position, waitSeconds)
	}
	return nil
}

// takeFrom fetches what another replica of a dead source has received, and this one has not.
func (s *server) takeFrom(ctx context.Context, sibling *server, dead link) error {
	if _, err := s.db.ExecContext(ctx, "STOP SLAVE "+quote(dead.name)); err != nil {
		return err
	}
	// Only what a replica has applied counts, so wait until it has applied what it has received.
	if err := sibling.applied(ctx); err != nil {
		return err
	}
	var position string
	if err := sibling.db.QueryRowContext(ctx, "SELECT @@gtid_current_pos").Scan(&position); err != nil {
		return err
	}
	if err := s.link(ctx, "catching", sibling); err != nil {
		return err
	}
	return errors.Join(s.waitFor(ctx, position), s.unlink(ctx, "catching"))
}

// applied waits until a replica has applied all that it has received.
func (s *server) applied(ctx context.Context) error {
	return s.Process().Until(ctx, "waiting for the replica to apply what it has received", func(ctx context.Context) error {
		var busy int
		err := s.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM information_schema.processlist WHERE command = 'Slave_SQL' AND state NOT LIKE 'Slave has read all relay log%'").Scan(&busy)
		if err == nil && busy > 0 {
			err = errors.New("it is at it")
		}
		return err
	})
}

// follow makes a replica replicate from its sources, and ends its connections to others.
func (e *Engine) follow(ctx context.Context, s *server, w engine.Server) error {
	links, err := s.links(ctx)
	if err != nil {
		return err
	}
	had := map[string]link{}
	for _, l := range links {
		had[l.name] = l
	}
	for _, l := range links {
		if !slices.Contains(w.Sources, strings.TrimPrefix(l.name, "s")) {
			if err := s.unlink(ctx, l.name); err != nil {
				return err
			}
		}
	}
	if len(w.Sources) == 0 {
		return nil
	}
	if len(links) == 0 { // it was a source before, and must not fetch its own writes again
		if _, err := s.db.ExecContext(ctx, "SET GLOBAL gtid_slave_pos = @@gtid_current_pos"); err != nil {
			return err
		}
	}
	for _, id := range w.Sources {
		source, runs := e.Find(id)
		if !runs {
			return fmt.Errorf("its source %s does not run", id)
		}
		if _, linked := had[linkName(id)]; !linked {
			if err := s.link(ctx, linkName(id), source); err != nil {
				return err
			}
		}
		if !source.Alive() {
			continue // it follows when its source is up again
		}
		if err := s.linked(ctx, linkName(id)); err != nil {
			return err
		}
		if had[linkName(id)].name == "" { // it is new: it serves when it has what its source had
			if err := s.catchUp(ctx, source, false); err != nil {
				return err
			}
		}
	}
	return s.writable(ctx, !w.ReadOnly)
}

// link connects a replica to a source.
func (s *server) link(ctx context.Context, name string, source *server) error {
	_, err := s.db.ExecContext(ctx, fmt.Sprintf("CHANGE MASTER %s TO MASTER_HOST=%s, MASTER_PORT=%d, MASTER_USER=%s, MASTER_PASSWORD=%s, MASTER_USE_GTID=slave_pos, "+
		"MASTER_CONNECT_RETRY=1, MASTER_HEARTBEAT_PERIOD=1", quote(name), quote(source.At.Addr().String()), source.At.Port(), quote(replicationUser), quote(s.engine.password)))
	if err == nil {
		_, err = s.db.ExecContext(ctx, "START SLAVE "+quote(name))
	}
	return err
}

// unlink ends a connection to a source.
func (s *server) unlink(ctx context.Context, name string) error {
	_, err := s.db.ExecContext(ctx, "STOP SLAVE "+quote(name))
	if err == nil {
		_, err = s.db.ExecContext(ctx, "RESET SLAVE "+quote(name)+" ALL")
	}
	return err
}

// linked waits until a connection receives and applies.
func (s *server) linked(ctx context.Context, name string) error {
	return s.Process().Until(ctx, "waiting for the replica to follow its source", func(ctx context.Context) error {
		links, err := s.links(ctx)
		if err != nil {
			return err
		}
		n := slices.IndexFunc(links, func(l link) bool { return l.name == name })
		if n < 0 {
			return errors.New("there is no connection " + name)
		}
		if l := links[n]; !l.running() {
			return errors.New("it receives: " + l.receives + ", applies: " + l.applies + ", " + l.fault + " at port " + strconv.Quote(l.port))
		}
		return nil
	})
}
