package sandbox

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"
)

func TestARateIsShownAndHeld(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	s := start(t, Options{Rate: 3, Now: func() time.Time { return now }})
	db := login(t, s)
	status, text, err := send(t, "GET", db.Endpoint+"limits", "", "X-Auth-Token", db.TokenID)
	if err != nil || status != 200 {
		t.Fatalf("GET /limits: %d, %v", status, err)
	}
	want := `"nextAvailable":"` + now.UTC().Format(time.RFC3339) + `","regex":".*","remaining":2,"unit":"MINUTE","uri":"*","value":3,"verb":"GET"}`
	if !strings.Contains(text, want) {
		t.Errorf("GET /limits shows %s, want %s", text, want)
	}
	for n := range 2 {
		if _, err := instances.Get(t.Context(), db, "none").Extract(); !gophercloud.ResponseCodeIs(err, 404) {
			t.Errorf("request %d: %v, want 404", n, err)
		}
	}
	_, err = instances.Get(t.Context(), db, "none").Extract()
	var refused gophercloud.ErrUnexpectedResponseCode
	if !errors.As(err, &refused) || refused.Actual != 413 || refused.ResponseHeader.Get("Retry-After") != "20" {
		t.Errorf("beyond the rate: %v, want 413 with Retry-After 20", err)
	}
	if _, err := create(t, db, "other-method"); err != nil {
		t.Errorf("another method is limited by itself: %v", err)
	}
	now = now.Add(20 * time.Second)
	if _, err := instances.Get(t.Context(), db, "none").Extract(); !gophercloud.ResponseCodeIs(err, 404) {
		t.Errorf("after Retry-After: %v, want 404", err)
	}
	if got := fmt.Sprint(s.Ledger().Count("GET /instances/{id}")); got != "4" {
		t.Errorf("the ledger counts %s requests, want 4: those that are refused too", got)
	}
}
