package process

import (
	"errors"
	"os"
)

// CopyDir copies a directory. If this process is root and a system user is given, the copy belongs to that user.
func CopyDir(from, to, user string) error {
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	return errors.Join(os.Chmod(to, 0o700), own(to, user)) //nolint:gosec // its owner enters it
}

// WriteFile writes a file that only its user can read.
func WriteFile(file, text, user string) error {
	return errors.Join(os.WriteFile(file, []byte(text), 0o600), own(file, user))
}
