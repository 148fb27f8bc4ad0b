package cluster

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

func enough([]PlannedMember) bool { return true }

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
		members, _, ok := judgement.Wait(t.Context(), 2*time.Second, time.Minute, enough)
		if !ok || len(members) != 3 || time.Since(start) != 4*time.Second {
			t.Errorf("%d members after %s, %t", len(members), time.Since(start), ok)
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
	first := func(members []PlannedMember) bool {
		for _, m := range members {
			if m.Name == "first" {
				return true
			}
		}
		return false
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
				members, _, ok := judgement.Wait(t.Context(), time.Second, time.Minute, first)
				if !ok || len(members) != tt.members || time.Since(start) != tt.want {
					t.Errorf("%d members after %s, %t", len(members), time.Since(start), ok)
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
		if _, _, ok := judgement.Wait(t.Context(), time.Minute, time.Hour, enough); ok {
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
		members, settings, ok := r.Judge(productsKey).Wait(t.Context(), time.Second, time.Second, enough)
		if !ok || len(members) != 2 || !members[0].Goes || members[1].ID != "" || settings["2"] == nil {
			t.Errorf("%+v, %v, %t", members, settings, ok)
		}
	})
}
