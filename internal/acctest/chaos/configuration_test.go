package chaos

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// values are the attributes of a resource.
type values map[string]any

// ref stands in values for the id of the resource at an address.
type ref string

// set is a set of ids, and keyed a map by ids.
type (
	set   []ref
	keyed map[ref]values
)

// block is a resource of the configuration.
type block struct {
	address string // type.name
	values  values
	after   []string // depends_on
	early   bool     // create_before_destroy
}

func (b block) typeName() string {
	typeName, _, _ := strings.Cut(b.address, ".")
	return typeName
}

// needs are the addresses that it refers to.
func (b block) needs() []string {
	all := map[string]bool{}
	for _, address := range b.after {
		all[address] = true
	}
	refer(b.values, all)
	return slices.Sorted(maps.Keys(all))
}

func refer(v any, all map[string]bool) {
	switch v := v.(type) {
	case values:
		for _, one := range v {
			refer(one, all)
		}
	case ref:
		all[string(v)] = true
	case set:
		for _, one := range v {
			all[string(one)] = true
		}
	case keyed:
		for of := range v {
			all[string(of)] = true
		}
	}
}

// resolved is the configuration of a block as JSON, with the ids that the function knows; acctest.Unknown is one that is not known yet.
func (b block) resolved(id func(address string) string) string {
	return encode(resolve(b.values, id))
}

func resolve(v any, id func(string) string) any {
	switch v := v.(type) {
	case values:
		out := values{}
		for name, one := range v {
			out[name] = resolve(one, id)
		}
		return out
	case ref:
		return id(string(v))
	case set:
		var all []string
		for _, one := range v {
			all = append(all, id(string(one)))
		}
		if slices.Contains(all, acctest.Unknown) {
			return acctest.Unknown // as Terraform has it: how many there are is not known either
		}
		return all
	case keyed:
		out := values{}
		for of, one := range v {
			key := id(string(of))
			if key == acctest.Unknown {
				return acctest.Unknown
			}
			out[key] = resolve(one, id)
		}
		return out
	}
	return v
}

// configuration is what a step wants to be there.
type configuration struct {
	blocks []block
	moved  [][2]string // from, to
}

// block finds the one at an address.
func (c configuration) block(address string) (block, bool) {
	n := slices.IndexFunc(c.blocks, func(b block) bool { return b.address == address })
	if n < 0 {
		return block{}, false
	}
	return c.blocks[n], true
}

// early says that what has this name is created before what it replaces is destroyed.
func (c configuration) early(name string) bool {
	return slices.ContainsFunc(c.blocks, func(b block) bool { return b.early && b.values["name"] == name })
}

// tfJSON is the configuration in Terraform's JSON syntax.
func (c configuration) tfJSON() string {
	resources := map[string]map[string]any{}
	for _, b := range c.blocks {
		typeName, name, _ := strings.Cut(b.address, ".")
		if resources[typeName] == nil {
			resources[typeName] = map[string]any{}
		}
		body, ok := resolve(b.values, func(address string) string { return "${" + address + ".id}" }).(values)
		if !ok {
			panic("a block is no object")
		}
		if len(b.after) > 0 {
			body["depends_on"] = b.after
		}
		if b.early {
			body["lifecycle"] = values{"create_before_destroy": true}
		}
		resources[typeName][name] = body
	}
	whole := map[string]any{"resource": resources}
	var moved []map[string]string
	for _, m := range c.moved {
		moved = append(moved, map[string]string{"from": m[0], "to": m[1]})
	}
	if len(moved) > 0 {
		whole["moved"] = moved
	}
	return encode(whole)
}

func encode(v any) string {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err)
	}
	return string(text)
}
