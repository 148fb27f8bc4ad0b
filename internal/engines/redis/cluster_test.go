package redis_test

import (
	"fmt"
	"testing"

	client "github.com/redis/go-redis/v9"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/engine"
)

const keys = 2000

// clusterClient is a client of the whole cluster, which knows one node.
func (w *world) clusterClient(id string) *client.ClusterClient {
	w.t.Helper()
	c := client.NewClusterClient(&client.ClusterOptions{Addrs: []string{w.to(id).Options().Addr}, DisableIdentity: true})
	w.t.Cleanup(func() {
		if err := c.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return c
}

// readAll reads every key through the cluster.
func (w *world) readAll(via, when string) {
	w.t.Helper()
	c := w.clusterClient(via)
	lost := 0
	for n := range keys {
		if got, err := c.Get(w.t.Context(), fmt.Sprint("key", n)).Result(); err != nil || got != fmt.Sprint(n) {
			if lost == 0 {
				w.t.Errorf("%s key%d is %q, %v", when, n, got, err)
			}
			lost++
		}
	}
	if lost > 0 {
		w.t.Errorf("%s %d of %d keys cannot be read", when, lost, keys)
	}
}

func TestClusterGrowsFailsOverAndShrinksWithEveryKeyReadable(t *testing.T) {
	w := &world{Engine: newEngine(t), t: t}
	w.want(w.node("m1", ""))
	w.realize()
	c := w.clusterClient("m1")
	for n := range keys {
		if err := c.Set(t.Context(), fmt.Sprint("key", n), fmt.Sprint(n), 0).Err(); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{"m2", "m3"} { // one after the other, as instances are built
		w.want(w.node(id, ""))
		w.realize()
	}
	for n := 1; n <= 3; n++ {
		w.want(w.node(fmt.Sprint("r", n), fmt.Sprint("m", n)))
	}
	w.realize()
	w.readAll("m2", "with three masters and three replicas")

	w.want(w.node("m4", ""))
	w.realize()
	w.readAll("m4", "with a fourth master")
	share, err := w.to("m4").DBSize(t.Context()).Result()
	if err != nil || share < keys/8 {
		t.Errorf("the fourth master has %d keys, %v", share, err)
	}

	w.want(w.node("r1", "")) // takes over from its master
	w.want(w.node("m1", "r1"))
	w.realize()
	w.readAll("m1", "after the failover")
	if o, _ := w.Observe("r1"); o.Role != "source" {
		t.Errorf("the node that took over is %q", o.Role)
	}

	w.want(engine.Server{ID: "m4"}) // leaves, and lives on
	w.realize()
	w.readAll("r1", "when the fourth master has left")
	if n, err := w.to("m4").DBSize(t.Context()).Result(); err != nil || n != 0 {
		t.Errorf("the node that has left has %d keys, %v", n, err)
	}
	if err := w.to("m4").Set(t.Context(), "alone", "1", 0).Err(); err != nil {
		t.Errorf("the node that has left serves by itself: %v", err)
	}
}
