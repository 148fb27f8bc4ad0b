package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// What the pages show is valid HCL, and laid out as `terraform fmt` would.
func TestExamplesAreFormatted(t *testing.T) {
	seen := 0
	err := filepath.WalkDir("../../examples", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".tf" {
			return err
		}
		seen++
		checkFormat(t, path)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if seen == 0 {
		t.Error("no examples found")
	}
}

// The configuration that README.md promises to work is the first thing that anybody copies.
func TestReadmeConfigurationIsFormatted(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, found := strings.Cut(string(readme), "```terraform\n")
	configuration, _, closed := strings.Cut(rest, "```\n")
	if !found || !closed {
		t.Fatal("README.md has no configuration")
	}
	path := filepath.Join(t.TempDir(), "readme.tf")
	if err := os.WriteFile(path, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	checkFormat(t, path)
}

func checkFormat(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Error(err)
		return
	}
	if _, diags := hclparse.NewParser().ParseHCL(text, path); diags.HasErrors() {
		t.Errorf("%s does not parse: %v", path, diags.Errs())
	}
	if diff := cmp.Diff(string(hclwrite.Format(text)), string(text)); diff != "" {
		t.Errorf("%s is not formatted (-want +got):\n%s", path, diff)
	}
}
