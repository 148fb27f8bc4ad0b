package operation

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// scripted is a client of a scripted server, by whose clock no time passes.
func scripted(t *testing.T, scripts map[string][]string) (*Client, *scriptedTrove) {
	t.Helper()
	server := &scriptedTrove{scripts: scripts}
	client := newCloud(t, server.ServeHTTP).connect(t, func(o *Options) {
		o.Clock, o.TopologyAPI = &quickClock{now: time.Now()}, "always"
	})
	return client, server
}

// shards is the topology of a Redis Cluster of these members; "b<a" is a replica of a.
func shards(members ...string) string {
	var all []string
	for _, m := range members {
		id, master, replica := strings.Cut(m, "<")
		slave := ""
		if replica {
			slave = fmt.Sprintf(`, "slave_of": %q`, master)
		}
		all = append(all, fmt.Sprintf(`{"id": %q, "name": %q, "redis_cluster": {"cluster_name": "products"%s}}`, id, id, slave))
	}
	return `{"topology": {"members": [` + strings.Join(all, ", ") + `]}}`
}

// shardsKey is the cluster of shards in the registry.
func shardsKey(c *Client) cluster.Key { return c.Key("redis_cluster/products") }

func TestAMasterWaitsForReplicasThatLeaveButNotForTheOneThatTakesOver(t *testing.T) {
	for name, tt := range map[string]struct {
		failbackTo string
		prepare    func(*Client)
		first      bool
	}{
		"a replica that is planned to go":             {"", func(c *Client) { plan(c, "r") }, true},
		"a replica that is to take over":              {"r", func(c *Client) { plan(c, "r") }, false},
		"a replica that is to take over and is going": {"r", func(c *Client) { c.Registry().BeginDeletion(shardsKey(c), "r") }, true},
		"a replica that stays":                        {"", func(*Client) {}, false},
		"all go":                                      {"", func(c *Client) { plan(c, "r", "m", "n") }, false},
		"another is deleted without having left": {"", func(c *Client) {
			c.Registry().BeginDeletion(shardsKey(c), "x")
			c.Registry().Unremoved("x")
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := scripted(t, map[string][]string{"GET m/topology": {shards("m", "r<m", "n")}})
			client.Registry().BeginDeletion(shardsKey(client), "m")
			tt.prepare(client)
			x := removal{Client: client, RemoveMemberRequest: RemoveMemberRequest{ID: "m", FailbackTo: tt.failbackTo}, key: shardsKey(client), shard: true}
			if first, err := x.replicasFirst(t.Context()); first != tt.first || err != nil {
				t.Errorf("%t, %v", first, err)
			}
		})
	}
}

// Terraform may come to the replica only when its master has been refused already.
func TestAMasterThatIsRefusedGivesWayToAReplicaThatHasBegunToLeave(t *testing.T) {
	server := &scriptedTrove{scripts: map[string][]string{
		"GET m": {shows("m", "ACTIVE", "")}, "GET n": {shows("n", "ACTIVE", "")}, "GET r": {shows("r", "ACTIVE", "")},
		"POST n/topology/action": {"422"}, // for as long as the replica is there
	}}
	show := func(members ...string) {
		server.scripts["GET m/topology"], server.scripts["GET n/topology"] = []string{shards(members...)}, []string{shards(members...)}
	}
	show("m", "n", "r<m")
	var client *Client
	var replica sync.WaitGroup
	leaves := sync.OnceFunc(func() {
		ended := client.Registry().BeginDeletion(shardsKey(client), "r")
		replica.Go(func() {
			unlock, err := client.Registry().LockCluster(t.Context(), shardsKey(client))
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			server.mu.Lock()
			defer server.mu.Unlock()
			show("m", "n")
			server.scripts["POST n/topology/action"] = []string{"202"}
			ended(true)
		})
	})
	client = newCloud(t, func(w http.ResponseWriter, r *http.Request) {
		removes := r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/topology/action")
		if removes {
			leaves()
		}
		server.ServeHTTP(w, r)
		server.mu.Lock()
		defer server.mu.Unlock()
		if removes && server.scripts["POST n/topology/action"][0] == "202" {
			server.scripts["GET n/topology"] = []string{shards("n")}
			server.scripts["GET m/topology"] = []string{`{"topology": {"members": [{"id": "m", "name": "m"}]}}`}
		}
	}).connect(t, func(o *Options) { o.Clock, o.TopologyAPI = &quickClock{now: time.Now()}, "always" })
	_, err := client.RemoveMember(t.Context(), RemoveMemberRequest{ID: "m"})
	replica.Wait()
	if err != nil {
		t.Error(err)
	}
}

