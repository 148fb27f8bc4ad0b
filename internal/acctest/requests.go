package acctest

import (
	"fmt"
	"net/http"

	"github.com/google/go-cmp/cmp"
)

// ExpectRequests compares the ledger's counts of these kinds with what is expected.
func (c *Cloud) ExpectRequests(want map[string]int) error {
	got := map[string]int{}
	for kind := range want {
		got[kind] = c.Ledger().Count(kind)
	}
	return compareCounts(want, got)
}

// ExpectAccepted is ExpectRequests without those that the server has refused: where resources are changed at about the same time, and nothing
// says which is first, one may be refused for another that is under way, and is sent again after that.
func (c *Cloud) ExpectAccepted(want map[string]int) error {
	got := map[string]int{}
	for kind := range want {
		got[kind] = 0
	}
	for _, r := range c.Ledger().Requests() {
		if _, ok := want[r.Kind]; ok && r.Status < http.StatusBadRequest {
			got[r.Kind]++
		}
	}
	return compareCounts(want, got)
}

func compareCounts(want, got map[string]int) error {
	if diff := cmp.Diff(want, got); diff != "" {
		return fmt.Errorf("the ledger counts otherwise (-want +got):\n%s", diff)
	}
	return nil
}
