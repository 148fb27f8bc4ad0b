package topology

import "strings"

// LocalID returns the id of an instance named as trove:REGION:PROJECT:instance:ID, a form that the proposal reserves for sources in other
// regions. Any other text is an id already.
func LocalID(named string) string {
	parts := strings.Split(named, ":")
	if len(parts) == 5 && parts[0] == "trove" && parts[3] == "instance" {
		return parts[4]
	}
	return named
}

// WithLocalIDs returns the topology with the longer form of instance names replaced by ids.
func (t Topology) WithLocalIDs() Topology {
	local := func(id *string) *string {
		if id == nil {
			return nil
		}
		short := LocalID(*id)
		return &short
	}
	if t.MySQL != nil {
		b := *t.MySQL
		b.SlaveOf = make([]Ref, len(t.MySQL.SlaveOf))
		for i, ref := range t.MySQL.SlaveOf {
			b.SlaveOf[i] = Ref{ID: LocalID(ref.ID)}
		}
		t.MySQL = &b
	}
	if t.Redis != nil {
		b := *t.Redis
		b.SlaveOf = local(b.SlaveOf)
		t.Redis = &b
	}
	if t.RedisCluster != nil {
		b := *t.RedisCluster
		b.SlaveOf = local(b.SlaveOf)
		t.RedisCluster = &b
	}
	return t
}
