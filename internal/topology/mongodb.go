package topology

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Types of MongoDB replica set members. There is no "primary", since elections change it.
const (
	TypeMember  = "member"
	TypeArbiter = "arbiter"
)

// Limits of a MongoDB replica set (topology API, section 3).
const (
	MaxReplicaSetMembers = 12
	MaxVotingMembers     = 7
	MaxPriority          = 1000
)

// MongoDB is the block of a replica set member (topology API, section 3). SlaveDelay is in seconds.
type MongoDB struct {
	Type       string   `json:"type"`
	ReplSet    string   `json:"replSet"`
	Join       *bool    `json:"join,omitempty"`
	Priority   *float64 `json:"priority,omitempty"`
	Hidden     *bool    `json:"hidden,omitempty"`
	SlaveDelay *int64   `json:"slaveDelay,omitempty"`
	Votes      *int64   `json:"votes,omitempty"`
	Hostname   *string  `json:"hostname,omitempty"`
}

// Joins reports whether the member is to join an existing set.
func (m MongoDB) Joins() bool { return joins(m.Join) }

// IsArbiter reports whether the member only votes.
func (m MongoDB) IsArbiter() bool { return m.Type == TypeArbiter }

// InForce returns a new member's block with the defaults that mongod fills in (topology API, section 3). Join is left out: it only says
// how the member was added.
func (m MongoDB) InForce() MongoDB {
	votes := int64(1)
	full := MongoDB{Votes: &votes}
	if !m.IsArbiter() {
		priority, hidden, delay := 1.0, false, int64(0)
		full.Priority, full.Hidden, full.SlaveDelay = &priority, &hidden, &delay
	}
	full.Type, full.ReplSet = m.Type, m.ReplSet
	return full.Apply(m.settings())
}

// electable uses the default priority if it is left out, as at a creation.
func (m MongoDB) electable() bool { return !m.IsArbiter() && deref(m.Priority, 1) > 0 }

// Check applies the rules of section 3 about a single member. Without Join the member creates the set, as on the wire; a caller that
// decides this later drops the problems about join.
func (m *MongoDB) Check(Datastore) Problems {
	var ps Problems
	if m.Type != TypeMember && m.Type != TypeArbiter {
		ps = append(ps, problem("type is %q: it must be member or arbiter (the primary is elected among the members)", m.Type).about("type"))
	}
	if m.ReplSet == "" {
		ps = append(ps, problem("replSet is required: even a single server is a replica set of one").about("replSet").empty())
	}
	if !m.IsArbiter() {
		return append(ps, m.settings().check(!m.Joins())...)
	}
	if !m.Joins() {
		ps = append(ps, problem("an arbiter can only join a set: it holds no data and cannot be the first member").about("join", "type"))
	}
	for _, f := range []struct {
		name string
		set  bool
	}{{"priority", m.Priority != nil}, {"hidden", m.Hidden != nil}, {"slaveDelay", m.SlaveDelay != nil}} {
		if f.set {
			ps = append(ps, problem("an arbiter has no %s", f.name).about(f.name, "type"))
		}
	}
	rest := MemberSettings{Votes: m.Votes, Hostname: m.Hostname}
	if deref(m.Votes, 1) == 0 {
		ps = append(ps, problem("votes is 0, but an arbiter is there to vote").about("votes", "type"))
		rest.Votes = nil // priority 0, the fix for a member, does not apply here
	}
	return append(ps, rest.Check()...)
}

// settings are the fields that update_members can change.
func (m MongoDB) settings() MemberSettings {
	return MemberSettings{Priority: m.Priority, Hidden: m.Hidden, SlaveDelay: m.SlaveDelay, Votes: m.Votes, Hostname: m.Hostname}
}

