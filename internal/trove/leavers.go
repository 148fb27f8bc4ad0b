package trove

import (
	"slices"
	"sync"
	"time"
)

// leavers knows, by cluster, which members are about to be deleted, which deletions of any instance are under way in this
// process, and when the last one began or ended.
type leavers struct {
	mu       sync.Mutex
	clusters map[string][]string
	underWay map[string]deletion
	stirred  time.Time
}

// add notes members that are about to be deleted.
func (l *leavers) add(cluster string, ids []string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.clusters == nil {
		l.clusters = map[string][]string{}
	}
	for _, id := range ids {
		if !slices.Contains(l.clusters[cluster], id) {
			l.clusters[cluster] = append(l.clusters[cluster], id)
		}
	}
	l.stirred = now
}

// remove forgets a member whose deletion has ended, well or not.
func (l *leavers) remove(cluster, id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.clusters[cluster] = slices.DeleteFunc(l.clusters[cluster], func(other string) bool { return other == id })
	l.stirred = now
}

// deletion is what is known of one that is under way.
type deletion struct {
	accepted bool // by the server: the instance is surely going
	unleft   bool // of a member that could not leave before
}

// begin notes that a deletion begins, and end that it ends, well or not: where Terraform has as many under way as it may, others
// come only then.
func (l *leavers) begin(id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.underWay == nil {
		l.underWay = map[string]deletion{}
	}
	if _, begun := l.underWay[id]; !begun {
		l.underWay[id] = deletion{}
	}
	l.stirred = now
}

func (l *leavers) end(id string, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.underWay, id)
	l.stirred = now
}

// begun says whether the deletion of an instance is under way in this process.
func (l *leavers) begun(id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, ok := l.underWay[id]
	return ok
}

// accept notes that the server has accepted a deletion, and skip that a member is deleted without having left.
func (l *leavers) accept(id string) { l.mark(id, func(d *deletion) { d.accepted = true }) }

func (l *leavers) skip(id string) { l.mark(id, func(d *deletion) { d.unleft = true }) }

func (l *leavers) mark(id string, change func(*deletion)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d, ok := l.underWay[id]; ok {
		change(&d)
		l.underWay[id] = d
	}
}

// any says whether a deletion of that kind is under way.
func (l *leavers) any(kind func(id string, d deletion) bool) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, d := range l.underWay {
		if kind(id, d) {
			return true
		}
	}
	return false
}

// last is when a deletion last began or ended.
func (l *leavers) last() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.stirred
}

// now returns who is about to be deleted, and when a deletion last began or ended.
func (l *leavers) now(cluster string) ([]string, time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.clusters[cluster]), l.stirred
}
