package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	tfjson "github.com/hashicorp/terraform-json"
)

func TestTreePutsReplicasBeneathTheirSource(t *testing.T) {
	var members []member
	err := json.Unmarshal([]byte(`[
		{"id": "r2", "name": "reader-2", "mysql": {"replica_of": ["s"], "read_only": false}},
		{"id": "s", "name": "orders", "mysql": null},
		{"id": "r1", "name": "reader-1", "mysql": {"replica_of": ["s"], "read_only": true}},
		{"id": "c", "name": "chained", "mysql": {"replica_of": ["r1"], "read_only": true}}
	]`), &members)
	if err != nil {
		t.Fatal(err)
	}
	want := `  orders  source, s
  ├── reader-1  read-only replica, r1
  │   └── chained  read-only replica, c
  └── reader-2  writable replica, r2
`
	if diff := cmp.Diff(want, tree(members)); diff != "" {
		t.Errorf("tree (-want +got):\n%s", diff)
	}
}

func TestCostTableHasARowForEveryKindOfRequest(t *testing.T) {
	got := costTable([]step{
		{name: "create", took: 6200 * time.Millisecond, requests: map[string]int{"POST /instances": 3, "GET /instances/{id}": 19}},
		{name: "destroy", took: time.Second, requests: map[string]int{"DELETE /instances/{id}": 3}},
	})
	want := `  create  destroy  request
       0        3  DELETE /instances/{id}
      19        0  GET /instances/{id}
       3        0  POST /instances
      22        3  in all
    6.2s       1s  wall time, plan and apply
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestUnknownRoutesAreOneKind(t *testing.T) {
	got := merged(map[string]int{"GET /a (unknown route)": 1, "GET /b (unknown route)": 2, "PUT /a (unknown route)": 1, "GET /flavors": 4})
	if diff := cmp.Diff(map[string]int{"GET (unknown route)": 3, "PUT (unknown route)": 1, "GET /flavors": 4}, got); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
}

func TestParseStateFindsTheTopologyAndTheIDs(t *testing.T) {
	got, err := parseState([]byte(`{"values": {"root_module": {"resources": [
		{"address": "data.trove_topology.orders", "values": {"instance_id": "s", "mermaid": "graph TD\n", "members": [{"id": "s", "name": "orders", "mysql": null}]}},
		{"address": "trove_instance.source", "values": {"id": "s", "name": "orders"}}
	]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]member{{ID: "s", Name: "orders"}}, got.members); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	if want := "graph TD\n"; got.diagram != want {
		t.Errorf("diagram = %q, want %q", got.diagram, want)
	}
	if want := "s"; got.ids["trove_instance.source"] != want {
		t.Errorf("id = %q, want %q", got.ids["trove_instance.source"], want)
	}
}

func TestParseStateFindsEveryTopology(t *testing.T) {
	got, err := parseState([]byte(`{"values": {"root_module": {"resources": [
		{"address": "data.trove_topology.shown[\"redis\"]", "index": "redis", "values": {"mermaid": "graph TD\n", "members": [{"id": "s", "name": "sessions"}]}},
		{"address": "trove_mongodb_replica_set.products", "values": {"id": "products", "members": {"m": {"priority": 1}}}},
		{"address": "trove_redis_node.reader[0]", "index": 0, "values": {"id": "r"}}
	]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if shown := got.shown["redis"]; len(got.shown) != 1 || len(shown.members) != 1 || shown.diagram != "graph TD\n" {
		t.Errorf("topologies = %+v", got.shown)
	}
	if err := showAll(got); err == nil {
		t.Error("no error though topologies are missing")
	}
}

func TestGistKeepsWhatCameToItsEnd(t *testing.T) {
	const output = "trove_instance.a: Creating...\ntrove_instance.a: Creation complete after 2s [id=a]\n\nApply complete! Resources: 1 added\n"
	if want, got := "trove_instance.a: Creation complete after 2s [id=a]\nApply complete! Resources: 1 added\n", gist(output, false); got != want {
		t.Errorf("gist = %q, want %q", got, want)
	}
	if got := gist(output, true); got != output {
		t.Errorf("of a failure it is %q, want all", got)
	}
}

func TestIndentLeavesEmptyLinesEmpty(t *testing.T) {
	if got, want := indent("a\n\n  b\n"), "    a\n\n      b\n"; got != want {
		t.Errorf("indented = %q, want %q", got, want)
	}
}

func TestCountChangesTellsUpdatesFromReplacements(t *testing.T) {
	change := func(actions ...tfjson.Action) *tfjson.ResourceChange {
		return &tfjson.ResourceChange{Change: &tfjson.Change{Actions: actions}}
	}
	got := countChanges(&tfjson.Plan{ResourceChanges: []*tfjson.ResourceChange{
		change(tfjson.ActionCreate),
		change(tfjson.ActionUpdate),
		change(tfjson.ActionUpdate),
		change(tfjson.ActionDelete, tfjson.ActionCreate),
		change(tfjson.ActionCreate, tfjson.ActionDelete),
		change(tfjson.ActionDelete),
		change(tfjson.ActionNoop),
		change(tfjson.ActionRead),
	}})
	if want := (changes{Create: 1, Update: 2, Replace: 2, Delete: 1}); got != want {
		t.Errorf("plan is to %s, want to %s", got, want)
	}
}

func TestParseExports(t *testing.T) {
	const text = "# the sandbox\nexport OS_AUTH_URL=http://127.0.0.1:4711/v3\nexport OS_PASSWORD='demo'\nexport OS_REGION_NAME=\"RegionOne\"\n"
	env, server, err := parseExports(text)
	if err != nil {
		t.Fatal(err)
	}
	if want := "http://127.0.0.1:4711"; server != want {
		t.Errorf("server = %s, want %s", server, want)
	}
	if diff := cmp.Diff([]string{"OS_AUTH_URL=http://127.0.0.1:4711/v3", "OS_PASSWORD=demo", "OS_REGION_NAME=RegionOne"}, env); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	if _, _, err := parseExports("export OS_PASSWORD=demo\n"); err == nil {
		t.Error("no error without OS_AUTH_URL")
	}
}

func TestLedgerNamesWhatIsAlive(t *testing.T) {
	l := &ledger{}
	err := json.Unmarshal([]byte(`{"requests": {"POST /instances": 2}, "instances": [
		{"id": "a", "name": "orders", "deleted": "2026-01-02T03:04:05Z"},
		{"id": "b", "name": "reader", "deleted": null}
	]}`), l)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"reader (b)"}, l.alive()); diff != "" {
		t.Errorf("alive (-want +got):\n%s", diff)
	}
}

func TestCleanEnvLeavesTheUsersCloudsOut(t *testing.T) {
	got := cleanEnv([]string{"HOME=/home/u", "OS_CLOUD=production", "TF_VAR_promote=x", "TF_CLI_CONFIG_FILE=/missing", "PATH=/bin"})
	if diff := cmp.Diff([]string{"HOME=/home/u", "PATH=/bin"}, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

func TestStartSandboxReportsWhyItEnded(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in is a shell script")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\necho 'address in use' >&2\nexit 3\n"
	if err := os.WriteFile(filepath.Join(dir, sandboxBinary), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := startSandbox(t.Context(), dir)
	if err == nil {
		t.Fatal("no error though the sandbox ended")
	}
	if want := "starting the sandbox: it ended at once: exit status 3\naddress in use\n"; err.Error() != want {
		t.Errorf("error = %q, want %q", err, want)
	}
}

// The server outlives an interrupt until stop, so that a Terraform that is winding up still finds it.
func TestStopEndsTheSandboxCleanly(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the stand-in is a shell script")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\ntrap 'echo stopped; exit 0' INT\nfor last; do :; done\necho 'export OS_AUTH_URL=http://127.0.0.1:1/v3' > \"$last\"\nwhile :; do sleep 0.01; done\n"
	if err := os.WriteFile(filepath.Join(dir, sandboxBinary), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := startSandbox(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if got := s.logTail(1); got != "stopped\n" {
		t.Errorf("last line of the log = %q, want %q", got, "stopped\n")
	}
}

func TestLogTailKeepsTheLastLines(t *testing.T) {
	path := filepath.Join(t.TempDir(), "log")
	if err := os.WriteFile(path, []byte("one\ntwo\nthree\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, want := (&sandbox{log: path}).logTail(2), "two\nthree\n"; got != want {
		t.Errorf("tail = %q, want %q", got, want)
	}
}
