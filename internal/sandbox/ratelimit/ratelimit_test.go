package ratelimit

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestABucketTakesAMinutesRequestsAndLeaks(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := New(4, func() time.Time { return now })
	take := func(project, method string, want time.Duration) {
		t.Helper()
		if got := l.Take(project, method); got != want {
			t.Errorf("%s of %s has to wait for %v, want %v", method, project, got, want)
		}
	}
	for range 4 {
		take("a", http.MethodGet, 0)
	}
	take("a", http.MethodGet, 15*time.Second)
	take("a", http.MethodGet, 15*time.Second) // a refused one puts nothing in
	take("a", http.MethodPost, 0)
	take("b", http.MethodGet, 0)
	now = now.Add(10 * time.Second)
	take("a", http.MethodGet, 5*time.Second)
	if got := l.Limits("a")[3]; got.Method != http.MethodGet || got.Value != 4 || got.Remaining != 0 || !got.Next.Equal(now.Add(5*time.Second)) {
		t.Errorf("the limit of GET is %+v, want 4, none remaining, in 5s", got)
	}
	now = now.Add(5 * time.Second)
	take("a", http.MethodGet, 0)
	take("a", http.MethodGet, 15*time.Second)
	now = now.Add(time.Hour)
	for range 4 {
		take("a", http.MethodGet, 0)
	}
	take("a", http.MethodGet, 15*time.Second)
	for range 10 {
		take("a", http.MethodPatch, 0)
	}
}

func TestWithoutARateNothingIsLimited(t *testing.T) {
	l := New(0, time.Now)
	for range 1000 {
		if l.Take("a", http.MethodGet) != 0 {
			t.Fatal("a request was refused")
		}
	}
	if got := l.Limits("a")[0]; got.Value != Unlimited || got.Remaining != Unlimited {
		t.Errorf("the limit shown is %+v", got)
	}
}

func TestARefusalIsTroves(t *testing.T) {
	w := httptest.NewRecorder()
	New(200, time.Now).Refuse(w, http.MethodGet, 1200*time.Millisecond)
	want := `{"overLimit":{"code":413,"details":"Only 200 GET request(s) can be made to * every minute.","message":"This request was rate-limited.","retryAfter":"2"}}`
	if w.Code != 413 || w.Header().Get("Retry-After") != "2" || w.Body.String() != want {
		t.Errorf("the answer is %d, Retry-After %q, %s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
}
