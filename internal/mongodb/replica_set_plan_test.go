package mongodb_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// somebodyElses is a set that is not Terraform's, so that its ids are known to every plan. The first member creates it; a
// block without a type is a member's.
func somebodyElses(t *testing.T, cloud *acctest.Cloud, blocks ...topology.MongoDB) []string {
	t.Helper()
	made := make([]string, len(blocks))
	for n, b := range blocks {
		if b.Type == "" {
			b.Type = topology.TypeMember
		}
		b.ReplSet = "products"
		made[n] = cloud.CreateBehindOurBack(t, trove.CreateRequest{
			Name: fmt.Sprintf("products-%d", n), FlavorRef: "1", Volume: &trove.Volume{Size: 2},
			Datastore: &trove.Datastore{Type: "mongodb", Version: "mongodb-7.0"}, Topology: &topology.Topology{MongoDB: &b},
		})
	}
	return made
}

// listed is an entry of members by attribute, as a configuration has it.
type listed map[string]any

// unknown stands for a value that is known after apply.
type unknown struct{}

// value makes what a configuration holds of a type; attributes that are not given are null.
func value(t *testing.T, of tftypes.Type, v any) tftypes.Value {
	t.Helper()
	switch v := v.(type) {
	case unknown:
		return tftypes.NewValue(of, tftypes.UnknownValue)
	case float64:
		return tftypes.NewValue(of, big.NewFloat(v))
	case int:
		return tftypes.NewValue(of, int64(v))
	case listed:
		object, ok := of.(tftypes.Object)
		if !ok {
			t.Fatalf("%v stands where a %s belongs", v, of)
		}
		values := map[string]tftypes.Value{}
		for name, typ := range object.AttributeTypes {
			values[name] = value(t, typ, v[name])
		}
		for name := range v {
			if _, ok := values[name]; !ok {
				t.Fatalf("there is no attribute %s", name)
			}
		}
		return tftypes.NewValue(of, values)
	case map[string]any:
		elements, ok := of.(tftypes.Map)
		if !ok {
			t.Fatalf("%v stands where a %s belongs", v, of)
		}
		values := map[string]tftypes.Value{}
		for key, element := range v {
			values[key] = value(t, elements.ElementType, element)
		}
		return tftypes.NewValue(of, values)
	}
	return tftypes.NewValue(of, v)
}

func dynamic(t *testing.T, v tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		t.Fatal(err)
	}
	return &d
}

// plan validates and then plans a new replica set resource with these entries, as Terraform does, and returns everything
// that is said of it.
func plan(t *testing.T, cloud *acctest.Cloud, members map[string]any) []*tfprotov6.Diagnostic {
	t.Helper()
	const name = "trove_mongodb_replica_set"
	server, err := acctest.Factories()["trove"]()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	provider := value(t, schemas.Provider.ValueType(), listed{
		"auth_url": cloud.AuthURL(), "username": "demo", "password": "demo", "project_name": "demo",
		"user_domain_name": "Default", "project_domain_name": "Default", "region": acctest.Region,
	})
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: dynamic(t, provider)})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatal(err, configured)
	}
	typ := schemas.ResourceSchemas[name].ValueType()
	config := dynamic(t, value(t, typ, listed{"name": "products", "members": members}))
	validated, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(validated.Diagnostics, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError }) {
		return validated.Diagnostics
	}
	planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, Config: config, PriorState: dynamic(t, tftypes.NewValue(typ, nil)),
		ProposedNewState: dynamic(t, value(t, typ, listed{"name": "products", "members": members, "id": unknown{}, "region": unknown{}})),
	})
	if err != nil {
		t.Fatal(err)
	}
	return append(validated.Diagnostics, planned.Diagnostics...)
}

// where is a diagnostic's attribute as users would write it, with the member's number for its id.
func where(at *tftypes.AttributePath, ids []string) string {
	var b strings.Builder
	for _, step := range at.Steps() {
		switch step := step.(type) {
		case tftypes.AttributeName:
			if b.Len() > 0 {
				b.WriteString(".")
			}
			b.WriteString(string(step))
		case tftypes.ElementKeyString:
			fmt.Fprintf(&b, "[%d]", slices.Index(ids, string(step)))
		}
	}
	return b.String()
}

// said is what a test expects of one diagnostic: warning or error, its attribute, and a part of its text.
type said struct{ severity, at, text string }

