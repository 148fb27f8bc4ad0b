package state_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// TestReplicaSetLimitsHoldUnderRandomChanges stays near the limits of one set, where joins, changes of votes, removals,
// deletions and failures meet.
func TestReplicaSetLimitsHoldUnderRandomChanges(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := newMachine(t)
		m.quiet = rapid.Bool().Draw(t, "quiet")
		join := func(t *rapid.T) {
			no, joins := int64(rapid.IntRange(0, 1).Draw(t, "votes")), len(m.known) > 0
			block := topology.MongoDB{Type: "member", ReplSet: "x", Join: &joins, Votes: &no}
			if no == 0 {
				zero := 0.0
				block.Priority = &zero
			}
			i, err := m.Create("demo", state.CreateRequest{
				Name: "m", FlavorID: "1", Volume: &state.Volume{Size: 1}, Datastore: &state.DatastoreRef{Type: "mongodb"}, Topology: &topology.Topology{MongoDB: &block},
			})
			m.accepted(t, "demo", i, err)
		}
		member := func(t *rapid.T) string {
			var members []string
			for _, id := range m.known {
				if view, err := m.View("demo", id); err == nil && len(view.Members) > 1 {
					for _, v := range view.Members {
						members = append(members, v.ID)
					}
					break
				}
			}
			if len(members) == 0 {
				return "nobody"
			}
			return rapid.SampledFrom(members).Draw(t, "member")
		}
		act := func(t *rapid.T, via string, a topology.Action) {
			m.accepted(t, "", state.Instance{}, ignoreNil(m.Act("demo", via, a)))
		}
		for range 12 {
			join(t)
			m.pass(t)
		}
		t.Repeat(map[string]func(*rapid.T){
			"join": join,
			"update": func(t *rapid.T) {
				via := member(t)
				update := topology.UpdateMembers{}
				named := map[string]bool{}
				for range rapid.IntRange(1, 3).Draw(t, "members") {
					id, votes, priority := member(t), int64(rapid.IntRange(0, 1).Draw(t, "votes")), float64(rapid.IntRange(0, 1).Draw(t, "priority"))
					if !named[id] {
						named[id] = true
						update.Members = append(update.Members, topology.MemberUpdate{ID: id, MemberSettings: topology.MemberSettings{Votes: &votes, Priority: &priority}})
					}
				}
				act(t, via, update)
			},
			"remove": func(t *rapid.T) { act(t, member(t), topology.RemoveMember{ID: member(t)}) },
			"delete": func(t *rapid.T) {
				if rapid.IntRange(0, 4).Draw(t, "really") == 0 {
					m.accepted(t, "", state.Instance{}, ignoreNil(m.Delete("demo", member(t), "x")))
				}
			},
			"pass": m.pass,
			"":     m.check,
		})
		m.checkRest(t)
	})
}
