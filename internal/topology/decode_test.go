package topology

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// to returns a pointer to a value, for optional fields.
func to[T any](v T) *T { return &v }

func TestDecodeReadsEveryField(t *testing.T) {
	for name, tc := range map[string]struct {
		body string
		want Topology
	}{
		"mysql": {
			`{"mysql": {"slave_of": [{"id": "a"}, {"id": "b"}], "read_only": false}}`,
			Topology{MySQL: &MySQL{SlaveOf: []Ref{{"a"}, {"b"}}, ReadOnly: to(false)}},
		},
		"mongodb": {
			`{"mongodb": {"type": "member", "replSet": "products", "join": true, "priority": 0.5, "hidden": true, "slaveDelay": 3600, "votes": 0, "hostname": "db.example.org"}}`,
			Topology{MongoDB: &MongoDB{Type: TypeMember, ReplSet: "products", Join: to(true), Priority: to(0.5), Hidden: to(true), SlaveDelay: to[int64](3600), Votes: to[int64](0), Hostname: to("db.example.org")}},
		},
		"cassandra": {
			`{"cassandra": {"cluster_name": "products", "num_tokens": 256, "is_seed": true, "endpoint_snitch": "RackInferringSnitch", "auto_bootstrap": false, "seed_provider": "p", "join": false, "data_center": "dc1", "rack": "r1"}}`,
			Topology{Cassandra: &Cassandra{ClusterName: "products", NumTokens: to[int64](256), IsSeed: to(true), EndpointSnitch: to("RackInferringSnitch"), AutoBootstrap: to(false), SeedProvider: to("p"), Join: to(false), DataCenter: "dc1", Rack: "r1"}},
		},
		"couchbase": {
			`{"couchbase": {"cluster_name": "products", "join": true}}`,
			Topology{Couchbase: &Couchbase{ClusterName: "products", Join: to(true)}},
		},
		"redis master":  {`{"redis": {}}`, Topology{Redis: &Redis{}}},
		"redis replica": {`{"redis": {"slave_of": "a"}}`, Topology{Redis: &Redis{SlaveOf: to("a")}}},
		"redis_cluster": {
			`{"redis_cluster": {"cluster_name": "products", "cluster_timeout": 5000, "join": true, "slave_of": "a"}}`,
			Topology{RedisCluster: &RedisCluster{ClusterName: "products", ClusterTimeout: to[int64](5000), Join: to(true), SlaveOf: to("a")}},
		},
		"nothing": {`{}`, Topology{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Decode([]byte(tc.body))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, *got); diff != "" {
				t.Errorf("decoded differently (-want +got):\n%s", diff)
			}
		})
	}
}

// malformed are bodies that Decode and DecodeAction refuse alike.
var malformed = map[string]string{
	"nothing":        ``,
	"half an object": `{"mysql": `,
	"no object":      `[]`,
	"a string":       `"mysql"`,
	"null":           `null`,
	"trailing value": `{} {}`,
	"trailing text":  `{} x`,
	"null namespace": `{"mysql": null}`,
	"not UTF-8 keys": "{\"\xff\": {}}",
}

func TestDecodeRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ body, message string }{
		"unknown namespace":                     {`{"postgresql": {}}`, `unknown field "postgresql"`},
		"unknown field":                         {`{"mysql": {"slave_of": [{"id": "a"}], "server_id": 7}}`, `unknown field "server_id"`},
		"unknown field beside an id":            {`{"mysql": {"slave_of": [{"id": "a", "name": "x"}]}}`, `unknown field "name"`},
		"another namespace's field":             {`{"redis": {"cluster_timeout": 1}}`, `unknown field "cluster_timeout"`},
		"namespace in the wrong case":           {`{"MySQL": {"slave_of": [{"id": "a"}]}}`, `unknown field "MySQL"`},
		"field in the wrong case":               {`{"mysql": {"Slave_Of": [{"id": "a"}]}}`, `unknown field "Slave_Of"`},
		"id in the wrong case":                  {`{"mysql": {"slave_of": [{"ID": "a"}]}}`, `unknown field "ID"`},
		"replSet in lower case":                 {`{"mongodb": {"type": "member", "replset": "p"}}`, `unknown field "replset"`},
		"slaveDelay in Go's case":               {`{"mongodb": {"type": "member", "replSet": "p", "SlaveDelay": 1}}`, `unknown field "SlaveDelay"`},
		"a long s, which encoding/json folds":   {`{"redis": {"ſlave_of": "a"}}`, `unknown field "ſlave_of"`},
		"a Kelvin sign, which it folds as well": {`{"cassandra": {"rac` + "\u212a" + `": "a"}}`, `unknown field "rac`},
		"namespace twice":                       {`{"redis": {}, "redis": {"slave_of": "a"}}`, `"redis" is given twice`},
		"field twice":                           {`{"redis": {"slave_of": "a", "slave_of": "b"}}`, `"slave_of" is given twice`},
		"null beside a namespace":               {`{"redis": {}, "mysql": null}`, "null"},
		"null field":                            {`{"mysql": {"slave_of": [{"id": "a"}], "read_only": null}}`, "read_only: null"},
		"null in a list":                        {`{"mysql": {"slave_of": [null]}}`, "slave_of: null"},
		"slave_of as a list for redis":          {`{"redis": {"slave_of": [{"id": "a"}]}}`, "cannot unmarshal"},
		"slave_of as an id for mysql":           {`{"mysql": {"slave_of": "a"}}`, "cannot unmarshal"},
		"slave_of as a list of ids for mysql":   {`{"mysql": {"slave_of": ["a"]}}`, "cannot unmarshal"},
		"read_only as text":                     {`{"mysql": {"slave_of": [{"id": "a"}], "read_only": "true"}}`, "cannot unmarshal"},
		"priority as text":                      {`{"mongodb": {"type": "member", "replSet": "p", "priority": "1"}}`, "cannot unmarshal"},
		"votes as a truth value":                {`{"mongodb": {"type": "member", "replSet": "p", "votes": true}}`, "cannot unmarshal"},
		"a fraction of a second":                {`{"mongodb": {"type": "member", "replSet": "p", "slaveDelay": 0.5}}`, "cannot unmarshal"},
		"a fraction of a token":                 {`{"cassandra": {"cluster_name": "p", "num_tokens": 1.5}}`, "cannot unmarshal"},
		"cluster_name as a number":              {`{"couchbase": {"cluster_name": 7}}`, "cannot unmarshal"},
		"cluster_timeout beyond int64":          {`{"redis_cluster": {"cluster_name": "p", "cluster_timeout": 1e30}}`, "cannot unmarshal"},
		"a namespace that is no object":         {`{"redis": true}`, "cannot unmarshal"},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, decodeError(tc.body), tc.message) })
	}
	for name, body := range malformed {
		t.Run(name, func(t *testing.T) { wantRefusal(t, decodeError(body), "topology: ") })
	}
}

func decodeError(body string) error {
	_, err := Decode([]byte(body))
	return err
}

func wantRefusal(t *testing.T, err error, message string) {
	t.Helper()
	if err == nil {
		t.Fatal("accepted")
	}
	if !strings.Contains(err.Error(), message) {
		t.Errorf("error is %q, want it to hold %q", err, message)
	}
}

// actions is one value of every action with its body on the wire.
var actions = map[string]struct {
	action Action
	body   string
}{
	"mysql.promote": {Promote{ID: "b"}, `{"mysql": {"promote": {"id": "b"}}}`},
	"mongodb.update_members": {
		UpdateMembers{Members: []MemberUpdate{
			{ID: "a", MemberSettings: MemberSettings{Priority: to(2.0)}},
			{ID: "b", MemberSettings: MemberSettings{Priority: to(0.0), Hidden: to(false), SlaveDelay: to[int64](60), Votes: to[int64](0), Hostname: to("b.example.org")}},
			{ID: "c"},
		}},
		`{"mongodb": {"update_members": {"members": [{"id": "a", "priority": 2},
			{"id": "b", "priority": 0, "hidden": false, "slaveDelay": 60, "votes": 0, "hostname": "b.example.org"}, {"id": "c"}]}}}`,
	},
	"mongodb.remove_member": {RemoveMember{ID: "b"}, `{"mongodb": {"remove_member": {"id": "b"}}}`},
	"cassandra.drain_node":  {DrainNode{ID: "b"}, `{"cassandra": {"drain_node": {"id": "b"}}}`},
	"cassandra.remove_node": {RemoveNode{ID: "b"}, `{"cassandra": {"remove_node": {"id": "b"}}}`},
	"couchbase.create_bucket": {
		CreateBucket{Bucket{Name: "test_bucket", Type: BucketCouchbase, Port: to[int64](11222), RAMSize: 200, Replica: to[int64](1)}},
		`{"couchbase": {"create_bucket": {"bucket": "test_bucket", "bucket_type": "couchbase", "bucket_port": 11222, "bucket_ramsize": 200, "bucket_replica": 1}}}`,
	},
	"couchbase.delete_bucket":   {DeleteBucket{Bucket: "test_bucket"}, `{"couchbase": {"delete_bucket": {"bucket": "test_bucket"}}}`},
	"couchbase.rebalance":       {Rebalance{ServerRemove: "b"}, `{"couchbase": {"rebalance": {"server_remove": "b"}}}`},
	"redis.slaveof_no_one":      {SlaveofNoOne{ID: "b"}, `{"redis": {"slaveof_no_one": {"id": "b"}}}`},
	"redis_cluster.failover":    {Failover{ID: "b"}, `{"redis_cluster": {"failover": {"id": "b"}}}`},
	"redis_cluster.remove_node": {RemoveClusterNode{ID: "b"}, `{"redis_cluster": {"remove_node": {"id": "b"}}}`},
}

