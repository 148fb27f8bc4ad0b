package instancebase

import "sync"

// company is what the members of one cluster that this process plans and creates have in common: Terraform tells each of them
// only of itself.
type company struct {
	mu       sync.Mutex
	building map[string]int
	agreed   map[[2]string]string
}

// Building notes that a member of the cluster is being created. ended is to be called once, when that has ended, and says
// whether no other is being created.
func (r *Resource) Building(cluster string) (ended func() (last bool)) {
	c := &r.connection.company
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.building == nil {
		c.building = map[string]int{}
	}
	c.building[cluster]++
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.building[cluster]--
		return c.building[cluster] == 0
	}
}

// Agreed is what the first member of the cluster said about this, which may be the one that asks. first says that nobody has
// said anything before.
func (r *Resource) Agreed(cluster, about, value string) (agreed string, first bool) {
	c := &r.connection.company
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.agreed == nil {
		c.agreed = map[[2]string]string{}
	}
	key := [2]string{cluster, about}
	if agreed, ok := c.agreed[key]; ok {
		return agreed, false
	}
	c.agreed[key] = value
	return value, true
}
