package acctest

import "slices"

// Changed lists the attributes that a change changes, in their order.
func (d *Driver) Changed(change Change) (names []string) {
	d.t.Helper()
	typ := d.resourceSchema(change.Type).ValueType()
	planned, prior := attributesOf(d.t, change.planned, typ), attributesOf(d.t, d.prior(change.Prior), typ)
	for name, v := range planned {
		if !v.Equal(prior[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Planned are the attributes that a change plans which are known strings.
func (d *Driver) Planned(change Change) map[string]string {
	d.t.Helper()
	return d.texts(change.planned, d.resourceSchema(change.Type).ValueType())
}
