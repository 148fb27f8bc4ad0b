package troveapi_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func TestReplicaOfFieldForField(t *testing.T) {
	s := newServer(t)
	source := s.built(mysql)
	code, answer := s.do("POST", "/instances", fmt.Sprintf(`{"instance": {"name": "rep", "replica_of": %q, "replica_count": 2}}`, source))
	id, _ := at(answer, "instance", "id").(string)
	if code != 200 || at(answer, "instance", "name") != "rep-2" || fmt.Sprint(at(answer, "instance", "password")) != "[<nil> <nil>]" {
		t.Fatalf("status %d, body %v", code, answer)
	}
	s.wantAt("/instances/"+source, "BACKUP", "instance", "status")
	s.pass(buildTime)
	links := func(id string) []any {
		return []any{
			map[string]any{"rel": "self", "href": "https://trove.test/v1.0/demo/instances/" + id},
			map[string]any{"rel": "bookmark", "href": "https://trove.test/instances/" + id},
		}
	}
	s.wantAt("/instances/"+id, map[string]any{"id": source, "links": links(source)}, "instance", "replica_of")
	_, answer = s.do("GET", "/instances/"+source, "")
	replicas, _ := at(answer, "instance", "replicas").([]any)
	if len(replicas) != 2 || at(replicas[1], "id") != id {
		t.Errorf("the source's replicas are %v", replicas)
	}
	s.wantFault("DELETE", "/instances/"+source, "", 403, "forbidden", "Detach replicas before deleting replica source.")

	w := s.send("POST", "/v1.0/demo/instances", fmt.Sprintf(`{"instance": {"name": "rep", "replica_of": %q}}`, id))
	if w.Code != 401 || w.Header().Get("WWW-Authenticate") == "" {
		t.Errorf("a replica of a replica: status %d, headers %v", w.Code, w.Header())
	}

	act := "/instances/" + id + "/action"
	s.wantFault("POST", act, `{"eject_replica_source": {}}`, 400, "badRequest", "Instance "+id+" is not a replica source.")
	s.want("POST", act, `{"promote_to_replica_source": {}}`, 202, "")
	s.wantAt("/instances/"+source, "PROMOTE", "instance", "status")
	s.pass(actionTime)
	s.wantAt("/instances/"+id, nil, "instance", "replica_of")
	s.wantAt("/instances/"+source, id, "instance", "replica_of", "id")
}

func TestDetachByPatchOrPutWhateverTheValue(t *testing.T) {
	s := newServer(t, upstream)
	source := s.built(mysql)
	for _, c := range []struct{ method, field string }{
		{"PATCH", `"replica_of": ""`}, {"PUT", `"replica_of": null`}, {"PATCH", `"slave_of": ""`}, {"PUT", `"replica_of": "` + source + `"`},
	} {
		id := s.built(fmt.Sprintf(`{"instance": {"name": "rep", "replica_of": %q}}`, source))
		s.want(c.method, "/instances/"+id, `{"instance": {`+c.field+`}}`, 202, "")
		s.wantAt("/instances/"+id, "DETACH", "instance", "status")
		s.pass(actionTime)
		s.wantAt("/instances/"+id, nil, "instance", "replica_of")
		s.wantFault(c.method, "/instances/"+id, `{"instance": {`+c.field+`}}`, 400, "badRequest", "Instance "+id+" is not a replica.")
	}
}

// replicaOf is the body of a MySQL replica with a topology.
func replicaOf(name, source string) string {
	return fmt.Sprintf(`{"instance": {"name": %q, "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": "mysql", "version": "mysql-8.0"},
		"topology": {"mysql": {"slave_of": [{"id": %q}]}}}}`, name, source)
}