// MemberSettings are the fields of a member that update_members changes; an absent field keeps its value. SlaveDelay is in seconds.
type MemberSettings struct {
	Priority   *float64 `json:"priority,omitempty"`
	Hidden     *bool    `json:"hidden,omitempty"`
	SlaveDelay *int64   `json:"slaveDelay,omitempty"`
	Votes      *int64   `json:"votes,omitempty"`
	Hostname   *string  `json:"hostname,omitempty"`
}

// Empty reports whether nothing is to be changed.
func (s MemberSettings) Empty() bool { return s == MemberSettings{} }

// Values returns the settings that are present, by their names on the wire.
func (s MemberSettings) Values() map[string]any {
	values := map[string]any{}
	put(values, "priority", s.Priority)
	put(values, "hidden", s.Hidden)
	put(values, "slaveDelay", s.SlaveDelay)
	put(values, "votes", s.Votes)
	put(values, "hostname", s.Hostname)
	return values
}

func put[T any](values map[string]any, name string, value *T) {
	if value != nil {
		values[name] = *value
	}
}

// Check applies the rules of section 3 to a member's settings as they will be. Absent settings are unknown, and rules that look at them
// are not applied.
func (s MemberSettings) Check() Problems {
	values := s.Values()
	return slices.DeleteFunc(s.check(false), func(p Problem) bool {
		return slices.ContainsFunc(p.Fields, func(field string) bool { return values[field] == nil })
	})
}

func (s MemberSettings) check(first bool) Problems {
	var ps Problems
	priority := deref(s.Priority, 1)
	if !(priority >= 0 && priority <= MaxPriority) { // written so that NaN is refused
		ps = append(ps, problem("priority is %v: it must lie between 0 and %d", priority, MaxPriority).about("priority"))
	}
	if first && priority == 0 {
		ps = append(ps, problem("the first member, which creates the set, must be electable: its priority must be above 0").about("priority", "join"))
	}
	if d := deref(s.SlaveDelay, 0); d < 0 {
		ps = append(ps, problem("slaveDelay is %d: it must be 0 or more seconds", d).about("slaveDelay"))
	}
	if v := deref(s.Votes, 1); v != 0 && v != 1 {
		ps = append(ps, problem("votes is %d: it must be 0 or 1", v).about("votes"))
	}
	if s.Hostname != nil && *s.Hostname == "" {
		ps = append(ps, problem("hostname is empty").about("hostname").empty())
	}
	if priority > 0 {
		const cure = "needs priority 0, or the member could be elected primary (priority is %v)"
		if deref(s.Hidden, false) {
			ps = append(ps, problem("hidden "+cure, priority).about("hidden", "priority"))
		}
		if deref(s.SlaveDelay, 0) > 0 {
			ps = append(ps, problem("slaveDelay above 0 "+cure, priority).about("slaveDelay", "priority"))
		}
		if deref(s.Votes, 1) == 0 {
			ps = append(ps, problem("votes 0 "+cure, priority).about("votes", "priority"))
		}
	}
	if deref(s.SlaveDelay, 0) > 0 && !deref(s.Hidden, false) {
		ps = append(ps, advice("a delayed member that is not hidden serves old data to clients that read from secondaries: set hidden").about("slaveDelay", "hidden"))
	}
	return ps
}

// Apply returns the member with the given settings changed.
func (m MongoDB) Apply(s MemberSettings) MongoDB {
	if s.Priority != nil {
		m.Priority = s.Priority
	}
	if s.Hidden != nil {
		m.Hidden = s.Hidden
	}
	if s.SlaveDelay != nil {
		m.SlaveDelay = s.SlaveDelay
	}
	if s.Votes != nil {
		m.Votes = s.Votes
	}
	if s.Hostname != nil {
		m.Hostname = s.Hostname
	}
	return m
}

// tally counts the members with a property, and those for which it is unknown.
type tally struct{ sure, open int }

func (t *tally) add(holds, known bool) {
	switch {
	case !known:
		t.open++
	case holds:
		t.sure++
	}
}

