package troveapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// linksOf are the links that Trove gives to an object.
func linksOf(path string) string {
	return fmt.Sprintf(`[{"href": "https://trove.test/v1.0/demo/%[1]s", "rel": "self"}, {"href": "https://trove.test/%[1]s", "rel": "bookmark"}]`, path)
}

func TestInstanceFromBuildToActiveFieldForField(t *testing.T) {
	s := newServer(t)
	code, answer := s.do("POST", "/instances", `{"instance": {"name": "one", "flavorRef": "2", "datastore": {"type": "mysql", "version": "mysql-8.0"},
		"volume": {"size": 2}, "nics": [{"net-id": "00000000-0000-4000-8000-00000000bbbb"}], "databases": [{"name": "app", "character_set": "utf8", "collate": "utf8_general_ci"}],
		"users": [{"name": "u1", "password": "pw1", "databases": [{"name": "app"}]}], "access": {"is_public": false, "allowed_cidrs": ["10.0.0.0/8"]}}}`)
	id, _ := at(answer, "instance", "id").(string)
	if code != http.StatusOK || id == "" {
		t.Fatalf("status %d, body %v", code, answer)
	}
	body := func(status, operating, volume, network, updated string) string {
		return fmt.Sprintf(`{"instance": {"id": %q, "name": "one", "status": %q, "operating_status": %q, "links": %s,
			"flavor": {"id": "2", "links": %s}, "datastore": {"type": "mysql", "version": "mysql-8.0", "version_number": "8.0.40"},
			"region": "RegionOne", "access": {"is_public": false, "allowed_cidrs": ["10.0.0.0/8"]}, "volume": %s, %s
			"created": "2026-01-02T12:00:00", "updated": %q, "service_status_updated": %q}}`,
			id, status, operating, linksOf("instances/"+id), linksOf("flavors/2"), volume, network, updated, updated)
	}
	building := body("BUILD", "", `{"size": 2}`, "", "2026-01-02T12:00:00")
	s.want("GET", "/instances/"+id, "", 200, building)
	s.pass(buildTime - 1)
	s.want("GET", "/instances/"+id, "", 200, building)
	s.pass(1)
	s.want("GET", "/instances/"+id, "", 200, body("ACTIVE", "HEALTHY", `{"size": 2, "used": 0.16}`,
		`"ip": ["10.1.0.2"], "addresses": [{"address": "10.1.0.2", "type": "private", "network": "00000000-0000-4000-8000-00000000bbbb"}],`, "2026-01-02T12:00:10"))
}

func TestNetworkByEitherOfItsNames(t *testing.T) {
	s := newServer(t)
	for _, name := range []string{"net-id", "network_id"} {
		id := s.built(fmt.Sprintf(`{"instance": {"name": "one", "flavorRef": "2", "volume": {"size": 2}, "nics": [{%q: "lan"}]}}`, name))
		_, answer := s.do("GET", "/instances/"+id, "")
		addresses, _ := at(answer, "instance", "addresses").([]any)
		if len(addresses) != 1 || at(addresses[0], "network") != "lan" {
			t.Errorf("with %s the addresses are %v, want one in lan", name, addresses)
		}
	}
}

func TestInstanceWithoutANetworkHasNoAddresses(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	for _, key := range []string{"ip", "addresses", "topology", "replica_of", "replicas", "configuration", "fault"} {
		s.wantAt("/instances/"+id, nil, "instance", key)
	}
	s.wantAt("/instances/"+id, map[string]any{}, "instance", "access")
}

