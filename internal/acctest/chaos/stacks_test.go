package chaos

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// member is one instance of a stack.
type member struct {
	key, name string
	of        int  // of a replica: which member it was created from; -1 for none
	also      int  // of a MySQL replica: its second source; -1 for none
	detached  bool // it was promoted: it replicates no more
	settled   bool // it was promoted in an earlier step
	retyped   bool // it was promoted, and is a trove_instance since
	arbiter   bool // of MongoDB
	priority  int  // of MongoDB
	public    bool
}

// stack is what belongs together: an instance with its contents, a replication set, or a cluster.
type stack struct {
	kind, name string
	upstream   bool
	ssl        bool // the server has the routes for SSL
	flavor     int
	size       int
	members    []*member
	serial     int // how many members, names and places there have been
	bySet      bool
	source     int // of a set that has a trove_replication_source
	contents   map[string]int
	newer      bool // it runs another version than the first
	postgres   bool
	early      bool // what is replaced is created before it is destroyed: the members of clusters, and groups
	moved      [][2]string
}

// kinds are those of a server with the topology API, and of released Trove.
var kinds = map[bool][]string{
	false: {"lone", "mysql", "replica", "mongodb", "cassandra", "couchbase", "redis", "redis_cluster"},
	true:  {"lone", "mysql", "replica"},
}

// instanceTypes are the resources of their members.
var instanceTypes = map[string]string{
	"mongodb": "trove_mongodb_member", "cassandra": "trove_cassandra_node", "couchbase": "trove_couchbase_node",
	"redis": "trove_redis_node", "redis_cluster": "trove_redis_cluster_node",
}

func newStack(r *rand.Rand, name string, upstream, ssl bool) *stack {
	s := &stack{kind: pick(r, kinds[upstream]), name: name, upstream: upstream, ssl: ssl, flavor: 1, size: 1, contents: map[string]int{}, bySet: r.IntN(2) == 0, early: r.IntN(2) == 0}
	s.postgres = s.kind == "replica" && upstream && r.IntN(2) == 0
	n := map[string]int{"lone": 1, "mysql": 2, "replica": 2, "mongodb": 3, "cassandra": 3, "couchbase": 2, "redis": 2, "redis_cluster": 3}[s.kind]
	for range n {
		s.add(-1)
	}
	switch s.kind {
	case "lone":
		for _, what := range s.within() {
			s.contents[what] = r.IntN(2)
		}
	case "mysql", "replica", "redis":
		s.members[1].of = 0
		if r.IntN(2) == 0 {
			s.add(0)
		}
	case "redis_cluster":
		for n := range r.IntN(3) {
			s.add(n)
		}
	case "couchbase":
		s.contents["bucket"] = r.IntN(2)
	default:
		if r.IntN(2) == 0 {
			s.add(-1)
		}
	}
	return s
}

// within is what a lone instance may have, or come with.
func (s *stack) within() []string {
	all := []string{"database", "user", "root", "group", "strategy", "backup"}
	if s.ssl {
		all = append(all, "ssl")
	}
	return all
}

func pick[T any](r *rand.Rand, all []T) T { return all[r.IntN(len(all))] }

func (s *stack) next(what string) string {
	s.serial++
	return fmt.Sprintf("%s%s%d", s.name, what, s.serial)
}

func (s *stack) add(of int) {
	s.members = append(s.members, &member{key: s.next("m"), name: s.next("-"), of: of, also: -1, priority: 1})
}

// address is where a member stands in the configuration.
func (s *stack) address(m *member) string {
	typeName, ok := instanceTypes[s.kind]
	switch {
	case ok:
	case m.of < 0 || m.retyped:
		typeName = "trove_instance"
	case s.kind == "mysql":
		typeName = "trove_mysql_replica"
	default:
		typeName = "trove_replica"
	}
	return typeName + "." + m.key
}

func (s *stack) id(n int) ref { return ref(s.address(s.members[n])) }

// importable are the addresses of what can be imported by its id alone.
func (s *stack) importable() (all []string) {
	for _, b := range s.blocks() {
		if nouns[b.typeName()] != "" || b.typeName() == "trove_database" || b.typeName() == "trove_user" {
			all = append(all, b.address)
		}
	}
	return all
}

// clustered are the kinds whose members can be created before those that they replace are destroyed: nothing of them refers to another.
var clustered = []string{"mongodb", "cassandra", "couchbase"}

