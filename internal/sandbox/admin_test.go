package sandbox

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

func TestLedgerIsServedAndSetToZero(t *testing.T) {
	s := start(t, Options{})
	db := login(t, s)
	made, err := create(t, db, "orders")
	if err != nil {
		t.Fatal(err)
	}
	type instance struct{ ID, Name, ProjectID, Status, Created, Deleted, DeletedBy string }
	read := func() (requests map[string]int, list []instance) {
		t.Helper()
		status, text, err := send(t, "GET", s.URL()+"/sandbox/ledger", "")
		if err != nil || status != 200 {
			t.Fatal(status, text, err)
		}
		var body struct {
			Requests  map[string]int `json:"requests"`
			Instances []struct {
				ID        string `json:"id"`
				Name      string `json:"name"`
				ProjectID string `json:"project_id"`
				Status    string `json:"status"`
				Created   string `json:"created"`
				Deleted   string `json:"deleted"`
				DeletedBy string `json:"deleted_by"`
			} `json:"instances"`
		}
		if err := json.Unmarshal([]byte(text), &body); err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		for _, i := range body.Instances {
			list = append(list, instance(i))
		}
		return body.Requests, list
	}
	requests, list := read()
	if diff := cmp.Diff(map[string]int{"POST /v3/auth/tokens": 1, "POST /instances": 1}, requests); diff != "" {
		t.Error(diff)
	}
	if len(list) != 1 || list[0].Created == "" {
		t.Fatalf("%+v", list)
	}
	list[0].Created = ""
	if diff := cmp.Diff([]instance{{ID: made.ID, Name: "orders", ProjectID: identity.DemoProjectID, Status: "ACTIVE"}}, list); diff != "" {
		t.Error(diff)
	}
	if status, text, err := send(t, "DELETE", s.URL()+"/sandbox/ledger", ""); status != 204 || text != "" || err != nil {
		t.Error(status, text, err)
	}
	for _, call := range []string{"DELETE", "GET"} {
		status, text, err := send(t, call, db.Endpoint+"instances/"+made.ID, "", "X-Auth-Token", db.Token())
		if err != nil || status >= 500 {
			t.Error(status, text, err)
		}
	}
	requests, list = read()
	if diff := cmp.Diff(map[string]int{"DELETE /instances/{id}": 1, "GET /instances/{id}": 1}, requests); diff != "" {
		t.Error(diff)
	}
	if len(list) != 1 || list[0].Status != "DELETED" || list[0].Deleted == "" || list[0].DeletedBy == "" {
		t.Errorf("after the deletion: %+v", list)
	}
}

func TestFaultsAreInjectedListedAndCleared(t *testing.T) {
	s := start(t, Options{})
	url := s.URL() + "/sandbox/faults"
	status, text, err := send(t, "POST", url, `{"do": "status", "status": 429, "retry_after": 1, "kind": "GET /v3*", "times": 2}`)
	if err != nil || status != 201 || strings.TrimSpace(text) != `{"id":1}` {
		t.Fatal(status, text, err)
	}
	if status, _, err := send(t, "GET", s.AuthURL(), ""); err != nil || status != 429 {
		t.Error(status, err)
	}
	status, text, err = send(t, "GET", url, "")
	want := `{"faults":[{"id":1,"do":"status","kind":"GET /v3*","times":2,"status":429,"retry_after":1,"matched":1,"fired":1}]}`
	if err != nil || status != 200 || strings.TrimSpace(text) != want {
		t.Error(status, text, err)
	}
	if status, _, err := send(t, "DELETE", url, ""); err != nil || status != 204 {
		t.Error(status, err)
	}
	if status, _, err := send(t, "GET", s.AuthURL(), ""); err != nil || status != 200 {
		t.Error("after clearing:", status, err)
	}
	if _, text, err = send(t, "GET", url, ""); err != nil || strings.TrimSpace(text) != `{"faults":[]}` {
		t.Error(text, err)
	}
}

func TestFaultThatMeansNothingIsRefused(t *testing.T) {
	s := start(t, Options{})
	for _, body := range []string{``, `{`, `[]`, `{"do": "explode"}`, `{"do": "drop", "often": 3}`, `{"do": "delay", "delay": 5}`, `{"do": "drop"} {"do": "drop"}`} {
		status, text, err := send(t, "POST", s.URL()+"/sandbox/faults", body)
		if err != nil || status != 400 || !strings.HasPrefix(text, `{"error":"`) {
			t.Errorf("%q: %d %s %v", body, status, text, err)
		}
	}
	if n := len(s.Faults().List()); n != 0 {
		t.Errorf("%d faults are injected", n)
	}
}

func TestAdminRoutesRefuseOtherSites(t *testing.T) {
	s := start(t, Options{})
	_, port, _ := strings.Cut(s.Address(), ":")
	for name, tt := range map[string]struct {
		method string
		header []string
		status int
	}{
		"a program":                          {"GET", nil, 200},
		"by the name of this machine":        {"GET", []string{"Host", "localhost:" + port}, 200},
		"through a tunnel":                   {"GET", []string{"Host", "127.0.0.1:9999"}, 200},
		"by IPv6":                            {"GET", []string{"Host", "[::1]:" + port}, 200},
		"a name that was made to lead here":  {"GET", []string{"Host", "evil.example.com:" + port}, 403},
		"a name like ours":                   {"GET", []string{"Host", "localhost.example.com:" + port}, 403},
		"another machine's address":          {"GET", []string{"Host", "192.0.2.1:" + port}, 403},
		"its own page":                       {"GET", []string{"Origin", s.URL()}, 200},
		"another site's page, reading":       {"GET", []string{"Origin", "http://evil.example.com"}, 403},
		"another port's page, reading":       {"GET", []string{"Origin", "http://127.0.0.1:1"}, 403},
		"a page without an origin":           {"GET", []string{"Origin", "null"}, 403},
		"another site's page, writing":       {"DELETE", []string{"Origin", "http://evil.example.com"}, 403},
		"its own page, writing":              {"DELETE", []string{"Origin", s.URL()}, 204},
		"another site's form, writing":       {"DELETE", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a program, writing":                 {"DELETE", nil, 204},
		"a made-up name in an origin, equal": {"DELETE", []string{"Host", "evil.example.com", "Origin", "http://evil.example.com"}, 403},
	} {
		t.Run(name, func(t *testing.T) {
			status, text, err := send(t, tt.method, s.URL()+"/sandbox/ledger", "", tt.header...)
			if err != nil || status != tt.status {
				t.Errorf("%d %s %v, want %d", status, text, err, tt.status)
			}
		})
	}
}

func TestHealth(t *testing.T) {
	s := start(t, Options{})
	status, text, err := send(t, "GET", s.URL()+"/sandbox/health", "")
	if err != nil || status != 200 || strings.TrimSpace(text) != `{"status":"ok"}` {
		t.Error(status, text, err)
	}
	if status, _, err := send(t, "GET", s.URL()+"/sandbox/nothing", ""); err != nil || status != 404 {
		t.Error(status, err)
	}
}