func TestBadCreations(t *testing.T) {
	s := newServer(t)
	for body, want := range map[string]string{
		`"name": ""`:                                              "Validation error: instance['name'] '' is too short; instance['name'] '' does not match '^.*[0-9a-zA-Z]+.*$'",
		`"name": "x", "flavorRef": "2"`:                           "Volume size was not specified.",
		`"name": "x", "volume": {"size": 1}`:                      "Resource None cannot be found.",
		`"name": "x", "flavorRef": "nope", "volume": {"size": 1}`: "Resource nope cannot be found.",
		`"name": "x", "flavorRef": "2", "volume": {"size": 0}`:    "Validation error: instance['volume']['size'] 0 is not valid under any of the given schemas; 0 is less than the minimum of 1; 0 is not of type 'string'",
		`"name": "x", "flavorRef": "2", "volume": {}`:             "Validation error: instance['volume'] 'size' is a required property",
		`"name": 5`: "Validation error: instance['name'] cannot be a JSON number",
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "datastore": {"type": "mysql", "version": "nope"}`:                        "Datastore version 'nope' cannot be found.",
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "whatever": 1`:                                                            "Validation error: instance Additional properties are not allowed ('whatever' was unexpected)",
		`"name": "x", "FlavorRef": "2", "volume": {"size": 1}`:                                                                           "Validation error: instance Additional properties are not allowed ('FlavorRef' was unexpected)",
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "nics": [{"net-id": "a"}, {"net-id": "b"}]`:                               "Validation error: instance['nics'] is too long",
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "nics": [{"port-id": "a"}]`:                                               `Validation error: instance unknown field "port-id"`,
		`"name": "x", "flavorRef": "2", "volume": {"Size": 1}`:                                                                           `Validation error: instance unknown field "Size"`,
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "nics": [{"Net-Id": "a"}]`:                                                `Validation error: instance unknown field "Net-Id"`,
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "replica_count": 2`:                                                       "Replica count only valid when creating replicas. Cannot create 2 instances.",
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "users": [{"name": "nopw"}]`:                                              "Validation error: instance['users'][0] 'password' is a required property",
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "users": [{"name": "u", "password": "p", "databases": [{"name": "zz"}]}]`: "The request indicates that user u should have access to database zz, but database zz is not included in the initial databases list.",
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "topology": {"mysql": {"read_only": true}}`:                               "read_only is allowed only with slave_of: a server that replicates from nothing takes writes",
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "topology": {"oracle": {}}`:                                               `topology: json: unknown field "oracle"`,
		`"name": "x", "flavorRef": "2", "volume": {"size": 1}, "locality": "nowhere"`:                                                    "Invalid locality 'nowhere'. Must be one of ['affinity', 'soft-affinity', 'anti-affinity', 'soft-anti-affinity']",
		`"name": "x", "replica_of": "abc"`:                                                                                               "Validation error: instance['replica_of'] 'abc' does not match '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$'",
	} {
		t.Run(body, func(t *testing.T) {
			s.t = t
			s.wantFault("POST", "/instances", `{"instance": {`+body+`}}`, 400, "badRequest", want)
		})
	}
	s.t = t
	s.wantFault("POST", "/instances", `{"instance": {"name": "x", "flavorRef": "2", "volume": {"size": 1}, "datastore": {"type": "nope"}}}`, 404, "itemNotFound", "Datastore 'nope' cannot be found.")
	s.wantFault("POST", "/instances", `{"instance": {"name": "x", "flavorRef": "2", "volume": {"size": 1}, "configuration": "99999999-9999-4999-8999-999999999999"}}`, 404, "itemNotFound", "Configuration group with ID 99999999-9999-4999-8999-999999999999 could not be found.")
	if n := len(s.state.History()); n != 0 {
		t.Errorf("%d instances were made by refused requests", n)
	}
}

func TestDatastoreByNameOrID(t *testing.T) {
	s := newServer(t)
	ds := state.Datastores()[1]
	id := s.create(fmt.Sprintf(`{"instance": {"name": "x", "flavorRef": 2, "volume": {"size": "1"}, "datastore": {"type": %q, "version": %q}}}`, ds.ID, ds.Versions[0].ID))
	s.wantAt("/instances/"+id, map[string]any{"type": "mariadb", "version": "mariadb-10.11", "version_number": "10.11.10"}, "instance", "datastore")
	id = s.create(`{"instance": {"name": "x", "flavorRef": "2", "volume": {"size": 1}}}`)
	s.wantAt("/instances/"+id, "mysql-8.0", "instance", "datastore", "version")
}

func TestReleasedTroveIgnoresUnknownKeysOfACreation(t *testing.T) {
	s := newServer(t, upstream)
	id := s.create(`{"instance": {"name": "x", "flavorRef": "2", "volume": {"size": 1}, "slave_of": "abc", "topology": {"mysql": {"slave_of": [{"id": "abc"}]}}, "whatever": 1}, "topology": {}}`)
	s.wantAt("/instances/"+id, nil, "instance", "topology")
	s.wantAt("/instances/"+id, nil, "instance", "replica_of")
}