// The rules of a set, each in the words that a user reads.
var (
	eightVoters = said{"error", "members", "The replica set would have 8 voting members, 7 at most are allowed: give the others votes 0 and priority 0."}
	evenEight   = said{"warning", "members", "an even number of voting members (8) and no arbiter"}
	evenTwo     = said{
		"warning", "members",
		"The replica set has an even number of voting members (2) and no arbiter: a split in halves leaves no majority; add an arbiter, or give one member votes 0 and priority 0.",
	}
	evenFour = said{"warning", "members", "an even number of voting members (4) and no arbiter"}
	nobody   = said{"error", "members", "No member of the replica set could become primary: at least one needs a priority above 0."}
	lonely   = said{"warning", "members", "Only one member of the replica set can become primary: when it fails, nobody takes over."}
)

func TestRulesOfAReplicaSetAtPlanTime(t *testing.T) {
	t.Parallel()
	const (
		needs = "needs priority 0, or the member could be elected primary (priority is %v)."
		left  = " Members that are not listed here keep their settings: %s."
		stale = "A delayed member that is not hidden serves old data to clients that read from secondaries: set hidden."
	)
	var (
		voter   = topology.MongoDB{}
		silent  = topology.MongoDB{Priority: new(0.0), Votes: new(int64(0))}
		passive = topology.MongoDB{Priority: new(0.0)}
		hidden  = topology.MongoDB{Priority: new(0.0), Hidden: new(true)}
		delayed = topology.MongoDB{Priority: new(0.0), Hidden: new(true), SlaveDelay: new(int64(60))}
		arbiter = topology.MongoDB{Type: topology.TypeArbiter}
	)
	of := func(n int, m topology.MongoDB) []topology.MongoDB { return slices.Repeat([]topology.MongoDB{m}, n) }
	all := func(n int, settings listed) map[int]any {
		entries := map[int]any{}
		for i := range n {
			entries[i] = settings
		}
		return entries
	}
	third := func(settings any) map[int]any { return map[int]any{2: settings} }
	seven := func(m topology.MongoDB) []topology.MongoDB { return append(of(7, voter), m) }
	three := func(m topology.MongoDB) []topology.MongoDB { return append(of(2, voter), m) }

	twelve := all(7, listed{"priority": 1.0, "votes": 1})
	for n := 7; n < 12; n++ {
		twelve[n] = listed{"priority": 0.0, "votes": 0}
	}
	tests := map[string]struct {
		blocks []topology.MongoDB // what the members have
		listed map[int]any        // by the member's number
		full   []said             // on a server that shows all settings
		bare   []said             // on one that shows none
	}{
		"12 members, 7 of them voting": {append(of(7, voter), of(5, silent)...), twelve, nil, nil},
		"13 members": {
			nil, all(13, listed{"priority": 1.0}), []said{{"error", "members", "at most 12 elements, got: 13"}}, []said{{"error", "members", "at most 12 elements, got: 13"}},
		},

		"8 members on a server that may not say that one has no vote": {seven(silent), map[int]any{0: listed{"priority": 5.0}}, nil, nil},
		"an 8th voter, alone in the list":                             {seven(silent), map[int]any{7: listed{"votes": 1}}, []said{eightVoters, evenEight}, nil},
		"8 voters that are listed":                                    {seven(silent), all(8, listed{"votes": 1}), []said{eightVoters, evenEight}, []said{eightVoters, evenEight}},
		"8 who can be elected, and so have to vote": {
			seven(silent), all(8, listed{"priority": 1.0, "hostname": unknown{}}), []said{{"error", "members[7].priority", "Votes 0 needs priority 0"}}, []said{eightVoters, evenEight},
		},
		"8 who may vote or not":            {seven(silent), all(8, listed{"votes": unknown{}}), nil, nil},
		"an 8th voter and an arbiter in 7": {append(of(6, voter), silent, arbiter), map[int]any{6: listed{"votes": 1}}, []said{eightVoters}, nil},

		"nobody electable":                    {of(3, voter), all(3, listed{"priority": 0.0}), []said{nobody}, []said{nobody}},
		"nobody electable beside an arbiter":  {three(arbiter), all(2, listed{"priority": 0.0}), []said{nobody}, []said{nobody}},
		"one electable that is not listed":    {of(3, voter), all(2, listed{"priority": 0.0}), []said{lonely}, nil},
		"one electable that is listed":        {of(3, voter), map[int]any{0: listed{"priority": 1.0}, 1: listed{"priority": 0.0}, 2: listed{"priority": 0.0}}, []said{lonely}, []said{lonely}},
		"one electable, and one that may be":  {of(3, voter), map[int]any{0: listed{"priority": 1.0}, 1: listed{"priority": 0.0}, 2: listed{"priority": unknown{}}}, nil, nil},
		"nobody electable but for an unknown": {of(3, voter), map[int]any{0: listed{"priority": 0.0}, 1: listed{"priority": 0.0}, 2: unknown{}}, nil, nil},
		"one member, electable":               {of(1, voter), all(1, listed{"priority": 3.0}), nil, nil},

		"hidden where the priority is 1": {
			three(voter), third(listed{"hidden": true}), []said{{"error", "members[2].hidden", "Hidden " + fmt.Sprintf(needs, 1) + fmt.Sprintf(left, "priority")}}, nil,
		},
		"hidden where the priority is 0":         {three(passive), third(listed{"hidden": true}), nil, nil},
		"hidden with a priority known later":     {three(voter), third(listed{"hidden": true, "priority": unknown{}}), nil, nil},
		"hidden with a priority of 0":            {of(4, voter), third(listed{"hidden": true, "priority": 0.0}), []said{evenFour}, nil},
		"hidden with a priority in the list":     {three(voter), third(listed{"hidden": true, "priority": 2.0}), both("hidden", "Hidden "+fmt.Sprintf(needs, 2)), both("hidden", "Hidden "+fmt.Sprintf(needs, 2))},
		"a priority for one that is hidden":      {three(hidden), third(listed{"priority": 5.0}), both("priority", "Hidden "+fmt.Sprintf(needs, 5)+fmt.Sprintf(left, "hidden")), nil},
		"a priority for one no longer hidden":    {three(hidden), third(listed{"priority": 5.0, "hidden": false}), nil, nil},
		"a priority for one hidden or not":       {three(hidden), third(listed{"priority": 5.0, "hidden": unknown{}}), nil, nil},
		"no vote where the priority is 1":        {of(4, voter), third(listed{"votes": 0}), both("votes", "Votes 0 "+fmt.Sprintf(needs, 1)+fmt.Sprintf(left, "priority")), nil},
		"no vote where the priority is 0":        {append(of(3, voter), passive), map[int]any{3: listed{"votes": 0}}, nil, nil},
		"no vote with a priority in the list":    {of(4, voter), third(listed{"votes": 0, "priority": 0.5}), both("votes", "Votes 0 "+fmt.Sprintf(needs, 0.5)), both("votes", "Votes 0 "+fmt.Sprintf(needs, 0.5))},
		"a priority for one without a vote":      {append(of(3, voter), silent), map[int]any{3: listed{"priority": 1.0}}, []said{{"error", "members[3].priority", fmt.Sprintf(left, "votes")}}, nil},
		"a vote and a priority for such a one":   {append(of(2, voter), silent), third(listed{"priority": 1.0, "votes": 1}), nil, nil},
		"a priority for one that is delayed":     {three(delayed), third(listed{"priority": 2.0, "hidden": false}), both("priority", "secondary_delay_secs above 0 "+fmt.Sprintf(needs, 2)+fmt.Sprintf(left, "secondary_delay_secs"), said{"warning", "members[2].hidden", stale}), nil},
		"a delay with a priority in the list":    {three(voter), third(listed{"secondary_delay_secs": 60, "priority": 1.0}), both("secondary_delay_secs", "secondary_delay_secs above 0 "+fmt.Sprintf(needs, 1)), both("secondary_delay_secs", "secondary_delay_secs above 0 "+fmt.Sprintf(needs, 1))},
		"a delay where the priority is 1":        {three(voter), third(listed{"secondary_delay_secs": 60, "hidden": unknown{}}), both("secondary_delay_secs", "secondary_delay_secs above 0 "+fmt.Sprintf(needs, 1)), nil},
		"a delay of one that is hidden":          {three(hidden), third(listed{"secondary_delay_secs": 60}), nil, nil},
		"a delay of one that is not hidden":      {three(passive), third(listed{"secondary_delay_secs": 60}), []said{{"warning", "members[2].secondary_delay_secs", stale + fmt.Sprintf(left, "hidden")}}, nil},
		"a delay that is listed as not hidden":   {three(passive), third(listed{"secondary_delay_secs": 60, "hidden": false, "priority": 0.0}), []said{{"warning", "members[2].secondary_delay_secs", stale}}, []said{{"warning", "members[2].secondary_delay_secs", stale}}},
		"a delay that is listed as hidden":       {three(passive), third(listed{"secondary_delay_secs": 60, "hidden": true, "priority": 0.0}), nil, nil},
		"one that is delayed and hidden no more": {three(delayed), third(listed{"hidden": false}), []said{{"warning", "members[2].hidden", stale + fmt.Sprintf(left, "secondary_delay_secs")}}, nil},

		"even voters":                         {of(2, voter), all(1, listed{"hostname": "a.example"}), []said{evenTwo}, nil},
		"even voters that are listed":         {of(2, voter), all(2, listed{"votes": 1}), []said{evenTwo}, []said{evenTwo}},
		"even voters that can be elected":     {of(2, voter), all(2, listed{"priority": 2.0}), []said{evenTwo}, []said{evenTwo}},
		"even voters, unless one loses it":    {append(of(3, voter), passive), map[int]any{3: listed{"votes": unknown{}}}, nil, nil},
		"even voters beside an arbiter":       {append(of(3, voter), arbiter), all(3, listed{"priority": 2.0}), nil, nil},
		"odd voters and one without a vote":   {append(of(3, voter), silent), all(1, listed{"priority": 2.0}), nil, nil},
		"even voters through one loss of one": {append(of(2, voter), passive), third(listed{"votes": 0}), []said{evenTwo}, nil},
	}
	for name, tt := range tests {
		for server, want := range map[string][]said{"full": tt.full, "bare": tt.bare} {
			t.Run(name+"/"+server, func(t *testing.T) {
				t.Parallel()
				cloud := acctest.NewCloud(t, func(o *sandbox.Options) { o.BuildTime, o.Bare = time.Nanosecond, server == "bare" })
				ids := somebodyElses(t, cloud, tt.blocks...)
				for n := len(ids); n < len(tt.listed) && len(tt.blocks) == 0; n++ {
					ids = append(ids, fmt.Sprintf("44444444-4444-4444-8444-%012d", n))
				}
				entries := map[string]any{}
				for n, settings := range tt.listed {
					entries[ids[n]] = settings
				}
				expectSaid(t, plan(t, cloud, entries), ids, want)
			})
		}
	}
}

