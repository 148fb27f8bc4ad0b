package main

import (
	"bytes"
	"encoding/json"
	"testing"
)

// Whatever a page shows is described: attributes of resources, data sources, lists, actions and of the provider, nested ones and
// those of identities.
func TestEverythingIsDescribed(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	var written any
	if err := json.Unmarshal(out.Bytes(), &written); err != nil {
		t.Fatal(err)
	}
	described := 0
	var walk func(at string, v any)
	walk = func(at string, v any) {
		object, ok := v.(map[string]any)
		if !ok {
			return
		}
		attributes, _ := object["attributes"].(map[string]any)
		for name, a := range attributes {
			fields, _ := a.(map[string]any)
			if text, _ := fields["description"].(string); text == "" {
				t.Errorf("%s.%s has no description", at, name)
			}
			described++
		}
		for key, within := range object {
			walk(at+"."+key, within)
		}
	}
	walk("", written)
	if described < 400 {
		t.Errorf("only %d attributes were found", described)
	}
}
