package cluster

import "testing"

func TestPlannedUseIsAddedUpByEndpoint(t *testing.T) {
	var r Registry
	if total, creates := r.PlanUse("a", "instance/1", Use{Instances: 1, VolumeGB: 5}, false); creates || total != (Use{Instances: 1, VolumeGB: 5}) {
		t.Errorf("%+v, %t", total, creates)
	}
	r.PlanUse("a", "backup/1", Use{Backups: 1}, true)
	r.PlanUse("b", "instance/2", Use{Instances: 1, VolumeGB: 100}, true)
	// One that is replaced is planned twice, and grows with it.
	if total, creates := r.PlanUse("a", "instance/1", Use{Instances: 1, VolumeGB: 7}, false); !creates || total != (Use{Instances: 1, VolumeGB: 7, Backups: 1}) {
		t.Errorf("%+v, %t", total, creates)
	}
}

func TestSayOnce(t *testing.T) {
	var r Registry
	if !r.SayOnce("a", "instances") || r.SayOnce("a", "instances") || !r.SayOnce("a", "backups") || !r.SayOnce("b", "instances") {
		t.Error("a warning is said twice, or not at all")
	}
}
