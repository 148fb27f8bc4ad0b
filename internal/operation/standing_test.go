package operation

import (
	"errors"
	"testing"
	"time"
)

func TestStandingTellsWhoTookTheSourcesPlaceFromWhoWasDetached(t *testing.T) {
	const dead, alive = `, "operating_status": "ERROR"`, `, "operating_status": "HEALTHY"`
	tests := map[string]struct {
		member, declared, was string
		want                  string // the role
		apart                 bool
	}{
		"a replica":                             {shows("m", "ACTIVE", alive+`, "replica_of": {"id": "d"}`), "500", "", RoleReplica, false},
		"of another source since a switchover":  {shows("m", "ACTIVE", alive+`, "replica_of": {"id": "n"}`), "500", "", RoleReplica, false},
		"the source since a switchover":         {shows("m", "ACTIVE", alive+`, "replicas": [{"id": "d"}]`), "500", RoleReplica, RoleSource, false},
		"the source since an ejection":          {shows("m", "ACTIVE", alive+`, "replicas": [{"id": "n"}]`), shows("d", "ACTIVE", dead), RoleReplica, RoleSource, false},
		"alone since an ejection":               {shows("m", "ACTIVE", alive), shows("d", "ACTIVE", dead), RoleReplica, RoleSource, false},
		"alone, and the ejected one lives":      {shows("m", "ACTIVE", alive), shows("d", "ACTIVE", alive), RoleSource, RoleSource, false},
		"alone, and the declared one is gone":   {shows("m", "ACTIVE", alive), "404", RoleReplica, RoleSource, false},
		"detached":                              {shows("m", "ACTIVE", alive), shows("d", "ACTIVE", alive), RoleReplica, "", true},
		"detached, with replicas of its own":    {shows("m", "ACTIVE", alive+`, "replicas": [{"id": "n"}]`), shows("d", "ACTIVE", alive+`, "replicas": [{"id": "o"}]`), RoleReplica, RoleSource, true},
		"at a change of roles":                  {shows("m", "PROMOTE", `, "operating_status": ""`), "500", RoleReplica, "", false},
		"after a change of roles that failed":   {shows("m", "ERROR", `, "operating_status": ""`), "500", RoleReplica, "", false},
		"failed, and the others replicate from": {shows("m", "ERROR", `, "replicas": [{"id": "d"}]`), "500", RoleReplica, RoleSource, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := &scriptedTrove{scripts: map[string][]string{"GET m": {tt.member}, "GET d": {tt.declared}}}
			client := newCloud(t, server.ServeHTTP).connect(t, func(o *Options) { o.Clock, o.MaxRetries = &quickClock{now: time.Now()}, 0 })
			i, err := client.Instance(t.Context(), "m")
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.ReplicationRole(t.Context(), i, "d", tt.was)
			if err != nil {
				t.Fatal(err)
			}
			if got.Role != tt.want || got.Detached != tt.apart {
				t.Errorf("got role %q, apart %t, want %q, %t", got.Role, got.Detached, tt.want, tt.apart)
			}
		})
	}
}

func TestReplicaIsMadeOfThePresentSource(t *testing.T) {
	made := func(at string) string { return `, "created": "2026-11-22T10:00:` + at + `"` }
	of := `, "replica_of": {"id": "n"}`
	tests := map[string]struct {
		declared, source string
		want             string // "" where it is refused
	}{
		"the declared one is the source":     {shows("d", "ACTIVE", made("00")), "500", "d"},
		"its role has gone to a younger one": {shows("d", "ACTIVE", made("00")+of), shows("n", "ACTIVE", made("01")), "n"},
		"it was made as a replica":           {shows("d", "ACTIVE", made("01")+of), shows("n", "ACTIVE", made("00")), ""},
		"both were made in the same second":  {shows("d", "ACTIVE", made("01")+of), shows("n", "ACTIVE", made("01")), ""},
		"it is a replica of several":         {shows("d", "ACTIVE", made("00")+`, "topology": {"mysql": {"slave_of": [{"id": "n"}, {"id": "m"}]}}`), "500", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := &scriptedTrove{scripts: map[string][]string{"GET d": {tt.declared}, "GET n": {tt.source}}}
			client := newCloud(t, server.ServeHTTP).connect(t, func(o *Options) { o.Clock, o.MaxRetries = &quickClock{now: time.Now()}, 0 })
			i, err := client.Instance(t.Context(), "d")
			if err != nil {
				t.Fatal(err)
			}
			got, err := client.CurrentSource(t.Context(), i)
			var refused *ReplicaOfReplicaError
			if got != tt.want || errors.As(err, &refused) != (tt.want == "") || err != nil && refused == nil {
				t.Errorf("got %q and %v, want %q", got, err, tt.want)
			}
		})
	}
}
