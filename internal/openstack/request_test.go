package openstack

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestAnIdNeverLeadsToAnotherPath(t *testing.T) {
	var asked atomic.Value
	c := newCloud(t, func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.URL.EscapedPath() + "?" + r.URL.RawQuery)
		fmt.Fprint(w, `{"instance": {}}`)
	})
	client := c.connect(t)
	for id, want := range map[string]string{
		"ID?x": "/v1.0/p1/instances/ID%3Fx?", "ID#x": "/v1.0/p1/instances/ID%23x?", "a/b": "/v1.0/p1/instances/a%2Fb?", "%zz": "/v1.0/p1/instances/%25zz?",
	} {
		if _, err := client.Instance(t.Context(), id); err != nil || asked.Load() != want {
			t.Errorf("%s was asked for as %v: %v", id, asked.Load(), err)
		}
	}
	asked.Store("")
	for _, id := range []string{"", ".", ".."} {
		if _, err := client.Instance(t.Context(), id); err == nil || asked.Load() != "" {
			t.Errorf("%q was asked for as %v: %v", id, asked.Load(), err)
		}
	}
}

func TestAnAnswerThatIsNotOfWhatWasAskedIsAskedForAgain(t *testing.T) {
	for name, wrong := range map[string]string{"another one": `{"instance": {"id": "8"}}`, "cut": `{"instance": {"id`, "a page": `<html>`, "null": `null`, "nothing": ``} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			c := newCloud(t, func(w http.ResponseWriter, r *http.Request) {
				if requests++; requests == 1 {
					fmt.Fprint(w, wrong)
					return
				}
				showInstance(w, r)
			})
			for retries, want := range []int{1, 2} {
				requests = 0
				client := c.connect(t, func(o *Options) { o.MaxRetries = retries })
				answer, err := Send(t.Context(), client.Endpoint, Request[struct{ Instance shown }]{
					Op: "read instance 7", Method: http.MethodGet, Path: []string{"instances", "7"},
					Check: func(a struct{ Instance shown }) error {
						if a.Instance.ID != "7" {
							return errors.New("it is of another instance")
						}
						return nil
					},
				})
				if requests != want || (err == nil) != (retries > 0) || err == nil && answer.Value.Instance.ID != "7" {
					t.Errorf("with %d retries: %d requests, %+v, %v", retries, requests, answer.Value, err)
				}
			}
		})
	}
}

func TestACreationWhoseAnswerCannotBeReadIsNotSentAgainAndItsOutcomeIsUnknown(t *testing.T) {
	for _, body := range []string{`{"instance": {"id": 7}}`, `{"instance"`, `<html>`, ``} {
		requests := 0
		c := newCloud(t, func(w http.ResponseWriter, _ *http.Request) {
			requests++
			fmt.Fprint(w, body)
		})
		err := c.connect(t, func(o *Options) { o.MaxRetries = 3 }).post(t.Context())
		if requests != 1 || !OutcomeUnknown(err) {
			t.Errorf("%q: %d requests, outcome unknown: %t: %v", body, requests, OutcomeUnknown(err), err)
		}
	}
}

func TestDatesAreReadInEveryLegalForm(t *testing.T) {
	want := time.Date(2026, 11, 29, 2, 0, 0, 0, time.UTC)
	for _, text := range []string{"2026-11-29T02:00:00", "2026-11-29T02:00:00Z", "2026-11-29T02:00:00+00:00", "2026-11-29T03:00:00+01:00", "2026-11-29 02:00:00"} {
		var got Time
		if err := json.Unmarshal([]byte(`"`+text+`"`), &got); err != nil || !time.Time(got).Equal(want) {
			t.Errorf("%s is %v: %v", text, time.Time(got), err)
		}
	}
	for _, text := range []string{`""`, `null`} {
		var got Time
		if err := json.Unmarshal([]byte(text), &got); err != nil || !time.Time(got).IsZero() {
			t.Errorf("%s is %v: %v", text, time.Time(got), err)
		}
	}
	if err := json.Unmarshal([]byte(`"yesterday"`), new(Time)); err == nil {
		t.Error("yesterday is a date")
	}
}

func TestWholeNumbersAreReadWithAFractionOfZeros(t *testing.T) {
	var got struct {
		Size  int64
		Name  string
		Ratio float64
		Raw   map[string]any
	}
	if err := decode([]byte(`{"size": 5.0, "name": "1.0", "ratio": 1.5, "raw": {"x": 2.50}}`), &got); err != nil || got.Size != 5 || got.Name != "1.0" || got.Ratio != 1.5 {
		t.Errorf("got %+v: %v", got, err)
	}
	if err := decode([]byte(`{"size": 5.5}`), &got); err == nil {
		t.Error("half a GB passed for a size")
	}
}

// readList reads the list of a cloud whose pages answer as pages says, by marker.
func readList(t *testing.T, pages func(marker string) string) (int, error) {
	t.Helper()
	c := newCloud(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, pages(r.URL.Query().Get("marker"))) })
	all, _, err := List[shown](t.Context(), c.connect(t).Endpoint, "list instances", "instances", nil, "instances")
	return len(all), err
}

