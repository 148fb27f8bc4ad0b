package trove_test

import (
	"encoding/json"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func TestWhatIsWrittenBecomesTheParametersType(t *testing.T) {
	var (
		count    = trove.Parameter{Name: "count", Type: "integer", Min: "1", Max: "18446744073709551615"}
		flag     = trove.Parameter{Name: "flag", Type: "integer", Min: "0", Max: "1"}
		seconds  = trove.Parameter{Name: "seconds", Type: "float", Min: "0"}
		on       = trove.Parameter{Name: "on", Type: "boolean"}
		text     = trove.Parameter{Name: "text", Type: "string"}
		settable = trove.Parameter{Name: "seeds", Type: "list"}
	)
	tests := []struct {
		parameter trove.Parameter
		written   string
		want      string // as JSON; "" where it is refused
		refusal   string
	}{
		{count, "200", "200", ""},
		{count, "18446744073709551615", "18446744073709551615", ""},
		{count, "18446744073709551616", "", "must be an integer from 1 to 18446744073709551615, not 18446744073709551616"},
		{count, "0", "", "must be an integer from 1 to 18446744073709551615, not 0"},
		{count, "1.5", "", `must be an integer from 1 to 18446744073709551615, not "1.5"`},
		{count, "true", "", `must be an integer from 1 to 18446744073709551615, not "true"`},
		{count, "", "", `must be an integer from 1 to 18446744073709551615, not ""`},
		{flag, "true", "1", ""},
		{flag, "OFF", "0", ""},
		{flag, "1", "1", ""},
		{seconds, "1", "1.0", ""},
		{seconds, "1.5", "1.5", ""},
		{seconds, ".5", "0.5", ""},
		{seconds, "1e-3", "1e-3", ""},
		{seconds, "-1", "", "must be a number of at least 0, not -1"},
		{seconds, "NaN", "", `must be a number of at least 0, not "NaN"`},
		{seconds, "1/2", "", `must be a number of at least 0, not "1/2"`},
		{on, "true", "true", ""},
		{on, "0", "false", ""},
		{on, "2", "", `must be true or false, not "2"`},
		{text, "200", `"200"`, ""},
		{text, "", `""`, ""},
		{settable, "a,b", "", `has the type "list", whose values Trove cannot set`},
	}
	for _, tt := range tests {
		t.Run(tt.parameter.Name+" "+tt.written, func(t *testing.T) {
			value, err := tt.parameter.Value(tt.written)
			if tt.refusal != "" {
				if err == nil || err.Error() != tt.refusal {
					t.Fatalf("got %v, %v, want the refusal %q", value, err, tt.refusal)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got, err := json.Marshal(value)
			if err != nil || string(got) != tt.want {
				t.Errorf("it becomes %s (%v), want %s", got, err, tt.want)
			}
			if !trove.SameValue(value, tt.written) {
				t.Errorf("%v is not taken for what was written", value)
			}
		})
	}
}

func TestSameValueKnowsOtherSpellingsOfATypeOnly(t *testing.T) {
	tests := []struct {
		shown   any
		written string
		want    bool
	}{
		{json.Number("1"), "true", true},
		{json.Number("1"), "on", true},
		{json.Number("0"), "true", false},
		{json.Number("1.50"), "1.5", true},
		{json.Number("18446744073709551615"), "18446744073709551614", false},
		{true, "ON", true},
		{false, "off", true},
		{"on", "true", false},
		{"10", "10.0", false},
		{"***", "anything", true},
	}
	for _, tt := range tests {
		if got := trove.SameValue(tt.shown, tt.written); got != tt.want {
			t.Errorf("SameValue(%#v, %q) is %v", tt.shown, tt.written, got)
		}
	}
}
