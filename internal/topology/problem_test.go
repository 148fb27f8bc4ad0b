package topology

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// finding is what a test expects of one Problem: its fields, and a part of its message.
type finding struct {
	about  string // the fields, the one to blame first, parted by spaces
	says   string
	advice bool
}

func wantFindings(t *testing.T, got Problems, want []finding) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d problems, want %d: %s", len(got), len(want), got)
	}
	for i, p := range got {
		if about := strings.Join(p.Fields, " "); about != want[i].about || p.Advice != want[i].advice || !strings.Contains(p.Message, want[i].says) {
			t.Errorf("problem %d is {%s %v %q}, want {%s %v %q}", i, about, p.Advice, p.Message, want[i].about, want[i].advice, want[i].says)
		}
	}
}

var mixed = Problems{
	problem("first").about("priority", "join"),
	advice("second").about("votes"),
	problem("third"),
}

func TestErrJoinsWhatIsNotAdvice(t *testing.T) {
	if err := mixed.Err(); err == nil || err.Error() != "first\nthird" {
		t.Errorf("Err is %v", err)
	}
	if err := (Problems{advice("unwise")}).Err(); err != nil {
		t.Errorf("advice alone is the error %v", err)
	}
	if err := Problems(nil).Err(); err != nil {
		t.Errorf("no problems are the error %v", err)
	}
}

func TestWarningsAreTheAdvice(t *testing.T) {
	if diff := cmp.Diff([]string{"second"}, mixed.Warnings()); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
	if got := (Problems{problem("wrong")}).Warnings(); got != nil {
		t.Errorf("errors alone are the warnings %v", got)
	}
}

func TestErrorsAreWhatIsNotAdvice(t *testing.T) {
	if got := mixed.Errors().String(); got != "first; third" {
		t.Errorf("the errors are %q", got)
	}
	if got := mixed.String(); got != "first; second; third" {
		t.Errorf("the receiver was changed to %q", got)
	}
}

func TestStringHoldsEveryMessage(t *testing.T) {
	if got := mixed.String(); got != "first; second; third" {
		t.Errorf("String is %q", got)
	}
}

func TestWithoutDropsWhatLookedAtAnUnknownField(t *testing.T) {
	for name, tc := range map[string]struct {
		unknown []string
		want    []string
	}{
		"nothing unknown":           {nil, []string{"first", "second", "third"}},
		"the field to blame":        {[]string{"priority"}, []string{"second", "third"}},
		"another field of the rule": {[]string{"join"}, []string{"second", "third"}},
		"several":                   {[]string{"votes", "join"}, []string{"third"}},
		"a field of no rule":        {[]string{"hidden"}, []string{"first", "second", "third"}},
	} {
		t.Run(name, func(t *testing.T) {
			original := slices.Clone(mixed)
			var got []string
			for _, p := range mixed.Without(tc.unknown...) {
				got = append(got, p.Message)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("kept (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(original, mixed); diff != "" {
				t.Errorf("the receiver was changed (-before +after):\n%s", diff)
			}
		})
	}
}
