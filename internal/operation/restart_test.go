package operation_test

import (
	"encoding/json"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const restarts = "POST /instances/{id}/action restart"

// awaitsRestart makes an instance that waits for a restart.
func awaitsRestart(t *testing.T, client *operation.Client) *trove.Instance {
	t.Helper()
	group, err := settings(t, client, trove.Values{"innodb_open_files": json.Number("400")})
	if err != nil {
		t.Fatal(err)
	}
	i, err := client.SetConfiguration(t.Context(), configured(t, client, "orders", "").ID, group.ID, false)
	if err != nil || !i.RestartRequired() {
		t.Fatalf("got %v, %v, want an instance that waits for a restart", i, err)
	}
	return i
}

func TestRestartIsMadeOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rule faults.Rule
		sent int
		ok   bool
	}{
		"answered":                          {faults.Rule{}, 1, true},
		"the answer is lost":                {faults.Rule{Do: faults.LoseAnswer, Kind: restarts}, 1, true},
		"not made, and that is not said":    {faults.Rule{Do: faults.Status, Status: 500, Kind: restarts}, 1, false},
		"refused as busy, as if for others": {faults.Rule{Do: faults.Status, Status: 422, Kind: restarts}, 2, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c := newCloud(t)
			client := c.client()
			i := awaitsRestart(t, client)
			if tt.rule.Do != "" {
				c.inject(tt.rule)
			}
			after, err := client.RestartIfRequired(t.Context(), i.ID)
			if (err == nil) != tt.ok || err == nil && !after.Ready() {
				t.Errorf("got %v, %v", after, err)
			}
			c.expectCount(restarts, tt.sent)
			if _, err := client.RestartIfRequired(t.Context(), i.ID); err != nil {
				t.Error(err)
			}
			if tt.ok {
				c.expectCount(restarts, tt.sent) // there is nothing to restart it for any more
			}
		})
	}
}

func TestGroupIsChangedOverARestartOnlyWhereThatIsWanted(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	i := awaitsRestart(t, client)
	other, err := settings(t, client, trove.Values{"performance_schema": true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.SetConfiguration(t.Context(), i.ID, other.ID, true); err == nil {
		t.Error("a group was detached from an instance that waits for a restart")
	}
	if _, err := client.RestartIfRequired(t.Context(), i.ID); err != nil {
		t.Fatal(err)
	}
	i, err = client.SetConfiguration(t.Context(), i.ID, other.ID, true)
	if err != nil || i.Configuration == nil || i.Configuration.ID != other.ID || !i.RestartRequired() {
		t.Errorf("got %v, %v, want the other group, and a restart to come", i, err)
	}
	c.expectCount(restarts, 2)
}

func TestMembersOfASetAreRestartedInTurns(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	v, err := client.DatastoreVersion(t.Context(), "mongodb", "mongodb-7.0")
	if err != nil {
		t.Fatal(err)
	}
	group, err := client.CreateConfiguration(t.Context(), v, trove.ConfigurationRequest{
		Name: "settings", Values: trove.Values{"net.maxIncomingConnections": json.Number("400")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, name := range []string{"one", "two", "three"} {
		created, ended, err := client.CreateOrJoin(t.Context(), member(name))
		if err != nil {
			t.Fatal(err)
		}
		_, err = client.WaitReady(t.Context(), created.ID)
		if ended != nil {
			ended(err == nil)
		}
		if err == nil {
			_, err = client.SetConfiguration(t.Context(), created.ID, group.ID, false)
		}
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, created.ID)
	}
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			if _, err := client.RestartIfRequired(t.Context(), id); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	sent := c.requests(restarts)
	if len(sent) != len(ids) {
		t.Fatalf("%d restarts were sent, want %d", len(sent), len(ids))
	}
	for n := 1; n < len(sent); n++ {
		if apart := sent[n].Received.Sub(sent[n-1].Received); apart < time.Second {
			t.Errorf("restart %d was sent %s after the one before, which takes a second", n+1, apart)
		}
	}
}