// datastores are those of the kinds.
var datastores = map[string]values{
	"lone": {"type": "mysql", "version": "mysql-5.7"}, "mysql": {"type": "mysql", "version": "mysql-5.7"},
	"replica": {"type": "mysql", "version": "mysql-5.7"}, "mongodb": {"type": "mongodb", "version": "mongodb-7.0"},
	"cassandra": {"type": "cassandra", "version": "cassandra-4.1"}, "couchbase": {"type": "couchbase", "version": "couchbase-7.2"},
	"redis": {"type": "redis", "version": "redis-7.2"}, "redis_cluster": {"type": "redis", "version": "redis-7.2"},
}

// blocks are the resources of the stack.
func (s *stack) blocks() (all []block) {
	for n, m := range s.members {
		v := values{
			"name": m.name, "flavor_id": fmt.Sprint(s.flavor), "volume": values{"size": s.size}, "datastore": s.datastore(),
		}
		if m.public {
			v["access"] = values{"is_public": true}
		}
		switch s.kind {
		case "mysql":
			if m.of >= 0 && !m.detached {
				sources := set{s.id(m.of)}
				if m.also >= 0 {
					sources = append(sources, s.id(m.also))
				}
				v["replica_of"] = sources
			}
		case "replica":
			if m.of >= 0 && !m.retyped {
				for _, inherited := range []string{"flavor_id", "volume", "datastore"} {
					delete(v, inherited)
				}
				if !m.detached {
					v["replica_of"] = s.id(m.of)
				}
			}
		case "mongodb":
			v["replica_set"] = s.name
			switch {
			case m.arbiter:
				v["type"] = "arbiter"
			case !s.bySet:
				v["priority"] = m.priority
			}
		case "cassandra":
			v["cluster_name"], v["num_tokens"], v["is_seed"], v["endpoint_snitch"] = s.name, 16, n < 2, "SimpleSnitch"
		case "couchbase":
			v["cluster_name"] = s.name
		case "redis":
			if m.of >= 0 && !m.detached {
				v["replica_of"] = s.id(m.of)
			}
		case "redis_cluster":
			v["cluster_name"] = s.name
			if m.of >= 0 {
				v["replica_of"] = s.id(m.of)
			}
		case "lone":
			if s.contents["group"] > 0 {
				v["configuration_id"] = ref("trove_configuration." + s.name)
			}
		}
		all = append(all, block{address: s.address(m), values: v, early: s.early && slices.Contains(clustered, s.kind)})
	}
	return append(all, s.others()...)
}

// others are the resources that are no instances.
func (s *stack) others() (all []block) {
	add := func(typeName string, v values, after ...string) {
		all = append(all, block{address: typeName + "." + s.name, values: v, after: after})
	}
	switch s.kind {
	case "replica":
		var members set
		for n, m := range s.members {
			if !m.detached {
				members = append(members, s.id(n))
			}
		}
		if len(members) > 1 {
			add("trove_replication_source", values{"members": members, "source_id": s.id(s.source)})
		}
	case "mongodb":
		if s.bySet {
			members := keyed{}
			for n, m := range s.members {
				if !m.arbiter {
					members[s.id(n)] = values{"priority": m.priority}
				}
			}
			add("trove_mongodb_replica_set", values{"name": s.name, "members": members})
		}
	case "couchbase":
		if s.contents["bucket"] > 0 {
			add("trove_couchbase_bucket", values{"node_id": s.id(0), "name": "articles", "ram_mb": 100 * s.contents["bucket"], "replicas": 0})
		}
	case "lone":
		if s.contents["group"] > 0 {
			add("trove_configuration", values{"name": s.name, "datastore": s.datastore(), "values": values{"max_connections": fmt.Sprint(100 + s.contents["group"])}})
			all[len(all)-1].early = s.early
		}
		if s.contents["database"] > 0 {
			add("trove_database", values{"instance_id": s.id(0), "name": fmt.Sprintf("shop%d", s.contents["database"])})
		}
		if s.contents["user"] > 0 {
			v := values{"instance_id": s.id(0), "name": "app", "password_wo": fmt.Sprintf("change-me-%d", s.contents["user"]), "password_wo_version": s.contents["user"]}
			var after []string
			if s.contents["database"] > 0 {
				v["databases"] = []string{fmt.Sprintf("shop%d", s.contents["database"])}
				after = append(after, "trove_database."+s.name)
			}
			add("trove_user", v, after...)
		}
		if s.contents["root"] > 0 {
			add("trove_root", values{"instance_id": s.id(0), "password_wo": fmt.Sprintf("change-me-%d", s.contents["root"]), "password_wo_version": s.contents["root"]})
		}
		if s.contents["backup"] > 0 && s.contents["restored"] > 0 {
			all = append(all, block{address: "trove_instance." + s.name + "_restored", values: values{
				"name": s.name + "-restored", "flavor_id": "1", "volume": values{"size": s.size + 1}, "datastore": s.datastore(),
				"restore_from": ref("trove_backup." + s.name),
			}})
		}
		if s.contents["strategy"] > 0 {
			add("trove_backup_strategy", values{"instance_id": s.id(0), "swift_container": fmt.Sprintf("backups-%d", s.contents["strategy"])})
		}
		if s.contents["ssl"] > 0 {
			add("trove_instance_ssl", values{
				"instance_id": s.id(0), "container_ref": fmt.Sprintf("https://keys.example.com/v1/secrets/orders-%d.p12", s.contents["ssl"]), "restart_policy": "if_needed",
			})
		}
		if s.contents["backup"] > 0 {
			add("trove_backup", values{"instance_id": s.id(0), "name": fmt.Sprintf("%s-full-%d", s.name, s.contents["backup"])})
		}
	}
	return all
}

