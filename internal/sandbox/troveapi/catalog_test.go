package troveapi_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func TestDatastoresOffered(t *testing.T) {
	s := newServer(t)
	_, answer := s.do("GET", "/datastores", "")
	got := map[string][]string{}
	datastores, _ := at(answer, "datastores").([]any)
	for _, d := range datastores {
		versions, _ := at(d, "versions").([]any)
		for _, v := range versions {
			got[fmt.Sprint(at(d, "name"))] = append(got[fmt.Sprint(at(d, "name"))], fmt.Sprint(at(v, "name")))
		}
	}
	want := map[string][]string{
		"mysql": {"mysql-5.5", "mysql-5.7", "mysql-8.0"}, "mariadb": {"mariadb-10.11"}, "postgresql": {"postgresql-16"},
		"mongodb": {"mongodb-2.0.4", "tokumx-2.0.1", "mongodb-7.0"}, "cassandra": {"cassandra-2.0.5", "cassandra-4.1"},
		"couchbase": {"couchbase-2.2", "couchbase-7.2"}, "redis": {"redis-2.8.6", "redis-3.0.0-beta1", "redis-7.2"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("datastores (-want +got):\n%s", diff)
	}
}

func TestDatastoreFieldForField(t *testing.T) {
	s := newServer(t)
	d := state.Datastores()[1] // one version
	v := d.Versions[0]
	version := fmt.Sprintf(`"id": %q, "name": "mariadb-10.11", "version": "10.11.10", "links": %s`, v.ID, linksOf("datastores/versions/"+v.ID))
	alone := fmt.Sprintf(`{%s, "datastore": %q}`, version, d.ID)
	for _, name := range []string{"mariadb", d.ID} {
		s.want("GET", "/datastores/"+name, "", 200, fmt.Sprintf(`{"datastore": {"id": %q, "name": "mariadb", "links": %s, "versions": [{%s}], "default_version": %q}}`, d.ID, linksOf("datastores/"+d.ID), version, v.ID))
		s.want("GET", "/datastores/"+name+"/versions", "", 200, `{"versions": [`+alone+`]}`)
		s.want("GET", "/datastores/"+name+"/versions/"+v.ID, "", 200, `{"version": `+alone+`}`)
		s.want("GET", "/datastores/"+name+"/versions/mariadb-10.11", "", 200, `{"version": `+alone+`}`)
	}
	s.want("GET", "/datastores/versions/"+v.ID, "", 200, `{"version": `+alone+`}`)
	s.wantFault("GET", "/datastores/nope", "", 404, "itemNotFound", "Datastore 'nope' cannot be found.")
	s.wantFault("GET", "/datastores/nope/versions", "", 404, "itemNotFound", "Datastore 'nope' cannot be found.")
	s.wantFault("GET", "/datastores/mariadb/versions/nope", "", 400, "badRequest", "Datastore version 'nope' cannot be found.")
	s.wantFault("GET", "/datastores/versions/nope", "", 400, "badRequest", "Datastore version 'nope' cannot be found.")
}

func TestParameters(t *testing.T) {
	s := newServer(t)
	v, err := state.Datastores()[0].Version("mysql-8.0")
	if err != nil {
		t.Fatal(err)
	}
	connections := fmt.Sprintf(`{"name": "max_connections", "datastore_version_id": %q, "restart_required": false, "type": "integer", "max": 100000, "min": 1}`, v.ID)
	s.want("GET", "/datastores/mysql/versions/mysql-8.0/parameters/max_connections", "", 200, connections)
	s.want("GET", "/datastores/mysql/versions/mysql-8.0/parameters/long_query_time", "", 200, fmt.Sprintf(`{"name": "long_query_time", "datastore_version_id": %q, "restart_required": false, "type": "float"}`, v.ID))
	s.want("GET", "/datastores/versions/"+v.ID+"/parameters/max_connections", "", 200, connections)
	_, answer := s.do("GET", "/datastores/mysql/versions/"+v.ID+"/parameters", "")
	if _, alone := s.do("GET", "/datastores/versions/"+v.ID+"/parameters", ""); !cmp.Equal(answer, alone) {
		t.Errorf("by the version's id alone the parameters are %v, want %v", alone, answer)
	}
	parameters, _ := at(answer, "configuration-parameters").([]any)
	var names []string
	for _, p := range parameters {
		names = append(names, fmt.Sprint(at(p, "name")))
	}
	if !slices.Contains(names, "innodb_buffer_pool_size") || slices.Contains(names, "server_id") || !slices.IsSorted(names) {
		t.Errorf("the parameters are %v", names)
	}
	s.wantFault("GET", "/datastores/mysql/versions/mysql-8.0/parameters/server_id", "", 404, "itemNotFound", "server_id was not found as a valid configuration parameter.")
	s.wantFault("GET", "/datastores/versions/nope/parameters", "", 400, "badRequest", "Datastore version 'nope' cannot be found.")
	s.wantFault("GET", "/datastores/mysql/nope", "", 404, "itemNotFound", "The resource could not be found.")
	s.wantFault("GET", "/datastores/mysql/versions/nope/parameters", "", 400, "badRequest", "Datastore version 'nope' cannot be found.")
}

func TestFlavors(t *testing.T) {
	s := newServer(t)
	small := `{"id": 2, "links": ` + linksOf("flavors/2") + `, "name": "db.small", "ram": 1024, "vcpus": 1, "disk": 20, "ephemeral": 0, "str_id": "2"}`
	s.want("GET", "/flavors/2", "", 200, `{"flavor": `+small+`}`)
	s.wantFault("GET", "/flavors/nope", "", 404, "itemNotFound", "Resource nope cannot be found.")
	_, answer := s.do("GET", "/flavors", "")
	flavors, _ := at(answer, "flavors").([]any)
	if len(flavors) != 4 || at(flavors[3], "str_id") != "4" {
		t.Errorf("the flavors are %v", flavors)
	}
}

func TestLimitsTellTheQuota(t *testing.T) {
	s := newServer(t, func(o *state.Options) { o.Quota = state.Quota{Instances: 7, VolumeGB: 70} })
	_, answer := s.do("GET", "/limits", "")
	limits, _ := at(answer, "limits").([]any)
	want := map[string]any{"verb": "ABSOLUTE", "max_instances": 7.0, "max_volumes": 70.0, "max_ram": -1.0, "max_backups": 50.0}
	if diff := cmp.Diff(want, limits[0]); diff != "" {
		t.Errorf("the absolute limits (-want +got):\n%s", diff)
	}
}

func TestConfigurationTemplate(t *testing.T) {
	s := newServer(t)
	id := s.built(mysql)
	s.want("GET", "/instances/"+id+"/configuration", "", 200, `{"instance": {"configuration": {"port": 3306, "datadir": "/var/lib/mysql/data"}}}`)
	s.wantFault("GET", "/instances/nobody/configuration", "", 404, "itemNotFound", "Resource nobody cannot be found.")
}
