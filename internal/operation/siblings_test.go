package operation

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

func TestReplicaWaitsForTheSourcesOtherReplicas(t *testing.T) {
	const (
		withSibling = `, "replicas": [{"id": "r1"}]`
		none        = `{"backups": []}`
		snapshot    = `{"backups": [{"name": "mine"}, {"name": "Snapshot for r1"}]}`
	)
	tests := map[string]struct {
		sibling, backups []string
		siblings, looks  int // how often the sibling and the backups are read at least
	}{
		"built, and its snapshot gone": {[]string{shows("r1", "ACTIVE", "")}, []string{none}, 1, 1},
		"building": {
			[]string{shows("r1", "BUILD", ""), shows("r1", "BUILD", ""), shows("r1", "ACTIVE", `, "operating_status": "HEALTHY"`)}, []string{none}, 3, 1,
		},
		"failed":                {[]string{shows("r1", "BUILD", ""), shows("r1", "ERROR", "")}, []string{none}, 2, 1},
		"gone meanwhile":        {[]string{shows("r1", "BUILD", ""), "404"}, []string{none}, 2, 1},
		"waiting for a restart": {[]string{shows("r1", "RESTART_REQUIRED", "")}, []string{none}, 1, 1},
		"without a heartbeat":   {[]string{shows("r1", "ACTIVE", `, "operating_status": "ERROR"`)}, []string{none}, 1, 1},
		"snapshot still there":  {[]string{shows("r1", "ACTIVE", "")}, []string{snapshot, snapshot, none}, 1, 3},
		"backups not served":    {[]string{shows("r1", "ACTIVE", "")}, []string{"404"}, 1, 1},
		"backups forbidden":     {[]string{shows("r1", "ACTIVE", "")}, []string{"403"}, 1, 1},
		"a snapshot left over":  {[]string{shows("r1", "ACTIVE", "")}, []string{snapshot}, 1, 10},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := &scriptedTrove{scripts: map[string][]string{
				"GET source":         {shows("source", "ACTIVE", withSibling)},
				"GET r1":             tt.sibling,
				"GET source/backups": tt.backups,
				"POST ":              {shows("r2", "BUILD", "")},
			}}
			client := newCloud(t, server.ServeHTTP).connect(t, func(o *Options) { o.Clock = &quickClock{now: time.Now()} })
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			i, err := client.Create(ctx, trove.CreateRequest{Name: "r2", ReplicaOf: "source"})
			if err != nil {
				t.Fatal(err)
			}
			if i.ID != "r2" {
				t.Errorf("made %s", i.ID)
			}
			if n := server.count("GET r1"); n < tt.siblings {
				t.Errorf("the sibling was read %d times before the creation, want %d", n, tt.siblings)
			}
			if n := server.count("GET source/backups"); n < tt.looks {
				t.Errorf("the backups were read %d times before the creation, want %d", n, tt.looks)
			}
		})
	}
}

func TestReplicaWhoseSiblingNeverGetsBuiltIsNotSent(t *testing.T) {
	server := &scriptedTrove{scripts: map[string][]string{
		"GET source": {shows("source", "ACTIVE", `, "replicas": [{"id": "r1"}]`)},
		"GET r1":     {shows("r1", "BUILD", "")},
	}}
	client := newCloud(t, server.ServeHTTP).connect(t)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err := client.Create(ctx, trove.CreateRequest{Name: "r2", ReplicaOf: "source"})
	var source *SourceError
	var wait *watch.TimeoutError
	if !errors.As(err, &source) || !errors.As(err, &wait) || wait.ID != "r1" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want a *SourceError that names the sibling that was waited for", err)
	}
	if slices.Contains(server.seen, "POST ") {
		t.Error("the creation was sent all the same")
	}
}

func TestRemoveWaitsForAPromotionHoweverLongItTakes(t *testing.T) {
	server := &scriptedTrove{scripts: map[string][]string{
		"DELETE source": {"403"},
		"GET source":    {shows("source", "ACTIVE", `, "replicas": [{"id": "r1"}]`)},
		"GET r1":        {shows("r1", "DETACH", `, "replica_of": {"id": "source"}`)},
	}}
	looks := 0
	client := newCloud(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/r1") {
			if looks++; looks == 30 { // minutes later
				server.scripts["DELETE source"], server.scripts["GET source"] = []string{"202"}, []string{shows("source", "ACTIVE", ""), "404"}
				server.scripts["GET r1"] = []string{shows("r1", "ACTIVE", "")}
			}
		}
		server.ServeHTTP(w, r)
	}).connect(t, func(o *Options) { o.Clock = &quickClock{now: time.Now()} })
	if err := client.Delete(t.Context(), "source"); err != nil {
		t.Fatal(err)
	}
}

func TestRemoveNamesReplicasThatStay(t *testing.T) {
	for _, status := range []string{"ACTIVE", "ERROR", "BUILD", "RESTART_REQUIRED"} {
		t.Run(status, func(t *testing.T) {
			server := &scriptedTrove{scripts: map[string][]string{
				"DELETE source": {"403"},
				"GET source":    {shows("source", "ACTIVE", `, "replicas": [{"id": "r1"}]`)},
				"GET r1":        {shows("r1", status, `, "replica_of": {"id": "source"}`)},
			}}
			client := newCloud(t, server.ServeHTTP).connect(t, func(o *Options) { o.Clock = &quickClock{now: time.Now()} })
			err := client.Delete(t.Context(), "source")
			var left *ReplicasLeftError
			if !errors.As(err, &left) || len(left.Replicas) != 1 || left.Replicas[0].ID != "r1" {
				t.Errorf("got %v, want a *ReplicasLeftError that names r1", err)
			}
		})
	}
}

func TestRemoveThatIsForbiddenSaysSo(t *testing.T) {
	server := &scriptedTrove{scripts: map[string][]string{"DELETE source": {"403"}, "GET source": {shows("source", "ACTIVE", "")}}}
	client := newCloud(t, server.ServeHTTP).connect(t, func(o *Options) { o.Clock = &quickClock{now: time.Now()} })
	if err := client.Delete(t.Context(), "source"); !errors.Is(err, openstack.ErrForbidden) {
		t.Errorf("got %v, want openstack.ErrForbidden", err)
	}
}
