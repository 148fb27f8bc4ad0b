package trove

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestLimitsThatAreNone(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:               "it holds no limits",
		`{"limits": null}`: "it holds no limits",
		`{"limits": {}}`:   "cannot unmarshal object",
		`{"limits": [7]}`:  "limit 0",
		`{"limits": [{"verb": "GET", "value": "many"}]}`: "limit 0",
	} {
		c := connect(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		if l, err := c.Limits(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %+v, %v, want %q", body, l, err, want)
		}
	}
}

// A server may write whole numbers as 1.0, and show no absolute limits at all.
func TestLimitsAsServersWriteThem(t *testing.T) {
	for body, want := range map[string]string{
		`{"limits": []}`: "none none 0",
		`{"limits": [{"verb": "ABSOLUTE", "max_instances": 5.0}, {"verb": "GET", "value": 200.0}]}`:                "5 none 1",
		`{"limits": [{"verb": "GET", "value": 200}, {"verb": "ABSOLUTE", "max_instances": -1, "max_volumes": 7}]}`: "-1 7 1",
	} {
		c := connect(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		l, err := c.Limits(t.Context())
		if err != nil {
			t.Errorf("%s: %v", body, err)
			continue
		}
		show := func(n *int64) string {
			if n == nil {
				return "none"
			}
			return fmt.Sprint(*n)
		}
		if got := fmt.Sprintf("%s %s %d", show(l.Instances), show(l.VolumeGB), len(l.Rates)); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
}
