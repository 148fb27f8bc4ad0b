package operation

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// replicaOf is what instance d shows as a replica of n, made at that second.
func replicaOf(at string) string {
	return shows("d", "ACTIVE", `, "replica_of": {"id": "n"}, "created": "2026-11-22T10:00:`+at+`"`)
}

// ofSeveral is what instance d shows as a replica of two sources.
var ofSeveral = shows("d", "ACTIVE", `, "topology": {"mysql": {"slave_of": [{"id": "a"}, {"id": "b"}]}}`)

// sourceAt is what instance n shows, made at that second.
func sourceAt(at string) string {
	return shows("n", "ACTIVE", `, "created": "2026-11-22T10:00:`+at+`"`)
}

// releasedTrove is a client of a scripted server without the topology API.
func releasedTrove(t *testing.T, scripts map[string][]string) (*scriptedTrove, *Client) {
	t.Helper()
	server := &scriptedTrove{scripts: scripts}
	return server, newCloud(t, server.ServeHTTP).connect(t, func(o *Options) { o.Clock, o.MaxRetries = &quickClock{now: time.Now()}, 0 })
}

func TestWhatIsWithinASetIsWrittenToItsSource(t *testing.T) {
	tests := map[string]struct {
		declared, source string
		made, changed    string   // the instance to write to; "" where nothing is written
		sources          []string // that a refusal names
		err              error    // of a change that is not refused; nil for any
	}{
		"standalone":                       {shows("d", "ACTIVE", ""), "500", "d", "d", nil, nil},
		"its role has gone to another":     {replicaOf("00"), sourceAt("01"), "n", "n", nil, nil},
		"made as a replica":                {replicaOf("01"), sourceAt("00"), "", "n", []string{"n"}, nil},
		"a replica of several":             {ofSeveral, "500", "", "", []string{"a", "b"}, nil},
		"its source has gone":              {replicaOf("01"), "404", "", "d", nil, nil},
		"its source cannot be read":        {replicaOf("01"), "403", "", "", nil, openstack.ErrForbidden},
		"the instance itself has gone":     {"404", "500", "", "", nil, openstack.ErrNotFound},
		"the instance itself is unknown":   {"403", "500", "", "", nil, openstack.ErrForbidden},
		"a source that shows other things": {replicaOf("01"), shows("x", "ACTIVE", ""), "", "", nil, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server, client := releasedTrove(t, map[string][]string{"GET d": {tt.declared}, "GET n": {tt.source}})
			expect := func(what, got, want string, err error) {
				t.Helper()
				var refused *ReplicaError
				switch {
				case got != want || (err == nil) != (want != ""):
					t.Errorf("%s goes to %q, %v, want %q", what, got, err, want)
				case want == "" && tt.sources != nil && (!errors.As(err, &refused) || !slices.Equal(refused.Sources, tt.sources)):
					t.Errorf("%s is refused with %v, want one that names %v", what, err, tt.sources)
				case want == "" && tt.sources == nil && errors.As(err, &refused):
					t.Errorf("%s is refused as that of a replica: %v", what, err)
				}
			}
			changed, err := client.writeTarget(t.Context(), "d")
			expect("a change", changed, tt.changed, err)
			if tt.err != nil && !errors.Is(err, tt.err) {
				t.Errorf("a change fails with %v, want %v", err, tt.err)
			}
			server.seen = nil
			made, err := client.creationTarget(t.Context(), "d")
			expect("a creation", made, tt.made, err)
			for _, once := range []string{"GET d", "GET d/topology", "GET n"} {
				if n := len(slices.DeleteFunc(slices.Clone(server.seen), func(path string) bool { return path != once })); n > 1 {
					t.Errorf("%s is asked %d times for a creation", once, n)
				}
			}
		})
	}
}

// A creation must not go to a replica whose source nobody knows: that is told with the source, and not as an instance that is not there.
func TestCreationWhereTheSourceHasGoneNamesTheSource(t *testing.T) {
	server, client := releasedTrove(t, map[string][]string{"GET d": {replicaOf("01")}, "GET n": {"404"}})
	err := client.CreateDatabase(t.Context(), "d", trove.Database{Name: "shop"}, func() { t.Error("the database may be there") })
	var source *SourceError
	if !errors.As(err, &source) || source.ID != "n" || !errors.Is(err, openstack.ErrNotFound) {
		t.Errorf("the error is %v, want one about source n", err)
	}
	if slices.Contains(server.seen, "POST d/databases") {
		t.Error("the database was asked for on the replica")
	}
}

func TestWhatIsWithinASetIsReadFromAMemberWhereTheSourceHasGone(t *testing.T) {
	const shop, none = `{"databases": [{"name": "shop"}]}`, `{"databases": []}`
	tests := map[string]struct {
		declared, source string
		ofSource         string // its list of databases
		has              bool
		err              error
		from             string // what was read last
	}{
		"the source is there":              {replicaOf("01"), sourceAt("00"), none, false, nil, "GET n/databases"},
		"the source has gone":              {replicaOf("01"), "404", "404", true, nil, "GET d/databases"},
		"the source is there without them": {replicaOf("01"), sourceAt("00"), "404", false, openstack.ErrNotFound, ""},
		"nobody says whether it has gone":  {replicaOf("01"), "403", "404", false, openstack.ErrForbidden, ""},
		"of several sources":               {ofSeveral, "500", "500", true, nil, "GET d/databases"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server, client := releasedTrove(t, map[string][]string{
				"GET d": {tt.declared}, "GET n": {tt.source}, "GET d/databases": {shop}, "GET n/databases": {tt.ofSource},
			})
			has, err := client.HasDatabase(t.Context(), "d", "shop")
			if has != tt.has || !errors.Is(err, tt.err) {
				t.Errorf("got %t, %v, want %t, %v", has, err, tt.has, tt.err)
			}
			if last := server.seen[len(server.seen)-1]; tt.from != "" && last != tt.from {
				t.Errorf("read by %s, want %s", last, tt.from)
			}
		})
	}
}

// The 404 of a source that has gone is no proof that the database has: the replica still holds it.
func TestADatabaseIsDroppedOnTheMemberWhoseSourceHasGone(t *testing.T) {
	server, client := releasedTrove(t, map[string][]string{
		"GET d": {replicaOf("01")}, "GET n": {"404"}, "DELETE d/databases/shop": {"{}"}, "GET d/databases": {`{"databases": []}`},
	})
	if err := client.RemoveDatabase(t.Context(), "d", "shop"); err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(server.seen, "DELETE d/databases/shop") {
		t.Errorf("it was not dropped: %v", server.seen)
	}
}
