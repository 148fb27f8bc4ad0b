package chaos

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// outcome is what a run has come to.
type outcome struct {
	failed  bool
	text    string   // what was said
	changes []string // what was planned, such as "update trove_instance.a"
}

// runner is Terraform, or what does as it does.
type runner interface {
	// apply brings the configuration about; what is in replace is replaced, as by -replace.
	apply(c configuration, replace ...string) outcome
	// plan tells what an apply would do.
	plan(c configuration) outcome
	destroy(c configuration) outcome
	// taint marks what is at an address to be replaced.
	taint(address string)
	// tainted are the addresses of what is marked so.
	tainted() []string
	// forget takes it out of the state, and adopt imports it.
	forget(address string)
	adopt(c configuration, address, id string) outcome
	// ids are those of all that is in the state, by address.
	ids() map[string]string
	// within bounds what is run from now on.
	within(ctx context.Context)
	// interrupt is the user's Ctrl-C. It may be called from an effect.
	interrupt()
}

// kept is a resource in the state.
type kept struct {
	acctest.Object
	tainted bool
	early   bool     // create_before_destroy
	needs   []string // the addresses that it referred to
}

// deposed is the address of the n-th object that was replaced, and is not destroyed yet; current is the address of what replaces it.
func deposed(address string, n int) string { return fmt.Sprintf("%s%s%d", address, deposedMark, n) }

func current(address string) string {
	address, _, _ = strings.Cut(address, deposedMark)
	return address
}

const deposedMark = " deposed "

// engine drives the provider in this process as Terraform does: it plans with a refresh, and applies with another process of the
// provider, in Terraform's order and ten at a time.
type engine struct {
	t     *testing.T
	proxy *acctest.FaultProxy
	block map[string]string
	state map[string]kept
	ctx   context.Context //nolint:containedctx // of the present run

	deposed int // how many there have been

	running     atomic.Pointer[acctest.Driver]
	interrupted atomic.Bool
}

// action is what is planned for a resource: at most a destruction, and then a creation or a change.
type action struct {
	verb    string // "" for nothing
	destroy *acctest.Change
}

// serve starts the provider.
func (e *engine) serve() *acctest.Driver {
	run := e.proxy.NewDriver(e.t, e.block).Within(e.ctx)
	e.running.Store(run)
	return run
}

func (e *engine) interrupt() {
	e.interrupted.Store(true)
	if run := e.running.Load(); run != nil {
		_, err := run.StopProvider(context.WithoutCancel(e.t.Context()), &tfprotov6.StopProviderRequest{})
		if err != nil {
			e.t.Error(err)
		}
	}
}

func (e *engine) within(ctx context.Context) { e.ctx = ctx }

func (e *engine) taint(address string) {
	if k, ok := e.state[address]; ok {
		k.tainted = true
		e.state[address] = k
	}
}

func (e *engine) tainted() (all []string) {
	for address, k := range e.state {
		if k.tainted {
			all = append(all, address)
		}
	}
	return all
}

func (e *engine) forget(address string) { delete(e.state, address) }

func (e *engine) ids() map[string]string {
	run, all := e.running.Load(), map[string]string{}
	for address, k := range e.state {
		all[address] = run.ID(k.Object)
	}
	return all
}

func (e *engine) adopt(c configuration, address, id string) outcome {
	b, ok := c.block(address)
	if !ok {
		e.t.Fatalf("%s is not in the configuration", address)
	}
	run := e.serve()
	imported := run.ImportByID(b.typeName(), id)
	if !imported.Failed() && run.Exists(imported.Object) {
		e.state[address] = kept{Object: imported.Object, needs: b.needs(), early: b.early}
	}
	return outcome{failed: imported.Failed() || !run.Exists(imported.Object), text: imported.Text()}
}

// said collects diagnostics from several goroutines.
type said struct {
	sync.Mutex
	outcome
}

