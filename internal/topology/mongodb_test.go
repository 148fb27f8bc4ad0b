package topology

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestMongoDBRulesOfOneMember(t *testing.T) {
	first := func(change func(*MongoDB)) MongoDB {
		m := MongoDB{Type: TypeMember, ReplSet: "products"}
		change(&m)
		return m
	}
	joiner := func(change func(*MongoDB)) MongoDB {
		return first(func(m *MongoDB) { m.Join = to(true); change(m) })
	}
	arbiter := func(change func(*MongoDB)) MongoDB {
		return joiner(func(m *MongoDB) { m.Type = TypeArbiter; change(m) })
	}
	for name, tc := range map[string]struct {
		member MongoDB
		want   []finding
	}{
		"a first member":                   {first(func(*MongoDB) {}), nil},
		"a first member that says so":      {first(func(m *MongoDB) { m.Join = to(false) }), nil},
		"a joiner":                         {joiner(func(*MongoDB) {}), nil},
		"an arbiter":                       {arbiter(func(*MongoDB) {}), nil},
		"an arbiter with a vote":           {arbiter(func(m *MongoDB) { m.Votes = to[int64](1) }), nil},
		"an arbiter with a hostname":       {arbiter(func(m *MongoDB) { m.Hostname = to("a.example.org") }), nil},
		"lowest priority":                  {joiner(func(m *MongoDB) { m.Priority = to(0.0) }), nil},
		"fraction of a priority":           {first(func(m *MongoDB) { m.Priority = to(0.5) }), nil},
		"highest priority":                 {joiner(func(m *MongoDB) { m.Priority = to(1000.0) }), nil},
		"no delay":                         {joiner(func(m *MongoDB) { m.SlaveDelay = to[int64](0) }), nil},
		"not hidden":                       {joiner(func(m *MongoDB) { m.Hidden = to(false) }), nil},
		"a delayed, hidden member":         {joiner(func(m *MongoDB) { m.Priority, m.Hidden, m.SlaveDelay = to(0.0), to(true), to[int64](3600) }), nil},
		"a member without a vote":          {joiner(func(m *MongoDB) { m.Priority, m.Votes = to(0.0), to[int64](0) }), nil},
		"type missing":                     {first(func(m *MongoDB) { m.Type = "" }), []finding{{about: "type", says: `type is ""`}}},
		"type primary":                     {first(func(m *MongoDB) { m.Type = "primary" }), []finding{{about: "type", says: "the primary is elected"}}},
		"replSet missing":                  {first(func(m *MongoDB) { m.ReplSet = "" }), []finding{{about: "replSet", says: "required"}}},
		"both missing":                     {MongoDB{}, []finding{{about: "type"}, {about: "replSet"}}},
		"an arbiter that comes first":      {arbiter(func(m *MongoDB) { m.Join = nil }), []finding{{about: "join type", says: "only join"}}},
		"an arbiter with join false":       {arbiter(func(m *MongoDB) { m.Join = to(false) }), []finding{{about: "join type", says: "only join"}}},
		"an arbiter with a priority":       {arbiter(func(m *MongoDB) { m.Priority = to(0.0) }), []finding{{about: "priority type", says: "no priority"}}},
		"an arbiter, hidden or not":        {arbiter(func(m *MongoDB) { m.Hidden = to(false) }), []finding{{about: "hidden type", says: "no hidden"}}},
		"an arbiter with a delay":          {arbiter(func(m *MongoDB) { m.SlaveDelay = to[int64](60) }), []finding{{about: "slaveDelay type", says: "no slaveDelay"}}},
		"an arbiter without a vote":        {arbiter(func(m *MongoDB) { m.Votes = to[int64](0) }), []finding{{about: "votes type", says: "there to vote"}}},
		"an arbiter with two votes":        {arbiter(func(m *MongoDB) { m.Votes = to[int64](2) }), []finding{{about: "votes", says: "0 or 1"}}},
		"negative priority":                {joiner(func(m *MongoDB) { m.Priority = to(-0.1) }), []finding{{about: "priority", says: "between 0 and 1000"}}},
		"priority above the highest":       {joiner(func(m *MongoDB) { m.Priority = to(1000.5) }), []finding{{about: "priority", says: "1000.5"}}},
		"priority that is no number":       {joiner(func(m *MongoDB) { m.Priority = to(math.NaN()) }), []finding{{about: "priority", says: "NaN"}}},
		"first member not electable":       {first(func(m *MongoDB) { m.Priority = to(0.0) }), []finding{{about: "priority join", says: "must be above 0"}}},
		"negative delay":                   {joiner(func(m *MongoDB) { m.SlaveDelay = to[int64](-1) }), []finding{{about: "slaveDelay", says: "0 or more"}}},
		"two votes":                        {joiner(func(m *MongoDB) { m.Votes = to[int64](2) }), []finding{{about: "votes", says: "0 or 1"}}},
		"negative votes":                   {joiner(func(m *MongoDB) { m.Votes = to[int64](-1) }), []finding{{about: "votes", says: "0 or 1"}}},
		"empty hostname":                   {joiner(func(m *MongoDB) { m.Hostname = to("") }), []finding{{about: "hostname", says: "empty"}}},
		"hidden and electable":             {joiner(func(m *MongoDB) { m.Hidden = to(true) }), []finding{{about: "hidden priority", says: "priority is 1"}}},
		"hidden with a low priority":       {joiner(func(m *MongoDB) { m.Hidden, m.Priority = to(true), to(0.5) }), []finding{{about: "hidden priority", says: "priority is 0.5"}}},
		"no vote, but electable":           {joiner(func(m *MongoDB) { m.Votes = to[int64](0) }), []finding{{about: "votes priority", says: "needs priority 0"}}},
		"delayed and electable":            {joiner(func(m *MongoDB) { m.SlaveDelay, m.Hidden = to[int64](60), to(true) }), []finding{{about: "hidden priority"}, {about: "slaveDelay priority", says: "needs priority 0"}}},
		"delayed and not hidden":           {joiner(func(m *MongoDB) { m.SlaveDelay, m.Priority = to[int64](60), to(0.0) }), []finding{{about: "slaveDelay hidden", says: "set hidden", advice: true}}},
		"a first member that hides anyway": {first(func(m *MongoDB) { m.Hidden, m.Priority = to(true), to(0.0) }), []finding{{about: "priority join", says: "creates the set"}}},
	} {
		t.Run(name, func(t *testing.T) {
			wantFindings(t, Topology{MongoDB: &tc.member}.Check(Datastore{"mongodb", "mongodb-7.0"}), tc.want)
			wantFindings(t, Topology{MongoDB: &tc.member}.Check(Datastore{"mongodb", "tokumx-2.0.1"}), tc.want)
		})
	}
}

