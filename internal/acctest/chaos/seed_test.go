package chaos

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// step is one change of what is wanted, or of what is there, and the apply after it.
type step struct {
	name    string
	config  configuration
	replace []string
	before  func() string // what happens to the state or the server first; it tells what could not be done
	faults  []*fault
}

// seed is one run of the campaign.
type seed struct {
	t        *testing.T
	number   uint64
	upstream bool
	release  int // of a released Trove
	proxy    *acctest.FaultProxy
	tf       runner
	cli      *commandLine // where the runner is one
	settings map[string]string
	steps    []step

	now    atomic.Pointer[acctest.Cloud]
	config configuration
	before snapshot

	log     []string
	fired   map[string]int
	runs    int
	named   int // objects in no state that an error named
	helped  int // applies beyond the first that it took after all faults
	reset   int // instances that an operator took out of ERROR
	orphans int // objects in no state since Terraform or the provider was killed
	offered int // those of them that the next creation of that name offered for import, or warned of where they had failed
	killed  atomic.Bool
	signals sync.Mutex
	armed   bool // signals may be sent
	kills   int  // runs that were killed
}

func (s *seed) cloud() *acctest.Cloud { return s.now.Load() }

func (s *seed) logf(format string, args ...any) { s.log = append(s.log, fmt.Sprintf(format, args...)) }

// errorf fails the seed.
func (s *seed) errorf(format string, args ...any) {
	s.t.Helper()
	s.logf("  FAILED: "+format, args...)
	s.t.Errorf(format, args...)
}

// newSeed chooses everything that the seed decides.
func newSeed(t *testing.T, number uint64) *seed {
	t.Helper()
	r := rand.New(rand.NewPCG(number, 17))
	s := &seed{t: t, number: number, upstream: r.IntN(3) == 0, release: pick(r, []int{18, 23, 26}), fired: map[string]int{}, settings: map[string]string{"reconfig_window": "1s"}}
	s.patient(true)
	first := s.newCloud()
	s.now.Store(first)
	s.proxy = acctest.NewFaultProxy(t, first)
	s.proxy.Before = s.witness
	if byCLI := number%uint64(*cliEvery) == 0; byCLI {
		s.cli = newCommandLine(t, s.proxy, s.settings)
		s.tf = s.cli
	} else {
		s.tf = &engine{t: t, proxy: s.proxy, block: s.settings, state: map[string]kept{}}
	}
	s.choose(r)
	return s
}

// haste is how much faster time passes in the sandbox: Trove tells times to the second, and from those of a source and its replica the
// provider tells whether roles have moved, which a real server does not create in the same second.
const haste = 100

func (s *seed) newCloud() *acctest.Cloud {
	began := time.Now()
	return acctest.NewCloud(s.t, func(o *sandbox.Options) {
		o.Upstream, o.Release, o.Quota = s.upstream, s.release, state.Quota{Instances: -1, VolumeGB: -1}
		o.Now = func() time.Time { return began.Add(haste * time.Since(began)) }
		o.BuildTime, o.ActionTime, o.UsageTimeout = haste*30*time.Millisecond, haste*10*time.Millisecond, haste*700*time.Millisecond
		o.TokenLifetime = haste * time.Hour
	})
}