func (s *said) note(address string, d acctest.Diagnostics) (failed bool) {
	s.Lock()
	defer s.Unlock()
	if len(d) > 0 {
		s.text += fmt.Sprintf("%s: %s\n", address, d.Text())
	}
	s.failed = s.failed || d.Failed()
	return d.Failed()
}

func (e *engine) plan(c configuration) outcome {
	e.interrupted.Store(false)
	_, _, out := e.planned(c, nil)
	return out
}

func (e *engine) destroy(configuration) outcome {
	return e.apply(configuration{})
}

// planned refreshes and plans everything. The state that it returns is the refreshed one.
func (e *engine) planned(c configuration, replace []string) (map[string]action, map[string]kept, outcome) {
	run := e.serve()
	report := &said{}
	for _, m := range c.moved {
		e.move(run, m[0], m[1], report)
	}
	var mu sync.Mutex
	actions, state := map[string]action{}, map[string]kept{}
	needs := map[string][]string{}
	for address := range e.state {
		needs[address] = nil
	}
	for _, b := range c.blocks {
		needs[b.address] = b.needs()
	}
	skipped := walk(needs, func(address string) bool {
		if e.interrupted.Load() {
			return false
		}
		k, exists := e.state[address]
		if exists {
			read := run.Refresh(k.Object)
			if report.note(address, read.Diagnostics) {
				return false
			}
			if exists = run.Exists(read.Object); exists {
				k.Object = read.Object
				mu.Lock()
				state[address] = k
				mu.Unlock()
			}
		}
		b, wanted := c.block(address)
		var act action
		var diagnostics acctest.Diagnostics
		switch {
		case !wanted && !exists:
			return true
		case !wanted:
			change, d := run.PlanDestroy(k.Object)
			act, diagnostics = action{"delete", &change}, d
		default:
			config := b.resolved(func(of string) string {
				mu.Lock()
				defer mu.Unlock()
				if v := actions[of].verb; v == "create" || v == "replace" {
					return acctest.Unknown
				}
				return run.ID(state[of].Object)
			})
			act, diagnostics = e.decide(run, b, k, exists, slices.Contains(replace, address), config)
		}
		if report.note(address, diagnostics) {
			return false
		}
		mu.Lock()
		actions[address] = act
		mu.Unlock()
		return true
	})
	report.failed = report.failed || len(skipped) > 0
	for _, address := range slices.Sorted(maps.Keys(actions)) {
		if verb := actions[address].verb; verb != "" {
			report.changes = append(report.changes, verb+" "+address)
		}
	}
	return actions, state, report.outcome
}

// move carries out a moved block.
func (e *engine) move(run *acctest.Driver, from, to string, report *said) {
	typeName := block{address: to}.typeName()
	for address, k := range maps.Clone(e.state) {
		if current(address) != from {
			continue
		}
		if k.Type != typeName {
			moved := run.Move(k.Object, typeName)
			if report.note(address, moved.Diagnostics) {
				return
			}
			k.Object = moved.Object
		}
		delete(e.state, address)
		e.state[to+strings.TrimPrefix(address, from)] = k
	}
}

// decide plans one resource.
func (e *engine) decide(run *acctest.Driver, b block, k kept, exists, replace bool, config string) (action, acctest.Diagnostics) {
	if !exists {
		_, d := run.Plan(acctest.Object{Type: b.typeName()}, config)
		return action{verb: "create"}, d
	}
	if !k.tainted && !replace {
		change, d := run.Plan(k.Object, config)
		switch {
		case d.Failed() || len(change.Replace) == 0 && run.NoOp(change):
			return action{}, d
		case len(change.Replace) == 0:
			return action{verb: "update"}, d
		}
	}
	destroy, _, d := run.PlanReplace(k.Object, config)
	return action{"replace", &destroy}, d
}