func TestMongoDBJoinsOnlyWhereAskedTo(t *testing.T) {
	if (MongoDB{}).Joins() || (MongoDB{Join: to(false)}).Joins() || !(MongoDB{Join: to(true)}).Joins() {
		t.Error("join defaults to false")
	}
}

func TestMemberSettingsAreCheckedAsTheyWillStand(t *testing.T) {
	wantFindings(t, MemberSettings{Priority: to(0.0)}.Check(), nil) // none of these creates a set
	wantFindings(t, MemberSettings{Hidden: to(true), Priority: to(1.0)}.Check(), []finding{{about: "hidden priority"}})
	wantFindings(t, MemberSettings{}.Check(), nil)
}

func TestMemberSettingsThatAreAbsentAreNotKnown(t *testing.T) {
	for name, s := range map[string]MemberSettings{
		"hidden": {Hidden: to(true)}, "delayed": {SlaveDelay: to[int64](60)}, "no vote": {Votes: to[int64](0)},
		"delayed with priority 0": {SlaveDelay: to[int64](60), Priority: to(0.0)}, // hidden perhaps
	} {
		t.Run(name, func(t *testing.T) { wantFindings(t, s.Check(), nil) })
	}
	wantFindings(t, MemberSettings{Votes: to[int64](2), Priority: to(-1.0)}.Check(), []finding{{about: "priority"}, {about: "votes", says: "0 or 1"}})
}

