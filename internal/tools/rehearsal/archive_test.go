package rehearsal

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/google/go-cmp/cmp"
)

// platforms are those that the Terraform registry's template for providers builds.
var platforms = []string{
	"darwin_amd64", "darwin_arm64",
	"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
	"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
	"windows_386", "windows_amd64", "windows_arm64",
}

// tried are the platforms on which people try things out.
var tried = []string{"darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64", "windows_amd64", "windows_arm64"}

// asset is a file of the release, with the name that the registries look for.
func asset(suffix string) string { return project + "_" + version + "_" + suffix }

// An archive holds one executable beside the license.
type archive struct{ name, platform, executable string }

func archives() []archive {
	var all []archive
	for _, platform := range platforms {
		all = append(all, archive{asset(platform + ".zip"), platform, project + "_v" + version})
	}
	return append(all, sandboxes()...)
}

// sandboxes are the archives that no registry is to take for the provider's.
func sandboxes() []archive {
	var all []archive
	for _, platform := range tried {
		all = append(all, archive{"trove-sandbox-" + strings.ReplaceAll(platform, "_", "-") + ".zip", platform, "trove-sandbox"})
	}
	return all
}

func TestThereIsAnArchiveForEveryPlatformOfTheRegistry(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(release.dist, "*.zip"))
	if err != nil {
		t.Fatal(err)
	}
	var got, want []string
	for _, path := range paths {
		got = append(got, filepath.Base(path))
	}
	for _, a := range archives() {
		want = append(want, a.name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("archives (-want +got):\n%s", diff)
	}
}

func TestAnArchiveHoldsTheLicenseAndAnExecutableForItsPlatform(t *testing.T) {
	for _, a := range archives() {
		t.Run(a.name, func(t *testing.T) {
			content := readFile(t, filepath.Join(release.dist, a.name))
			archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasPrefix(a.platform, "windows_") {
				a.executable += ".exe"
			}
			modes := map[string]fs.FileMode{}
			for _, file := range archive.File {
				modes[file.Name] = file.Mode()
			}
			if diff := cmp.Diff(map[string]fs.FileMode{"LICENSE": 0o644, a.executable: 0o755}, modes); diff != "" {
				t.Fatalf("files and their modes (-want +got):\n%s", diff)
			}
			program, err := fs.ReadFile(archive, a.executable)
			if err != nil {
				t.Fatal(err)
			}
			checkBuild(t, a.platform, program)
		})
	}
}

func checkBuild(t *testing.T, platform string, executable []byte) {
	t.Helper()
	info, err := buildinfo.Read(bytes.NewReader(executable))
	if err != nil {
		t.Fatal(err)
	}
	settings := map[string]string{}
	for _, s := range info.Settings {
		settings[s.Key] = s.Value
	}
	goos, goarch, _ := strings.Cut(platform, "_")
	want := map[string]string{"GOOS": goos, "GOARCH": goarch, "CGO_ENABLED": "0", "-trimpath": "true"}
	if goarch == "arm" {
		want["GOARM"] = "6"
	}
	for key, value := range want {
		if settings[key] != value {
			t.Errorf("built with %s=%q, want %q", key, settings[key], value)
		}
	}
	for _, path := range []string{release.dir, release.root} {
		if bytes.Contains(executable, []byte(path)) {
			t.Errorf("the executable names %s, where it was built", path)
		}
	}
}

// Checksums of anything else the Terraform registry has refused.
func TestTheChecksumsAreThoseOfTheProvidersArchivesAndOfTheManifest(t *testing.T) {
	want := map[string]string{}
	for _, platform := range platforms {
		want[asset(platform+".zip")] = sum(t, filepath.Join(release.dist, asset(platform+".zip")))
	}
	// The manifest is uploaded under this name, from the file that lies in the repository.
	want[asset("manifest.json")] = sum(t, filepath.Join(release.dir, "terraform-registry-manifest.json"))
	if diff := cmp.Diff(want, checksums(t)); diff != "" {
		t.Errorf("checksums (-want +got):\n%s", diff)
	}
}

// checksums reads the file as the registries do.
func checksums(t *testing.T) map[string]string {
	t.Helper()
	sums := map[string]string{}
	for line := range strings.Lines(string(readFile(t, filepath.Join(release.dist, asset("SHA256SUMS"))))) {
		digest, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			t.Fatalf("no line of a checksum file: %q", line)
		}
		sums[name] = digest
	}
	return sums
}

