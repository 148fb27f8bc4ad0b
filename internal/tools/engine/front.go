package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// Front returns an engine that saves the tests every eighth process, and is e for everything else. It answers `version -json` at once, with what
// e answers: terraform-plugin-testing asks for the version in every directory that it makes. It leaves `init` out where the provider under test is
// one that runs already and the configuration has no modules, backend or cloud: there is nothing to install then, and e says so loudly where there
// is. It is a script in the cache, and e itself where scripts are not executable.
func (f *Finder) Front(ctx context.Context, e Engine) (Engine, error) {
	if runtime.GOOS == "windows" {
		return e, nil
	}
	cliConfig, err := f.CLIConfig()
	if err != nil {
		return Engine{}, err
	}
	version, err := versionOutput(ctx, e.Path, cliConfig, "-json")
	if err != nil {
		return Engine{}, fmt.Errorf("asking %s for its version: %w", e.Path, err)
	}
	script := fmt.Sprintf(`#!/bin/sh
if [ "$*" = 'version -json' ]; then printf '%%s' %s
elif [ "$1" = init ] && [ -n "$TF_REATTACH_PROVIDERS" ] && ! grep -qE '^ *(module|backend|cloud) ' ./*.tf; then :
else exec %s "$@"
fi
`, quoted(version), quoted(e.Path))

	dir := filepath.Join(f.Cache, "front-"+strings.ReplaceAll(e.Version, " ", "-"))
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return Engine{}, err
	}
	if e.Path, err = filepath.Abs(filepath.Join(dir, filepath.Base(e.Path))); err != nil {
		return Engine{}, err
	}
	return e, replace(e.Path, script)
}

// replace writes an executable file as a whole: others may be running what is there.
func replace(path, content string) error {
	tmp, err := os.MkdirTemp(filepath.Dir(path), "part-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(tmp) // nothing is left to remove once it has been renamed
	part := filepath.Join(tmp, filepath.Base(path))
	if err := os.WriteFile(part, []byte(content), 0o700); err != nil { //nolint:gosec // it is to be run
		return err
	}
	return os.Rename(part, path)
}

// quoted is a text as one word of a shell's command.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
