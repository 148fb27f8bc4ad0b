package operation

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// showing serves these documents by their path below the project, and remembers what was asked for but the probe.
// Without the topology calls it answers their routes as any other unknown one.
type showing struct {
	servesTopology bool
	documents      map[string]string
	codes          map[string]int // of refusals, by path

	mu    sync.Mutex
	asked []string
}

func (s *showing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v1.0/p1/")
	parts := strings.Split(path, "/")
	document, found := s.documents[path]
	switch {
	case s.codes[path] != 0:
		refuse(w, s.codes[path], "told to")
	case found:
		s.note(path)
		fmt.Fprint(w, document)
	case len(parts) > 2 && (parts[2] != "topology" || !s.servesTopology):
		refuse(w, http.StatusNotFound, "The resource could not be found.")
	default:
		refuse(w, http.StatusNotFound, fmt.Sprintf("Resource %s cannot be found.", parts[1]))
	}
}

func (s *showing) note(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, path)
}

// instance is an instance's document; replication is further JSON fields.
func instance(id, replication string) string {
	return fmt.Sprintf(`{"instance": {"id": %q, "name": "name-%s", "status": "ACTIVE"%s}}`, id, id, replication)
}

func bare(id string) topology.Member { return topology.Member{ID: id, Name: "name-" + id} }

func replicating(id string, sources ...string) topology.Member {
	m, readOnly := bare(id), true
	m.MySQL = &topology.MySQL{ReadOnly: &readOnly}
	for _, s := range sources {
		m.MySQL.SlaveOf = append(m.MySQL.SlaveOf, topology.Ref{ID: s})
	}
	return m
}

// released is what a server without topology calls shows of a source and its two replicas.
func released() map[string]string {
	return map[string]string{
		"instances/s":  instance("s", `, "replicas": [{"id": "r2"}, {"id": "r1"}]`),
		"instances/r1": instance("r1", `, "replica_of": {"id": "s"}`),
		"instances/r2": instance("r2", `, "replica_of": {"id": "s"}`),
	}
}

func TestViewOfReleasedTroveIsTheSourceWithItsReplicas(t *testing.T) {
	set := []topology.Member{bare("s"), replicating("r1", "s"), replicating("r2", "s")}
	tests := map[string]struct {
		id      string
		changed map[string]string // documents in the place of the usual ones; "" for none
		want    []topology.Member
	}{
		"asked of the source":  {id: "s", want: set},
		"asked of a replica":   {id: "r2", want: set},
		"a standalone server":  {id: "a", changed: map[string]string{"instances/a": instance("a", "")}, want: []topology.Member{bare("a")}},
		"a replica just gone":  {id: "s", changed: map[string]string{"instances/r1": ""}, want: []topology.Member{bare("s"), replicating("r2", "s")}},
		"a replica detached":   {id: "s", changed: map[string]string{"instances/r1": instance("r1", "")}, want: []topology.Member{bare("s"), replicating("r2", "s")}},
		"a replica moved away": {id: "s", changed: map[string]string{"instances/r1": instance("r1", `, "replica_of": {"id": "x"}`)}, want: []topology.Member{bare("s"), replicating("r2", "s")}},
		"a source that does not list the replica yet": {
			id: "r1", changed: map[string]string{"instances/s": instance("s", "")}, want: []topology.Member{bare("s"), replicating("r1", "s")},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			documents := released()
			for path, document := range tt.changed {
				if documents[path] = document; document == "" {
					delete(documents, path)
				}
			}
			server := &showing{documents: documents}
			view, err := newCloud(t, server.ServeHTTP).connect(t).ReplicationView(t.Context(), tt.id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(topology.View{Members: tt.want}, view); diff != "" {
				t.Error(diff)
			}
			if asked := len(server.asked); asked > len(slices.Compact(slices.Sorted(slices.Values(server.asked)))) {
				t.Errorf("something was asked for twice: %v", server.asked)
			}
		})
	}
}

func TestViewIsTheServersOwnWhereItHasOne(t *testing.T) {
	want := topology.View{Members: []topology.Member{
		{ID: "m1", Name: "name-m1", Topology: topology.Topology{Couchbase: &topology.Couchbase{ClusterName: "orders"}}},
	}, Buckets: []topology.Bucket{{Name: "b", Type: topology.BucketCouchbase, RAMSize: 100}}}
	document, err := json.Marshal(map[string]any{"topology": want})
	if err != nil {
		t.Fatal(err)
	}
	server := &showing{servesTopology: true, documents: map[string]string{"instances/m1/topology": string(document)}}
	view, err := newCloud(t, server.ServeHTTP).connect(t).ReplicationView(t.Context(), "m1")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, view); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"instances/m1/topology"}, server.asked); diff != "" {
		t.Error("the view costs one request: " + diff)
	}
}