func TestValuesOfSettingsGoByTheirWireNames(t *testing.T) {
	s := MemberSettings{Priority: to(0.0), Hidden: to(false), SlaveDelay: to[int64](0), Votes: to[int64](1), Hostname: to("")}
	want := map[string]any{"priority": 0.0, "hidden": false, "slaveDelay": int64(0), "votes": int64(1), "hostname": ""}
	if diff := cmp.Diff(want, s.Values()); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	if got := (MemberSettings{}).Values(); len(got) != 0 {
		t.Errorf("no settings have the values %v", got)
	}
}

func TestEmptySettingsChangeNothing(t *testing.T) {
	if !(MemberSettings{}).Empty() {
		t.Error("no settings are not empty")
	}
	for name, s := range map[string]MemberSettings{
		"priority": {Priority: to(0.0)}, "hidden": {Hidden: to(false)}, "slaveDelay": {SlaveDelay: to[int64](0)},
		"votes": {Votes: to[int64](0)}, "hostname": {Hostname: to("")},
	} {
		if s.Empty() {
			t.Errorf("%s set to nought is taken for not set", name)
		}
	}
}

func TestApplyChangesWhatIsGivenAndKeepsTheRest(t *testing.T) {
	before := MongoDB{Type: TypeMember, ReplSet: "products", Join: to(true), Priority: to(2.0), Hidden: to(false), SlaveDelay: to[int64](0), Votes: to[int64](1), Hostname: to("old.example.org")}
	for name, tc := range map[string]struct {
		settings MemberSettings
		change   func(*MongoDB)
	}{
		"nothing":  {MemberSettings{}, func(*MongoDB) {}},
		"priority": {MemberSettings{Priority: to(0.0)}, func(m *MongoDB) { m.Priority = to(0.0) }},
		"hidden":   {MemberSettings{Hidden: to(true)}, func(m *MongoDB) { m.Hidden = to(true) }},
		"delay":    {MemberSettings{SlaveDelay: to[int64](60)}, func(m *MongoDB) { m.SlaveDelay = to[int64](60) }},
		"votes":    {MemberSettings{Votes: to[int64](0)}, func(m *MongoDB) { m.Votes = to[int64](0) }},
		"hostname": {MemberSettings{Hostname: to("new.example.org")}, func(m *MongoDB) { m.Hostname = to("new.example.org") }},
	} {
		t.Run(name, func(t *testing.T) {
			want := before
			tc.change(&want)
			if diff := cmp.Diff(want, before.Apply(tc.settings)); diff != "" {
				t.Errorf("applied (-want +got):\n%s", diff)
			}
		})
	}
}

