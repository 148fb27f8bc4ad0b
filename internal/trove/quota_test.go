package trove

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

func TestQuotasAsServersWriteThem(t *testing.T) {
	for body, want := range map[string]string{
		`{}`:               "it holds no quotas",
		`{"quotas": null}`: "it holds no quotas",
		`{"quotas": []}`:   "it holds no quotas",
		`{"quotas": [{"resource": "instances"}]}`: "quota 0 has no limit",
		`{"quotas": {"instances": 5}}`:            "cannot unmarshal object",
		`{"quotas": [{"resource": "volumes", "limit": 7, "in_use": 1}, {"resource": "instances", "limit": -1}, {"resource": "x", "limit": 1}]}`: "",
	} {
		c := connect(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, body) })
		q, err := c.Quotas(t.Context(), "p")
		switch {
		case want != "":
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %+v, %v, want %q", body, q, err, want)
			}
		case err != nil || *q.Instances != -1 || *q.VolumeGB != 7 || q.Backups != nil || q.RAM != nil:
			t.Errorf("%s: %+v, %v", body, q, err)
		}
	}
}

// An answer that does not say what was asked for may not be taken for success.
func TestQuotasThatWereNotTaken(t *testing.T) {
	c := connect(t, func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, `{"quotas": {"instances": 4}}`) })
	if err := c.PutQuotas(t.Context(), "p", Quotas{Instances: new(int64(5))}); err == nil || !strings.Contains(err.Error(), "instances is 5") {
		t.Error(err)
	}
}