// datastore is what all members run.
func (s *stack) datastore() values {
	switch {
	case s.postgres:
		return values{"type": "postgresql", "version": "postgresql-16"}
	case s.newer:
		return values{"type": "mysql", "version": "mysql-8.0"}
	}
	return datastores[s.kind]
}

// full says that a replica set can have no other member: all of a stack vote, and of voters MongoDB allows seven.
func (s *stack) full() bool { return s.kind == "mongodb" && len(s.members) == 7 }

// change changes what is wanted of a stack, and says how; "" where it cannot be changed so.
type change struct {
	name string
	do   func(r *rand.Rand, s *stack) string
}

var changes = []change{
	{"rename", func(r *rand.Rand, s *stack) string {
		m := pick(r, s.members)
		m.name = s.next("-")
		return m.key + " to " + m.name
	}},
	{"resize", func(_ *rand.Rand, s *stack) string {
		s.flavor = 3 - s.flavor
		return fmt.Sprintf("%s to flavor %d", s.name, s.flavor)
	}},
	{"grow volume", func(_ *rand.Rand, s *stack) string {
		s.size++
		return fmt.Sprintf("%s to %d GB", s.name, s.size)
	}},
	{"access", func(r *rand.Rand, s *stack) string {
		m := pick(r, s.members)
		m.public = !m.public
		return fmt.Sprintf("%s public: %v", m.key, m.public)
	}},
	{"grow", func(r *rand.Rand, s *stack) string {
		for range 1 + r.IntN(2) {
			if of := s.origin(r); !s.full() {
				s.add(of)
			}
		}
		return fmt.Sprintf("%s to %d", s.name, len(s.members))
	}},
	{"shrink", func(r *rand.Rand, s *stack) string {
		n := s.removable(r)
		if n < 0 {
			return ""
		}
		gone := s.members[n]
		s.members = slices.Delete(s.members, n, n+1)
		for _, m := range s.members {
			if m.of > n {
				m.of--
			}
			if m.also > n {
				m.also--
			}
		}
		if s.source > n {
			s.source--
		}
		return "by " + gone.key
	}},
	{"move", func(r *rand.Rand, s *stack) string {
		m := pick(r, s.members)
		from := s.address(m)
		m.key = s.next("m")
		s.moved = append(s.moved, [2]string{from, s.address(m)})
		return from + " to " + s.address(m)
	}},
	{"promote", func(r *rand.Rand, s *stack) string {
		if s.kind != "mysql" && s.kind != "redis" && s.kind != "replica" {
			return ""
		}
		n := r.IntN(len(s.members))
		m := s.members[n]
		if m.of < 0 || m.detached || s.kind == "replica" && n == s.source {
			return ""
		}
		m.detached = true
		return m.key
	}},
	{"change type", func(_ *rand.Rand, s *stack) string {
		if s.kind != "mysql" {
			return ""
		}
		return s.retype(func(*member) bool { return true })
	}},
	{"second source", func(r *rand.Rand, s *stack) string {
		m := pick(r, s.members)
		if s.kind != "mysql" || s.upstream || m.of < 0 || m.detached {
			return ""
		}
		if m.also >= 0 {
			m.also = -1
			return "no more for " + m.key
		}
		s.add(-1)
		m.also = len(s.members) - 1
		return fmt.Sprintf("for %s: %s", m.key, s.members[m.also].key)
	}},
	{"switch over", func(r *rand.Rand, s *stack) string {
		if s.kind != "replica" {
			return ""
		}
		n := r.IntN(len(s.members))
		if s.members[n].detached {
			return ""
		}
		s.source = n
		return "to " + s.members[s.source].key
	}},
	{"upgrade", func(_ *rand.Rand, s *stack) string {
		if s.kind != "lone" || s.newer || s.contents["backup"] > 0 || s.contents["group"] > 0 && !s.early {
			return ""
		}
		s.newer = true
		return s.name
	}},
	{"arbiter", func(_ *rand.Rand, s *stack) string {
		if s.kind != "mongodb" || s.full() || slices.ContainsFunc(s.members, func(m *member) bool { return m.arbiter }) {
			return ""
		}
		s.add(-1)
		s.members[len(s.members)-1].arbiter = true
		return s.members[len(s.members)-1].key
	}},
	{"priorities", func(r *rand.Rand, s *stack) string {
		if s.kind != "mongodb" {
			return ""
		}
		for _, m := range s.members {
			m.priority = 1 + r.IntN(9)
		}
		return s.name
	}},
	{"contents", func(r *rand.Rand, s *stack) string {
		if s.kind != "lone" && s.kind != "couchbase" {
			return ""
		}
		what := pick(r, map[string][]string{"lone": append(s.within(), "restored"), "couchbase": {"bucket"}}[s.kind])
		if s.contents[what] > 0 && r.IntN(2) == 0 {
			s.contents[what] = 0
		} else {
			s.contents[what]++
		}
		return fmt.Sprintf("%s %d", what, s.contents[what])
	}},
}

