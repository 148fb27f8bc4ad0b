package chaos

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// snapshot is what there was before an apply.
type snapshot struct {
	mu         sync.Mutex
	stays      map[string]bool    // the ids of the instances that are to be kept
	priorities map[string]float64 // of the members of replica sets, by id
	wanted     map[string]float64 // what the configuration wants them to be
	violations []string
}

// observe notes what there is before an apply in which these are replaced.
func (s *seed) observe(replace []string) {
	goes := map[string]bool{}
	for _, address := range append(replace, s.tf.tainted()...) {
		goes[address] = true
	}
	// What refers to something that is replaced may be replaced as well.
	for range s.config.blocks {
		for _, b := range s.config.blocks {
			if slices.ContainsFunc(b.needs(), func(of string) bool { return goes[of] }) {
				goes[b.address] = true
			}
		}
	}
	s.before.mu.Lock()
	defer s.before.mu.Unlock()
	s.before.stays, s.before.violations = map[string]bool{}, nil
	s.before.wanted = map[string]float64{}
	ids := s.tf.ids()
	for address, id := range ids {
		b, ok := s.config.block(address)
		if !ok || goes[address] || id == "" {
			continue
		}
		s.before.stays[id] = true
		if priority, ok := b.values["priority"].(int); ok {
			s.before.wanted[id] = float64(priority)
		}
		if members, ok := b.values["members"].(keyed); ok {
			for of, settings := range members {
				priority, isNumber := settings["priority"].(int)
				if id := ids[string(of)]; id != "" && isNumber {
					s.before.wanted[id] = float64(priority)
				}
			}
		}
	}
	s.before.priorities = s.priorities()
}

// priorities are those of all members of replica sets.
func (s *seed) priorities() map[string]float64 {
	all := map[string]float64{}
	for _, one := range s.alive() {
		if _, known := all[one.ID]; known || s.upstream {
			continue
		}
		var shown struct {
			Topology struct {
				Members []struct {
					ID      string
					MongoDB struct{ Priority *float64 }
				}
			}
		}
		if json.Unmarshal(s.proxy.TryAsk(s.t, http.MethodGet, "/instances/"+one.ID+"/topology", "").Body, &shown) != nil {
			continue
		}
		for _, m := range shown.Topology.Members {
			if m.MongoDB.Priority != nil {
				all[m.ID] = *m.MongoDB.Priority
			}
		}
	}
	return all
}

// alive are the instances whose deletion nobody has asked for.
func (s *seed) alive() (all []state.Record) {
	for _, one := range s.cloud().State().History() {
		if one.Deleted.IsZero() && one.DeletedBy == "" {
			all = append(all, one)
		}
	}
	return all
}

// witness hears of every request: a member that is to be deleted has left its cluster, as one that stays shows it.
func (s *seed) witness(h acctest.Heard) {
	id, ok := strings.CutPrefix(h.Path, "/instances/")
	if h.Method != http.MethodDelete || !ok || strings.Contains(id, "/") || s.upstream {
		return
	}
	for _, one := range s.alive() {
		if one.ID == id && one.Status == "ERROR" {
			return
		}
	}
	for _, other := range s.listed(id) {
		s.before.mu.Lock()
		if other != id && s.before.stays[other] && slices.Contains(s.listed(other), id) && s.inCluster(id) {
			s.before.violations = append(s.before.violations, fmt.Sprintf("the deletion of %s was asked for while %s, which stays, lists it\n%s", id, other, s.proxy))
		}
		s.before.mu.Unlock()
	}
}

// inCluster says that an instance is a member of a cluster, which it leaves by an action.
func (s *seed) inCluster(id string) bool {
	shown, _ := s.proxy.TryAsk(s.t, http.MethodGet, "/instances/"+id, "").JSON()["instance"].(map[string]any)
	topology, _ := shown["topology"].(map[string]any)
	for kind := range topology {
		if leaves[kind] != "" {
			return true
		}
	}
	return false
}

// check sees that nothing is lost, doubled, half changed or deleted too soon after a run.
func (s *seed) check(out outcome) {
	s.before.mu.Lock()
	for _, violation := range s.before.violations {
		s.errorf("%s", violation)
	}
	s.before.mu.Unlock()
	s.wholeReconfigurations()
	s.doubled(nil)
	for _, one := range s.strays() {
		switch {
		case s.killed.Load(): // heal sees to it
		case !strings.Contains(out.text, one.id) && !strings.Contains(out.text, "creation of "+one.name+" was lost"):
			s.errorf("%s is in no state, and no error names it", one)
		default:
			s.named++
			s.logf("  an error names %s, which is in no state", one)
			s.heed(one)
		}
	}
	s.follow(out)
}