func plan(c *Client, ids ...string) {
	c.Registry().Planned(c.Session(), cluster.Plan{Some: map[string][]string{"redis_cluster/products": ids}})
}

func TestWhoTakesAMemberOut(t *testing.T) {
	var stranded *NoHealthyMemberError
	for name, tt := range map[string]struct {
		n, o string // the statuses of the others
		via  string
		err  bool
	}{
		"the first that is ready":             {"ACTIVE", "ACTIVE", "n", false},
		"one that is ready before a busy one": {"RESIZE", "ACTIVE", "o", false},
		"a busy one where no other stays":     {"RESIZE", "ERROR", "n", false},
		"none that is being deleted":          {"SHUTDOWN", "SHUTDOWN", "", false},
		"none that has failed":                {"ERROR", "SHUTDOWN", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := scripted(t, map[string][]string{
				"GET m/topology": {shards("m", "n", "o")}, "GET n": {shows("n", tt.n, "")}, "GET o": {shows("o", tt.o, "")},
			})
			client.Registry().BeginDeletion(shardsKey(client), "m")
			x := removal{Client: client, RemoveMemberRequest: RemoveMemberRequest{ID: "m"}, key: shardsKey(client)}
			via, err := x.pickCoordinator(t.Context())
			if via != tt.via || (err != nil) != tt.err || err != nil && !errors.As(err, &stranded) {
				t.Errorf("through %q, %v", via, err)
			}
		})
	}
}

func TestAMemberOfWhichATopologyTellsNothingDoesNotLeave(t *testing.T) {
	for _, answer := range []string{`{}`, `null`, `{"topology": {}}`, `{"topology": null}`, `{"topology": {"members": []}}`, shards("n", "o")} {
		client, server := scripted(t, map[string][]string{"GET m/topology": {answer}, "GET m": {shows("m", "ACTIVE", "")}})
		result, err := client.RemoveMember(t.Context(), RemoveMemberRequest{ID: "m"})
		result.Done(false)
		if err == nil {
			t.Errorf("%s: it is taken to have left", answer)
		}
		if slices.ContainsFunc(server.seen, func(r string) bool { return !strings.HasPrefix(r, http.MethodGet) }) {
			t.Errorf("%s: something was sent: %v", answer, server.seen)
		}
	}
}

func TestAMemberIsGoneOnlyWhereTheInstanceIs(t *testing.T) {
	client, _ := scripted(t, map[string][]string{"GET m": {shows("m", "ACTIVE", "")}})
	if _, err := client.RemoveMember(t.Context(), RemoveMemberRequest{ID: "m"}); err == nil {
		t.Error("the instance exists, and is taken to have left")
	}
	client, _ = scripted(t, nil)
	if result, err := client.RemoveMember(t.Context(), RemoveMemberRequest{ID: "m"}); err != nil || result.Cluster != "" {
		t.Errorf("%+v, %v", result, err)
	}
}

func TestWaitingForATopologyEndsWhereTheWorkHasEnded(t *testing.T) {
	never := func(topology.View) bool { return false }
	client, server := scripted(t, map[string][]string{"GET n/topology": {shards("m", "n")}, "GET m": {shows("m", "REMOVE", ""), shows("m", "ACTIVE", "")}})
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	if err := client.waitTopology(ctx, "n", "m", "out of its topology", true, never); err != nil || server.count("GET m") != 2 {
		t.Errorf("after a lost request: %v after %d looks", err, server.count("GET m"))
	}
	client, server = scripted(t, map[string][]string{"GET n/topology": {shards("m", "n")}, "GET m": {shows("m", "ACTIVE", "")}})
	if err := client.waitTopology(ctx, "n", "m", "out of its topology", false, never); err != nil || server.count("GET m") < 5 {
		t.Errorf("after an accepted one: %v after %d looks", err, server.count("GET m"))
	}
	client, _ = scripted(t, map[string][]string{"GET n/topology": {shards("m", "n")}, "GET m": {shows("m", "ERROR", "")}})
	var failed *watch.FailedError
	if err := client.waitTopology(ctx, "n", "m", "out of its topology", false, never); !errors.As(err, &failed) {
		t.Errorf("where it failed: %v", err)
	}
}

