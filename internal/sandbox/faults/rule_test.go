package faults

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAddRefusesWhatARuleCannotMean(t *testing.T) {
	for name, tt := range map[string]struct {
		rule Rule
		want string
	}{
		"nothing to do":           {Rule{}, "do is missing"},
		"an unknown effect":       {Rule{Do: "explode"}, `no effect "explode"`},
		"kind of an instance":     {Rule{Do: InstanceError, Kind: "POST /instances"}, "kind means nothing to instance_error"},
		"action of a request":     {Rule{Do: Drop, Action: "resize"}, "action means nothing to drop"},
		"status of a drop":        {Rule{Do: Drop, Status: 503}, "status means nothing to drop"},
		"no status":               {Rule{Do: Status}, "status is 0"},
		"a status of success":     {Rule{Do: Status, Status: 200}, "status is 200"},
		"a status that is none":   {Rule{Do: Status, Status: 600}, "status is 600"},
		"retry_after of a drop":   {Rule{Do: Drop, RetryAfter: new(1)}, "retry_after means nothing"},
		"a negative retry_after":  {Rule{Do: Status, Status: 429, RetryAfter: new(-1)}, "retry_after is -1"},
		"no delay":                {Rule{Do: Delay}, "delay is 0s"},
		"a negative delay":        {Rule{Do: Delay, Delay: -1}, "delay is -1ns"},
		"delay of a drop":         {Rule{Do: Drop, Delay: 1}, "delay means nothing"},
		"message of a drop":       {Rule{Do: Drop, Message: "x"}, "message means nothing"},
		"message of a hang":       {Rule{Do: InstanceHang, Message: "x"}, "message means nothing"},
		"after_work of a drop":    {Rule{Do: Drop, AfterWork: true}, "after_work means nothing"},
		"less than always":        {Rule{Do: Drop, Times: -2}, "times is -2"},
		"two things wrong at all": {Rule{Do: Drop, Status: 503, Message: "x"}, "message means nothing"},
		"before the first":        {Rule{Do: Drop, After: -1}, "after is -1"},
	} {
		t.Run(name, func(t *testing.T) {
			f := New(Hooks{})
			_, err := f.Add(tt.rule)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if len(f.List()) != 0 {
				t.Error("the rule stands")
			}
		})
	}
}

func TestInstanceFate(t *testing.T) {
	r := newRig(t,
		Rule{Do: Drop, Instance: "db1"}, // not about the fate of an instance
		Rule{Do: InstanceError, Instance: "db1", Message: "no host"},
		Rule{Do: InstanceHang, Instance: "db2", Project: "other", Times: Always},
		Rule{Do: InstanceError, Instance: "db3", After: 1},
	)
	type fate struct {
		Failure string
		Hangs   bool
	}
	for i, tt := range []struct {
		project, name string
		want          fate
	}{
		{"p-1", "db1", fate{Failure: "no host"}},
		{"p-1", "db1", fate{}}, // once only
		{"p-1", "db2", fate{}}, // another project's
		{"p-2", "db2", fate{Hangs: true}},
		{"p-2", "db2", fate{Hangs: true}},
		{"p-1", "db3", fate{}}, // the first is spared
		{"p-1", "db3", fate{Failure: "No valid host was found. (fault of the sandbox)"}},
		{"p-1", "db4", fate{}},
	} {
		var got fate
		got.Failure, got.Hangs = r.InstanceFate(tt.project, tt.name)
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%d: %s in %s: %s", i, tt.name, tt.project, diff)
		}
	}
	if fired := r.List()[0].Fired; fired != 0 {
		t.Errorf("the rule about requests happened %d times", fired)
	}
}

func TestActionFate(t *testing.T) {
	r := newRig(t,
		Rule{Do: ActionError, Action: "mysql.promote", Instance: "db1", Message: "too far behind"},
		Rule{Do: ActionError, Action: "mongodb.*"},
		Rule{Do: ActionError, Instance: "db2", Project: "demo"},
		Rule{Do: ActionError, Instance: "i-4", Message: "named by its id"},
	)
	const standard = "The action failed. (fault of the sandbox)"
	for i, tt := range []struct {
		action, project, id, name string
		want                      string // "" where it succeeds
	}{
		{"resize", "p-1", "i-1", "db1", ""},
		{"mysql.promote", "p-1", "i-1", "db1", "too far behind"},
		{"mysql.promote", "p-1", "i-1", "db1", ""},
		{"mongodb.update_members", "p-1", "i-1", "db1", standard},
		{"restart", "p-2", "i-2", "db2", ""}, // another project's
		{"restart", "p-1", "i-3", "db2", standard},
		{"resize", "p-1", "i-4", "db4", "named by its id"},
	} {
		got := ""
		if err := r.ActionFate(tt.action, tt.project, tt.id, tt.name); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%d: %q, want %q", i, got, tt.want)
		}
	}
}
