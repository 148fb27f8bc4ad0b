package mariadb

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/engines/process"
)

// dumpFile is the name of the file of a backup, in the backup's directory.
const dumpFile = "dump.sql"

// system are the databases that every server has for its own use.
var system = []string{"information_schema", "mysql", "performance_schema", "sys"}

// Backup implements engine.Engine. A backup has no users: they are sent again to every server that is restored from it.
func (e *Engine) Backup(ctx context.Context, id, backup string) error {
	s, found := e.Find(id)
	if !found {
		return fmt.Errorf("no server runs as instance %s", id)
	}
	databases, err := s.databases(ctx)
	if err != nil {
		return err
	}
	dir, err := e.NewBackupDir(backup, systemUser)
	if err != nil {
		return err
	}
	if len(databases) == 0 {
		return process.WriteFile(filepath.Join(dir, dumpFile), "", systemUser)
	}
	args := append(e.clientArgs(s), "--single-transaction", "--routines", "--events", "--triggers", "--result-file="+filepath.Join(dir, dumpFile), "--databases")
	return e.client(ctx, s, e.programs.dump, append(args, databases...))
}

// databases returns the databases of users.
func (s *server) databases(ctx context.Context) (names []string, err error) {
	rows, err := s.db.QueryContext(ctx, "SHOW DATABASES")
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // what fails is told by Err
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		if !slices.Contains(system, strings.ToLower(name)) {
			names = append(names, name)
		}
	}
	return names, rows.Err()
}

// restore loads a backup into a new server.
func (e *Engine) restore(ctx context.Context, s *server, backup string) error {
	file := filepath.Join(e.BackupDir(backup), dumpFile)
	if info, err := os.Stat(file); err != nil || info.Size() == 0 {
		return err
	}
	return e.client(ctx, s, e.programs.client, append(e.clientArgs(s), "--execute=source "+file))
}

// clientArgs are the arguments with which MariaDB's programs connect to a server. The password is not one of them, since other users of the
// system can see arguments.
func (e *Engine) clientArgs(s *server) []string {
	return []string{"--no-defaults", "--host=" + s.At.Addr().String(), fmt.Sprintf("--port=%d", s.At.Port()), "--protocol=tcp", "--user=" + adminUser}
}

func (e *Engine) client(ctx context.Context, s *server, program string, args []string) error {
	return e.host.Run(ctx, process.Command{
		Path: program, Args: args, Dir: s.Dir, User: systemUser, Env: []string{"MYSQL_PWD=" + e.password}, Log: s.Dir + ".log",
	})
}