// settle ends a step: a trove_replica that was promoted in an earlier one becomes a trove_instance, since as itself it could not be created again.
// It says what becomes one.
func (s *stack) settle() (all []string) {
	for what := "-"; s.kind == "replica" && what != ""; {
		if what = s.retype(func(m *member) bool { return m.settled }); what != "" {
			all = append(all, "change type "+what)
		}
	}
	for _, m := range s.members {
		m.settled = m.detached
	}
	return all
}

// unsettled says whether a further step has something to settle.
func (s *stack) unsettled() bool {
	return s.kind == "replica" && slices.ContainsFunc(s.members, func(m *member) bool { return m.detached && !m.retyped })
}

// retype moves one that was promoted to the type of a lone instance, and says which.
func (s *stack) retype(which func(*member) bool) string {
	for _, m := range s.members {
		if m.detached && !m.retyped && which(m) {
			from := s.address(m)
			m.retyped = true
			s.moved = append(s.moved, [2]string{from, s.address(m)})
			return from + " to " + s.address(m)
		}
	}
	return ""
}

// origin is whom a new member replicates from.
func (s *stack) origin(r *rand.Rand) int {
	switch s.kind {
	case "mysql", "replica":
		return 0
	case "redis":
		if !s.members[1%len(s.members)].detached && r.IntN(2) == 0 {
			return 1 % len(s.members) // a replica of a replica
		}
		return 0
	case "redis_cluster":
		if r.IntN(2) == 0 {
			return r.IntN(3)
		}
	case "lone":
		return -1
	}
	return -1
}

// removable is a member that the stack can do without, -1 where there is none.
func (s *stack) removable(r *rand.Rand) int {
	least := map[string]int{"cassandra": 3, "redis_cluster": 3, "mongodb": 2, "replica": 2}[s.kind]
	if len(s.members) <= max(least, 1) {
		return -1
	}
	n := 1 + r.IntN(len(s.members)-1)
	inUse := slices.ContainsFunc(s.members, func(m *member) bool { return (m.of == n || m.also == n) && !m.detached })
	switch {
	case inUse, s.kind == "replica" && n == s.source, s.kind == "cassandra" && n < 3, s.kind == "redis_cluster" && n < 3:
		return -1
	}
	return n
}
