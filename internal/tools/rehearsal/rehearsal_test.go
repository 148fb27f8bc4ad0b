// Package rehearsal makes a whole release of the tree as it stands, by the command that makes the real ones, and looks at
// what came of it: `make release-check`. It needs git and gpg. What is published goes to a GitHub of its own, on this machine.
package rehearsal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

const (
	version = "9.9.9"
	change  = "A line that only a rehearsal has."
	project = "terraform-provider-trove"
)

// release is what every test here looks at, made once.
var release struct {
	root string         // of this repository
	dir  string         // of the copy that was released
	dist string         // what came of it
	key  openpgp.Entity // that signed it
	env  []string       // with which it was made

	gitHub *gitHub
}

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "rehearsal-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if err := prepare(context.Background(), dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

func prepare(ctx context.Context, dir string) error {
	root, err := filepath.Abs("../../..")
	if err != nil {
		return err
	}
	key, armoured, err := signingKey("a passphrase with spaces")
	if err != nil {
		return fmt.Errorf("making a key: %w", err)
	}
	release.root, release.key = root, *key
	release.env = append(environment(), "GITHUB_REF_NAME=v"+version, "GITHUB_TOKEN="+token, "GPG_PRIVATE_KEY="+armoured, "GPG_PASSPHRASE=a passphrase with spaces")
	release.dir = filepath.Join(dir, "first")
	if err := tag(ctx, release.dir); err != nil {
		return err
	}
	release.dist = filepath.Join(release.dir, "dist")
	release.gitHub = newGitHub()
	defer release.gitHub.Close()
	config := filepath.Join(dir, "goreleaser.yml")
	if err := release.gitHub.config(root, config); err != nil {
		return err
	}
	if _, err := command(ctx, release.dir, release.env, "./.ci/release", "--config", config); err != nil {
		return fmt.Errorf("releasing: %w", err)
	}
	return nil
}

// environment is the caller's, without what would lead git elsewhere, or sign and publish for somebody.
func environment() []string {
	var env []string
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasPrefix(name, "GIT") && !strings.HasPrefix(name, "GPG") && !strings.HasPrefix(name, "MAKE") && name != "MFLAGS" {
			env = append(env, kv)
		}
	}
	return append(env, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=rehearsal", "GIT_AUTHOR_EMAIL=rehearsal@localhost", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME=rehearsal", "GIT_COMMITTER_EMAIL=rehearsal@localhost", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z")
}

// tag makes dir a repository of one commit: the files of this one as they are now, with the changelog of the version
// made as CONTRIBUTING.md says, and its tag. History, branches and remotes of this clone play no part in it.
func tag(ctx context.Context, dir string) error {
	if err := copyFiles(ctx, dir); err != nil {
		return err
	}
	for _, words := range [][]string{
		{"make", "change", "KIND=Fixed", "BODY=" + change},
		{"make", "changelog", "VERSION=v" + version},
		{"git", "init", "--quiet", "--initial-branch=main"},
		{"git", "add", "--all"},
		{"git", "commit", "--quiet", "--message=Rehearse"},
		{"git", "tag", "v" + version + "-rc.1"}, // a candidate that was good
		{"git", "tag", "v" + version},
		{"git", "remote", "add", "origin", "https://github.com/opentrove/" + project}, // goreleaser reads it, and does not ask it
	} {
		if _, err := command(ctx, dir, environment(), words...); err != nil {
			return err
		}
	}
	return nil
}

// copyFiles copies what git tracks, or would if it were told to.
func copyFiles(ctx context.Context, dir string) error {
	list, err := command(ctx, release.root, environment(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(list, "\x00"), "\x00") {
		from, to := filepath.Join(release.root, name), filepath.Join(dir, name)
		info, err := os.Stat(from)
		if errors.Is(err, os.ErrNotExist) {
			continue // tracked, and deleted since
		}
		if err != nil {
			return err
		}
		content, err := os.ReadFile(from)
		if err != nil {
			return err
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o750); err != nil {
			return err
		}
		if err := os.WriteFile(to, content, info.Mode().Perm()); err != nil {
			return err
		}
	}
	return nil
}

// command runs words in dir, and returns what it printed.
func command(ctx context.Context, dir string, env []string, words ...string) (string, error) {
	cmd := exec.CommandContext(ctx, words[0], words[1:]...)
	cmd.Dir, cmd.Env = dir, env
	var out, all bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&out, &all), &all
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(words, " "), err, all.Bytes())
	}
	return out.String(), nil
}

// signingKey makes a key as the registries take it, RSA, and returns it armoured and locked as well.
func signingKey(passphrase string) (key *openpgp.Entity, armoured string, err error) {
	config := &packet.Config{Algorithm: packet.PubKeyAlgoRSA, RSABits: 2048}
	if key, err = openpgp.NewEntity("rehearsal", "", "rehearsal@localhost", config); err != nil {
		return nil, "", err
	}
	if err := key.EncryptPrivateKeys([]byte(passphrase), config); err != nil {
		return nil, "", err
	}
	var text bytes.Buffer
	w, err := armor.Encode(&text, openpgp.PrivateKeyType, nil)
	if err != nil {
		return nil, "", err
	}
	if err := key.SerializePrivateWithoutSigning(w, config); err != nil {
		return nil, "", err
	}
	if err := w.Close(); err != nil {
		return nil, "", err
	}
	return key, text.String(), nil
}
