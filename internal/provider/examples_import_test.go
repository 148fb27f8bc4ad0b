package provider_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// changesAfterImport are the examples whose import is followed by a change: an instance's
// protection and timeouts are Terraform's own, an imported replica set holds all settings, not just those of the example, and the
// server shows neither the characters of a database nor the version of a password.
var changesAfterImport = map[string]bool{"trove_database": true, "trove_instance": true, "trove_instance_ssl": true, "trove_mongodb_replica_set": true, "trove_root": true, "trove_user": true}

// tryImport runs the commands of an import.sh, with the ids that the example's resources have.
func tryImport(t *testing.T, cli *acctest.CLI, e *example) {
	t.Helper()
	ids := importIDs(t, cli)
	imported := 0
	for line := range strings.Lines(e.take(t, "import.sh")) {
		words := strings.Fields(strings.ReplaceAll(line, "'", ""))
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		if len(words) < 4 || words[0] != "terraform" || words[1] != "import" {
			t.Fatalf("%s: %q is no import", e.folder, line)
		}
		address := words[2]
		id, ok := ids[address]
		if !ok {
			t.Fatalf("%s imports %s, which the example has not got; it has %v", e.folder, address, ids)
		}
		cli.MustRun("state", "rm", address)
		cli.MustRun("import", address, id)
		imported++
	}
	if imported == 0 {
		t.Errorf("%s imports nothing", e.folder)
	}
	out, err := cli.Run("plan", "-detailed-exitcode")
	if err != nil && (!changesAfterImport[e.name()] || !strings.Contains(out, "Plan: 0 to add, 1 to change, 0 to destroy.")) {
		t.Errorf("after an import: %v\n%s", err, out)
	}
	cli.MustRun("apply", "-auto-approve")
	cli.MustRun("plan", "-detailed-exitcode")
}

// tryImportByIdentity applies the import block of an example, with what the server has given its resource in place of the
// example's ids. Terraform before 1.12, and OpenTofu, know no identity in a block: there the provider is asked for what has that
// identity, and it is imported by the id that it answers.
func tryImportByIdentity(t *testing.T, cloud *acctest.Cloud, cli *acctest.CLI, e *example) {
	t.Helper()
	const file = "import-by-identity.tf"
	text := e.take(t, file)
	address, written := importBlock(t, text)
	values, ok := held(t, cli)[address]
	if !ok {
		t.Fatalf("%s imports %s, which the example has not got", e.folder, address)
	}
	identity := map[string]string{}
	for name, example := range written {
		identity[name] = fmt.Sprint(values[name])
		if name == "id" || name == "instance_id" {
			text = strings.ReplaceAll(text, example, identity[name]) // the server's choice
		} else if identity[name] != example {
			t.Errorf("%s: %s is %q, and the resource has %q", e.folder, name, example, identity[name])
		}
	}
	if !cli.Terraform(12) {
		p := cloud.NewProtocol(t)
		id := p.Resource(e.name(), p.Import(e.name(), "", identity).State)["id"]
		text = fmt.Sprintf("import {\n  to = %s\n  id = %q\n}\n", address, id)
	}
	cli.MustRun("state", "rm", address)
	cli.Write(file, text)
	out := cli.MustRun("plan", "-out=import.plan")
	const unchanged, changed = "Plan: 1 to import, 0 to add, 0 to change, 0 to destroy.", "Plan: 1 to import, 0 to add, 1 to change, 0 to destroy."
	// A bucket is found through any node, which need not be the one of the configuration.
	may := changesAfterImport[e.name()] || e.name() == "trove_couchbase_bucket"
	if !strings.Contains(out, unchanged) && !(may && strings.Contains(out, changed)) {
		t.Errorf("want %q:\n%s", unchanged, out)
	}
	cli.MustRun("apply", "import.plan")
	if have := held(t, cli)[address]["id"]; have != values["id"] {
		t.Errorf("%s is %v, want %v", address, have, values["id"])
	}
	cli.Remove(file)
	cli.MustRun("plan", "-detailed-exitcode")
}

// importBlock is the address and the identity of an import block.
func importBlock(t *testing.T, text string) (address string, identity map[string]string) {
	t.Helper()
	for _, block := range blocks(t, text) {
		if block.Type != "import" {
			t.Fatalf("it has a block %s", block.Type)
		}
		to, object := block.Body.Attributes["to"], block.Body.Attributes["identity"]
		if to == nil || object == nil {
			t.Fatalf("an import without an address or an identity:\n%s", text)
		}
		address, identity = string(to.Expr.Range().SliceBytes([]byte(text))), map[string]string{}
		value, diags := object.Expr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		for name, v := range value.AsValueMap() {
			identity[name] = v.AsString()
		}
	}
	if address == "" {
		t.Fatal("it imports nothing")
	}
	return address, identity
}

// blocks are the blocks of a configuration.
func blocks(t *testing.T, text string) hclsyntax.Blocks {
	t.Helper()
	file, diags := hclsyntax.ParseConfig([]byte(text), "example", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("a body of type %T", file.Body)
	}
	return body.Blocks
}