func TestViewFallsBackToTheReleasedVerbsWhereTheTopologyHasNoBlock(t *testing.T) {
	tests := map[string]string{
		"a view of bare members":    `{"topology": {"members": [{"id": "s", "name": "name-s"}]}}`,
		"a view without members":    `{"topology": {"members": []}}`,
		"no view of such instances": "",
	}
	for name, document := range tests {
		t.Run(name, func(t *testing.T) {
			server := &showing{servesTopology: true, documents: released()}
			if document != "" {
				server.documents["instances/s/topology"] = document
			}
			view, err := newCloud(t, server.ServeHTTP).connect(t).ReplicationView(t.Context(), "s")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]topology.Member{bare("s"), replicating("r1", "s"), replicating("r2", "s")}, view.Members); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestViewFailsWhereAMemberCannotBeRead(t *testing.T) {
	var source *SourceError
	for _, serves := range []bool{true, false} {
		client := newCloud(t, (&showing{servesTopology: serves}).ServeHTTP).connect(t)
		_, err := client.ReplicationView(t.Context(), "nobody")
		if !errors.Is(err, openstack.ErrNotFound) || errors.As(err, &source) || !strings.Contains(err.Error(), "Resource nobody cannot be found.") {
			t.Errorf("topology calls %v: got %v, want that there is no such instance", serves, err)
		}
	}
	tests := map[string]struct {
		server     *showing
		id         string
		want       error
		wantSource bool
	}{
		"the topology itself":   {server: &showing{servesTopology: true, codes: map[string]int{"instances/s/topology": 500}}, id: "s", want: openstack.ErrUnavailable},
		"a replica":             {server: &showing{codes: map[string]int{"instances/r1": 403}}, id: "s", want: openstack.ErrForbidden},
		"the source":            {server: &showing{codes: map[string]int{"instances/s": 500}}, id: "r1", want: openstack.ErrUnavailable, wantSource: true},
		"a source that is gone": {server: &showing{codes: map[string]int{"instances/s": 404}}, id: "r1", want: openstack.ErrNotFound, wantSource: true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.server.documents = released()
			view, err := newCloud(t, tt.server.ServeHTTP).connect(t).ReplicationView(t.Context(), tt.id)
			if !errors.Is(err, tt.want) || errors.As(err, &source) != tt.wantSource {
				t.Errorf("got %+v, %v; want %v, of the source: %v", view, err, tt.want, tt.wantSource)
			}
		})
	}
}

func TestReplicationByWhicheverWayTheServerShowsIt(t *testing.T) {
	const tree = `{"topology": {"members": [
		{"id": "s", "name": "s"}, {"id": "s2", "name": "s2"},
		{"id": "r2", "name": "r2", "mysql": {"slave_of": [{"id": "s2"}, {"id": "s"}]}},
		{"id": "r1", "name": "r1", "mysql": {"slave_of": [{"id": "s"}]}}]}}`
	const chain = `{"topology": {"members": [
		{"id": "a", "name": "a", "redis": {}}, {"id": "b", "name": "b", "redis": {"slave_of": "a"}}, {"id": "c", "name": "c", "redis": {"slave_of": "b"}}]}}`
	const cluster = `{"topology": {"members": [
		{"id": "a", "name": "a", "redis_cluster": {"cluster_name": "x"}}, {"id": "b", "name": "b", "redis_cluster": {"cluster_name": "x", "slave_of": "a"}}]}}`
	tests := map[string]struct {
		instance          trove.Instance
		view              string // "" on a server without topology calls
		sources, replicas []string
	}{
		"a released source":              {instance: trove.Instance{ID: "s", Replicas: []trove.Reference{{ID: "r2"}, {ID: "r1"}}}, sources: []string{}, replicas: []string{"r1", "r2"}},
		"a released replica":             {instance: trove.Instance{ID: "r1", ReplicaOf: &trove.Reference{ID: "s"}}, sources: []string{"s"}, replicas: []string{}},
		"a source":                       {instance: trove.Instance{ID: "s"}, view: tree, sources: []string{}, replicas: []string{"r1", "r2"}},
		"a replica of two sources":       {instance: trove.Instance{ID: "r2"}, view: tree, sources: []string{"s", "s2"}, replicas: []string{}},
		"a source shown in both ways":    {instance: trove.Instance{ID: "s", Replicas: []trove.Reference{{ID: "r1"}, {ID: "r3"}}}, view: tree, sources: []string{}, replicas: []string{"r1", "r2", "r3"}},
		"a replica shown in both ways":   {instance: trove.Instance{ID: "r1", ReplicaOf: &trove.Reference{ID: "s"}}, view: tree, sources: []string{"s"}, replicas: []string{}},
		"the middle of a chain":          {instance: trove.Instance{ID: "b"}, view: chain, sources: []string{"a"}, replicas: []string{"c"}},
		"a master in a Redis Cluster":    {instance: trove.Instance{ID: "a"}, view: cluster, sources: []string{}, replicas: []string{"b"}},
		"a server that stands by itself": {instance: trove.Instance{ID: "a"}, sources: []string{}, replicas: []string{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := &showing{servesTopology: tt.view != "", documents: map[string]string{}}
			if tt.view != "" {
				server.documents["instances/"+tt.instance.ID+"/topology"] = tt.view
			}
			sources, replicas, err := newCloud(t, server.ServeHTTP).connect(t).Replication(t.Context(), &tt.instance)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([][]string{tt.sources, tt.replicas}, [][]string{sources, replicas}); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("one that the view leaves out", func(t *testing.T) {
		server := &showing{servesTopology: true, documents: map[string]string{"instances/z/topology": cluster}}
		if _, _, err := newCloud(t, server.ServeHTTP).connect(t).Replication(t.Context(), &trove.Instance{ID: "z"}); !errors.Is(err, trove.ErrUnlisted) {
			t.Errorf("got %v, want %v", err, trove.ErrUnlisted)
		}
	})
	t.Run("a topology that cannot be read", func(t *testing.T) {
		server := &showing{servesTopology: true, codes: map[string]int{"instances/s/topology": http.StatusInternalServerError}}
		if _, _, err := newCloud(t, server.ServeHTTP).connect(t).Replication(t.Context(), &trove.Instance{ID: "s"}); !errors.Is(err, openstack.ErrUnavailable) {
			t.Errorf("got %v, want %v", err, openstack.ErrUnavailable)
		}
	})
}
