package provider_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// One mistake is one error, at the attribute, with its name, the value, and numbers as they are written.
func TestOneErrorForOneMistake(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ü", 256)
	for name, tt := range map[string]struct {
		typeName, config string
		want             []string // in the detail; none where it is taken
	}{
		"IPv6 network":             {"trove_instance", `{"access": {"allowed_cidrs": ["2001:db8::/32"]}}`, []string{`access.allowed_cidrs contains the IPv6 network "2001:db8::/32"`, "10.0.0.0/8"}},
		"IPv6 address":             {"trove_instance", `{"access": {"allowed_cidrs": ["::1"]}}`, []string{`"::1"`, "IPv4"}},
		"no network":               {"trove_instance", `{"access": {"allowed_cidrs": ["10.0.0.0/33"]}}`, []string{"access.allowed_cidrs", `"10.0.0.0/33"`}},
		"IPv4 network (sane)":      {"trove_instance", `{"access": {"allowed_cidrs": ["10.0.0.0/8", "192.0.2.7"]}}`, nil},
		"network without an id":    {"trove_instance", `{"networks": [{"ip_address": "10.0.0.7"}]}`, []string{"networks[0] requires id or subnet_id"}},
		"subnet alone (sane)":      {"trove_instance", `{"networks": [{"subnet_id": "s"}]}`, nil},
		"no IP address":            {"trove_instance", `{"networks": [{"id": "n", "ip_address": "10.0.0"}]}`, []string{"networks[0].ip_address", `"10.0.0"`}},
		"timeout of nothing":       {"trove_instance", `{"timeouts": {"create": "0s"}}`, []string{`timeouts.create is "0s"`, "above zero"}},
		"timeout below nothing":    {"trove_database", `{"timeouts": {"read": "-5m"}}`, []string{`timeouts.read is "-5m"`}},
		"no timeout":               {"trove_backup", `{"timeouts": {"delete": "soon"}}`, []string{`timeouts.delete is "soon"`, "not a duration"}},
		"timeout (sane)":           {"trove_instance", `{"timeouts": {"create": "1h30m"}}`, nil},
		"% in the middle":          {"trove_user", `{"host": "10.%.0.1"}`, []string{"10.%.0.1", "first or the last part"}},
		"% at the end (sane)":      {"trove_user", `{"host": "10.0.0.%"}`, nil},
		"% at the beginning":       {"trove_user", `{"host": "%.0.0.1"}`, nil},
		"too long a name":          {"trove_instance", `{"name": "` + long + `"}`, []string{"name has 256 characters: at most 255 are accepted"}},
		"long, in two bytes each":  {"trove_instance", `{"name": "` + long[2:] + `"}`, nil},
		"too long a description":   {"trove_configuration", `{"description": "a` + long + `"}`, []string{"description has 257 characters"}},
		"name without a letter":    {"trove_backup", `{"name": "ü"}`, []string{`name is "ü"`, "letter"}},
		"too high a priority":      {"trove_mongodb_member", `{"priority": 1500.5}`, []string{"priority is 1500.5: it must lie between 0 and 1000"}},
		"priority below zero":      {"trove_mongodb_replica_set", `{"members": {"m": {"priority": -1}}}`, []string{"priority is -1"}},
		"delay below zero":         {"trove_mongodb_member", `{"secondary_delay_secs": -1, "priority": 0}`, []string{"secondary_delay_secs is -1"}},
		"three votes":              {"trove_mongodb_member", `{"votes": 3}`, []string{"votes is 3"}},
		"kind of member":           {"trove_mongodb_member", `{"type": "primary"}`, []string{"primary"}},
		"timeout of a cluster":     {"trove_redis_cluster_node", `{"cluster_timeout": 0}`, []string{"cluster_timeout is 0"}},
		"no virtual nodes":         {"trove_cassandra_node", `{"num_tokens": 0, "is_seed": true, "join": true, "auto_bootstrap": false}`, []string{"num_tokens is 0"}},
		"replicas of a bucket":     {"trove_couchbase_bucket", `{"name": "b", "ram_mb": 100, "replicas": 4}`, []string{"replicas is 4"}},
		"no volume":                {"trove_instance", `{"volume": {"size": 0}}`, []string{"volume.size"}},
		"id of nothing (a source)": {"trove_mysql_replica", `{"replica_of": [""]}`, []string{`replica_of contains ""`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var errors []string
			everySchema(t, func(what string, schema *tfprotov6.Schema, validate validation) {
				if what != "resource "+tt.typeName {
					return
				}
				for _, d := range validate(configured(t, schema, tt.config)) {
					if d.Severity == tfprotov6.DiagnosticSeverityError && !strings.HasPrefix(d.Summary, "Missing Configuration") {
						errors = append(errors, d.Summary+": "+d.Detail)
					}
				}
			})
			switch {
			case len(tt.want) == 0 && len(errors) > 0:
				t.Errorf("it is refused: %q", errors)
			case len(tt.want) > 0 && len(errors) != 1:
				t.Errorf("%d errors: %q", len(errors), errors)
			}
			for _, want := range tt.want {
				if len(errors) == 1 && !strings.Contains(strings.ToLower(errors[0]), strings.ToLower(want)) {
					t.Errorf("no %q in %s", want, errors[0])
				}
			}
		})
	}
}

// configured is a configuration of this JSON, in which all else is null.
func configured(t *testing.T, schema *tfprotov6.Schema, text string) *tfprotov6.DynamicValue {
	t.Helper()
	var raw json.RawMessage = []byte(text)
	typ := schema.ValueType()
	v, err := tftypes.ValueFromJSON(filled(t, typ, raw), typ) //nolint:staticcheck // the function that takes JSON
	if err != nil {
		t.Fatal(err)
	}
	config, err := tfprotov6.NewDynamicValue(typ, v)
	if err != nil {
		t.Fatal(err)
	}
	return &config
}

// filled is JSON with null for the attributes of objects that it leaves out.
func filled(t *testing.T, typ tftypes.Type, raw json.RawMessage) json.RawMessage {
	t.Helper()
	var out any
	switch typ := typ.(type) {
	case tftypes.Object:
		given := decoded[map[string]json.RawMessage](t, raw)
		all := map[string]json.RawMessage{}
		for name, within := range typ.AttributeTypes {
			if all[name] = json.RawMessage("null"); given[name] != nil {
				all[name] = filled(t, within, given[name])
			}
		}
		out = all
	case tftypes.List:
		out = filledEach(t, typ.ElementType, raw)
	case tftypes.Set:
		out = filledEach(t, typ.ElementType, raw)
	case tftypes.Map:
		all := decoded[map[string]json.RawMessage](t, raw)
		for key, v := range all {
			all[key] = filled(t, typ.ElementType, v)
		}
		out = all
	default:
		return raw
	}
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func filledEach(t *testing.T, typ tftypes.Type, raw json.RawMessage) []json.RawMessage {
	t.Helper()
	all := decoded[[]json.RawMessage](t, raw)
	for n := range all {
		all[n] = filled(t, typ, all[n])
	}
	return all
}

func decoded[T any](t *testing.T, raw json.RawMessage) (v T) {
	t.Helper()
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}