// choose draws the stacks and the steps.
func (s *seed) choose(r *rand.Rand) {
	var stacks []*stack
	found := func() {
		stacks = append(stacks, newStack(r, string(rune('a'+len(stacks))), s.upstream, !s.upstream || s.release >= 26))
	}
	for range 1 + r.IntN(2) {
		found()
	}
	gone := map[*stack]bool{}
	add := func(name string, replace []string, before func() string) {
		var c configuration
		for _, one := range stacks {
			if !gone[one] {
				name = strings.Join(append([]string{name}, one.settle()...), ", ")
			}
		}
		for _, one := range stacks {
			if !gone[one] {
				c.blocks = append(c.blocks, one.blocks()...)
			}
			c.moved = append(c.moved, one.moved...)
		}
		c.moved = slices.Clone(c.moved)
		st := step{name: name, config: c, replace: replace, before: before}
		for range 1 + r.IntN(5) {
			st.faults = append(st.faults, s.chooseFault(r))
		}
		if *calm {
			st.faults = nil
		}
		s.steps = append(s.steps, st)
	}
	var kindsOf []string
	for _, one := range stacks {
		kindsOf = append(kindsOf, one.kind)
	}
	add("create "+strings.Join(kindsOf, ", "), nil, nil)
	for range 2 + r.IntN(4) {
		one := pick(r, stacks)
		for gone[one] {
			one = pick(r, stacks)
		}
		m := pick(r, one.members)
		address := one.address(m)
		switch n := r.IntN(20); {
		case n < 12:
			var did []string
			for range 1 + r.IntN(2) {
				c := pick(r, changes)
				if what := c.do(r, one); what != "" {
					did = append(did, c.name+" "+what)
				}
			}
			add(strings.Join(did, ", "), nil, nil)
		case n == 12:
			add("taint "+address, nil, func() string { s.tf.taint(address); return "" })
		case n == 13:
			add("replace "+address, []string{address}, nil)
		case n == 14:
			at := pick(r, one.importable())
			add("import "+at, nil, func() string { return s.readopt(at) })
		case n == 15:
			add("removed by another: "+address, nil, func() string { return s.removeByAnother(address) })
		case n == 16:
			add("server restarted empty", nil, func() string { s.restart(); s.fired["server restarted empty"]++; return "" })
		case n == 17 && len(stacks)-len(gone) > 1:
			gone[one] = true
			add("destroy "+one.name, nil, nil)
		case n == 18 && len(stacks) < 4:
			found()
			add("add "+stacks[len(stacks)-1].kind, nil, nil)
		default:
			add("nothing", nil, nil)
		}
	}
	if slices.ContainsFunc(stacks, func(one *stack) bool { return !gone[one] && one.unsettled() }) {
		add("nothing more", nil, nil)
	}
}

// run goes through the steps, and then sees that everything can be brought about, and taken down.
func (s *seed) run() {
	for n, st := range s.steps {
		s.config = st.config
		s.logf("step %d: %s", n, st.name)
		if st.before != nil {
			if not := st.before(); not != "" {
				s.logf("  not done: %s", not)
			}
		}
		s.killed.Store(false)
		s.observe(st.replace)
		s.patient(false)
		s.arm(st.faults)
		out := s.bounded(func() outcome { return s.tf.apply(st.config, st.replace...) })
		s.patient(true)
		if s.killed.Load() {
			s.kills++
		}
		for _, f := range s.disarm(st.faults) {
			s.logf("  fault: %s", f)
		}
		s.after("apply", out)
		if out.failed && *calm {
			s.errorf("the apply fails without a fault")
		}
		if s.killed.Load() && !s.t.Failed() {
			s.heal(st.replace)
		}
		if s.t.Failed() {
			return
		}
	}
	s.patient(true)
	s.logf("the faults are over")
	s.killed.Store(false)
	s.operate()
	for tries := 0; ; tries++ {
		s.observe(nil)
		out := s.bounded(func() outcome { return s.tf.apply(s.config) })
		s.after("apply", out)
		if !out.failed {
			s.helped += tries
			break
		}
		if tries == maxRecoveries || s.t.Failed() {
			s.errorf("no apply succeeds although there are no faults any more: %s", out.text)
			return
		}
	}
	if out := s.bounded(func() outcome { return s.tf.plan(s.config) }); out.failed || len(out.changes) > 0 {
		s.errorf("the plan after the apply is not empty: %v %s", out.changes, out.text)
	}
	whole := s.config
	s.config = configuration{}
	s.observe(nil)
	out := s.bounded(func() outcome { return s.tf.destroy(whole) })
	s.after("destroy", out)
	if out.failed {
		s.errorf("the destruction fails: %s", out.text)
	}
	s.nothingLeft()
}

// patient sets for how long the provider waits for an answer: long, unless there are faults which give none.
func (s *seed) patient(patient bool) {
	s.settings["request_timeout"], s.settings["max_retries"] = "2s", "2"
	if patient {
		s.settings["request_timeout"], s.settings["max_retries"] = "30s", "4"
	}
}