// vote reports whether the member votes, if known. A member that can be elected votes.
func (m MongoDB) vote() (votes, known bool) {
	switch {
	case m.Votes != nil:
		return *m.Votes > 0, true
	case m.IsArbiter(), deref(m.Priority, 0) > 0:
		return true, true
	}
	return false, false
}

// candidate reports whether the member can be elected, if known. A hidden or delayed member, or one without a vote, cannot.
func (m MongoDB) candidate() (electable, known bool) {
	switch {
	case m.IsArbiter():
		return false, true
	case m.Priority != nil:
		return *m.Priority > 0, true
	case deref(m.Hidden, false), deref(m.SlaveDelay, 0) > 0, deref(m.Votes, 1) == 0:
		return false, true
	}
	return false, false
}

// CheckReplicaSet applies the rules about all members of a set together (topology API, section 3; that at least one member can be elected
// is MongoDB's own rule). An absent setting is unknown: only what is wrong for any value of it is a problem.
func CheckReplicaSet(members []MongoDB) Problems {
	var ps Problems
	var voters, electable tally
	arbiters := 0
	for _, m := range members {
		voters.add(m.vote())
		electable.add(m.candidate())
		if m.IsArbiter() {
			arbiters++
		}
	}
	if len(members) > MaxReplicaSetMembers {
		ps = append(ps, problem("the replica set would have %d members, %d at most are allowed", len(members), MaxReplicaSetMembers).about("type", "replSet"))
	}
	if voters.sure > MaxVotingMembers {
		ps = append(ps, problem("the replica set would have %d voting members, %d at most are allowed: give the others votes 0 and priority 0", voters.sure, MaxVotingMembers).about("votes"))
	}
	switch {
	case len(members) == 0 || electable.open > 0:
	case electable.sure == 0:
		ps = append(ps, problem("no member of the replica set could become primary: at least one needs a priority above 0").about("priority"))
	case electable.sure == 1 && len(members) > 1:
		ps = append(ps, advice(lonely+": when it fails, nobody takes over").about("priority"))
	}
	if voters.open == 0 && voters.sure > 0 && voters.sure%2 == 0 && arbiters == 0 {
		ps = append(ps, advice(evenVoters+" (%d) and no arbiter: a split in halves leaves no majority; add an arbiter, or give one member votes 0 and priority 0", voters.sure).about("votes"))
	}
	return ps
}

// The beginning of advice about a whole set.
const (
	lonely     = "only one member of the replica set can become primary"
	evenVoters = "the replica set has an even number of voting members"
)

// IsReplicaSetAdvice reports whether a server's warning is advice of CheckReplicaSet: the next member to join may resolve it, and the plan
// has checked the whole set.
func IsReplicaSetAdvice(warning string) bool {
	return strings.HasPrefix(warning, lonely) || strings.HasPrefix(warning, evenVoters)
}

// MemberUpdate is one entry of update_members.
type MemberUpdate struct {
	ID string `json:"id"`
	MemberSettings
}

// UpdateMembers changes settings of several members in one rs.reconfig(): all or none take effect.
type UpdateMembers struct {
	Members []MemberUpdate `json:"members"`
}

// Operation implements Action.
func (UpdateMembers) Operation() (Namespace, string) { return NamespaceMongoDB, "update_members" }

func (a UpdateMembers) check() error {
	if len(a.Members) == 0 {
		return errors.New("members is empty")
	}
	seen := map[string]bool{}
	for _, m := range a.Members {
		if err := requireID("members", "id", m.ID); err != nil {
			return err
		}
		if seen[m.ID] {
			return fmt.Errorf("members names %s twice", m.ID)
		}
		seen[m.ID] = true
	}
	return nil
}

// RemoveMember removes a member from its set; its instance remains, standalone.
type RemoveMember struct {
	ID string `json:"id"`
}

// Operation implements Action.
func (RemoveMember) Operation() (Namespace, string) { return NamespaceMongoDB, "remove_member" }

func (a RemoveMember) check() error { return requireID("remove_member", "id", a.ID) }
