package topology

// Redis is the block of a server in a replication chain (topology API, section 6). Without SlaveOf it is a master.
type Redis struct {
	SlaveOf *string `json:"slave_of,omitempty"`
}

// Check applies the rules of section 6 about a single server.
func (r *Redis) Check(Datastore) Problems {
	if r.SlaveOf != nil && *r.SlaveOf == "" {
		return Problems{problem("slave_of is empty: omit it for a master").about("slave_of").empty()}
	}
	return nil
}

// SlaveofNoOne makes a replica a master; its own replicas keep replicating from it.
type SlaveofNoOne struct {
	ID string `json:"id"`
}

// Operation implements Action.
func (SlaveofNoOne) Operation() (Namespace, string) { return NamespaceRedis, "slaveof_no_one" }

func (a SlaveofNoOne) check() error { return requireID("slaveof_no_one", "id", a.ID) }
