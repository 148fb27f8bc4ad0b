package troveapi_test

import (
	"fmt"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// group is the body of a configuration group for MySQL 8.0.
func group(values string) string {
	return `{"configuration": {"name": "cg", "description": "text", "datastore": {"type": "mysql", "version": "mysql-8.0"}, "values": ` + values + `}}`
}

func (s *server) group(values string) string {
	s.t.Helper()
	code, answer := s.do("POST", "/configurations", group(values))
	id, ok := at(answer, "configuration", "id").(string)
	if code != 200 || !ok {
		s.t.Fatalf("POST /configurations: status %d: %v", code, answer)
	}
	return id
}

func TestConfigurationFieldForField(t *testing.T) {
	s := newServer(t)
	s.want("GET", "/configurations", "", 200, `{"configurations": []}`)
	id := s.group(`{"max_connections": 100, "autocommit": true, "long_query_time": 1.5, "innodb_ft_max_token_size": 84}`)
	v, err := state.Datastores()[0].Version("mysql-8.0")
	if err != nil {
		t.Fatal(err)
	}
	listed := fmt.Sprintf(`"id": %q, "name": "cg", "description": "text", "created": "2026-01-02T12:00:00", "updated": "2026-01-02T12:00:00",
		"datastore_name": "mysql", "datastore_version_id": %q, "datastore_version_name": "mysql-8.0"`, id, v.ID)
	s.want("GET", "/configurations/"+id, "", 200, `{"configuration": {`+listed+`, "instance_count": 0, "datastore_version_number": "8.0.40",
		"values": {"max_connections": 100, "autocommit": 1, "long_query_time": 1.5, "innodb_ft_max_token_size": "***"}}}`)
	s.want("GET", "/configurations", "", 200, `{"configurations": [{`+listed+`}]}`)
	s.want("DELETE", "/configurations/"+id, "", 202, "")
	for _, method := range []string{"GET", "DELETE"} {
		s.wantFault(method, "/configurations/"+id, "", 404, "itemNotFound", "Configuration group with ID "+id+" could not be found.")
	}
}

func TestWhatConfigurationGroupsRefuse(t *testing.T) {
	s := newServer(t)
	for values, message := range map[string]string{
		`{"nope": 1}`:                   "The configuration parameter nope is not supported for this datastore: mysql mysql-8.0.",
		`{"max_connections": "many"}`:   "The value provided for the configuration parameter max_connections is not of type integer.",
		`{"max_connections": "100"}`:    "The value provided for the configuration parameter max_connections is not of type integer.",
		`{"max_connections": 1.5}`:      "The value provided for the configuration parameter max_connections is not of type integer.",
		`{"max_connections": 0}`:        "The value for the configuration parameter max_connections is less than the minimum allowed: 1",
		`{"max_connections": 10000000}`: "The value for the configuration parameter max_connections is greater than the maximum allowed: 100000",
		`{"long_query_time": 1}`:        "The value provided for the configuration parameter long_query_time is not of type float.",
		`{"performance_schema": 1}`:     "The value provided for the configuration parameter performance_schema is not of type boolean.",
		`{"server_id": 5}`:              "a configuration group for mysql may not hold server_id: Trove chooses it, so that it differs between a source and all its replicas",
		`{"SERVER_ID": 5}`:              "a configuration group for mysql may not hold server_id: Trove chooses it, so that it differs between a source and all its replicas",
		`{"read_only": 1}`:              "a configuration group for mysql may not hold read_only: it is a field of the replica's topology",
	} {
		t.Run(values, func(t *testing.T) {
			s.t = t
			s.wantFault("POST", "/configurations", group(values), 422, "unprocessableEntity", message)
		})
	}
	s.t = t
	s.wantFault("POST", "/configurations", group(`null`), 400, "badRequest", "Validation error: configuration['values'] None is not of type 'object'")
	s.wantFault("POST", "/configurations", group(`"x"`), 400, "badRequest", "Validation error: configuration['values'] cannot be a JSON string")
	s.wantFault("POST", "/configurations", `{"configuration": {"name": "cg"}}`, 400, "badRequest", "Validation error: configuration 'values' is a required property")
	s.wantFault("POST", "/configurations", `{"configuration": {"name": "cg", "datastore": {"type": "couchbase", "version": "couchbase-2.2"}, "values": {"a": 1}}}`, 422, "unprocessableEntity", "Configuration groups are not supported for this datastore: couchbase couchbase-2.2")
	s.wantFault("POST", "/configurations", `{"configuration": {"name": "cg", "datastore": {"type": "mysql", "version": "nope"}, "values": {}}}`, 400, "badRequest", "Datastore version 'nope' cannot be found.")
}

func TestReleasedTroveTakesServerIDInAGroup(t *testing.T) {
	s := newServer(t, upstream)
	s.group(`{"server_id": 5}`)
	s.wantFault("POST", "/configurations", group(`{"read_only": 1}`), 422, "unprocessableEntity", "The configuration parameter read_only is not supported for this datastore: mysql mysql-8.0.")
	s.wantAt("/datastores/mysql/versions/mysql-8.0/parameters/server_id", "server_id", "name")
}

func TestPatchMergesAndPutReplaces(t *testing.T) {
	s := newServer(t)
	id := s.group(`{"max_connections": 100, "wait_timeout": 120}`)
	path := "/configurations/" + id
	s.want("PATCH", path, `{"configuration": {"name": "ignored", "values": {"max_connections": 200}}}`, 200, "")
	s.wantAt(path, map[string]any{"max_connections": 200.0, "wait_timeout": 120.0}, "configuration", "values")
	s.wantAt(path, "cg", "configuration", "name")
	s.want("PUT", path, `{"configuration": {"name": "renamed", "description": "d2", "values": {"wait_timeout": 60}}}`, 202, "")
	s.wantAt(path, map[string]any{"wait_timeout": 60.0}, "configuration", "values")
	s.wantAt(path, "d2", "configuration", "description")
	s.want("PUT", path, `{"configuration": {"name": "only-name"}}`, 202, "")
	s.wantAt(path, map[string]any{}, "configuration", "values")
	s.want("PATCH", path, `{"configuration": {}}`, 200, "")
	s.wantFault("PUT", path, `{"configuration": {"description": null}}`, 400, "badRequest", "Validation error: configuration['description'] None is not of type 'string'")
	s.wantFault("PUT", path, `{"configuration": {"description": ""}}`, 400, "badRequest", "Validation error: configuration['description'] '' does not match '^.*[0-9a-zA-Z]+.*$'")
	s.wantFault("PATCH", path, `{"configuration": {"values": {"server_id": 7}}}`, 422, "unprocessableEntity", "a configuration group for mysql may not hold server_id: Trove chooses it, so that it differs between a source and all its replicas")
}

func TestAttachingAndDetachingAGroup(t *testing.T) {
	s := newServer(t)
	plain, restart := s.group(`{"max_connections": 100}`), s.group(`{"innodb_open_files": 300}`)
	id := s.built(mysql)
	path := "/instances/" + id
	attach := func(group string) string { return `{"instance": {"configuration": "` + group + `"}}` }
	const detach = `{"instance": {"configuration": null}}`
	s.want("PUT", path, attach(plain), 202, "")
	s.wantAt(path, "ACTIVE", "instance", "status")
	s.wantAt(path, "cg", "instance", "configuration", "name")
	s.wantAt("/configurations/"+plain, 1.0, "configuration", "instance_count")
	s.want("GET", "/configurations/"+plain+"/instances", "", 200, `{"instances": [{"id": "`+id+`", "name": "one"}]}`)
	s.wantFault("PUT", path, attach(plain), 400, "badRequest", "Instance "+id+" already has a Configuration Group attached: "+plain+".")
	s.wantFault("DELETE", "/configurations/"+plain, "", 400, "badRequest", "A configuration group cannot be deleted if it is associated with one or more non-terminated instances. Detach the configuration group from all non-terminated instances and please try again.")
	s.wantFault("PUT", path, attach(""), 400, "badRequest", "Validation error: instance['configuration'] '' is not valid under any of the given schemas; '' does not match '^([0-9a-fA-F]){8}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){4}-([0-9a-fA-F]){12}$'; '' is not of type 'null'")
	s.want("PATCH", path, detach, 202, "")
	s.want("PATCH", path, detach, 202, "")
	s.wantAt(path, nil, "instance", "configuration")
	s.wantFault("PUT", path, attach("99999999-9999-4999-8999-999999999999"), 404, "itemNotFound", "Configuration group id: 99999999-9999-4999-8999-999999999999 could not be found.")

	s.want("PUT", path, attach(restart), 202, "")
	s.wantAt(path, "RESTART_REQUIRED", "instance", "status")
	s.wantAt(path, "", "instance", "operating_status")
	s.wantFault("PUT", path, detach, 400, "badRequest", "The operation you have requested cannot be executed because the instance status is currently: RESTART_REQUIRED.")
	s.want("POST", path+"/action", `{"restart": {}}`, 202, "")
	s.wantFault("PUT", path, detach, 400, "badRequest", "The operation you have requested cannot be executed because the instance status is currently: REBOOTING.")
	s.pass(actionTime)
	s.wantAt(path, "ACTIVE", "instance", "status")
	s.want("PUT", "/configurations/"+restart, `{"configuration": {"values": {"innodb_open_files": 400}}}`, 202, "")
	s.wantAt(path, "RESTART_REQUIRED", "instance", "status")
	s.want("PUT", "/configurations/"+restart, `{"configuration": {"values": {"max_connections": 400}}}`, 202, "")
	s.wantAt(path, "ACTIVE", "instance", "status")
	s.want("PUT", "/configurations/"+restart, `{"configuration": {"values": {"innodb_open_files": 400}}}`, 202, "")
	s.want("PATCH", "/configurations/"+restart, `{"configuration": {"values": {"max_connections": 400}}}`, 200, "")
	s.wantAt(path, "RESTART_REQUIRED", "instance", "status")
	s.want("DELETE", path, "", 202, "")
	s.want("DELETE", "/configurations/"+restart, "", 202, "")
}

func TestCreationWithAGroup(t *testing.T) {
	s := newServer(t)
	id := s.group(`{"max_connections": 100}`)
	configured := `{"instance": {"name": "x", "flavorRef": "2", "volume": {"size": 1}, "datastore": {"type": "mysql", "version": "mysql-8.0"}, "configuration": "` + id + `"}}`
	instance := s.built(configured)
	s.wantAt("/instances/"+instance, id, "instance", "configuration", "id")
	other := s.built(`{"instance": {"name": "x", "flavorRef": "2", "volume": {"size": 1}, "datastore": {"type": "mysql", "version": "mysql-5.7"}}}`)
	if code, _ := s.do("PUT", "/instances/"+other, `{"instance": {"configuration": "`+id+`"}}`); code != 400 {
		t.Errorf("a group of another version is attached with status %d, want 400", code)
	}
	_, building := s.do("POST", "/instances", configured)
	s.wantFault("PUT", "/configurations/"+id, `{"configuration": {"name": "half", "values": {}}}`, 422, "unprocessableEntity",
		fmt.Sprintf("Instance %v is not ready.", at(building, "instance", "id")))
	s.wantAt("/configurations/"+id, "half", "configuration", "name")
}
