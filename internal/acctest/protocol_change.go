package acctest

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

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

// Stores is all that Terraform would store of a change in a plan file, decoded.
func (d *Driver) Stores(change Change) string {
	d.t.Helper()
	return d.decoded(change.Type, change.planned, change.private)
}

// Kept is all that Terraform stores of a resource in a state file, decoded.
func (d *Driver) Kept(o Object) string {
	d.t.Helper()
	return d.decoded(o.Type, d.prior(o), o.Private)
}

// decoded is a state and a private state as text, whose own encodings would hide what stands in them.
func (d *Driver) decoded(typeName string, state *tfprotov6.DynamicValue, private []byte) string {
	d.t.Helper()
	v, err := state.Unmarshal(d.resourceSchema(typeName).ValueType())
	if err != nil {
		d.t.Fatal(err)
	}
	text := v.String()
	var entries map[string][]byte
	if len(private) > 0 {
		if err := json.Unmarshal(private, &entries); err != nil {
			d.t.Fatalf("the private state is %q: %v", private, err)
		}
	}
	for key, entry := range entries {
		text += fmt.Sprintf("\n%s: %s", key, entry)
	}
	return text
}
