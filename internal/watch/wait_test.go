package watch

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/clock"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// script is a Reader that answers with one state after the other and stays at the last one.
type script struct {
	states []answer
	asked  []time.Time
}

type answer struct {
	instance trove.Instance
	err      error
}

func (s *script) Instance(_ context.Context, id string) (*trove.Instance, error) {
	a := s.states[min(len(s.asked), len(s.states)-1)]
	s.asked = append(s.asked, time.Now())
	if a.err != nil {
		return nil, a.err
	}
	a.instance.ID, a.instance.Name = id, "orders"
	return &a.instance, nil
}

func status(status, operating string) answer {
	return answer{instance: trove.Instance{Status: status, OperatingStatus: &operating}}
}

func older(status string) answer { return answer{instance: trove.Instance{Status: status}} }

func failing(code int) answer {
	return answer{err: &openstack.Error{Op: "read instance", Code: code, Fault: map[int]string{404: "itemNotFound"}[code]}}
}

func TestWaitReady(t *testing.T) {
	broken := status(trove.StatusError, "")
	broken.instance.Fault = &trove.Fault{Message: "no valid host was found"}
	recovered := status(trove.StatusActive, trove.StatusHealthy)
	recovered.instance.Fault = &trove.Fault{Message: "old news"}

	tests := map[string]struct {
		states   []answer
		polls    int
		wantText string // in the error; "" where it becomes ready
		wantIs   error
	}{
		"ready at once": {states: []answer{status("ACTIVE", "HEALTHY")}, polls: 1},
		"an older server has no operating status":   {states: []answer{older("BUILD"), older("ACTIVE")}, polls: 2},
		"an older server may say HEALTHY":           {states: []answer{older("HEALTHY")}, polls: 1},
		"active with a task running is not ready":   {states: []answer{status("ACTIVE", ""), status("ACTIVE", "HEALTHY")}, polls: 2},
		"every task status is waited out":           {states: []answer{status("BACKUP", ""), status("PROMOTE", ""), status("DETACH", ""), status("UPGRADE", ""), status("ACTIVE", "HEALTHY")}, polls: 5},
		"a fault on a healthy instance is old news": {states: []answer{recovered}, polls: 1},
		"only a restart would help":                 {states: []answer{status("RESTART_REQUIRED", "")}, polls: 1, wantText: "must be restarted"},
		"ERROR ends it at once, with the fault":     {states: []answer{status("BUILD", ""), broken}, polls: 2, wantText: "no valid host was found"},
		"FAILED ends it at once":                    {states: []answer{status("FAILED", "")}, polls: 1, wantText: "the server gave no reason"},
		"vanishing ends it at once":                 {states: []answer{status("BUILD", ""), failing(404)}, polls: 2, wantIs: openstack.ErrNotFound},
		"being forbidden ends it at once":           {states: []answer{failing(403)}, polls: 1, wantIs: openstack.ErrForbidden},
		"a server that is unwell for a while":       {states: []answer{failing(500), failing(503), status("ACTIVE", "HEALTHY")}, polls: 3},
		"a connection that breaks for a while":      {states: []answer{{err: errors.New("connection reset")}, status("ACTIVE", "HEALTHY")}, polls: 2},
		"a server that is unwell for long":          {states: append(slices.Repeat([]answer{failing(500), failing(429), {err: errors.New("connection reset")}}, 10), status("ACTIVE", "HEALTHY")), polls: 31},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &script{states: tt.states}
				i, err := New(s, clock.System{}).WaitReady(t.Context(), "i-1")
				if len(s.asked) != tt.polls {
					t.Errorf("asked %d times, want %d", len(s.asked), tt.polls)
				}
				if tt.wantText == "" && tt.wantIs == nil {
					if err != nil || !i.Ready() {
						t.Fatalf("got %+v, %v; want a ready instance", i, err)
					}
					return
				}
				if err == nil || !strings.Contains(err.Error(), tt.wantText) {
					t.Errorf("error is %v, want one that says %q", err, tt.wantText)
				}
				if tt.wantIs != nil && !errors.Is(err, tt.wantIs) {
					t.Errorf("error %v is not %v", err, tt.wantIs)
				}
			})
		})
	}
}

func TestWaitingPollsAtATimeThatGrowsWithTheTimeWaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		s := &script{states: []answer{status("BUILD", "")}}
		_, err := New(s, clock.System{}).WaitReady(ctx, "i-1")

		var wait *TimeoutError
		if !errors.As(err, &wait) || !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("error is %v, want a TimeoutError of the deadline", err)
		}
		if wait.Last != "BUILD" || wait.Waited != 2*time.Minute {
			t.Errorf("the error says %q after %v, want BUILD after 2m", wait.Last, wait.Waited)
		}
		var at []time.Duration
		for _, asked := range s.asked[:12] {
			at = append(at, asked.Sub(s.asked[0]))
		}
		// It doubles up to a second, goes on by the second, and then by a tenth of the time.
		var want []time.Duration
		for _, ms := range []int{0, 25, 50, 100, 200, 400, 800, 1600, 2600, 3600, 4600, 5600} {
			want = append(want, time.Duration(ms)*time.Millisecond)
		}
		if diff := cmp.Diff(want, at); diff != "" {
			t.Errorf("it looked at (-want +got):\n%s", diff)
		}
		for n := 13; n < len(s.asked); n++ {
			pause, waited := s.asked[n].Sub(s.asked[n-1]), s.asked[n-1].Sub(s.asked[0])
			if want := min(max(waited/10, time.Second), MaxInterval); pause != want {
				t.Fatalf("pause %d after %v is %v, want %v", n, waited, pause, want)
			}
		}
	})
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(10*time.Second, cancel)
		begun := time.Now()
		_, err := New(&script{states: []answer{status("BUILD", "")}}, clock.System{}).WaitReady(ctx, "i-1")
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "canceled") {
			t.Errorf("error is %v, want one that says canceled", err)
		}
		if passed := time.Since(begun); passed != 10*time.Second {
			t.Errorf("it went on for %v after it was told to end at 10s", passed)
		}
	})
}

func TestAServerThatStaysUnwellIsNamedWhenTheTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		_, err := New(&script{states: []answer{status("BUILD", ""), failing(503)}}, clock.System{}).WaitReady(ctx, "i-1")
		if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, openstack.ErrUnavailable) {
			t.Fatalf("error is %v, want one of the deadline and of the failure", err)
		}
		for _, part := range []string{"after 1h0m0s", "still showed status BUILD", "the timeout was reached", "503 Service Unavailable"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("error is %v, want one that says %q", err, part)
			}
		}
	})
}

func TestWaitGone(t *testing.T) {
	tests := map[string]struct {
		states []answer
		want   string
	}{
		"404 is gone":                             {states: []answer{status("SHUTDOWN", ""), failing(404)}},
		"DELETED is gone":                         {states: []answer{status("SHUTDOWN", ""), status("DELETED", "")}},
		"ERROR for a while is part of going":      {states: []answer{status("ERROR", ""), status("ERROR", ""), failing(404)}},
		"ERROR for long is a deletion that fails": {states: []answer{status("ERROR", "")}, want: "is in status ERROR"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				err := New(&script{states: tt.states}, clock.System{}).WaitGone(t.Context(), "i-1")
				switch {
				case tt.want == "" && err != nil:
					t.Errorf("got %v, want none", err)
				case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
					t.Errorf("got %v, want one that says %q", err, tt.want)
				}
			})
		})
	}
}