// doubled checks that there are no two objects of one kind and name, beside those that had failed before.
func (s *seed) doubled(before []object) {
	byName, inState := map[string][]string{}, s.inState()
	for _, one := range s.objects() {
		failed := slices.ContainsFunc(before, func(o object) bool { return o.id == one.id && (o.status == "ERROR" || o.status == "FAILED") })
		if failed {
			continue
		}
		if !inState[one.id] || !s.config.early(one.name) { // else it may be there beside its replacement
			name := one.what + " " + one.name
			byName[name] = append(byName[name], one.id)
		}
	}
	for name, ids := range byName {
		if len(ids) > 1 {
			s.errorf("%s exists %d times: %s", name, len(ids), strings.Join(ids, ", "))
		}
	}
}

// object is an instance, a configuration group or a backup on the server.
type object struct{ what, id, name, status string }

func (o object) String() string { return fmt.Sprintf("%s %s (%s) %s", o.what, o.name, o.id, o.status) }

// collections are what the server lists beside instances.
var collections = map[string]string{"configurations": "configuration group", "backups": "backup"}

// inState are the ids of the objects in the state. What is within an instance may have the id of that.
func (s *seed) inState() map[string]bool {
	all := map[string]bool{}
	for address, id := range s.tf.ids() {
		if nouns[block{address: address}.typeName()] != "" {
			all[id] = true
		}
	}
	return all
}

// objects are the instances, groups and backups whose deletion nobody has asked for.
func (s *seed) objects() (all []object) {
	for _, one := range s.alive() {
		all = append(all, object{"instance", one.ID, one.Name, one.Status})
	}
	for _, collection := range slices.Sorted(maps.Keys(collections)) {
		list, _ := s.proxy.TryAsk(s.t, http.MethodGet, "/"+collection, "").JSON()[collection].([]any)
		for _, one := range list {
			shown, _ := one.(map[string]any)
			id, _ := shown["id"].(string)
			name, _ := shown["name"].(string)
			status, _ := shown["status"].(string)
			// A replica's snapshot is Trove's own, which deletes it some time after.
			if status != "DELETING" && !strings.HasPrefix(name, "Replication snapshot for ") {
				all = append(all, object{collections[collection], id, name, status})
			}
		}
	}
	return all
}

// strays are the objects that are in no state.
func (s *seed) strays() []object {
	inState := s.inState()
	return slices.DeleteFunc(s.objects(), func(o object) bool { return inState[o.id] })
}

// mostHealings is how many applies a user makes after a kill before taking it that there is no end. Each deals with an object at least, and one
// killed run leaves ten at most.
const mostHealings = 12

// heal is what a user does after a run that was killed: to apply again, and to do what the errors say. Everything that is in no state
// must be named by one. What the run was to replace is named again.
func (s *seed) heal(replace []string) {
	left := map[string]bool{} // by the kill, and not yet dealt with
	for _, one := range s.strays() {
		left[one.id] = true
	}
	s.orphans += len(left)
	for tries, strays := 0, s.strays(); len(strays) > 0; tries, strays = tries+1, s.strays() {
		if tries == mostHealings {
			s.errorf("%d applies after the kill have left more each: %v", tries, strays)
			return
		}
		for _, one := range strays {
			s.settle(one)
		}
		strays = s.strays()
		s.observe(replace)
		out := s.bounded(func() outcome { return s.tf.apply(s.config, replace...) })
		s.logf("  apply after the kill: failed %v, planned %v\n%s", out.failed, out.changes, indent(out.text))
		s.doubled(strays)
		heeded := 0
		for _, one := range strays {
			offered := strings.Contains(out.text, "terraform import ADDRESS "+one.id)
			if offered || strings.Contains(out.text, one.id) && one.status == "ERROR" {
				if left[one.id] {
					s.offered++
				} else {
					s.named++
				}
				delete(left, one.id)
				s.heed(one)
				heeded++
			}
		}
		s.follow(out)
		named := slices.ContainsFunc(strays, func(o object) bool { return strings.Contains(out.text, o.id) })
		if heeded == 0 && named && len(replace) > 0 {
			replace = nil // what replicates from what was to be replaced once more stands in the way of that: the user leaves it
			continue
		}
		if heeded == 0 {
			for _, one := range strays {
				s.errorf("a kill has left %s, and no error of the next apply offers it for import", one)
			}
			return
		}
	}
}

