package provider_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// example is a folder of examples/. A test takes its files one by one; what is left in the end, nothing has tried.
type example struct {
	folder string            // such as "resources/trove_user"
	files  map[string]string // their texts by name
}

// name is the folder's own name, for most that of a type.
func (e *example) name() string { return path.Base(e.folder) }

// take returns the text of a file that the example must have.
func (e *example) take(t *testing.T, file string) string {
	t.Helper()
	text, ok := e.files[file]
	if !ok {
		t.Fatalf("examples/%s has no %s", e.folder, file)
	}
	delete(e.files, file)
	return text
}

// has says whether the example has a file that is still to be tried.
func (e *example) has(file string) bool {
	_, ok := e.files[file]
	return ok
}

// ways are how the examples of a folder are tried: by the first that fits.
var ways = []struct {
	folder string
	try    func(t *testing.T, e *example)
}{
	{"provider", tryProvider},
	{"resources/*", tryResource},
	{"data-sources/*", tryDataSource},
	{"actions/*", tryAction},
	{"list-resources/*", tryList},
	{"guides/importing", tryImporting},
	{"guides/importing-contents", tryImportingContents},
	{"guides/*", tryGuide},
	{"demo", tryDemo},
	{"demo/everything", tryEverything},
}

// Every file of examples/ works as it is written. What the command line is too old for is done without it and held to the same.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	examples := allExamples(t)
	for _, folder := range slices.Sorted(maps.Keys(examples)) {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			e := examples[folder]
			for _, way := range ways {
				if ok, err := path.Match(way.folder, folder); err != nil {
					t.Fatal(err)
				} else if ok {
					way.try(t, e)
					break
				}
			}
			if len(e.files) > 0 {
				t.Errorf("no test tries %v of examples/%s", slices.Sorted(maps.Keys(e.files)), folder)
			}
		})
	}
}

// allExamples are the folders of examples/ that hold files.
func allExamples(t *testing.T) map[string]*example {
	t.Helper()
	root := os.DirFS("../../examples")
	examples := map[string]*example{}
	err := fs.WalkDir(root, ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := fs.ReadFile(root, file)
		folder := path.Dir(file)
		if examples[folder] == nil {
			examples[folder] = &example{folder: folder, files: map[string]string{}}
		}
		examples[folder].files[path.Base(file)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(examples) == 0 {
		t.Fatal("no examples found")
	}
	return examples
}

// onReleasedTrove are the examples of what only released Trove has.
var onReleasedTrove = map[string]bool{
	"trove_replica": true, "trove_replication_source": true, "trove_promote_replica": true, "trove_detach_replica": true, "trove_eject_source": true,
}

// byAdministrators are the examples of what only administrators may do.
var byAdministrators = map[string]bool{
	"trove_reset_status": true, "trove_reboot_instance": true, "trove_migrate_instance": true,
	"trove_quota":             true,
	"trove_datastore_version": true,
}

// cloudFor is the server for an example of this type.
func cloudFor(t *testing.T, typeName string) *acctest.Cloud {
	t.Helper()
	var options []func(*sandbox.Options)
	if onReleasedTrove[typeName] {
		options = append(options, acctest.Upstream)
	}
	cloud := acctest.NewCloud(t, options...)
	if byAdministrators[typeName] {
		return cloud.ByAdministrator(t)
	}
	return cloud
}

// tryProvider reads an entry of clouds.yaml, as the example's provider block does, and asks something of that cloud.
func tryProvider(t *testing.T, e *example) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, "")
	cli.Write("main.tf", e.take(t, "provider.tf")+`
data "trove_flavor" "small" {
  name = "db.small"
}

output "id" {
  value = data.trove_flavor.small.id
}
`)
	cli.Write("clouds.yaml", `
clouds:
  openstack:
    auth:
      auth_url: `+cloud.AuthURL()+`
      username: demo
      password: demo
      project_name: demo
      user_domain_name: Default
      project_domain_name: Default
`)
	cli.MustRun("apply", "-auto-approve")
	if out := cli.MustRun("output", "id"); out != `"2"` {
		t.Errorf("the flavor is %s, want 2", out)
	}
}

func tryResource(t *testing.T, e *example) {
	cloud := cloudFor(t, e.name())
	cli := applied(t, cloud, e.take(t, "resource.tf"))
	if e.has("import.sh") {
		tryImport(t, cli, e)
	}
	if e.has("import-by-identity.tf") {
		tryImportByIdentity(t, cloud, cli, e)
	}
	destroyed(t, cloud, cli)
}

// tryDataSource reads what is there already.
func tryDataSource(t *testing.T, e *example) {
	cloud := acctest.NewCloud(t)
	cloud.CreateBehindOurBack(t, trove.CreateRequest{
		Name: "orders", FlavorRef: "2", Volume: &trove.Volume{Size: 20}, Datastore: &trove.Datastore{Type: "mysql", Version: "mysql-5.7"},
	})
	cli := applied(t, cloud, e.take(t, "data-source.tf"))
	cli.MustRun("destroy", "-auto-approve")
	cloud.DeleteBehindOurBack(t, "orders")
	alive(t, cloud)
}

func tryGuide(t *testing.T, e *example) {
	cloud := acctest.NewCloud(t)
	destroyed(t, cloud, applied(t, cloud, e.take(t, "main.tf")))
}

