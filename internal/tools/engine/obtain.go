package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/hashicorp/go-version"
	"github.com/hashicorp/hc-install/product"
	"github.com/hashicorp/hc-install/releases"
)

// downloadTerraform fetches the release from HashiCorp, its signature and checksum verified.
func (f *Finder) downloadTerraform(ctx context.Context, dir string) error {
	f.logf("No engine on the PATH: downloading Terraform %s.", TerraformVersion)
	release := &releases.ExactVersion{
		Product:    product.Terraform,
		Version:    version.Must(version.NewVersion(TerraformVersion)),
		InstallDir: dir,
		LicenseDir: dir,
	}
	_, err := release.Install(ctx)
	return err
}

// buildOpenTofu compiles OpenTofu from its Go module. The module is built as the main one, in its own directory, because
// it replaces dependencies: `go install module@version` refuses such a module.
func (f *Finder) buildOpenTofu(ctx context.Context, dir string) error {
	f.logf("Building OpenTofu %s from source; this takes a few minutes, once.", OpenTofuVersion)
	module, err := f.downloadModule(ctx, "github.com/opentofu/opentofu@v"+OpenTofuVersion)
	if err != nil {
		return err
	}
	target, err := filepath.Abs(filepath.Join(dir, executable("tofu")))
	if err != nil {
		return err
	}
	const release = "-s -w -X github.com/opentofu/opentofu/version.dev=no" // without it the version reads 1.12.6-dev
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags="+release, "-o", target, "./cmd/tofu")
	cmd.Dir = module
	// A workspace or flags of the caller's belong to another module.
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOWORK=off", "GOFLAGS=-mod=readonly -buildvcs=false")
	cmd.Stdout, cmd.Stderr = f.Log, f.Log
	return cmd.Run()
}

// downloadModule returns the directory of the module cache that holds module.
func (f *Finder) downloadModule(ctx context.Context, module string) (string, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir, cmd.Stderr = f.Cache, &stderr // outside any module's folder but the one that ignores it
	out, err := cmd.Output()
	var answer struct{ Dir, Error string }
	if jsonErr := json.Unmarshal(out, &answer); jsonErr == nil && answer.Error != "" {
		return "", fmt.Errorf("downloading %s: %s", module, answer.Error)
	}
	if err != nil {
		return "", fmt.Errorf("downloading %s: %w: %s", module, err, bytes.TrimSpace(stderr.Bytes()))
	}
	if answer.Dir == "" {
		return "", fmt.Errorf("downloading %s: the go command named no directory", module)
	}
	return answer.Dir, nil
}