func TestReplicaSetLimits(t *testing.T) {
	var (
		voter   = MongoDB{Type: TypeMember, ReplSet: "p", Priority: to(1.0), Votes: to[int64](1)}
		silent  = MongoDB{Type: TypeMember, ReplSet: "p", Priority: to(0.0), Votes: to[int64](0)}
		passive = MongoDB{Type: TypeMember, ReplSet: "p", Priority: to(0.0), Votes: to[int64](1)}
		arbiter = MongoDB{Type: TypeArbiter, ReplSet: "p"}
		muted   = MongoDB{Type: TypeArbiter, ReplSet: "p", Votes: to[int64](0)}
	)
	set := func(parts ...[]MongoDB) []MongoDB { return slices.Concat(parts...) }
	of := func(n int, m MongoDB) []MongoDB { return slices.Repeat([]MongoDB{m}, n) }
	for name, tc := range map[string]struct {
		members []MongoDB
		want    []finding
	}{
		"nobody":                              {nil, nil},
		"one":                                 {of(1, voter), nil},
		"two voters":                          {of(2, voter), []finding{{about: "votes", says: "even number of voting members (2)", advice: true}}},
		"three voters":                        {of(3, voter), nil},
		"two voters and an arbiter":           {set(of(2, voter), of(1, arbiter)), nil},
		"three voters and an arbiter":         {set(of(3, voter), of(1, arbiter)), nil}, // even, but there is an arbiter
		"two voters and one without a vote":   {set(of(2, voter), of(1, silent)), []finding{{about: "votes", says: "even", advice: true}}},
		"three voters and one without a vote": {set(of(3, voter), of(1, silent)), nil},
		"a priority of 0 still votes":         {set(of(3, voter), of(1, passive)), []finding{{about: "votes", says: "(4)", advice: true}}},
		"seven voters":                        {of(7, voter), nil},
		"eight voters":                        {of(8, voter), []finding{{about: "votes", says: "8 voting members, 7 at most"}, {about: "votes", advice: true}}},
		"nine voters":                         {of(9, voter), []finding{{about: "votes", says: "9 voting members, 7 at most"}}},
		"an arbiter counts among the voters":  {set(of(7, voter), of(1, arbiter)), []finding{{about: "votes", says: "8 voting members"}}},
		"twelve members":                      {set(of(7, voter), of(5, silent)), nil},
		"thirteen members":                    {set(of(7, voter), of(6, silent)), []finding{{about: "type replSet", says: "13 members, 12 at most"}}},
		"thirteen voters":                     {of(13, voter), []finding{{about: "type replSet"}, {about: "votes", says: "13 voting members"}}},
		"nobody electable":                    {of(3, passive), []finding{{about: "priority", says: "at least one needs a priority above 0"}}},
		"an arbiter is not electable":         {set(of(2, passive), of(1, arbiter)), []finding{{about: "priority", says: "no member"}}},
		"one electable of three":              {set(of(1, voter), of(2, passive)), []finding{{about: "priority", says: "only one member", advice: true}}},
		"one electable and an arbiter":        {set(of(1, voter), of(1, arbiter)), []finding{{about: "priority", says: "only one member", advice: true}}},
		"a muted arbiter is an arbiter still": {set(of(2, voter), of(1, muted)), nil},
	} {
		t.Run(name, func(t *testing.T) { wantFindings(t, CheckReplicaSet(tc.members), tc.want) })
	}
}