func TestTheFirstCandidateThatStaysTakesTheRoleOver(t *testing.T) {
	for name, tt := range map[string]struct {
		candidates []string
		deleting   string
		a, b       string // what the replicas show
		id         string
		busy       bool
	}{
		"the preferred one":               {[]string{"b", "a"}, "", "ACTIVE", "ACTIVE", "b", false},
		"the other order":                 {[]string{"a", "b"}, "", "ACTIVE", "ACTIVE", "a", false},
		"one that is no replica of it":    {[]string{"x", "b"}, "", "ACTIVE", "ACTIVE", "b", false},
		"no candidate":                    {nil, "", "ACTIVE", "ACTIVE", "", false},
		"the preferred one is going":      {[]string{"b", "a"}, "b", "ACTIVE", "ACTIVE", "a", true},
		"another replica is at something": {[]string{"b", "a"}, "", "BACKUP", "ACTIVE", "b", true},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := scripted(t, map[string][]string{
				"GET s": {shows("s", "ACTIVE", `, "replicas": [{"id": "a"}, {"id": "b"}]`)}, "GET s/topology": {`{"topology": {"members": []}}`},
				"GET a": {shows("a", tt.a, "")}, "GET b": {shows("b", tt.b, "")},
			})
			if tt.deleting != "" {
				client.Registry().BeginDeletion(cluster.Key{}, tt.deleting)
			}
			got, err := client.failoverTarget(t.Context(), FailoverRequest{ID: "s", Candidates: tt.candidates})
			if err != nil || got.id != tt.id || got.busy != tt.busy {
				t.Errorf("%+v, %v; want %s, busy: %t", got, err, tt.id, tt.busy)
			}
		})
	}
}

func TestASourceIsTriedForAsLongAsOthersAreBeingDeleted(t *testing.T) {
	// A replica leaves the topology before it is gone, and the server refuses the source until then.
	refusals := slices.Repeat([]string{"403"}, 40)
	client, _ := scripted(t, map[string][]string{
		"DELETE s": append(refusals, "202"), "GET s/topology": {`{"topology": {"members": []}}`},
		"GET s": append(slices.Repeat([]string{shows("s", "ACTIVE", "")}, 40), "404"),
	})
	client.Registry().BeginDeletion(cluster.Key{}, "r")
	client.Registry().DeletionAccepted("r")
	if err := client.Delete(t.Context(), "s"); err != nil {
		t.Errorf("while another deletion goes on: %v", err)
	}
	client, _ = scripted(t, map[string][]string{"DELETE s": {"403"}, "GET s/topology": {`{"topology": {"members": []}}`}, "GET s": {shows("s", "ACTIVE", "")}})
	if err := client.Delete(t.Context(), "s"); !errors.Is(err, openstack.ErrForbidden) {
		t.Errorf("while nothing else happens: %v", err)
	}
}

func TestOnlyWhatANonsenseActionGetsAsWellIsNotOffered(t *testing.T) {
	for name, tt := range map[string]struct {
		answers   []string // to the removal, and to an action that cannot exist
		supported bool
	}{
		"a reason":               {[]string{"400", "404"}, true},
		"no such action":         {[]string{"404", "404"}, false},
		"invalid, as any action": {[]string{"400", "400"}, false},
		"not implemented":        {[]string{"501", "501"}, false},
		"forbidden":              {[]string{"403", "403"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			client, _ := scripted(t, map[string][]string{
				"GET m/topology": {shards("m", "n")}, "GET n/topology": {shards("m", "n")}, "GET m": {shows("m", "ACTIVE", "")}, "GET n": {shows("n", "ACTIVE", "")},
				"POST n/topology/action": tt.answers,
			})
			result, err := client.RemoveMember(t.Context(), RemoveMemberRequest{ID: "m"})
			result.Done(false)
			var unsupported *UnsupportedActionError
			if err == nil || errors.As(err, &unsupported) == tt.supported {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAMemberThatIsKeptLeavesThoughOthersAreGoing(t *testing.T) {
	client, server := scripted(t, map[string][]string{
		"GET m/topology": {shards("m", "n"), shards("m", "n"), shards("m", "n"), `{"topology": {"members": [{"id": "m", "name": "m"}]}}`}, "GET n/topology": {shards("n")},
		"GET m": {shows("m", "ACTIVE", "")}, "GET n": {shows("n", "ACTIVE", "")}, "POST n/topology/action": {"202"},
	})
	result, err := client.RemoveMember(t.Context(), RemoveMemberRequest{ID: "m", Keep: true})
	if err != nil || result.Last || result.Cluster != "redis_cluster/products" || !slices.Contains(server.seen, "POST n/topology/action") {
		t.Errorf("%+v, %v: %v", result, err, server.seen)
	}
	client, server = scripted(t, map[string][]string{"GET m/topology": {shards("m")}, "GET m": {shows("m", "ACTIVE", "")}})
	if result, err := client.RemoveMember(t.Context(), RemoveMemberRequest{ID: "m", Keep: true}); err != nil || !result.Last || slices.Contains(server.seen, "POST m/topology/action") {
		t.Errorf("the last one: %+v, %v: %v", result, err, server.seen)
	}
}
