package provider_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"

	trove "github.com/opentrove/terraform-provider-trove/internal/provider"
)

var (
	// replacing is how a plan modifier of the framework, or ours, describes itself that replaces.
	replacing = regexp.MustCompile(`(?i)destroy and recreate|replaces`)
	// saysWhatAChangeDoes are the ways to say it.
	saysWhatAChangeDoes = regexp.MustCompile(`(?i)replaces|replaced|in place|Provider-side setting|only at creation|changes nothing|detaches|one reconfiguration|is sent|How long`)
	// saysWhatANumberIs are units, and words for counts.
	saysWhatANumberIs = regexp.MustCompile(`(?i)\bGB\b|\bMB\b|\bms\b|seconds|how many|number|port|votes|0 to 1000`)
)

// What the pages say of each argument of a resource fits what the provider does: what happens when it changes, its default, its unit.
func TestDescriptionsOfArguments(t *testing.T) {
	ctx := t.Context()
	arguments := 0
	for _, make := range trove.New("test", "")().Resources(ctx) {
		r := make()
		var named resource.MetadataResponse
		r.Metadata(ctx, resource.MetadataRequest{ProviderTypeName: "trove"}, &named)
		var resp resource.SchemaResponse
		r.Schema(ctx, resource.SchemaRequest{}, &resp)
		if !regexp.MustCompile(`(?i)destroy|delet`).MatchString(resp.Schema.MarkdownDescription) {
			t.Errorf("%s does not say what its destruction does: %s", named.TypeName, resp.Schema.MarkdownDescription)
		}
		walk(named.TypeName, "", resp.Schema.Attributes, func(at, above string, a schema.Attribute) {
			text := cmp.Or(a.GetMarkdownDescription(), a.GetDescription())
			if text == "" {
				t.Errorf("%s has no description", at)
			}
			if !a.IsOptional() && !a.IsRequired() {
				return
			}
			arguments++
			fields := reflect.ValueOf(a)
			replaces := false
			if modifiers := fields.FieldByName("PlanModifiers"); modifiers.IsValid() {
				for n := range modifiers.Len() {
					if d, ok := modifiers.Index(n).Interface().(interface{ Description(context.Context) string }); ok && replacing.MatchString(d.Description(ctx)) {
						replaces = true
					}
				}
			}
			switch {
			case replaces && !strings.Contains(text, "replace"):
				t.Errorf("%s replaces the resource, and does not say so: %s", at, text)
			case !saysWhatAChangeDoes.MatchString(above+text) && !nested(a):
				t.Errorf("%s does not say what a change does: %s", at, text)
			}
			if d := fields.FieldByName("Default"); d.IsValid() && !d.IsNil() && !strings.Contains(text, "Default") {
				t.Errorf("%s has a default, and does not tell it: %s", at, text)
			}
			switch a.(type) {
			case schema.Int64Attribute, schema.Float64Attribute:
				if !saysWhatANumberIs.MatchString(text) {
					t.Errorf("%s does not say in what it counts: %s", at, text)
				}
			}
		})
	}
	if arguments < 100 {
		t.Errorf("only %d arguments were found", arguments)
	}
}

// nested says that the attributes within tell for themselves.
func nested(a schema.Attribute) bool {
	_, ok := a.(schema.NestedAttribute)
	return ok
}

// walk visits attributes and what is nested in them, in order. above are the descriptions of what they are nested in.
func walk(at, above string, attributes map[string]schema.Attribute, visit func(at, above string, a schema.Attribute)) {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a, path := attributes[name], fmt.Sprintf("%s.%s", at, name)
		visit(path, above, a)
		if n, ok := a.(schema.NestedAttribute); ok {
			within := map[string]schema.Attribute{}
			for name, a := range n.GetNestedObject().GetAttributes() {
				if a, ok := a.(schema.Attribute); ok {
					within[name] = a
				}
			}
			walk(path, above+a.GetMarkdownDescription()+"\n", within, visit)
		}
	}
}
