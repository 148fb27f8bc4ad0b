package operation_test

import (
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

const memberCreation = "POST /instances"

// A creation that finds its set full is tried once more when another change of the same apply has made room.
func TestAVoterJoinsWhenAnotherHasLostItsVote(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	ids := c.replicaSet(client, topology.MaxVotingMembers)
	sent := len(c.requests(memberCreation))
	var err error
	atOnce(2, func(i int) {
		if i == 0 {
			_, err = build(t.Context(), client, member("late"))
			return
		}
		for len(c.requests(memberCreation)) == sent { // it has been refused before there was room
			if t.Context().Err() != nil {
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
		settings := map[string]topology.MemberSettings{} // of all members, so that none is waited for
		for _, id := range ids {
			settings[id] = topology.MemberSettings{Votes: new(int64(1)), Priority: new(1.0)}
		}
		settings[ids[6]] = topology.MemberSettings{Votes: new(int64(0)), Priority: new(0.0)}
		if _, err := client.Reconfigure(t.Context(), "products", settings); err != nil {
			t.Error(err)
		}
	})
	if err != nil {
		t.Errorf("the eighth member: %v", err)
	}
	if n := len(c.requests(memberCreation)) - sent; n != 2 {
		t.Errorf("its creation was sent %d times, want 2", n)
	}
}

func TestAVoterForWhomNobodyMakesRoomIsRefused(t *testing.T) {
	c := newCloud(t)
	client := c.client()
	c.replicaSet(client, topology.MaxVotingMembers)
	sent := len(c.requests(memberCreation))
	_, err := build(t.Context(), client, member("late"))
	var refusal *openstack.Error
	if !errors.As(err, &refusal) || refusal.Code != http.StatusBadRequest {
		t.Errorf("%v, want the server's refusal", err)
	}
	if n := len(c.requests(memberCreation)) - sent; n != 1 {
		t.Errorf("its creation was sent %d times, want once", n)
	}
}