func TestEveryActionIsWrittenAndReadAsTheContractSays(t *testing.T) {
	for name, tc := range actions {
		t.Run(name, func(t *testing.T) {
			if got := OperationName(tc.action); got != name {
				t.Errorf("OperationName is %s", got)
			}
			sent, err := json.Marshal(EncodeAction(tc.action))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(generic(t, []byte(tc.body)), generic(t, sent)); diff != "" {
				t.Errorf("sent differently (-want +got):\n%s", diff)
			}
			for _, body := range [][]byte{sent, []byte(tc.body)} {
				got, err := DecodeAction(body)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tc.action, got); diff != "" {
					t.Errorf("%s read differently (-want +got):\n%s", body, diff)
				}
			}
		})
	}
}

func TestEveryDecoderHasATest(t *testing.T) {
	for ns, names := range decoders {
		for name := range names {
			if _, ok := actions[string(ns)+"."+name]; !ok {
				t.Errorf("%s.%s is not among the actions tested", ns, name)
			}
		}
	}
}

func generic(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDecodeActionRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ body, message string }{
		"no namespace":                       {`{}`, "exactly one namespace is expected, 0 were given"},
		"two namespaces":                     {`{"mysql": {"promote": {"id": "b"}}, "redis": {"slaveof_no_one": {"id": "b"}}}`, "exactly one namespace is expected, 2 were given"},
		"unknown namespace":                  {`{"postgresql": {"promote": {"id": "b"}}}`, `unknown namespace "postgresql"`},
		"no action":                          {`{"mysql": {}}`, "exactly one action is expected in mysql, 0 were given"},
		"two actions":                        {`{"cassandra": {"drain_node": {"id": "b"}, "remove_node": {"id": "b"}}}`, "exactly one action is expected in cassandra, 2 were given"},
		"unknown action":                     {`{"mysql": {"demote": {"id": "b"}}}`, `mysql has no action "demote"`},
		"another namespace's action":         {`{"mysql": {"remove_node": {"id": "b"}}}`, `mysql has no action "remove_node"`},
		"namespace in the wrong case":        {`{"MySQL": {"promote": {"id": "b"}}}`, `"MySQL"`},
		"action in the wrong case":           {`{"mysql": {"Promote": {"id": "b"}}}`, `"Promote"`},
		"field in the wrong case":            {`{"mysql": {"promote": {"ID": "b"}}}`, `unknown field "ID"`},
		"embedded field in the wrong case":   {`{"mongodb": {"update_members": {"members": [{"id": "a", "slavedelay": 1}]}}}`, `unknown field "slavedelay"`},
		"unknown field":                      {`{"mysql": {"promote": {"id": "b", "force": true}}}`, `unknown field "force"`},
		"a field that no update may change":  {`{"mongodb": {"update_members": {"members": [{"id": "a", "type": "arbiter"}]}}}`, `unknown field "type"`},
		"namespace twice":                    {`{"mysql": {"promote": {"id": "b"}}, "mysql": {"promote": {"id": "c"}}}`, `"mysql" is given twice`},
		"action twice":                       {`{"mysql": {"promote": {"id": "b"}, "promote": {"id": "c"}}}`, `"promote" is given twice`},
		"field twice":                        {`{"mysql": {"promote": {"id": "b", "id": "c"}}}`, `"id" is given twice`},
		"null action":                        {`{"mysql": {"promote": null}}`, "null"},
		"null id":                            {`{"mysql": {"promote": {"id": null}}}`, "null"},
		"null setting":                       {`{"mongodb": {"update_members": {"members": [{"id": "a", "priority": null}]}}}`, "null"},
		"wrong type of action":               {`{"mysql": {"promote": "b"}}`, "cannot unmarshal"},
		"wrong type of id":                   {`{"mysql": {"promote": {"id": 7}}}`, "cannot unmarshal"},
		"promote without id":                 {`{"mysql": {"promote": {}}}`, "id is required"},
		"promote of an empty id":             {`{"mysql": {"promote": {"id": ""}}}`, "id is required"},
		"remove_member without id":           {`{"mongodb": {"remove_member": {}}}`, "id is required"},
		"drain_node without id":              {`{"cassandra": {"drain_node": {}}}`, "id is required"},
		"remove_node without id":             {`{"cassandra": {"remove_node": {}}}`, "id is required"},
		"rebalance without server_remove":    {`{"couchbase": {"rebalance": {}}}`, "server_remove is required"},
		"delete_bucket without bucket":       {`{"couchbase": {"delete_bucket": {}}}`, "bucket is required"},
		"create_bucket without anything":     {`{"couchbase": {"create_bucket": {}}}`, "bucket_type"},
		"slaveof_no_one without id":          {`{"redis": {"slaveof_no_one": {}}}`, "id is required"},
		"failover without id":                {`{"redis_cluster": {"failover": {}}}`, "id is required"},
		"removal from a cluster without id":  {`{"redis_cluster": {"remove_node": {}}}`, "id is required"},
		"update_members without members":     {`{"mongodb": {"update_members": {}}}`, "members is empty"},
		"update_members of nobody":           {`{"mongodb": {"update_members": {"members": []}}}`, "members is empty"},
		"update_members without id":          {`{"mongodb": {"update_members": {"members": [{"priority": 1}]}}}`, "id is required"},
		"update_members of one member twice": {`{"mongodb": {"update_members": {"members": [{"id": "a", "priority": 1}, {"id": "a", "priority": 2}]}}}`, "names a twice"},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, decodeActionError(tc.body), tc.message) })
	}
	for name, body := range malformed {
		t.Run(name, func(t *testing.T) { wantRefusal(t, decodeActionError(body), "topology action") })
	}
}

