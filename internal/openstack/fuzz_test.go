package openstack

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

func FuzzTime(f *testing.F) {
	for _, text := range []string{
		`"2026-11-29T01:02:03"`, `"2026-11-29T01:02:03Z"`, `"2026-11-29T01:02:03.123456+02:00"`, `"2026-11-29 01:02:03+0200"`, `null`, `""`, `1`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var at Time
		if json.Unmarshal(data, &at) != nil {
			if !time.Time(at).IsZero() {
				t.Errorf("%q is refused, and read as %s", data, time.Time(at))
			}
			return
		}
		if time.Time(at).Location() != time.UTC {
			t.Errorf("%q is read in %s", data, time.Time(at).Location())
		}
		if year := time.Time(at).Year(); year < 0 || year > 9999 {
			return // its own writing has no room for it
		}
		text, err := time.Time(at).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		var again Time
		if err := json.Unmarshal(text, &again); err != nil || !time.Time(again).Equal(time.Time(at)) {
			t.Errorf("%q is read as %s, and that as %s (%v)", data, text, time.Time(again), err)
		}
	})
}

func FuzzRefusal(f *testing.F) {
	for _, body := range []string{
		`{"itemNotFound": {"code": 404, "message": "Instance x cannot be found."}}`, `{"message": "no", "code": "403 Forbidden", "title": "Forbidden"}`,
		`{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`,
		`{"overLimit": {"code": 413, "message": "Slow", "details": "Only 200 POST request(s) can be made"}}`,
		`<html><body><h1>502 Bad Gateway</h1></body></html>`, ``, `[]`, `{"message": 1}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		name, message := refusal(body)
		for what, text := range map[string]string{"name": name, "message": message} {
			if len(text) > maxMessage+len("...") {
				t.Errorf("the %s has %d bytes", what, len(text))
			}
			if strings.ContainsFunc(text, unicode.IsControl) || !utf8.ValidString(text) {
				t.Errorf("the %s is %q", what, text)
			}
		}
	})
}

func FuzzRetryAfter(f *testing.F) {
	for _, value := range []string{"1", "0", "-1", "120", "2147483648", "1.5", "Sun, 29 Nov 2026 01:02:03 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", " 7 ", "soon"} {
		f.Add(value)
	}
	now := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	f.Fuzz(func(t *testing.T, value string) {
		wait, asked := retryAfter(http.Header{"Retry-After": {value}}, now)
		if asked != (wait >= time.Second) || !asked && wait != 0 {
			t.Errorf("%q is %s, %t", value, wait, asked)
		}
	})
}

func FuzzPage(f *testing.F) {
	for _, body := range []string{
		`{"items": [{"id": "a", "size": 1}, {"id": "b", "size": 2.0}], "links": [{"rel": "next", "href": "http://x/items?marker=b&limit=2"}]}`,
		`{"items": []}`, `{"items": null}`, `{"items": {}}`, `{"items": [1]}`, `{"items": [null]}`, `{"items": [], "links": [{"rel": "next", "href": "%"}]}`, `{}`, `null`, `{"items": [{"size": 1e400}]}`,
	} {
		f.Add([]byte(body))
	}
	type item struct {
		ID   string `json:"id"`
		Size int    `json:"size"`
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var members map[string]json.RawMessage
		if decode(body, &members) != nil {
			return
		}
		p, err := readPage[item](members, "items")
		var raw []json.RawMessage
		switch list := json.Unmarshal(members["items"], &raw); {
		case err != nil && (len(p.items) > 0 || p.next != ""):
			t.Errorf("%q fails with %v, and has %+v", body, err, p)
		case err == nil && (list != nil || raw == nil || len(p.items) != len(raw)):
			t.Errorf("%q has %d items, of %d (%v)", body, len(p.items), len(raw), list)
		}
		plain, changed := wholeNumbers(body)
		if changed && !json.Valid(plain) {
			t.Errorf("%q became %q, which is no JSON", body, plain)
		}
	})
}