func next(marker string) string {
	return fmt.Sprintf(`"links": [{"rel": "next", "href": "https://example.com/x?marker=%s"}]`, marker)
}

func TestAListEnds(t *testing.T) {
	n, err := readList(t, func(marker string) string {
		if marker == "" {
			return `{"instances": [{"id": "1"}, {"id": "2"}], ` + next("2") + `}`
		}
		return `{"instances": [{"id": "3"}], "links": []}`
	})
	if n != 3 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	endless := 0
	for name, pages := range map[string]func(string) string{
		"the same marker": func(string) string { return `{"instances": [{"id": "1"}], ` + next("1") + `}` },
		"a circle": func(marker string) string {
			return `{"instances": [{"id": "1"}], ` + next(map[string]string{"": "1", "1": "2", "2": "1"}[marker]) + `}`
		},
		"new markers for ever": func(string) string {
			endless++
			return `{"instances": [{"id": "1"}], ` + next(fmt.Sprint("m", endless)) + `}`
		},
		"a long page": func(string) string { return `{"instances": [{}` + strings.Repeat(",{}", maxItems) + `]}` },
		"no list":     func(string) string { return `{}` },
		"null":        func(string) string { return `{"instances": null}` },
	} {
		if _, err := readList(t, pages); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Where the link's marker leads elsewhere, the items lead on; a page without any has only the link.
func TestAListGoesByItsOwnItems(t *testing.T) {
	var asked []string
	pages := map[string]string{
		"":    `{"instances": [{"id": "a"}, {"id": "b@%"}], ` + next("b%2540%2525") + `}`,
		"b@%": `{"instances": [], ` + next("c") + `}`,
		"c":   `{"instances": [{"id": "d"}], ` + next("d") + `}`,
		"d":   `{"instances": [{"id": "e"}]}`,
	}
	c := newCloud(t, func(w http.ResponseWriter, r *http.Request) {
		marker := r.URL.Query().Get("marker")
		asked = append(asked, marker)
		fmt.Fprint(w, pages[marker])
	})
	all, _, err := ListBy(t.Context(), c.connect(t).Endpoint, "list instances", "instances", nil, func(s shown) string { return s.ID }, "instances")
	if want := []string{"", "b@%", "c", "d"}; err != nil || len(all) != 4 || !slices.Equal(asked, want) {
		t.Errorf("got %d items by %q, want 4 by %q: %v", len(all), asked, want, err)
	}
	c = newCloud(t, func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"instances": [{"id": "a"}], `+next("b")+`}`)
	})
	if _, _, err := ListBy(t.Context(), c.connect(t).Endpoint, "list instances", "instances", nil, func(s shown) string { return s.ID }, "instances"); err == nil {
		t.Error("a list whose last item is always the same has no error")
	}
}

func TestAnAnswerHasABound(t *testing.T) {
	requests := 0
	c := newCloud(t, func(w http.ResponseWriter, _ *http.Request) {
		requests++
		fmt.Fprint(w, `{"instance": {"name": "`)
		for range 100 {
			if _, err := fmt.Fprint(w, strings.Repeat("x", 1<<20)); err != nil {
				return
			}
		}
	})
	_, err := c.connect(t, func(o *Options) { o.MaxRetries = 3 }).Instance(t.Context(), "7")
	if err == nil || !strings.Contains(err.Error(), "an answer of more than 4 MB") || requests != 1 {
		t.Errorf("got %v after %d requests", err, requests)
	}
}

func TestOnlyRegularFilesOfABoundedSizeAreRead(t *testing.T) {
	large := filepath.Join(t.TempDir(), "large")
	if err := os.WriteFile(large, make([]byte, maxFile+1), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{large, t.TempDir(), os.DevNull} {
		if _, err := ReadFile(path); err == nil {
			t.Errorf("%s was read", path)
		}
	}
	if err := os.Truncate(large, maxFile); err != nil {
		t.Fatal(err)
	}
	if content, err := ReadFile(large); err != nil || len(content) != maxFile {
		t.Errorf("%d bytes were read: %v", len(content), err)
	}
}

func TestAKeystoneThatQuotesAPasswordIsNotQuoted(t *testing.T) {
	c := newCloud(t, showInstance)
	c.Keystone = func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, http.StatusBadRequest, `could not read {"user": {"password": "hunter2"}}`)
	}
	_, err := c.connect(t).Instance(t.Context(), "7")
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestARequestWithoutADeadlineGetsOne(t *testing.T) {
	var left time.Duration
	c := newCloud(t, showInstance)
	client := c.connect(t)
	client.service.HTTPClient.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
		deadline, _ := r.Context().Deadline()
		left = time.Until(deadline)
		return nil, errors.New("no network")
	})
	if _, err := client.Instance(t.Context(), "7"); err == nil || left <= 0 || left > requestLimit {
		t.Errorf("%s are left: %v", left, err)
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
