package redis

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// dump is the file that Redis loads when it starts.
const dump = "dump.rdb"

// Backup implements engine.Engine.
func (e *Engine) Backup(ctx context.Context, id, backup string) error {
	s, found := e.Find(id)
	if !found {
		return fmt.Errorf("no server runs as instance %s", id)
	}
	if err := s.client.Save(ctx).Err(); err != nil {
		return err
	}
	dir, err := e.NewBackupDir(backup, "")
	if err != nil {
		return err
	}
	return copyFile(filepath.Join(s.Dir, dump), filepath.Join(dir, dump))
}

// restore prepares the contents of a backup for a server to start with.
func (e *Engine) restore(s *server, backup string) error {
	return copyFile(filepath.Join(e.BackupDir(backup), dump), filepath.Join(s.Dir, dump))
}

func copyFile(from, to string) (err error) {
	in, err := os.Open(from) //nolint:gosec // in a directory of ours
	if err != nil {
		return err
	}
	defer in.Close()                                                       //nolint:errcheck // it was only read
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600) //nolint:gosec // as above
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
