// Package faults makes the sandbox fail on demand. A Rule says which requests or instances it applies to, how often, and what happens;
// rules are injected by Faults.Add, or as JSON by POST /sandbox/faults:
//
//	{"do": "lose_answer", "kind": "POST /instances", "instance": "orders-1"}
//	{"do": "drop", "kind": "GET /instances/{id}", "after": 2, "times": 3}
//	{"do": "status", "status": 429, "retry_after": 1, "kind": "POST /instances"}
//	{"do": "status", "status": 500, "after_work": true, "kind": "POST /instances/{id}/topology/action mysql.promote"}
//	{"do": "delay", "delay": "250ms", "times": -1}
//	{"do": "expire_tokens", "kind": "POST /instances*"}
//	{"do": "instance_error", "instance": "orders-2", "message": "No valid host was found."}
//	{"do": "instance_hang", "instance": "orders-3"}
//	{"do": "action_error", "action": "mysql.promote", "instance": "orders-1", "message": "The replica is too far behind."}
//	{"do": "action_error", "action": "mongodb.*", "project": "other", "times": -1}
//
// Which requests: kind is a kind of the ledger, one that ends in * is a prefix, and none means every kind; instance is a name or an id, in
// a creation the requested name; project is a name or an id. All that are given must match.
//
// instance_error, instance_hang and action_error apply to instances instead: they take no kind, and instance is a name, or for an action an
// id.
// An action is the name of a topology action such as mysql.promote, or one of resize, resize_volume, backup, restart, reboot, migrate,
// upgrade, access, detach, promote_to_replica_source and eject_replica_source. It is accepted and fails in the background.
// The result is as in Trove: a failed resize leaves a healthy instance as it was, a failed backup itself becomes FAILED, and anything else
// ends in ERROR; an instance has the message as its fault.
//
// How often: times (default 1, -1 for always), after skipping the first matches given by after (default 0). A rule that has fired as often
// as it should stays listed and does nothing.
//
// If several rules match one request, all delays add up, and of the others the one that was injected first fires. GET /sandbox/faults lists
// the rules and how often each has matched and fired; DELETE /sandbox/faults removes all.
package faults

import (
	"strings"
	"sync"
)

// Always is the Rule.Times of a rule that fires as long as it exists.
const Always = -1

// Injected is a rule with its id and counts.
type Injected struct {
	ID int `json:"id"` // counted from 1
	Rule
	Matched int `json:"matched"` // how often it matched
	Fired   int `json:"fired"`   // how often it fired
}

// Hooks are the functions of the sandbox that faults need.
type Hooks struct {
	// ExpireTokens makes all tokens invalid.
	ExpireTokens func()
	// InstanceName returns the name of an instance, "" if there is none with that id.
	InstanceName func(projectID, id string) string
	// ProjectName returns the name of a project, "" if there is none with that id.
	ProjectName func(id string) string
	// WriteError answers a request with an error in the form of the service that it was sent to.
	WriteError ErrorWriter
}

// Faults holds the rules. It is safe for concurrent use.
type Faults struct {
	hooks    Hooks
	stopping chan struct{}
	stop     sync.Once

	mu    sync.Mutex
	last  int // id of the rule that was injected last
	rules []*Injected
}

// New makes Faults without rules.
func New(hooks Hooks) *Faults {
	return &Faults{hooks: hooks, stopping: make(chan struct{})}
}

// Add injects a rule and returns its id. The error says what is wrong with the rule.
func (f *Faults) Add(r Rule) (int, error) {
	if err := r.check(); err != nil {
		return 0, err
	}
	if r.Times == 0 {
		r.Times = 1
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	f.rules = append(f.rules, &Injected{ID: f.last, Rule: r})
	return f.last, nil
}

// Clear removes all rules. A delay that has begun continues.
func (f *Faults) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.rules = nil
}

// List returns the rules in the order in which they were injected.
func (f *Faults) List() []Injected {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Injected, len(f.rules))
	for i, r := range f.rules {
		list[i] = *r
	}
	return list
}

// Stop ends all delays; their requests are dropped.
func (f *Faults) Stop() { f.stop.Do(func() { close(f.stopping) }) }

// due counts a match and reports whether the rule fires now.
func (i *Injected) due() bool {
	i.Matched++
	if i.Matched <= i.After || i.Times != Always && i.Fired >= i.Times {
		return false
	}
	i.Fired++
	return true
}

// named reports whether a rule's instance or project means the one with this id and name; none means any.
func named(wanted, id, name string) bool {
	return wanted == "" || wanted == id || wanted == name
}

// fits reports whether a rule's kind or action means this one; none means any, and a * at the end means a prefix.
func fits(wanted, is string) bool {
	if prefix, ok := strings.CutSuffix(wanted, "*"); ok {
		return strings.HasPrefix(is, prefix)
	}
	return wanted == "" || wanted == is
}