func (e *engine) apply(c configuration, replace ...string) outcome {
	e.interrupted.Store(false)
	actions, state, out := e.planned(c, replace)
	if out.failed || e.interrupted.Load() {
		out.failed = true
		return out
	}
	e.state = state
	run := e.serve()
	var mu sync.Mutex
	report := &said{outcome: out}
	early := func(address string) bool {
		if b, ok := c.block(address); ok {
			return b.early
		}
		return state[address].early || current(address) != address
	}
	// A destruction is -address, all else +address.
	needs := map[string][]string{}
	for address, act := range actions {
		if act.destroy != nil {
			needs["-"+address] = nil
		}
		if act.verb != "" && act.verb != "delete" {
			needs["+"+address] = nil
		}
	}
	for node := range needs {
		address := node[1:]
		b, _ := c.block(address)
		before := func(other string) {
			if _, ok := needs[other]; ok && other != node {
				needs[node] = append(needs[node], other)
			}
		}
		if node[0] == '+' {
			if !early(address) {
				before("-" + address)
			}
			for _, of := range b.needs() {
				before("+" + of)
			}
			for _, of := range state[address].needs {
				if !early(of) {
					before("-" + of)
				}
			}
			continue
		}
		if early(address) {
			before("+" + current(address))
		}
		for other, k := range state {
			if slices.Contains(k.needs, current(address)) {
				before("-" + other)
				if early(address) {
					before("+" + other)
				}
			}
		}
	}
	replaced := map[string]string{} // by address, where what is created before its destruction is kept until then
	skipped := walk(needs, func(node string) bool {
		address := node[1:]
		mu.Lock()
		k := e.state[address]
		mu.Unlock()
		if e.interrupted.Load() {
			return false
		}
		if node[0] == '-' {
			result := run.Apply(*actions[address].destroy)
			mu.Lock()
			defer mu.Unlock()
			if at := replaced[address]; at != "" {
				address, k = at, e.state[at]
			}
			if failed := report.note(address, result.Diagnostics); failed {
				k.Object = result.Object
				e.state[address] = k
				return false
			}
			delete(e.state, address)
			return true
		}
		b, _ := c.block(address)
		prior, replaces := k.Object, k.State != nil && actions[address].verb == "replace"
		if k.State == nil || replaces {
			prior = acctest.Object{Type: b.typeName()}
		}
		config := b.resolved(func(of string) string {
			mu.Lock()
			defer mu.Unlock()
			return run.ID(e.state[of].Object)
		})
		change, d := run.Plan(prior, config) // as Terraform does once more, with what is known now
		if report.note(address, d) {
			return false
		}
		if actions[address].verb == "update" && len(change.Replace) > 0 {
			e.t.Errorf("%s: planned to change, and to be replaced for %v when it is applied", address, change.Replace)
			return false
		}
		result := run.Apply(change)
		mu.Lock()
		defer mu.Unlock()
		failed := report.note(address, result.Diagnostics)
		if run.Exists(result.Object) {
			if replaces {
				e.deposed++
				replaced[address] = deposed(address, e.deposed)
				e.state[replaced[address]] = k
			}
			e.state[address] = kept{Object: result.Object, needs: b.needs(), tainted: prior.State == nil && failed, early: b.early}
		}
		return !failed
	})
	report.failed = report.failed || len(skipped) > 0
	return report.outcome
}

// walk calls f for every node when those that it needs are done, ten at a time. It returns those that were not called since
// something that they need has failed.
func walk(needs map[string][]string, f func(node string) bool) (skipped []string) {
	done, ok := map[string]chan struct{}{}, map[string]bool{}
	for node := range needs {
		done[node] = make(chan struct{})
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	slots := make(chan struct{}, 10)
	for node, of := range needs {
		all.Go(func() {
			defer close(done[node])
			for _, other := range of {
				if wait := done[other]; wait != nil {
					<-wait
					mu.Lock()
					fine := ok[other]
					mu.Unlock()
					if !fine {
						mu.Lock()
						skipped = append(skipped, node)
						mu.Unlock()
						return
					}
				}
			}
			slots <- struct{}{}
			fine := f(node)
			<-slots
			mu.Lock()
			ok[node] = fine
			mu.Unlock()
		})
	}
	all.Wait()
	return skipped
}

// indent is text as it stands below a heading.
func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}
