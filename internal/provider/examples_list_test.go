package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// tryList finds what the resource's own example makes, and imports all of it with the configuration that Terraform writes.
// Where the command line has no query, the provider is asked without it, and import blocks are written for what it lists.
func tryList(t *testing.T, e *example) {
	cloud := cloudFor(t, e.name())
	cli := applied(t, cloud, allExamples(t)["resources/"+e.name()].take(t, "resource.tf"))
	const file = "list-resource.tfquery.hcl"
	text := e.take(t, file)
	var want []string
	for address, values := range held(t, cli) {
		if strings.HasPrefix(address, e.name()+".") {
			want = append(want, fmt.Sprint(values["id"]))
			if example := listBlock(t, e.name(), text)["instance_id"]; example != "" {
				text = strings.ReplaceAll(text, example, fmt.Sprint(values["instance_id"])) // the server's choice
			}
		}
	}
	importer := acctest.NewCLI(t, cloud.Config(""))
	if importer.Terraform(14) {
		importer.Write(file, text)
		importer.MustRun("query", "-generate-config-out=imported.tf")
		importer.Remove(file)
	} else {
		p := cloud.NewProtocol(t)
		var imports strings.Builder
		for n, one := range p.List(e.name(), listBlock(t, e.name(), text), false, 0) {
			p.NoErrors(one.Diagnostics)
			id := p.Resource(e.name(), p.Import(e.name(), "", one.Identity).State)["id"]
			fmt.Fprintf(&imports, "import {\n  to = %s.found_%d\n  id = %q\n}\n", e.name(), n, id)
		}
		importer.Write("imports.tf", imports.String())
		importer.MustRun("plan", "-generate-config-out=imported.tf")
	}
	planned := fmt.Sprintf("Plan: %d to import, 0 to add, 0 to change, 0 to destroy.", len(want))
	if out := importer.MustRun("plan", "-out=import.plan"); !strings.Contains(out, planned) {
		t.Errorf("want %q:\n%s\n%s", planned, out, importer.Read("imported.tf"))
	}
	importer.MustRun("apply", "import.plan")
	importer.MustRun("plan", "-detailed-exitcode")
	have := slices.Sorted(maps.Values(importIDs(t, importer)))
	slices.Sort(want)
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("what is imported (-want +got):\n%s", diff)
	}
	destroyed(t, cloud, cli)
}

// listBlock is the configuration of the only list block.
func listBlock(t *testing.T, typeName, text string) map[string]string {
	t.Helper()
	all := blocks(t, text)
	if len(all) != 1 || all[0].Type != "list" || all[0].Labels[0] != typeName {
		t.Fatalf("want one list of %s:\n%s", typeName, text)
	}
	filter := map[string]string{}
	for _, config := range all[0].Body.Blocks {
		for name, attribute := range config.Body.Attributes {
			value, diags := attribute.Expr.Value(nil)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			filter[name] = value.AsString()
		}
	}
	return filter
}
