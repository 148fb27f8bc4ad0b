package topology

import (
	"encoding/json"
	"fmt"
)

// Action is the action in a POST /instances/{id}/topology/action. Each implementation is the body of one action.
type Action interface {
	// Operation returns the namespace and the name of the action on the wire.
	Operation() (Namespace, string)
	// check reports what is missing in the body itself.
	check() error
}

// Compile-time list of all actions of the contract.
var (
	_ Action = Promote{}
	_ Action = UpdateMembers{}
	_ Action = RemoveMember{}
	_ Action = DrainNode{}
	_ Action = RemoveNode{}
	_ Action = CreateBucket{}
	_ Action = DeleteBucket{}
	_ Action = Rebalance{}
	_ Action = SlaveofNoOne{}
	_ Action = Failover{}
	_ Action = RemoveClusterNode{}
)

// OperationName returns the action's short name for logs and ledgers, such as mongodb.update_members.
func OperationName(a Action) string {
	ns, name := a.Operation()
	return string(ns) + "." + name
}

// EncodeAction returns the request body of an action.
func EncodeAction(a Action) map[string]any {
	ns, name := a.Operation()
	return map[string]any{string(ns): map[string]any{name: a}}
}

// RemovalSteps returns the actions by which a member of a named cluster leaves it (topology API, sections 3, 4, 5 and 7). After the last
// one the topology no longer lists it; the others can be repeated without harm. There are none outside such clusters.
func (t Topology) RemovalSteps(id string) []Action {
	switch {
	case t.MongoDB != nil:
		return []Action{RemoveMember{ID: id}}
	case t.Cassandra != nil:
		return []Action{DrainNode{ID: id}, RemoveNode{ID: id}}
	case t.Couchbase != nil:
		return []Action{Rebalance{ServerRemove: id}}
	case t.RedisCluster != nil:
		return []Action{RemoveClusterNode{ID: id}}
	}
	return nil
}

// decoders decode the body of each action, strictly.
var decoders = map[Namespace]map[string]func([]byte) (Action, error){
	NamespaceMySQL:        {"promote": decodeAs[Promote]},
	NamespaceMongoDB:      {"update_members": decodeAs[UpdateMembers], "remove_member": decodeAs[RemoveMember]},
	NamespaceCassandra:    {"drain_node": decodeAs[DrainNode], "remove_node": decodeAs[RemoveNode]},
	NamespaceCouchbase:    {"create_bucket": decodeAs[CreateBucket], "delete_bucket": decodeAs[DeleteBucket], "rebalance": decodeAs[Rebalance]},
	NamespaceRedis:        {"slaveof_no_one": decodeAs[SlaveofNoOne]},
	NamespaceRedisCluster: {"failover": decodeAs[Failover], "remove_node": decodeAs[RemoveClusterNode]},
}

func decodeAs[A Action](data []byte) (Action, error) {
	var a A
	if err := decodeStrict(data, &a); err != nil {
		return nil, err
	}
	return a, a.check()
}

// DecodeAction decodes an action's request body as strictly as Decode does, and requires exactly one namespace with exactly one action
// (topology API, section 1).
func DecodeAction(data []byte) (Action, error) {
	var body map[Namespace]map[string]json.RawMessage
	if err := decodeStrict(data, &body); err != nil {
		return nil, fmt.Errorf("topology action: %w", err)
	}
	if len(body) != 1 {
		return nil, fmt.Errorf("topology action: exactly one namespace is expected, %d were given", len(body))
	}
	for ns, actions := range body {
		known, ok := decoders[ns]
		if !ok {
			return nil, fmt.Errorf("topology action: unknown namespace %q", ns)
		}
		if len(actions) != 1 {
			return nil, fmt.Errorf("topology action: exactly one action is expected in %s, %d were given", ns, len(actions))
		}
		for name, raw := range actions {
			decode, ok := known[name]
			if !ok {
				return nil, fmt.Errorf("topology action: %s has no action %q", ns, name)
			}
			a, err := decode(raw)
			if err != nil {
				return nil, fmt.Errorf("topology action %s.%s: %w", ns, name, err)
			}
			return a, nil
		}
	}
	panic("unreachable: the map holds one entry")
}
