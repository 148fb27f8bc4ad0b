// Package topology is the model of the Trove topology API: one file per namespace with its fields, their JSON, and the rules of the
// contract as pure functions. Both the client and the sandbox use it, so that a plan and the server refuse the same things.
package topology

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// Namespace is the name of the block under "topology" (topology API, section 1).
type Namespace string

// The namespaces of the topology API.
const (
	NamespaceMySQL        Namespace = "mysql"
	NamespaceMongoDB      Namespace = "mongodb"
	NamespaceCassandra    Namespace = "cassandra"
	NamespaceCouchbase    Namespace = "couchbase"
	NamespaceRedis        Namespace = "redis"
	NamespaceRedisCluster Namespace = "redis_cluster"
)

// datastores returns the datastore types that a namespace is for.
var datastores = map[Namespace][]string{
	NamespaceMySQL:        {"mysql", "mariadb"},
	NamespaceMongoDB:      {"mongodb"},
	NamespaceCassandra:    {"cassandra"},
	NamespaceCouchbase:    {"couchbase"},
	NamespaceRedis:        {"redis"},
	NamespaceRedisCluster: {"redis"},
}

// KnownLater is the text in a block for a value that is not known yet.
const KnownLater = "(known after apply)"

// Topology is the value of "topology" of an instance. A valid one has exactly one namespace.
type Topology struct {
	MySQL        *MySQL        `json:"mysql,omitempty"`
	MongoDB      *MongoDB      `json:"mongodb,omitempty"`
	Cassandra    *Cassandra    `json:"cassandra,omitempty"`
	Couchbase    *Couchbase    `json:"couchbase,omitempty"`
	Redis        *Redis        `json:"redis,omitempty"`
	RedisCluster *RedisCluster `json:"redis_cluster,omitempty"`
}

// Member is one entry in the answer of GET /instances/{id}/topology. A MySQL source has no block.
type Member struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Topology
}

// View is the whole answer of GET /instances/{id}/topology.
type View struct {
	Members []Member `json:"members"`
	Buckets []Bucket `json:"buckets,omitempty"`
}

// IDs returns the ids of the members, in the order of the answer.
func (v View) IDs() []string {
	ids := make([]string, len(v.Members))
	for n, m := range v.Members {
		ids[n] = m.ID
	}
	return ids
}

// Find returns the member with that id, and whether there is one.
func (v View) Find(id string) (Member, bool) {
	i := slices.IndexFunc(v.Members, func(m Member) bool { return m.ID == id })
	if i < 0 {
		return Member{}, false
	}
	return v.Members[i], true
}

// rules is implemented by the block of every namespace.
type rules interface {
	Check(ds Datastore) Problems
}

// blocks returns the namespaces that are present, in the order of the contract.
func (t Topology) blocks() (names []Namespace, blocks []rules) {
	add := func(present bool, n Namespace, b rules) {
		if present {
			names, blocks = append(names, n), append(blocks, b)
		}
	}
	add(t.MySQL != nil, NamespaceMySQL, t.MySQL)
	add(t.MongoDB != nil, NamespaceMongoDB, t.MongoDB)
	add(t.Cassandra != nil, NamespaceCassandra, t.Cassandra)
	add(t.Couchbase != nil, NamespaceCouchbase, t.Couchbase)
	add(t.Redis != nil, NamespaceRedis, t.Redis)
	add(t.RedisCluster != nil, NamespaceRedisCluster, t.RedisCluster)
	return names, blocks
}

// Namespace returns the namespace that is present, or "" if there is none or more than one.
func (t Topology) Namespace() Namespace {
	names, _ := t.blocks()
	if len(names) != 1 {
		return ""
	}
	return names[0]
}

// Check applies every rule that needs only the block and its datastore (topology API, sections 1 to 7). Rules that need the other members
// are separate functions next to each namespace.
func (t Topology) Check(ds Datastore) Problems {
	names, blocks := t.blocks()
	if len(names) != 1 {
		return Problems{problem("a topology holds exactly one namespace (mysql, mongodb, cassandra, couchbase, redis or redis_cluster), this one holds %d", len(names))}
	}
	if types := datastores[names[0]]; ds.Type != "" && !slices.Contains(types, ds.Type) {
		return Problems{problem("the topology namespace %s goes with datastore type %s, not with %s", names[0], strings.Join(types, " or "), ds.Type).about(FieldDatastore)}
	}
	return blocks[0].Check(ds)
}

// Decode decodes a topology strictly: an unknown field or namespace, a name in the wrong case, a duplicate field, and a value of the wrong
// type, including null, are errors (topology API, section 1). Check counts the namespaces. A client reading answers uses encoding/json
// instead, so that a newer server works too.
func Decode(data []byte) (*Topology, error) {
	var t Topology
	if err := decodeStrict(data, &t); err != nil {
		return nil, fmt.Errorf("topology: %w", err)
	}
	return &t, nil
}

// decodeStrict decodes one JSON value and refuses what the API does not define.
func decodeStrict(data []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one JSON value")
	}
	return inspect(json.NewDecoder(bytes.NewReader(data)))
}

// inspect walks one valid JSON value and refuses what encoding/json accepts: null in place of a value, a duplicate field, and a field name
// in the wrong case.
func inspect(d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch token {
	case nil:
		return errors.New("null is not a value: leave the field out")
	case json.Delim('['):
		for d.More() {
			if err := inspect(d); err != nil {
				return err
			}
		}
		_, err = d.Token() // the closing bracket
	case json.Delim('{'):
		seen := map[json.Token]bool{}
		for d.More() {
			key, err := d.Token()
			if err != nil {
				return err
			}
			if name, ok := key.(string); !ok || !isWireName(name) {
				return fmt.Errorf("unknown field %q: names are snake_case, but for replSet and slaveDelay", key)
			}
			if seen[key] {
				return fmt.Errorf("field %q is given twice", key)
			}
			seen[key] = true
			if err := inspect(d); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
		}
		_, err = d.Token() // the closing brace
	}
	return err
}

var snakeCase = regexp.MustCompile(`^[a-z_]+$`)

// isWireName reports whether a name is in the case that the API uses (topology API, introduction).
func isWireName(name string) bool {
	switch strings.ToLower(name) {
	case "replset":
		return name == "replSet"
	case "slavedelay":
		return name == "slaveDelay"
	}
	return snakeCase.MatchString(name)
}

// joins returns the value of an optional join flag; absent means to create the cluster (topology API, section 3).
func joins(join *bool) bool { return join != nil && *join }

// deref returns what p points to, or def.
func deref[T any](p *T, def T) T {
	if p == nil {
		return def
	}
	return *p
}
