// Package chaos runs seeded campaigns: random configurations of all kinds of the provider go through random steps while the server
// misbehaves at random, and what must hold of the outcome is checked. `make chaos` runs it.
//
//	go test ./internal/acctest/chaos -parallel 12 -seeds 60
//	go test ./internal/acctest/chaos -first 17 -seeds 1 -v      one of them, with all that it does
//
// A seed chooses the same configuration, steps and faults every time. When a fault meets which request is up to the scheduler.
package chaos