func TestUpdates(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	path := "/instances/" + id
	s.want("PATCH", path, `{"instance": {"name": "two"}}`, 202, "")
	s.wantAt(path, "two", "instance", "name")
	s.want("PUT", path, `{"instance": {"name": "x", "configuration": null}}`, 202, "")
	s.wantAt(path, "x", "instance", "name")
	s.want("PUT", path, `{"instance": {}}`, 202, "")
	s.wantFault("PUT", path, `{"instance": {"configuration": null, "access": {"is_public": true}}}`, 400, "badRequest", "Only one attribute (except 'name') is allowed to update.")
	for _, c := range []struct{ method, field string }{{"PATCH", `"access": {"is_public": true}`}, {"PUT", `"slave_of": ""`}, {"PUT", `"bogus": 1`}, {"PUT", `"topology": {}`}, {"PATCH", `"topology": {}`}} {
		name, _, _ := strings.Cut(strings.TrimPrefix(c.field, `"`), `"`)
		s.wantFault(c.method, path, `{"instance": {`+c.field+`}}`, 400, "badRequest", "Validation error: instance Additional properties are not allowed ('"+name+"' was unexpected)")
	}
	s.wantFault("PUT", path, `{"instance": {"access": {"allowed_cidrs": ["not-a-cidr"]}}}`, 400, "badRequest",
		`Validation error: instance['access']['allowed_cidrs'][0] 'not-a-cidr' does not match '^([0-9]{1,3}\\.){3}[0-9]{1,3}(\\/([0-9]|[1-2][0-9]|3[0-2]))?$'`)
	s.want("PUT", path, `{"instance": {"access": {"is_public": false}}}`, 202, "")
	s.wantAt(path, "ACTIVE", "instance", "status")
	s.wantAt(path, "", "instance", "operating_status")
	s.pass(actionTime)
	s.wantAt(path, map[string]any{"is_public": false, "allowed_cidrs": []any{}}, "instance", "access")
	s.want("PATCH", path, `{"instance": {"datastore_version": "mysql-5.7"}}`, 202, "")
	s.wantAt(path, "UPGRADE", "instance", "status")
	s.pass(actionTime)
	s.wantAt(path, "mysql-5.7", "instance", "datastore", "version")
	s.wantFault("PATCH", path, `{"instance": {"datastore_version": "nope"}}`, 400, "badRequest", "Datastore version 'nope' cannot be found.")
	s.wantFault("PATCH", "/instances/none", `{"instance": {"name": "two"}}`, 404, "itemNotFound", "Resource none cannot be found.")
}

func TestActions(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	path := "/instances/" + id
	act := path + "/action"
	s.want("POST", act, `{"restart": {}}`, 202, "")
	s.wantFault("POST", act, `{"restart": {}}`, 422, "unprocessableEntity", "Instance "+id+" is not currently available for an action to be performed (task status was REBOOTING).")
	s.wantAt(path, "REBOOT", "instance", "status")
	s.pass(actionTime)
	s.wantAt(path, "ACTIVE", "instance", "status")
	s.wantFault("POST", act, `{"resize": {"flavorRef": "2"}}`, 400, "badRequest", "The new flavor id must be different than the current flavor id of '2'.")
	s.wantFault("POST", act, `{"resize": {"flavorRef": "nope"}}`, 400, "badRequest", "Resource nope cannot be found.")
	s.want("POST", act, `{"resize": {"flavorRef": "3"}}`, 202, "")
	s.wantAt(path, "2", "instance", "flavor", "id")
	s.pass(actionTime)
	s.wantAt(path, "3", "instance", "flavor", "id")
	s.wantFault("POST", act, `{"resize": {"volume": {"size": 2}}}`, 400, "badRequest", "The new volume 'size' must be larger than the current volume size of '2'.")
	s.wantFault("POST", act, `{"resize": {"volume": {"size": 1001}}}`, 413, "overLimit", "Volume 'size' cannot exceed maximum of 1000 GB, 1001 cannot be accepted.")
	s.want("POST", act, `{"resize": {"volume": {"size": 5}}}`, 202, "")
	s.wantAt(path, "RESIZE", "instance", "status")
	s.pass(actionTime)
	s.wantAt(path, map[string]any{"size": 5.0, "used": 0.16}, "instance", "volume")
	s.wantFault("POST", act, `{"reset_status": {}}`, 403, "forbidden", "Policy doesn't allow instance:reset_status to be performed.")
	for _, body := range []string{`{"bogus": {}}`, `{}`, `{"restart": {}, "resize": {}}`, `{"resize": {}}`, `{"resize": {"volume": {}}}`, `{"resize": 1}`, `{"resize": {"flavorRef": "1", "volume": {"size": 9}}}`} {
		if code, answer := s.do("POST", act, body); code != 400 || at(answer, "badRequest") == nil {
			t.Errorf("%s: status %d, body %v, want 400 badRequest", body, code, answer)
		}
	}
	s.wantFault("POST", "/instances/none/action", `{"restart": {}}`, 404, "itemNotFound", "Resource none cannot be found.")
}