func TestTopologyFieldForField(t *testing.T) {
	s := newServer(t)
	source := s.built(mysql)
	s.want("GET", "/instances/"+source+"/topology", "", 200, fmt.Sprintf(`{"topology": {"members": [{"id": %q, "name": "one"}]}}`, source))
	code, answer := s.do("POST", "/instances", replicaOf("two", source))
	id, _ := at(answer, "instance", "id").(string)
	if code != 200 || id == "" {
		t.Fatalf("status %d, body %v", code, answer)
	}
	block := fmt.Sprintf(`{"mysql": {"slave_of": [{"id": %q}], "read_only": true}}`, source)
	want := fmt.Sprintf(`{"topology": {"members": [{"id": %q, "name": "one"}, {"id": %q, "name": "two", %s]}}`, source, id, block[1:])
	if got := at(answer, "instance", "topology", "mysql", "read_only"); got != true {
		t.Errorf("the answer to the creation holds %v", at(answer, "instance"))
	}
	s.pass(buildTime)
	for _, member := range []string{source, id} {
		s.want("GET", "/instances/"+member+"/topology", "", 200, want)
	}
	act := "/instances/" + source + "/topology/action"
	promote := fmt.Sprintf(`{"mysql": {"promote": {"id": %q}}}`, id)
	s.want("POST", act, promote, 202, "")
	s.wantAt("/instances/"+id, "DETACH", "instance", "status")
	s.pass(actionTime)
	s.wantAt("/instances/"+id, nil, "instance", "topology")
	s.wantFault("POST", "/instances/"+id+"/topology/action", promote, 400, "badRequest", "Instance "+id+" is not a replica.")
}

func TestTopologyRefusals(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	s.wantFault("GET", "/instances/nobody/topology", "", 404, "itemNotFound", "Resource nobody cannot be found.")
	s.wantFault("POST", "/instances/nobody/topology/action", `{"mysql": {"promote": {"id": "x"}}}`, 404, "itemNotFound", "Resource nobody cannot be found.")
	for _, body := range []string{
		``, `{`, `[]`, `{}`, `{"mysql": {}}`, `{"mysql": {"promote": {}}}`, `{"mysql": {"promote": {"id": 5}}}`, `{"mysql": {"promote": {"id": "x", "more": 1}}}`,
		`{"mysql": {"demote": {"id": "x"}}}`, `{"oracle": {"promote": {"id": "x"}}}`, `{"mysql": {"promote": {"id": "x"}}, "redis": {"slaveof_no_one": {"id": "x"}}}`,
		`{"mongodb": {"remove_member": {"id": "x"}}}`,
	} {
		if code, answer := s.do("POST", "/instances/"+id+"/topology/action", body); code != 400 || at(answer, "badRequest") == nil {
			t.Errorf("%s: status %d, body %v, want 400 badRequest", body, code, answer)
		}
	}
	mongo := func(more string) string {
		return `{"instance": {"name": "m", "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": "mongodb"}, "topology": {"mongodb": {"type": "member", "replSet": "products"` + more + `}}}}`
	}
	s.wantFault("POST", "/instances", mongo(`, "join": true`), 404, "itemNotFound", "Replica set products cannot be found: without join it would be created.")
	s.create(mongo(``))
	s.wantFault("POST", "/instances", mongo(``), 409, "conflict", "Replica set products exists already: with join true the instance would join it.")
	s.wantFault("POST", "/instances", mongo(`, "join": true`), 422, "unprocessableEntity", "Replica set products is not ready: no member of it is ACTIVE yet.")
	s.pass(buildTime)
	code, answer := s.do("POST", "/instances", mongo(`, "join": true`))
	if warnings, _ := at(answer, "instance", "warnings").([]any); code != 200 || len(warnings) != 1 {
		t.Errorf("the second voter: status %d, warnings %v, want one", code, at(answer, "instance", "warnings"))
	}
}

func TestBucketsStandBesideMembers(t *testing.T) {
	s := newServer(t)
	id := s.built(`{"instance": {"name": "c", "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": "couchbase"}, "topology": {"couchbase": {"cluster_name": "products"}}}}`)
	want := fmt.Sprintf(`{"topology": {"members": [{"id": %q, "name": "c", "couchbase": {"cluster_name": "products"}}]%%s}}`, id)
	s.want("GET", "/instances/"+id+"/topology", "", 200, fmt.Sprintf(want, `, "buckets": []`))
	bucket := `{"bucket": "orders", "bucket_type": "couchbase", "bucket_port": 11222, "bucket_ramsize": 200, "bucket_replica": 0}`
	s.want("POST", "/instances/"+id+"/topology/action", `{"couchbase": {"create_bucket": `+bucket+`}}`, 202, "")
	s.pass(actionTime)
	s.want("GET", "/instances/"+id+"/topology", "", 200, fmt.Sprintf(want, `, "buckets": [`+bucket+`]`))
	s.wantFault("POST", "/instances/"+id+"/topology/action", `{"couchbase": {"create_bucket": `+bucket+`}}`, 409, "conflict", "Bucket orders exists already in couchbase cluster products.")
	s.want("POST", "/instances/"+id+"/topology/action", `{"couchbase": {"delete_bucket": {"bucket": "orders"}}}`, 202, "")
	s.pass(actionTime)
	s.want("GET", "/instances/"+id+"/topology", "", 200, fmt.Sprintf(want, `, "buckets": []`))
}