func decodeActionError(body string) error {
	_, err := DecodeAction([]byte(body))
	return err
}

func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		`{}`, `{"redis": {}}`, `{"mysql": {"slave_of": [{"id": "a"}], "read_only": true}}`,
		`{"mongodb": {"type": "member", "replSet": "p", "priority": 0.5, "slaveDelay": 1, "votes": 0}}`,
		`{"cassandra": {"cluster_name": "p", "num_tokens": 256, "is_seed": true}}`,
		`{"couchbase": {"cluster_name": "p"}}`, `{"redis_cluster": {"cluster_name": "p", "slave_of": ""}}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := Decode(body)
		if err != nil {
			return
		}
		_ = got.Check(Datastore{}) // whatever was read can be checked
		sent, err := json.Marshal(got)
		if err != nil {
			t.Fatalf("read, but cannot be written: %v", err)
		}
		again, err := Decode(sent)
		if err != nil {
			t.Fatalf("its own writing %s is refused: %v", sent, err)
		}
		resent, err := json.Marshal(again)
		if err != nil || string(resent) != string(sent) {
			t.Errorf("written as %s, then as %s (%v)", sent, resent, err)
		}
	})
}

func FuzzDecodeAction(f *testing.F) {
	for _, tc := range actions {
		f.Add([]byte(tc.body))
	}
	for _, body := range malformed {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := DecodeAction(body)
		if err != nil {
			if got != nil {
				t.Errorf("an action %#v beside the error %v", got, err)
			}
			return
		}
		sent, err := json.Marshal(EncodeAction(got))
		if err != nil {
			t.Fatalf("read, but cannot be written: %v", err)
		}
		again, err := DecodeAction(sent)
		if err != nil {
			t.Fatalf("its own writing %s is refused: %v", sent, err)
		}
		if diff := cmp.Diff(got, again); diff != "" {
			t.Errorf("read again differently (-first +again):\n%s", diff)
		}
	})
}