// both is an error at an attribute of the third member, and what is said beside it.
func both(attribute, text string, more ...said) []said {
	return append([]said{{"error", "members[2]." + attribute, text}}, more...)
}

// expectSaid compares what was said with what is expected, in any order.
func expectSaid(t *testing.T, got []*tfprotov6.Diagnostic, ids []string, want []said) {
	t.Helper()
	left := slices.Clone(want)
	for _, d := range got {
		one := said{strings.ToLower(d.Severity.String()), where(d.Attribute, ids), d.Detail}
		i := slices.IndexFunc(left, func(w said) bool {
			return w.severity == one.severity && w.at == one.at && strings.Contains(one.text, w.text)
		})
		if i < 0 {
			t.Errorf("the plan says %+v", one)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	for _, w := range left {
		t.Errorf("the plan does not say %+v", w)
	}
}

func TestStrangersAndArbitersAreNamedAtPlanTime(t *testing.T) {
	cloud := acctest.NewCloud(t)
	ids := append(somebodyElses(t, cloud, topology.MongoDB{}, topology.MongoDB{Type: topology.TypeArbiter}),
		"44444444-4444-4444-8444-444444444444", "55555555-5555-4555-8555-555555555555")
	entries := map[string]any{}
	for _, id := range ids {
		entries[id] = listed{"priority": 1.0}
	}
	stranger := func(n int) said {
		return said{"error", fmt.Sprintf("members[%d]", n), fmt.Sprintf("Instance %s is not a member of replica set products.", ids[n])}
	}
	expectSaid(t, plan(t, cloud, entries), ids, []said{
		{"error", "members[1]", fmt.Sprintf("Instance %s is an arbiter of replica set products: it has no settings to change.", ids[1])}, stranger(2), stranger(3),
	})
}