func sum(t *testing.T, path string) string {
	t.Helper()
	digest := sha256.Sum256(readFile(t, path))
	return hex.EncodeToString(digest[:])
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// Terraform and OpenTofu verify with this library.
func TestTheChecksumsAndTheSandboxAreSignedByTheKeyDetachedAndBinary(t *testing.T) {
	names := []string{asset("SHA256SUMS")}
	for _, a := range sandboxes() {
		names = append(names, a.name)
	}
	ring := openpgp.EntityList{&release.key}
	for _, name := range names {
		signed := readFile(t, filepath.Join(release.dist, name))
		signature := readFile(t, filepath.Join(release.dist, name+".sig"))
		if _, err := openpgp.CheckDetachedSignature(ring, bytes.NewReader(signed), bytes.NewReader(signature), nil); err != nil {
			t.Errorf("the signature of %s: %v", name, err)
		}
		altered := append(slices.Clone(signed), ' ')
		if _, err := openpgp.CheckDetachedSignature(ring, bytes.NewReader(altered), bytes.NewReader(signature), nil); err == nil {
			t.Errorf("the signature of %s is that of an altered file as well", name)
		}
	}
}

func TestTheManifestSaysProtocolSix(t *testing.T) {
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	decoder := json.NewDecoder(bytes.NewReader(readFile(t, filepath.Join(release.dir, "terraform-registry-manifest.json"))))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.ProtocolVersions, []string{"6.0"}) {
		t.Errorf("the manifest says %+v", manifest)
	}
}

func TestTheNotesAreTheChangelogOfTheVersion(t *testing.T) {
	notes := string(readFile(t, filepath.Join(release.dir, ".changes", "v"+version+".md")))
	changelog := string(readFile(t, filepath.Join(release.dir, "CHANGELOG.md")))
	for name, text := range map[string]string{"the notes": notes, "CHANGELOG.md": changelog} {
		if !strings.Contains(text, "## "+version+" - ") || !strings.Contains(text, "\n- "+change) {
			t.Errorf("%s lack the version or its change:\n%s", name, text)
		}
	}
}

func TestATagWithoutItsChangelogIsNotReleased(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "bare")
	if err := copyFiles(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	for _, words := range [][]string{
		{"git", "init", "--quiet"},
		{"git", "add", "--all"},
		{"git", "commit", "--quiet", "--message=Rehearse"},
		{"git", "tag", "v" + version},
	} {
		if _, err := command(t.Context(), dir, environment(), words...); err != nil {
			t.Fatal(err)
		}
	}
	_, err := command(t.Context(), dir, release.env, "./.ci/release", "--skip=publish")
	if err == nil || !strings.Contains(err.Error(), "make changelog VERSION=v"+version) {
		t.Errorf("the release ended with: %v", err)
	}
}

// The second build is one platform's, in a clone elsewhere, by somebody whose files only they can read.
func TestTheSameCommitGivesTheSameArchive(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "elsewhere", "second")
	if _, err := command(t.Context(), release.dir, environment(), "git", "clone", "--quiet", "--no-local", ".", dir); err != nil {
		t.Fatal(err)
	}
	config := string(readFile(t, filepath.Join(dir, ".goreleaser.yml")))
	for old, one := range map[string]string{
		"goos: [freebsd, windows, linux, darwin]":                                                       "goos: [linux]",
		`goarch: [amd64, "386", arm, arm64]`:                                                            "goarch: [amd64]",
		"targets: [darwin_amd64, darwin_arm64, linux_amd64, linux_arm64, windows_amd64, windows_arm64]": "targets: [linux_amd64]",
	} {
		if !strings.Contains(config, old) {
			t.Fatalf(".goreleaser.yml does not say %s", old)
		}
		config = strings.Replace(config, old, one, 1)
	}
	path := filepath.Join(t.TempDir(), "one.yml")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	const script = `umask 077 && chmod -R go= . && git update-index --refresh -q && exec ./.ci/release --skip=publish --config "$0"`
	if _, err := command(t.Context(), dir, release.env, "sh", "-c", script, path); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{asset("linux_amd64.zip"), "trove-sandbox-linux-amd64.zip"} {
		if got, want := sum(t, filepath.Join(dir, "dist", name)), sum(t, filepath.Join(release.dist, name)); got != want {
			t.Errorf("%s has the checksum %s once, and %s again", name, want, got)
		}
	}
}

// The command is the one of SECURITY.md.
func TestTheExecutableCanBeBuiltAgainByTheGoCommandAlone(t *testing.T) {
	_, text, found := strings.Cut(string(readFile(t, filepath.Join(release.root, "SECURITY.md"))), "\nCGO_ENABLED=0 go build ")
	line, _, closed := strings.Cut(text, "\n")
	if !found || !closed {
		t.Fatal("SECURITY.md does not say how an executable is built again")
	}
	line = "CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build " + strings.ReplaceAll(line, "0.1.0", version)
	if _, err := command(t.Context(), release.dir, environment(), "sh", "-c", line); err != nil {
		t.Fatal(err)
	}
	archive, err := zip.OpenReader(filepath.Join(release.dist, asset("linux_amd64.zip")))
	if err != nil {
		t.Fatal(err)
	}
	name := project + "_v" + version
	want, err := fs.ReadFile(archive, name)
	if err := errors.Join(err, archive.Close()); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readFile(t, filepath.Join(release.dir, name)), want) {
		t.Error("another executable came of it")
	}
}
