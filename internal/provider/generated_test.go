package provider_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// What exists is imported with the configuration that Terraform writes for it, unedited: nothing but imports is planned, and
// nothing at all afterwards.
func TestAccGeneratedConfiguration(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/resources/trove_*/resource.tf")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples found: %v", err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var options []func(*sandbox.Options)
			if onReleasedTrove[name] {
				options = append(options, acctest.Upstream)
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			cloud := acctest.NewCloud(t, options...)
			cli := acctest.NewCLI(t, cloud.Config(strings.ReplaceAll(string(text), "deletion_protection = true", "deletion_protection = false")))
			cli.MustRun("apply", "-auto-approve")
			generate(t, cloud, importIDs(t, cli))
			if err := cloud.NothingAlive(); err != nil {
				t.Error(err)
			}
		})
	}
}

// generate imports these, by the address that they had elsewhere, lets the configuration be written for them, and destroys them.
func generate(t *testing.T, cloud *acctest.Cloud, ids map[string]string) {
	t.Helper()
	var imports strings.Builder
	for n, address := range slices.Sorted(maps.Keys(ids)) {
		kind, _, _ := strings.Cut(address, ".")
		fmt.Fprintf(&imports, "import {\n  to = %s.n%d\n  id = %q\n}\n", kind, n, ids[address])
	}
	cli := acctest.NewCLI(t, cloud.Config(imports.String()))
	out, err := cli.Run("plan", "-generate-config-out=generated.tf")
	if strings.Contains(cli.MustRun("version"), "OpenTofu") && strings.Contains(out, "Missing key/value separator") {
		// OpenTofu 1.12 does not quote the keys of the map members, which are ids (github.com/opentofu/opentofu/issues/3978).
		imported := len(ids)
		maps.DeleteFunc(ids, func(address, _ string) bool { return strings.HasPrefix(address, "trove_mongodb_replica_set.") })
		if len(ids) == imported {
			t.Fatalf("there is no such map:\n%s", out)
		}
		generate(t, cloud, ids)
		return
	}
	if err != nil {
		t.Fatalf("generating: %v\n%s\n%s", err, out, cli.Read("generated.tf"))
	}
	want := fmt.Sprintf("Apply complete! Resources: %d imported, 0 added, 0 changed, 0 destroyed.", len(ids))
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, want) {
		t.Errorf("want %q:\n%s\n%s", want, out, cli.Read("generated.tf"))
	}
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	cli.MustRun("destroy", "-auto-approve")
}
