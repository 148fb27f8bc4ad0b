package tfkit

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"pgregory.net/rapid"
)

var (
	textType   = tftypes.String
	textsType  = tftypes.List{ElementType: tftypes.String}
	setType    = tftypes.Set{ElementType: tftypes.String}
	mapType    = tftypes.Map{ElementType: tftypes.String}
	volumeType = tftypes.Object{AttributeTypes: map[string]tftypes.Type{"size": tftypes.Number, "type": tftypes.String}}
)

func text(s string) tftypes.Value { return tftypes.NewValue(textType, s) }

func null(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, nil) }

func unknown(t tftypes.Type) tftypes.Value { return tftypes.NewValue(t, tftypes.UnknownValue) }

func volume(size, kind any) tftypes.Value {
	return tftypes.NewValue(volumeType, map[string]tftypes.Value{"size": tftypes.NewValue(tftypes.Number, size), "type": tftypes.NewValue(tftypes.String, kind)})
}

func collection(t tftypes.Type, elements ...tftypes.Value) tftypes.Value {
	return tftypes.NewValue(t, elements)
}

func entries(of map[string]tftypes.Value) tftypes.Value { return tftypes.NewValue(mapType, of) }

func TestKeepPlanned(t *testing.T) {
	for name, tt := range map[string]struct{ plan, result, want tftypes.Value }{
		"what is planned stays":             {text("a"), text("b"), text("a")},
		"a planned null stays":              {null(textType), text("b"), null(textType)},
		"what was open is the server's":     {unknown(textType), text("b"), text("b")},
		"what nobody knows is null":         {unknown(textType), unknown(textType), null(textType)},
		"an attribute of an object":         {volume(2, tftypes.UnknownValue), volume(3, "ssd"), volume(2, "ssd")},
		"an object that nobody knows whole": {volume(2, tftypes.UnknownValue), null(volumeType), volume(2, nil)},
		"an object that was open":           {unknown(volumeType), volume(3, tftypes.UnknownValue), volume(3, nil)},
		"a list that is known": {
			collection(textsType, text("a"), text("b")), collection(textsType, text("c")), collection(textsType, text("a"), text("b")),
		},
		"a list of the same length": {
			collection(textsType, text("a"), unknown(textType)), collection(textsType, text("c"), text("d")), collection(textsType, text("a"), text("d")),
		},
		"a list of another length": {
			collection(textsType, text("a"), unknown(textType)), collection(textsType, text("c")), collection(textsType, text("a"), null(textType)),
		},
		"a map keeps its keys": {
			entries(map[string]tftypes.Value{"a": text("1"), "b": unknown(textType), "c": unknown(textType)}),
			entries(map[string]tftypes.Value{"a": text("2"), "b": text("3"), "d": text("4")}),
			entries(map[string]tftypes.Value{"a": text("1"), "b": text("3"), "c": null(textType)}),
		},
		"a set that is known":       {collection(setType, text("a")), collection(setType, text("b")), collection(setType, text("a"))},
		"a set that is partly open": {collection(setType, text("a"), unknown(textType)), collection(setType, text("a"), text("b")), collection(setType, text("a"), text("b"))},
		"a set that nobody knows":   {collection(setType, text("a"), unknown(textType)), unknown(setType), collection(setType, text("a"), null(textType))},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := KeepPlanned(tt.plan, tt.result)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want.String(), got.String()); diff != "" || !got.Equal(tt.want) {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// genType draws the types of an attribute, nested ones among them.
func genType(t *rapid.T, depth int) tftypes.Type {
	kinds := []string{"string", "bool"}
	if depth > 0 {
		kinds = append(kinds, "object", "map", "list")
	}
	switch rapid.SampledFrom(kinds).Draw(t, "kind") {
	case "bool":
		return tftypes.Bool
	case "object":
		return tftypes.Object{AttributeTypes: map[string]tftypes.Type{"a": genType(t, depth-1), "b": genType(t, depth-1)}}
	case "map":
		return tftypes.Map{ElementType: genType(t, depth-1)}
	case "list":
		return tftypes.List{ElementType: genType(t, depth-1)}
	}
	return tftypes.String
}

func genValue(t *rapid.T, typ tftypes.Type) tftypes.Value {
	switch rapid.SampledFrom([]string{"null", "unknown", "known", "known", "known"}).Draw(t, "what") {
	case "null":
		return null(typ)
	case "unknown":
		return unknown(typ)
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		attributes := map[string]tftypes.Value{}
		for _, name := range []string{"a", "b"} {
			attributes[name] = genValue(t, typ.AttributeTypes[name])
		}
		return tftypes.NewValue(typ, attributes)
	case tftypes.Map:
		all := map[string]tftypes.Value{}
		for _, key := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"x", "y", "z"}), 0, 3, rapid.ID[string]).Draw(t, "keys") {
			all[key] = genValue(t, typ.ElementType)
		}
		return tftypes.NewValue(typ, all)
	case tftypes.List:
		all := []tftypes.Value{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			all = append(all, genValue(t, typ.ElementType))
		}
		return tftypes.NewValue(typ, all)
	}
	if typ.Is(tftypes.Bool) {
		return tftypes.NewValue(typ, rapid.Bool().Draw(t, "bool"))
	}
	return text(rapid.SampledFrom([]string{"", "p", "q"}).Draw(t, "text"))
}

// agrees is Terraform's rule: what was planned and known must not become another.
func agrees(plan, got tftypes.Value) error {
	if !plan.IsKnown() {
		return nil
	}
	if plan.IsNull() || got.IsNull() {
		if plan.IsNull() != got.IsNull() {
			return fmt.Errorf("planned %s, got %s", plan, got)
		}
		return nil
	}
	var p, g map[string]tftypes.Value
	var pl, gl []tftypes.Value
	switch {
	case plan.As(&p) == nil && got.As(&g) == nil:
		if len(p) != len(g) {
			return fmt.Errorf("planned %s, got %s", plan, got)
		}
		for name := range p {
			if _, ok := g[name]; !ok {
				return fmt.Errorf("%s is lost", name)
			}
			if err := agrees(p[name], g[name]); err != nil {
				return err
			}
		}
	case plan.As(&pl) == nil && got.As(&gl) == nil:
		if len(pl) != len(gl) {
			return fmt.Errorf("planned %s, got %s", plan, got)
		}
		for i := range pl {
			if err := agrees(pl[i], gl[i]); err != nil {
				return err
			}
		}
	case !plan.Equal(got):
		return fmt.Errorf("planned %s, got %s", plan, got)
	}
	return nil
}

func TestKeepPlannedIsWhatTerraformAccepts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typ := genType(t, 3)
		plan, result := genValue(t, typ), genValue(t, typ)
		got, err := KeepPlanned(plan, result)
		if err != nil {
			t.Fatal(err)
		}
		if !got.IsFullyKnown() {
			t.Fatalf("not all is known: %s", got)
		}
		if err := agrees(plan, got); err != nil {
			t.Fatal(err)
		}
		if again, err := KeepPlanned(got, result); err != nil || !again.Equal(got) {
			t.Fatalf("a second time it is %s, %v", again, err)
		}
		if open, err := KeepPlanned(unknown(typ), result); err != nil || result.IsFullyKnown() && !open.Equal(result) {
			t.Fatalf("of an open plan it is %s, %v", open, err)
		}
	})
}