func TestABareServerListsNoBuckets(t *testing.T) {
	s := newServer(t, func(o *state.Options) { o.Bare = true })
	id := s.built(`{"instance": {"name": "c", "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": "couchbase"}, "topology": {"couchbase": {"cluster_name": "products"}}}}`)
	s.want("GET", "/instances/"+id+"/topology", "", 200, fmt.Sprintf(`{"topology": {"members": [{"id": %q, "name": "c", "couchbase": {"cluster_name": "products"}}]}}`, id))
}

func TestBucketsAreRefusedAsCouchbaseRefusesThem(t *testing.T) {
	s := newServer(t)
	id := s.built(`{"instance": {"name": "c", "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": "couchbase"}, "topology": {"couchbase": {"cluster_name": "products"}}}}`)
	path := "/instances/" + id + "/topology/action"
	create := func(settings string) string {
		return `{"couchbase": {"create_bucket": {"bucket_type": "couchbase", ` + settings + `}}}`
	}
	s.want("POST", path, create(`"bucket": "orders", "bucket_port": 11222, "bucket_ramsize": 600`), 202, "")
	s.pass(actionTime)
	s.wantFault("POST", path, create(`"bucket": "other", "bucket_port": 11222, "bucket_ramsize": 100`), 409, "conflict", "Port 11222 is in use by bucket orders of couchbase cluster products.")
	s.wantFault("POST", path, create(`"bucket": "other", "bucket_ramsize": 500`), 400, "badRequest",
		"The buckets of couchbase cluster products would have a quota of 1100 MB on each node, and node "+id+" has 1024 MB.")
	s.wantFault("POST", path, create(`"bucket": "other", "bucket_ramsize": 100, "bucket_replica": 1`), 400, "badRequest",
		"bucket_replica is 1, and couchbase cluster products has 1 nodes: each replica needs a node of its own beside the first.")
	s.want("POST", path, create(`"bucket": "other", "bucket_port": 11223, "bucket_ramsize": 100`), 202, "")
}

func TestServersThatBelongToASetAreMadeInOne(t *testing.T) {
	const body = `{"instance": {"name": "m", "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": "mongodb", "version": "%s"}}}`
	for _, version := range []string{"mongodb-7.0", "tokumx-2.0.1"} {
		newServer(t).wantFault("POST", "/instances", fmt.Sprintf(body, version), 400, "badRequest",
			"A server of "+version+" belongs to a replica set, if it is one of a single member: topology with a mongodb block is required, with type and replSet.")
		newServer(t, upstream).create(fmt.Sprintf(body, version))
	}
}

func TestVersionsOfOneTopology(t *testing.T) {
	s := newServer(t)
	create := func(datastore, version, topology string) string {
		return fmt.Sprintf(`{"instance": {"name": "n", "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": %q%s}, "topology": %s}}`, datastore, version, topology)
	}
	named := func(version string) string { return fmt.Sprintf(`, "version": %q`, version) }
	const set = `{"mongodb": {"type": "member", "replSet": "products", "join": %t}}`
	s.built(create("mongodb", named("mongodb-2.0.4"), fmt.Sprintf(set, false)))
	// One that names no version gets its set's.
	joined := s.built(create("mongodb", "", fmt.Sprintf(set, true)))
	s.wantAt("/instances/"+joined, "mongodb-2.0.4", "instance", "datastore", "version")
	// Another major version is taken with a warning.
	_, answer := s.do("POST", "/instances", create("mongodb", named("mongodb-7.0"), fmt.Sprintf(set, true)))
	if text := fmt.Sprint(at(answer, "instance", "warnings")); !strings.Contains(text, "the version is mongodb-7.0, and members have mongodb-2.0.4") {
		t.Errorf("the warnings are %s", text)
	}
	source := s.built(`{"instance": {"name": "s", "flavorRef": "2", "volume": {"size": 2}, "datastore": {"type": "mysql", "version": "mysql-8.0"}}}`)
	s.wantFault("POST", "/instances", create("mysql", named("mysql-5.7"), `{"mysql": {"slave_of": [{"id": "`+source+`"}]}}`), 400, "badRequest",
		"Instance "+source+" runs mysql-8.0, and a replica of it cannot be of the older version mysql-5.7.")
}