func TestReplicaSetLimitsHoldWhateverIsNotKnown(t *testing.T) {
	var (
		unknown   = MongoDB{Type: TypeMember, ReplSet: "p"}
		preferred = MongoDB{Type: TypeMember, ReplSet: "p", Priority: to(2.0)} // so it votes
		passive   = MongoDB{Type: TypeMember, ReplSet: "p", Priority: to(0.0)}
		voter     = MongoDB{Type: TypeMember, ReplSet: "p", Votes: to[int64](1)}
		hidden    = MongoDB{Type: TypeMember, ReplSet: "p", Hidden: to(true)}
		delayed   = MongoDB{Type: TypeMember, ReplSet: "p", SlaveDelay: to[int64](60)}
		silent    = MongoDB{Type: TypeMember, ReplSet: "p", Votes: to[int64](0)}
		arbiter   = MongoDB{Type: TypeArbiter, ReplSet: "p"}
	)
	of := func(n int, m MongoDB) []MongoDB { return slices.Repeat([]MongoDB{m}, n) }
	for name, tc := range map[string]struct {
		members []MongoDB
		want    []finding
	}{
		"eight of whom nothing is known":         {of(8, unknown), nil},
		"two of whom nothing is known":           {of(2, unknown), nil},
		"thirteen are too many whoever they are": {of(13, unknown), []finding{{about: "type replSet", says: "13 members"}}},
		"eight voters of unknown priority":       {of(8, voter), []finding{{about: "votes", says: "8 voting members"}, {about: "votes", advice: true}}},
		"eight who may be elected and so vote":   {of(8, preferred), []finding{{about: "votes", says: "8 voting members"}, {about: "votes", advice: true}}},
		"seven voters and one who may be":        {append(of(7, voter), unknown), nil},
		"seven voters and an arbiter":            {append(of(7, voter), arbiter), []finding{{about: "votes", says: "8 voting members"}}},
		"nobody electable but for one who may":   {append(of(3, passive), unknown), nil},
		"nobody electable":                       {of(3, passive), []finding{{about: "priority", says: "no member"}}},
		"hidden, delayed, silent and an arbiter": {[]MongoDB{hidden, delayed, silent, arbiter}, []finding{{about: "priority", says: "no member"}}},
		"one electable and one who may be":       {[]MongoDB{preferred, unknown}, nil},
		"one electable, and the others not":      {[]MongoDB{preferred, hidden, silent}, []finding{{about: "priority", says: "only one", advice: true}}},
		"one electable, two voters":              {[]MongoDB{preferred, silent, voter}, []finding{{about: "votes", says: "(2)", advice: true}}},
		"two voters and one who may vote":        {append(of(2, preferred), unknown), nil},
		"two who are electable and so vote":      {of(2, preferred), []finding{{about: "votes", says: "even", advice: true}}},
	} {
		t.Run(name, func(t *testing.T) { wantFindings(t, CheckReplicaSet(tc.members), tc.want) })
	}
}

func TestChangesOfOneMemberMergeUnlessTheyContradict(t *testing.T) {
	preferred, renamed := MemberSettings{Priority: to(2.0)}, MemberSettings{Hostname: to("a.example.org"), Priority: to(2.0)}
	for _, pair := range [][2]MemberSettings{{preferred, renamed}, {renamed, preferred}} {
		got, err := pair[0].Merge(pair[1])
		if diff := cmp.Diff(renamed, got); err != nil || diff != "" {
			t.Errorf("%v; merged (-want +got):\n%s", err, diff)
		}
	}
	for name, pair := range map[string][2]MemberSettings{
		"priority cannot be 2 and 3":       {preferred, {Priority: to(3.0)}},
		"hidden cannot be true and false":  {{Hidden: to(true)}, {Hidden: to(false)}},
		"slaveDelay cannot be 0 and 60":    {{SlaveDelay: to[int64](0)}, {SlaveDelay: to[int64](60)}},
		"votes cannot be 1 and 0":          {{Votes: to[int64](1)}, {Votes: to[int64](0)}},
		"hostname cannot be a and b.local": {{Hostname: to("a")}, {Hostname: to("b.local")}},
	} {
		if _, err := pair[0].Merge(pair[1]); err == nil || err.Error() != name {
			t.Errorf("merging says %v, want %s", err, name)
		}
	}
}

func TestAdviceAboutASetIsToldFromOther(t *testing.T) {
	for _, members := range [][]MongoDB{
		{{Priority: to(1.0)}, {Priority: to(1.0)}},                                           // even voters
		{{Priority: to(1.0)}, {Priority: to(0.0), Votes: to[int64](0)}, {Type: TypeArbiter}}, // one electable
	} {
		advice := CheckReplicaSet(members).Warnings()
		if len(advice) != 1 || !IsReplicaSetAdvice(advice[0]) {
			t.Errorf("%q is not told", advice)
		}
	}
	delayed := MemberSettings{SlaveDelay: to[int64](60), Hidden: to(false), Priority: to(0.0)}.Check().Warnings()
	if len(delayed) != 1 || IsReplicaSetAdvice(delayed[0]) || IsReplicaSetAdvice("The moon is full.") {
		t.Errorf("%q is taken for advice about a set", delayed)
	}
}
