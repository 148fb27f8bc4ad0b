package trove

import (
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
)

// fuzzed is a client of a server that answers each request with what was put into answer.
func fuzzed(f *testing.F) (c *Client, answer *atomic.Pointer[[]byte]) {
	f.Helper()
	answer = &atomic.Pointer[[]byte]{}
	c = connect(f, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(*answer.Load()) // fails only where the reader has gone
	})
	return c, answer
}

func FuzzInstance(f *testing.F) {
	for _, body := range []string{
		`{"instance": {"id": "a", "name": "db", "status": "ACTIVE", "created": "2026-11-29T01:02:03", "volume": {"size": 2, "used": 0.1}, "flavor": {"id": "1"}}}`,
		`{"instance": {"id": "a", "topology": {"mysql": {"slave_of": [{"id": "b"}]}}, "addresses": [{"address": "10.0.0.1", "type": "private"}]}}`,
		`{"instance": {"id": "b"}}`, `{"instance": null}`, `{"instance": {}}`, `{}`, `null`, `[]`, `{"instance": {"id": "a", "volume": {"size": 1.0}}}`, `{"instance": {"id": "a", "created": "x"}}`,
	} {
		f.Add([]byte(body))
	}
	c, answer := fuzzed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		answer.Store(&body)
		i, err := c.Instance(t.Context(), "a")
		if (err == nil) != (i != nil) || i != nil && i.ID != "a" {
			t.Errorf("%q is read as %+v, %v", body, i, err)
		}
	})
}

func FuzzInstances(f *testing.F) {
	for _, body := range []string{
		`{"instances": [{"id": "a"}, {"id": "b", "status": "ERROR", "fault": {"message": "no", "created": "2026-11-29T01:02:03"}}]}`, `{"instances": []}`,
		`{"instances": null}`, `{}`, `{"instances": [{"id": "a"}], "links": [{"rel": "next", "href": "http://x/instances?marker=a"}]}`,
	} {
		f.Add([]byte(body))
	}
	c, answer := fuzzed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		answer.Store(&body)
		all, err := c.Instances(t.Context())
		unnamed := slices.ContainsFunc(all, func(i Instance) bool { return i.ID == "" })
		if err != nil && len(all) > 0 || unnamed {
			t.Errorf("%q is read as %+v, %v", body, all, err)
		}
	})
}

func FuzzTopology(f *testing.F) {
	for _, body := range []string{
		`{"topology": {"members": [{"id": "a", "name": "db", "topology": {"redis": {}}}, {"id": "b", "topology": {"redis": {"slave_of": "a"}}}]}}`,
		`{"topology": {"members": []}}`, `{"topology": {"members": [{"id": "b"}]}}`, `{"topology": {}}`, `{"topology": null}`, `{}`, `null`,
		`{"topology": {"members": [{"id": "a", "topology": {"mongodb": {"type": "member", "replSet": "p"}}}]}}`, `{"topology": {"members": [{"id": "a", "topology": null}]}}`,
	} {
		f.Add([]byte(body))
	}
	c, answer := fuzzed(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		answer.Store(&body)
		view, err := c.Topology(t.Context(), "a")
		if _, listed := view.Find("a"); listed != (err == nil) {
			t.Errorf("%q is read as %+v, %v", body, view, err)
		}
	})
}