func TestDeletion(t *testing.T) {
	s := newServer(t)
	id := s.create(mysql)
	path := "/instances/" + id
	s.wantFault("DELETE", path, "", 422, "unprocessableEntity", "Instance "+id+" is not ready. (Status is BUILD).")
	s.pass(buildTime)
	s.want("DELETE", path, "", 202, "")
	s.want("DELETE", path, "", 202, "")
	s.wantAt(path, "SHUTDOWN", "instance", "status")
	s.pass(actionTime)
	for _, method := range []string{"GET", "DELETE"} {
		s.wantFault(method, path, "", 404, "itemNotFound", "Resource "+id+" cannot be found.")
	}
	if h := s.state.History()[0]; h.DeletedBy != "demo" || h.Status != "DELETED" || h.Deleted.IsZero() {
		t.Errorf("the record is %+v", h)
	}
}

func TestFailedInstanceShowsItsFault(t *testing.T) {
	s := newServer(t, func(o *state.Options) {
		o.InstanceFate = func(string, string) state.Fate { return state.Fate{Fault: "No valid host was found."} }
	})
	id := s.create(mysql)
	s.pass(buildTime)
	s.wantAt("/instances/"+id, "ERROR", "instance", "status")
	s.wantAt("/instances/"+id, "", "instance", "operating_status")
	s.wantAt("/instances/"+id, map[string]any{"message": "No valid host was found.", "created": "2026-01-02T12:00:10", "details": nil}, "instance", "fault")
	s.want("DELETE", "/instances/"+id, "", 202, "")
}

func TestListsArePagedByIDWithLinksAsTroveHasThem(t *testing.T) {
	s := newServer(t)
	made := map[string]bool{}
	for range 25 {
		made[s.create(mysql)] = true
	}
	for _, path := range []string{"/instances", "/instances/detail"} {
		for query, pages := range map[string][]int{"": {20, 5}, "?limit=100": {20, 5}, "?limit=10": {10, 10, 5}} {
			seen := map[string]bool{}
			for n, size := range pages {
				code, answer := s.do("GET", path+query, "")
				entries, _ := at(answer, "instances").([]any)
				if code != 200 || len(entries) != size {
					t.Fatalf("GET %s%s: status %d, %d entries, want %d", path, query, code, len(entries), size)
				}
				last := ""
				for _, e := range entries {
					id, _ := at(e, "id").(string)
					seen[id] = true
					last = max(last, id)
				}
				rest, _ := at(answer, "links").([]any)
				if n == len(pages)-1 {
					if rest != nil {
						t.Fatalf("the last page has links %v", rest)
					}
					break
				}
				href, _ := at(rest[0], "href").(string)
				if at(rest[0], "rel") != "next" || !strings.HasPrefix(href, "https://trove.test/v1.0/demo"+path+"?") || !strings.HasSuffix(href, "marker="+last) {
					t.Fatalf("the next link is %v; the last id is %s", rest[0], last)
				}
				_, rawQuery, _ := strings.Cut(href, "?")
				query = "?" + rawQuery
			}
			for id := range made {
				if !seen[id] {
					t.Errorf("GET %s: %s is on no page", path, id)
				}
			}
		}
	}
	for _, query := range []string{"?limit=abc", "?limit=-1"} {
		if code, _ := s.do("GET", "/instances"+query, ""); code != 500 {
			t.Errorf("%s: status %d, want 500 as Trove", query, code)
		}
	}
}

func TestTheTwoListsShowWhatTroveShows(t *testing.T) {
	s := newServer(t)
	s.built(mysql)
	_, answer := s.do("GET", "/instances", "")
	entry := answer.(map[string]any)["instances"].([]any)[0] //nolint:forcetypeassert // a panic fails the test as well
	if at(entry, "created") != nil || at(entry, "datastore", "version_number") != nil || at(entry, "volume", "used") != nil {
		t.Errorf("the list shows too much: %v", entry)
	}
	_, answer = s.do("GET", "/instances/detail", "")
	entry = answer.(map[string]any)["instances"].([]any)[0] //nolint:forcetypeassert // a panic fails the test as well
	if at(entry, "created") == nil || at(entry, "datastore", "version_number") == nil || at(entry, "volume", "used") != nil {
		t.Errorf("the detailed list shows %v", entry)
	}
}

func TestQuotaIsRefusedWithoutRetryAfter(t *testing.T) {
	s := newServer(t, func(o *state.Options) { o.Quota = state.Quota{Instances: 1} })
	s.create(mysql)
	s.wantFault("POST", "/instances", mysql, 413, "overLimit", "Quota exceeded for resources: ['instances'].")
	if w := s.send("POST", "/v1.0/demo/instances", mysql); w.Header().Get("Retry-After") != "" {
		t.Error("the answer has a Retry-After header")
	}
}