// longest is how long one run may take: the longest waits of the provider for what it does not see are two minutes.
const longest = 4 * time.Minute

// bounded bounds one run.
func (s *seed) bounded(run func() outcome) outcome {
	ctx, cancel := context.WithTimeout(s.t.Context(), longest)
	defer cancel()
	s.tf.within(ctx)
	s.runs++
	out := run()
	if ctx.Err() != nil {
		s.errorf("a run does not end within %s", longest)
	}
	return out
}

// maxRecoveries is how many applies may fail when the faults are over.
const maxRecoveries = 1

// after notes what a run has come to, and checks what must hold after every one.
func (s *seed) after(what string, out outcome) {
	s.logf("  %s: failed %v, planned %v", what, out.failed, out.changes)
	if out.text != "" {
		s.logf("%s", indent(out.text))
	}
	s.check(out)
}

// operate is what an operator does where an action has failed on the server: the instances are taken out of ERROR. Those whose creation
// has failed are for Terraform to replace.
func (s *seed) operate() {
	tainted := map[string]bool{}
	ids := s.tf.ids()
	for _, address := range s.tf.tainted() {
		if nouns[block{address: address}.typeName()] == "instance" { // what is within one may have its id
			tainted[ids[address]] = true
		}
	}
	for _, one := range s.alive() {
		if one.Status == "ERROR" && !tainted[one.ID] && s.cloud().State().ResetStatus(one.ProjectID, one.ID) == nil {
			s.logf("  an operator takes %s (%s) out of ERROR", one.Name, one.ID)
			s.reset++
		}
	}
}

// restart lets the server come back empty.
func (s *seed) restart() {
	fresh := s.newCloud()
	s.now.Store(fresh)
	s.proxy.Restart(fresh)
}

func (s *seed) expire(w http.ResponseWriter, _ *http.Request, work func() *acctest.Answer) {
	s.cloud().ExpireTokens()
	work().Send(w)
}

// foreign answers about another object than the one that was asked for.
func (s *seed) foreign(w http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
	_, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1.0/"), "/")
	collection, rest, _ := strings.Cut(rest, "/")
	asked, rest, _ := strings.Cut(rest, "/")
	all, _ := s.proxy.TryAsk(s.t, http.MethodGet, "/"+collection, "").JSON()[collection].([]any)
	for _, one := range all {
		shown, _ := one.(map[string]any)
		if id, _ := shown["id"].(string); id != "" && id != asked && asked != "" {
			s.proxy.TryAsk(s.t, http.MethodGet, strings.TrimSuffix("/"+collection+"/"+id+"/"+rest, "/"), "").Send(w)
			return
		}
	}
	work().Send(w)
}

// signal does something to Terraform when a request has come, or has been carried out.
func (s *seed) signal(do func(*seed), after bool) acctest.Effect {
	return func(w http.ResponseWriter, _ *http.Request, work func() *acctest.Answer) {
		if after {
			work()
		}
		s.signals.Lock()
		if s.armed { // else the run that it was to meet has ended, and the next one may have begun
			do(s)
		}
		s.signals.Unlock()
		work().Send(w)
	}
}

func (s *seed) interrupt() { s.tf.interrupt() }

// interruptTwice makes Terraform exit at once, which says itself that data may be lost.
func (s *seed) interruptTwice() {
	s.killed.Store(true)
	s.cli.interruptTwice()
}

func (s *seed) kill() {
	s.killed.Store(true)
	s.cli.kill()
}

// killTerraform leaves the provider alone.
func (s *seed) killTerraform() {
	s.killed.Store(true)
	s.cli.killTerraform()
}

func (s *seed) killProvider() {
	s.killed.Store(true)
	s.cli.killProvider()
}