// advised is the advice to import what is within an instance, which has a unique name: a creation that finds it says so.
var advised = regexp.MustCompile(`terraform import (trove_[a-z_]+)\.NAME '?([^'\s]+)'?`)

// follow imports what errors say was there before.
func (s *seed) follow(out outcome) {
	for _, advice := range advised.FindAllStringSubmatch(out.text, -1) {
		ids := s.tf.ids()
		for _, b := range s.config.blocks {
			instance, _ := b.values["instance_id"].(ref)
			if id := ids[string(instance)]; b.typeName() != advice[1] || ids[b.address] != "" || id == "" || !strings.HasPrefix(advice[2], id) {
				continue
			}
			s.logf("  %s is imported as the error says: %s", b.address, advice[2])
			if out := s.bounded(func() outcome { return s.tf.adopt(s.config, b.address, advice[2]) }); out.failed {
				s.errorf("the import of %s as %s fails: %s", advice[2], b.address, out.text)
			}
			if s.kills > 0 {
				s.orphans++
				s.offered++
			} else {
				s.named++
			}
		}
	}
}

// settle waits until an instance is done with what it is at: what builds cannot be deleted.
func (s *seed) settle(one object) {
	if one.what == "instance" {
		s.proxy.Settle(s.t, one.id)
	}
}

// heed does what an error asks for that names something which is not in the state: it is imported where it is wanted, and deleted elsewhere.
// Where the import is not possible, it is imported to an address of its own, which the next apply destroys.
func (s *seed) heed(one object) {
	s.settle(one)
	ids := s.tf.ids()
	for _, b := range s.config.blocks {
		if b.values["name"] == one.name && ids[b.address] == "" && one.status != "ERROR" && one.status != "FAILED" && one.what == nouns[b.typeName()] {
			config := s.config
			if replaces(ids, b.address) {
				b.address += "-unwanted"
				config.blocks = append(slices.Clone(config.blocks), b)
			}
			s.logf("  %s is imported to %s", one, b.address)
			if out := s.bounded(func() outcome { return s.tf.adopt(config, b.address, one.id) }); out.failed {
				s.errorf("the import of %s fails: %s", one, out.text)
			}
			return
		}
	}
	switch one.what {
	case "instance":
		s.removeID(one.id)
	case "backup":
		s.proxy.TryAsk(s.t, http.MethodDelete, "/backups/"+one.id, "")
	default:
		s.proxy.TryAsk(s.t, http.MethodDelete, "/configurations/"+one.id, "")
	}
}

// nouns are what resources are of which names are not unique.
var nouns = map[string]string{
	"trove_configuration": "configuration group", "trove_backup": "backup", "trove_instance": "instance", "trove_mysql_replica": "instance",
	"trove_replica": "instance", "trove_mongodb_member": "instance", "trove_cassandra_node": "instance", "trove_couchbase_node": "instance",
	"trove_redis_node": "instance", "trove_redis_cluster_node": "instance",
}

// wholeReconfigurations checks that of the priorities of members which were to change either all have, or none.
func (s *seed) wholeReconfigurations() {
	now := s.priorities()
	var done, undone []string
	for id, want := range s.before.wanted {
		was, existed := s.before.priorities[id]
		is, exists := now[id]
		switch {
		case !existed || !exists || was == want:
		case is == want:
			done = append(done, fmt.Sprintf("%s from %v to %v", id, was, is))
		default:
			undone = append(undone, fmt.Sprintf("%s is %v, not %v", id, is, want))
		}
	}
	if len(done) > 0 && len(undone) > 0 {
		s.errorf("half a reconfiguration: changed are %s; not changed are %s", strings.Join(done, ", "), strings.Join(undone, ", "))
	}
}

// nothingLeft checks that the destruction has left nothing behind.
func (s *seed) nothingLeft() {
	for _, one := range s.strays() {
		s.errorf("after the destruction there is %s", one)
	}
	if ids := s.tf.ids(); len(ids) > 0 {
		s.errorf("after the destruction the state still holds %v", ids)
	}
}
