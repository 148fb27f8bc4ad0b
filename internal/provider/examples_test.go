package provider_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// onReleasedTrove are the examples of what only released Trove has.
var onReleasedTrove = map[string]bool{
	"trove_replica": true, "trove_replication_source": true,
}

// changesAfterImport are the examples whose import is followed by a change: an instance's
// protection and time-outs are Terraform's own, an imported replica set holds all settings, not just those of the example, and the
// server shows neither the characters of a database nor the version of a password.
var changesAfterImport = map[string]bool{"trove_database": true, "trove_instance": true, "trove_mongodb_replica_set": true, "trove_user": true}

// Every example that the pages show works as it is written: applied, planned again without a change, imported by the
// command on the page, and destroyed.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../examples/*/trove_*/[rd]*.tf")
	if err != nil {
		t.Fatal(err)
	}
	guides, err := filepath.Glob("../../examples/guides/*/main.tf")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 || len(guides) == 0 {
		t.Fatal("no examples found")
	}
	files = append(files, guides...)
	for _, file := range files {
		folder := filepath.Dir(file)
		t.Run(filepath.Base(filepath.Dir(folder))+"/"+filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			var options []func(*sandbox.Options)
			if onReleasedTrove[filepath.Base(folder)] {
				options = append(options, acctest.Upstream)
			}
			tryExample(t, acctest.NewCloud(t, options...), folder, file)
		})
	}
}

func tryExample(t *testing.T, cloud *acctest.Cloud, folder, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// What an example of a data source reads is there already.
	surroundings := strings.Contains(folder, "data-sources")
	if surroundings {
		cloud.CreateBehindOurBack(t, trove.CreateRequest{
			Name: "orders", FlavorRef: "2", Volume: &trove.Volume{Size: 20}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-5.7"},
		})
	}
	cli := acctest.NewCLI(t, cloud.Config(string(text)))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	tryImport(t, cli, filepath.Join(folder, "import.sh"))
	if protected := "deletion_protection = true"; strings.Contains(string(text), protected) {
		cli.Configure(cloud.Config(strings.ReplaceAll(string(text), protected, "deletion_protection = false")))
		cli.MustRun("apply", "-auto-approve")
	}
	cli.MustRun("destroy", "-auto-approve")
	if surroundings {
		cloud.DeleteBehindOurBack(t, "orders")
	}
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// tryImport runs the commands of an import.sh, with the ids that the example's resources have.
func tryImport(t *testing.T, cli *acctest.CLI, script string) {
	t.Helper()
	text, err := os.ReadFile(script)
	if os.IsNotExist(err) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	ids := importIDs(t, cli)
	imported := 0
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(strings.ReplaceAll(line, "'", ""))
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) < 4 || words[0] != "terraform" || words[1] != "import" {
			t.Fatalf("%s: %q is no import", script, line)
		}
		address := words[2]
		id, ok := ids[address]
		if !ok {
			t.Fatalf("%s imports %s, which the example has not got; it has %v", script, address, ids)
		}
		cli.MustRun("state", "rm", address)
		cli.MustRun("import", address, id)
		imported++
	}
	if imported == 0 {
		t.Errorf("%s imports nothing", script)
	}
	out, err := cli.Run("plan", "-detailed-exitcode")
	if err != nil && (!changesAfterImport[filepath.Base(filepath.Dir(script))] || !strings.Contains(out, "Plan: 0 to add, 1 to change, 0 to destroy.")) {
		t.Errorf("after an import: %v\n%s", err, out)
	}
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
}

// importIDs are the ids by which what the state holds is imported, by address.
func importIDs(t *testing.T, cli *acctest.CLI) map[string]string {
	t.Helper()
	out, err := cli.Command(t.Context(), "show", "-json").Output()
	if err != nil {
		t.Fatal(err)
	}
	var state struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address, Mode string
					Values        struct{ ID string }
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal(out, &state); err != nil {
		t.Fatal(err)
	}
	ids := map[string]string{}
	for _, r := range state.Values.RootModule.Resources {
		if r.Mode == "managed" {
			ids[r.Address] = r.Values.ID
		}
	}
	return ids
}
