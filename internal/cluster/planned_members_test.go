package cluster

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// after waits that long after what was planned last.
func after(d time.Duration) func(Planned) time.Duration {
	return func(Planned) time.Duration { return d }
}

// planLater plans a new member after some time.
func planLater(r *Registry, after time.Duration, name string) {
	go func() {
		time.Sleep(after)
		r.PlanMember(productsKey, PlannedMember{Name: name})
	}()
}

func TestOneJudgesAllMembersThatArePlannedCloseTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{}
		r.PlanMember(productsKey, PlannedMember{Name: "a"})
		judgement := r.Judge(productsKey)
		if judgement == nil || r.Judge(productsKey) != nil {
			t.Fatal("nobody judges, or two do")
		}
		planLater(r, time.Second, "b")
		planLater(r, 2*time.Second, "c")
		planLater(r, 10*time.Second, "late")
		start := time.Now()
		planned, ok := judgement.Wait(t.Context(), nil, after(2*time.Second))
		if !ok || len(planned.Members) != 3 || planned.Pending || time.Since(start) != 4*time.Second {
			t.Errorf("%+v after %s, %t", planned, time.Since(start), ok)
		}
		judgement.Judged()
		if r.Judge(productsKey) != nil {
			t.Error("the same members are judged again")
		}
		time.Sleep(10 * time.Second)
		if r.Judge(productsKey) == nil {
			t.Error("the one that came late is not judged")
		}
	})
}

func TestWhatIsMissingIsWaitedForLonger(t *testing.T) {
	quiet := func(p Planned) time.Duration {
		for _, m := range p.Members {
			if m.Name == "first" {
				return time.Second
			}
		}
		return time.Minute
	}
	for name, tt := range map[string]struct {
		comes, want time.Duration
		members     int
	}{
		"it comes":         {30 * time.Second, 31 * time.Second, 2},
		"it does not come": {time.Hour, time.Minute, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := &Registry{}
				r.PlanMember(productsKey, PlannedMember{Name: "a"})
				judgement := r.Judge(productsKey)
				planLater(r, tt.comes, "first")
				start := time.Now()
				planned, ok := judgement.Wait(t.Context(), nil, quiet)
				if !ok || len(planned.Members) != tt.members || time.Since(start) != tt.want {
					t.Errorf("%+v after %s, %t", planned, time.Since(start), ok)
				}
				time.Sleep(2 * time.Hour)
			})
		})
	}
}

func TestNothingIsJudgedWhileAPlanIsApplied(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{}
		r.PlanMember(productsKey, PlannedMember{Name: "a"})
		judgement := r.Judge(productsKey)
		go func() {
			time.Sleep(time.Second)
			r.BeginChange()
		}()
		if _, ok := judgement.Wait(t.Context(), nil, after(time.Minute)); ok {
			t.Error("it is judged")
		}
		judgement.Judged()
		r.PlanMember(productsKey, PlannedMember{Name: "b"})
		if r.Judge(productsKey) != nil {
			t.Error("another judges")
		}
	})
}

func TestAMemberIsPlannedAsItWasPlannedLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{}
		r.PlanMember(productsKey, PlannedMember{ID: "1", Name: "a"})
		r.PlanMember(productsKey, PlannedMember{ID: "1", Name: "a", Goes: true})
		r.PlanMember(productsKey, PlannedMember{Name: "a"})
		r.PlanSettings(productsKey, PlannedSettings{"2": func(m topology.MongoDB) topology.MongoDB { return m }})
		planned, ok := r.Judge(productsKey).Wait(t.Context(), nil, after(time.Second))
		if m := planned.Members; !ok || len(m) != 2 || !m[0].Goes || m[1].ID != "" || planned.Settings["2"] == nil {
			t.Errorf("%+v, %t", planned, ok)
		}
	})
}

func TestWhatIsManagedIsPendingUntilItIsPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := &Registry{}
		r.PlanMember(productsKey, PlannedMember{Name: "new"})
		r.SetManaged("1")
		r.SetManaged("elsewhere")
		r.SetSettingsManaged(productsKey)
		go func() {
			time.Sleep(time.Second)
			r.PlanMember(productsKey, PlannedMember{ID: "1", Name: "a"})
			time.Sleep(time.Second)
			r.PlanSettings(productsKey, nil)
		}()
		var pending []bool
		start := time.Now()
		planned, ok := r.Judge(productsKey).Wait(t.Context(), []string{"1", "foreign"}, func(p Planned) time.Duration {
			pending = append(pending, p.Pending)
			if p.Pending {
				return time.Minute
			}
			return 0
		})
		if !ok || planned.Pending || time.Since(start) != 2*time.Second || !slices.Equal(pending, []bool{true, true, false}) {
			t.Errorf("%+v after %s, %t; it was pending: %t", planned, time.Since(start), ok, pending)
		}
	})
}
