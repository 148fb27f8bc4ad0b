package cluster

// Former is what an instance was that a refresh has not found any more.
type Former struct {
	ID, Flavor                      string
	VolumeSize                      int64 // GB, 0 where it is not known
	DatastoreType, DatastoreVersion string
}

// SetFormer notes what an instance was that a refresh has not found any more. The state forgets it then, so that the plan of the same
// run, which makes it anew, could not tell. The key names the kind of resource and the instance.
func (r *Registry) SetFormer(key string, was Former) {
	r.look(func() {
		if r.former == nil {
			r.former = map[string]Former{}
		}
		r.former[key] = was
	})
}

// Former is what SetFormer was told of; ok is false where it was told of none.
func (r *Registry) Former(key string) (was Former, ok bool) {
	r.look(func() { was, ok = r.former[key] })
	return was, ok
}