// tryImporting imports what is there already, and keeps the resource alone, as the guide says.
func tryImporting(t *testing.T, e *example) {
	cloud := acctest.NewCloud(t)
	for n := range 3 {
		member := mysqlServer(fmt.Sprintf("products-%d", n+1))
		member.FlavorRef, member.Volume.Size = "2", 5
		member.Datastore = &trove.Datastore{Type: "mongodb", Version: "mongodb-7.0"}
		member.Topology = &topology.Topology{MongoDB: &topology.MongoDB{Type: topology.TypeMember, ReplSet: "products"}}
		cloud.CreateBehindOurBack(t, member)
	}
	text := e.take(t, "main.tf")
	cli := acctest.NewCLI(t, cloud.Config(text))
	const want = "Plan: 3 to import, 0 to add, 0 to change, 0 to destroy."
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, want) {
		t.Errorf("want %q:\n%s", want, out)
	}
	_, resource, ok := strings.Cut(text, "resource ")
	if !ok {
		t.Fatalf("it has no resource:\n%s", text)
	}
	cli.Configure(cloud.Config("resource " + resource))
	cli.MustRun("plan", "-detailed-exitcode")
	destroyed(t, cloud, cli)
}

// tryImportingContents imports what is within an instance, and writes its names in place of what lists them, as the guide says.
func tryImportingContents(t *testing.T, e *example) {
	cloud := acctest.NewCloud(t)
	id := cloud.CreateBehindOurBack(t, mysqlServer("orders"))
	if err := cloud.State().CreateDatabases(identity.DemoProjectID, id, []state.Database{{Name: "shop"}, {Name: "stock"}}); err != nil {
		t.Fatal(err)
	}
	users := []state.User{{Name: "app", Host: "%", Password: "p", Databases: []string{"shop"}}, {Name: "app", Host: "10.0.0.%", Password: "p"}}
	if err := cloud.State().CreateUsers(identity.DemoProjectID, id, users); err != nil {
		t.Fatal(err)
	}
	text := e.take(t, "main.tf")
	cli := acctest.NewCLI(t, cloud.Config(text))
	const want = "Plan: 4 to import, 0 to add, 0 to change, 0 to destroy."
	if out := cli.MustRun("apply", "-auto-approve"); !strings.Contains(out, want) {
		t.Errorf("want %q:\n%s", want, out)
	}
	_, resources, ok := strings.Cut(text, "resource ")
	if !ok {
		t.Fatalf("it has no resource:\n%s", text)
	}
	written := strings.NewReplacer(
		"data.trove_instance.orders.id", `"`+id+`"`, "data.trove_databases.orders.names", `["shop", "stock"]`,
		"data.trove_users.orders.users", `[{ name = "app", host = "%", databases = ["shop"] }, { name = "app", host = "10.0.0.%", databases = [] }]`,
	).Replace("resource " + resources)
	cli.Configure(cloud.Config(written))
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	cloud.DeleteBehindOurBack(t, "orders")
	alive(t, cloud)
}

// tryDemo applies what `make demo` does, and promotes a replica in place.
func tryDemo(t *testing.T, e *example) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, "")
	cli.Set(cloud.Env()...)
	cli.Write("main.tf", e.take(t, "main.tf"))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode") // exit status 2 would tell of changes
	const promote, want = "-var=promote=orders-reader-2", "Apply complete! Resources: 0 added, 1 changed, 0 destroyed."
	if out := cli.MustRun("apply", "-auto-approve", promote); !strings.Contains(out, want) {
		t.Errorf("want %q:\n%s", want, out)
	}
	cli.MustRun("plan", "-detailed-exitcode", promote)
	cli.MustRun("destroy", "-auto-approve", promote)
	alive(t, cloud)
}

// tryEverything applies the topologies of `make demo`; TestAccEverythingAtOnce counts what twice as many nodes cost.
func tryEverything(t *testing.T, e *example) {
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, "")
	cli.Set(cloud.Env()...)
	cli.Write("main.tf", e.take(t, "main.tf"))
	cli.Write("postgresql.tf", e.take(t, "postgresql.tf"))
	cli.Write("provider.tf", e.take(t, "provider.tf"))
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
	cli.MustRun("destroy", "-auto-approve")
	alive(t, cloud)
}

// applied applies an example, after which nothing is left to plan.
func applied(t *testing.T, cloud *acctest.Cloud, text string, flags ...string) *acctest.CLI {
	t.Helper()
	cli := acctest.NewCLI(t, cloud.Config(text))
	cli.MustRun(append([]string{"apply", "-auto-approve"}, flags...)...)
	cli.MustRun(append([]string{"plan", "-detailed-exitcode"}, flags...)...) // exit status 2 would tell of changes
	return cli
}

// destroyed destroys an example, whether protected or not, and nothing is left.
func destroyed(t *testing.T, cloud *acctest.Cloud, cli *acctest.CLI) {
	t.Helper()
	const protected = "deletion_protection = true"
	if text := cli.Read("main.tf"); strings.Contains(text, protected) {
		cli.Write("main.tf", strings.ReplaceAll(text, protected, "deletion_protection = false"))
		cli.MustRun("apply", "-auto-approve")
	}
	cli.MustRun("destroy", "-auto-approve")
	alive(t, cloud)
}

// alive fails the test where an instance is left.
func alive(t *testing.T, cloud *acctest.Cloud) {
	t.Helper()
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// held are the attributes of what the state holds, by address.
func held(t *testing.T, cli *acctest.CLI) map[string]map[string]any {
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
					Values        map[string]any
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal(out, &state); err != nil {
		t.Fatal(err)
	}
	all := map[string]map[string]any{}
	for _, r := range state.Values.RootModule.Resources {
		if r.Mode == "managed" {
			all[r.Address] = r.Values
		}
	}
	return all
}

// importIDs are the ids by which what the state holds is imported, by address.
func importIDs(t *testing.T, cli *acctest.CLI) map[string]string {
	t.Helper()
	ids := map[string]string{}
	for address, values := range held(t, cli) {
		id, ok := values["id"].(string)
		if !ok {
			t.Fatalf("%s has the id %v", address, values["id"])
		}
		ids[address] = id
	}
	return ids
}
