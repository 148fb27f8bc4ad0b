package provider_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// holdAtMost bounds how long a request is held for another one, which a provider that lets only one of them go on never sends
// meanwhile.
const holdAtMost = 2 * time.Second

// A cluster's only member is tainted and replaced, while others are to join the cluster in the same apply: whoever is first, all
// end well, and in one cluster. Whoever joins through the one that goes has nobody left to join through.
func TestAReplacedFounderAndNewMembersEndWell(t *testing.T) {
	t.Parallel()
	const post, remove = "POST", "DELETE"
	arrived := func(w *world, method, path string, n int) func(context.Context) {
		return func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(ctx, holdAtMost)
			defer cancel()
			w.proxy.Await(ctx, func() bool { return w.proxy.Count(method, path, "") >= n })
		}
	}
	answered := func(w *world, method, path string, n int) func(context.Context) {
		return func(ctx context.Context) {
			ctx, cancel := context.WithTimeout(ctx, holdAtMost)
			defer cancel()
			w.proxy.Await(ctx, func() bool { return w.proxy.Answered(method, path, "") >= n })
		}
	}
	interleavings := map[string]func(w *world){
		"as it comes": func(*world) {},
		"the first member goes when a joiner has asked": func(w *world) {
			w.proxy.Spoil(acctest.Fault{Method: remove, Do: acctest.After(arrived(w, post, "/instances", 1))})
		},
		"the first member goes when a joiner is accepted": func(w *world) {
			w.proxy.Spoil(acctest.Fault{Method: remove, Do: acctest.After(answered(w, post, "/instances", 1))})
		},
		"the first member goes when both joiners are accepted": func(w *world) {
			w.proxy.Spoil(acctest.Fault{Method: remove, Do: acctest.After(answered(w, post, "/instances", 2))})
		},
		"joiners ask when the first member is about to go": func(w *world) {
			w.proxy.Spoil(acctest.Fault{Method: post, Path: "/instances", Times: 2, Do: acctest.After(arrived(w, remove, "", 1))})
		},
		"joiners are accepted when the first member has gone": func(w *world) {
			w.proxy.Spoil(acctest.Fault{Method: post, Path: "/instances", Times: 2, Do: acctest.After(answered(w, remove, "", 1))})
		},
		"a joiner is accepted between the first member's decision to go and its going": func(w *world) {
			w.proxy.Spoil(acctest.Fault{Method: post, Path: "/instances", Do: acctest.After(arrived(w, remove, "", 1))})
			w.proxy.Spoil(acctest.Fault{Method: remove, Do: acctest.After(answered(w, post, "/instances", 1))})
		},
		"both joiners are accepted between the first member's decision to go and its going": func(w *world) {
			w.proxy.Spoil(acctest.Fault{Method: post, Path: "/instances", Times: 2, Do: acctest.After(arrived(w, remove, "", 1))})
			w.proxy.Spoil(acctest.Fault{Method: remove, Do: acctest.After(answered(w, post, "/instances", 2))})
		},
		"one joiner before, one after": func(w *world) {
			w.proxy.Spoil(acctest.Fault{Method: post, Path: "/instances", After: 1, Do: acctest.After(answered(w, remove, "", 1))})
			w.proxy.Spoil(acctest.Fault{Method: remove, Do: acctest.After(answered(w, post, "/instances", 1))})
		},
	}
	eachKind(t, func(t *testing.T, kind clusterKind) {
		for how, interleave := range interleavings {
			for build, duration := range map[string]time.Duration{"at once": 0, "slowly": time.Second} {
				t.Run(how+", built "+build, func(t *testing.T) {
					t.Parallel()
					w := newWorld(t, func(o *sandbox.Options) { o.BuildTime, o.ActionTime = duration, 0 })
					w.configure(map[string]string{"request_timeout": "30s"})
					first := w.build(kind, "products", 1)[0]
					// As Terraform does it: all is planned, then the replaced one is destroyed and made anew, while the others are made.
					config := kind.config.with("name", "products-0", kind.cluster, "products")
					destroy, create, diagnostics := w.run.PlanReplace(first, config.json())
					w.run.NoErrors(diagnostics)
					var joiners []acctest.Change
					for n := 1; n <= 2; n++ {
						joiner, diagnostics := w.run.Plan(acctest.Object{Type: kind.typeName}, config.with("name", fmt.Sprintf("products-%d", n)).json())
						w.run.NoErrors(diagnostics)
						joiners = append(joiners, joiner)
					}
					w.restart()
					w.proxy.Forget()
					interleave(w)
					w.within(40 * time.Second)

					results := make([]acctest.Result, 3)
					var all sync.WaitGroup
					all.Go(func() {
						gone := w.run.Apply(destroy)
						w.succeeds("destroy", gone)
						if !gone.Failed() {
							results[0] = w.run.Apply(create)
						}
					})
					for n, joiner := range joiners {
						all.Go(func() { results[n+1] = w.run.Apply(joiner) })
					}
					all.Wait()

					var members []acctest.Object
					for n, r := range results {
						w.succeeds(fmt.Sprintf("products-%d", n), r)
						members = append(members, r.Object)
						if id := w.run.ID(r.Object); id == "" || w.proxy.Settle(t, id) != "ACTIVE" {
							t.Errorf("products-%d is no healthy instance: %q", n, id)
						} else if first := w.run.ID(results[0].Object); first != "" && !w.lists(first, id) {
							t.Errorf("products-%d is in no cluster with products-0", n)
						}
					}
					w.expectAlive(members...)
				})
			}
		}
	})
}
