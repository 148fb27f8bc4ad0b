package provider_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// Whatever is typed as the id of an import names a resource, or is refused in words that quote it.
func FuzzImportIDs(f *testing.F) {
	for _, id := range []string{
		"5f1b0b5e-0c3a-4c7e-9d0b-8d6a3c1e2f40", "RegionOne/5f1b0b5e-0c3a-4c7e-9d0b-8d6a3c1e2f40", "a/b", "a/b/c", "a/app@%", "a/app@10.0.0.%/x", "", "/", "//", "..", "../x", "a/..", "a b", "%2e%2e",
		"products", "RegionOne/products/a", "a?b=c", "a\nb", "a\x00",
	} {
		f.Add(id)
	}
	server, err := acctest.Factories()["trove"]()
	if err != nil {
		f.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(f.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id string) {
		for typeName := range schemas.ResourceSchemas {
			resp, err := server.ImportResourceState(t.Context(), &tfprotov6.ImportResourceStateRequest{TypeName: typeName, ID: id})
			if err != nil {
				t.Fatal(err)
			}
			said := acctest.Diagnostics(resp.Diagnostics)
			switch refused := said.Errors(); {
			case len(refused) == 0 && len(resp.ImportedResources) != 1:
				t.Errorf("%s %q: neither imported nor refused", typeName, id)
			case id != "" && slices.ContainsFunc(refused, func(text string) bool { return !strings.HasPrefix(text, "Unable to ") }):
				t.Errorf("%s %q: %s", typeName, id, said.Text())
			}
		}
	})
}

// A destruction that finds a plan's note damaged ends in an error and deletes nothing, or deletes what it was to delete.
func FuzzPrivateState(f *testing.F) {
	for note, replica := range map[string]bool{`{}`: false, `{"file": "../x"}`: false, `{"file": 1}`: false, `[1]`: true, `["x"]`: true, `{`: false, "\xff": true} {
		f.Add([]byte(note), replica)
	}
	f.Fuzz(func(t *testing.T, note []byte, replica bool) {
		w := newWorld(t)
		member := w.create("trove_redis_cluster_node", redisMaster.with("name", "master"))
		if replica {
			source := w.create("trove_instance", lone)
			member = w.create("trove_mysql_replica", settings{"name": "replica", "replica_of": []string{w.run.ID(source)}})
		}
		change, said := w.run.PlanDestroy(member)
		if said.Failed() {
			t.Fatal(said.Text())
		}
		private, err := json.Marshal(map[string][]byte{"destroy_plan": note, "failover_candidates": note})
		if err != nil {
			t.Fatal(err)
		}
		result := w.run.Apply(change.WithPrivate(private))
		if _, alive := w.proxy.Alive()[w.run.ID(member)]; alive != result.Failed() || alive != w.run.Exists(result.Object) {
			t.Errorf("alive: %t, in the state: %t, and it says %s", alive, w.run.Exists(result.Object), result.Text())
		}
	})
}