// readopt takes a resource out of the state and imports it.
func (s *seed) readopt(address string) string {
	ids := s.tf.ids()
	id := ids[address]
	if id == "" {
		return "it is not in the state"
	}
	if _, ok := s.config.block(address); !ok {
		return "it is not in the configuration"
	}
	if !s.there(block{address: address}.typeName(), id) {
		return "it is not there"
	}
	if slices.Contains(s.tf.tainted(), address) {
		return "it is tainted, which an import would undo"
	}
	if replaces(ids, address) {
		return "the state still has what it replaces, which would be forgotten with it"
	}
	s.tf.forget(address)
	if out := s.bounded(func() outcome { return s.tf.adopt(s.config, address, id) }); out.failed {
		s.errorf("the import of %s (%s) fails: %s", address, id, out.text)
	}
	return ""
}

// replaces says whether a state with these ids by address still has what is replaced at an address. Terraform imports nothing to it then.
func replaces(ids map[string]string, address string) bool {
	for other := range ids {
		if other != address && current(other) == address {
			return true
		}
	}
	return false
}

// there says whether the server has what a resource of the type and the id is.
func (s *seed) there(typeName, id string) bool {
	instance, name, _ := strings.Cut(id, "/")
	path, list := "/instances/"+id, ""
	switch typeName {
	case "trove_configuration":
		path = "/configurations/" + id
	case "trove_backup":
		path = "/backups/" + id
	case "trove_database":
		path, list = "/instances/"+instance+"/databases", name
	case "trove_user":
		name, _, _ = strings.Cut(name, "@")
		path, list = "/instances/"+instance+"/users", name
	}
	a := s.proxy.TryAsk(s.t, http.MethodGet, path, "")
	return a.Status == http.StatusOK && (list == "" || strings.Contains(string(a.Body), `"name": "`+list+`"`) || strings.Contains(string(a.Body), `"name":"`+list+`"`))
}

// leaves are the actions by which members leave, by what their topology holds.
var leaves = map[string]string{
	"mongodb": `{"mongodb": {"remove_member": {"id": %q}}}`, "cassandra": `{"cassandra": {"remove_node": {"id": %q}}}`,
	"couchbase": `{"couchbase": {"rebalance": {"server_remove": %q}}}`, "redis_cluster": `{"redis_cluster": {"remove_node": {"id": %q}}}`,
}

// removeByAnother lets somebody else take an instance out of its cluster and delete it.
func (s *seed) removeByAnother(address string) string {
	id := s.tf.ids()[address]
	if id == "" {
		return "it is not in the state"
	}
	return s.removeID(id)
}

func (s *seed) removeID(id string) string {
	shown, _ := s.proxy.TryAsk(s.t, http.MethodGet, "/instances/"+id, "").JSON()["instance"].(map[string]any)
	topology, _ := shown["topology"].(map[string]any)
	for kind := range topology {
		leave, ok := leaves[kind]
		if !ok {
			continue
		}
		for _, other := range s.listed(id) {
			if other != id {
				if a := s.proxy.TryAsk(s.t, http.MethodPost, "/instances/"+other+"/topology/action", fmt.Sprintf(leave, id)); a.Status >= 400 {
					return string(a.Body)
				}
				s.proxy.Settle(s.t, other)
				break
			}
		}
	}
	if a := s.proxy.TryAsk(s.t, http.MethodDelete, "/instances/"+id, ""); a.Status >= 400 {
		return string(a.Body)
	}
	s.proxy.Settle(s.t, id)
	return ""
}

// outsider removes some instance while an apply goes on.
func (s *seed) outsider() {
	var all []string
	for _, one := range s.cloud().State().History() {
		if one.Deleted.IsZero() && one.Status == "ACTIVE" {
			all = append(all, one.ID)
		}
	}
	if len(all) > 0 {
		s.removeID(all[len(all)-1])
	}
}

// listed are the members of the topology of an instance, as that sees it.
func (s *seed) listed(id string) (members []string) {
	var shown struct {
		Topology struct {
			Members []struct{ ID string }
		}
	}
	if json.Unmarshal(s.proxy.TryAsk(s.t, http.MethodGet, "/instances/"+id+"/topology", "").Body, &shown) != nil {
		return nil
	}
	for _, m := range shown.Topology.Members {
		members = append(members, m.ID)
	}
	return members
}
