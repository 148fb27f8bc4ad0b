package chaos

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/acctest/readme"
)

var (
	seeds    = flag.Int("seeds", 0, "how many `seeds` to run; none if 0")
	first    = flag.Uint64("first", 1, "the first `seed`")
	calm     = flag.Bool("calm", false, "let no fault happen: every apply must succeed then")
	cliEvery = flag.Int("cli", 8, "the seeds that this `divides` are run by the real command line, the others in process")
	into     = flag.String("into", "", "the `file` whose table is replaced; if omitted, the table is only printed")
)

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

// tally is what all seeds together have come to.
type tally struct {
	sync.Mutex
	seeds, failed, runs, requests, named, helped, reset, orphans, offered, truncated int
	fired                                                                            map[string]int
	running                                                                          map[uint64]time.Time // the seeds that run, since when
}

func (a *tally) begin(number uint64) {
	a.Lock()
	defer a.Unlock()
	a.running[number] = time.Now()
}

// progress is how often a campaign says how far it is: its end may be hours away.
const progress = time.Minute

// report says from time to time how many seeds have ended, and for how long the others have run.
func (a *tally) report(ctx context.Context) {
	tick := time.NewTicker(progress)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			fmt.Println(a.state())
		}
	}
}

// state is one line.
func (a *tally) state() string {
	a.Lock()
	defer a.Unlock()
	var running []string
	for _, number := range slices.Sorted(maps.Keys(a.running)) {
		running = append(running, fmt.Sprintf("%d (%s)", number, time.Since(a.running[number]).Round(time.Second)))
	}
	return fmt.Sprintf("%d of %d seeds have ended, %d failed; running: %s", a.seeds, *seeds, a.failed, strings.Join(running, ", "))
}

func (a *tally) add(s *seed) {
	a.Lock()
	defer a.Unlock()
	delete(a.running, s.number)
	a.seeds++
	if s.t.Failed() {
		a.failed++
	}
	a.runs += s.runs
	a.requests += len(s.proxy.Requests())
	a.named += s.named
	a.helped += s.helped
	a.reset += s.reset
	a.orphans += s.orphans
	a.offered += s.offered
	if s.cli != nil {
		a.truncated += s.cli.truncated
	}
	for kind, n := range s.fired {
		a.fired[kind] += n
	}
}

func TestChaos(t *testing.T) {
	if *seeds == 0 {
		t.Skip("make chaos runs it: -seeds says how many seeds")
	}
	all, began := &tally{fired: map[string]int{}, running: map[uint64]time.Time{}}, time.Now()
	go all.report(t.Context())
	t.Run("seeds", func(t *testing.T) {
		for number := *first; number < *first+uint64(*seeds); number++ {
			t.Run(fmt.Sprint(number), func(t *testing.T) {
				t.Parallel()
				all.begin(number)
				s := newSeed(t, number)
				defer func() {
					all.add(s)
					if t.Failed() || testing.Verbose() {
						// At once: a campaign is long.
						fmt.Printf("seed %d, on %s\n%s\nto run it alone: make chaos FIRST=%d SEEDS=1 VERBOSE=1\n\n", number, s.server(), strings.Join(s.log, "\n"), number)
					}
				}()
				s.run()
			})
		}
	})
	if all.seeds != *seeds {
		t.Errorf("%d of %d seeds were run: the real command line requires what make chaos sets", all.seeds, *seeds)
	}
	text := all.table()
	fmt.Print(text)
	if *into != "" {
		if err := readme.Replace(*into, "make chaos", text); err != nil {
			t.Error(err)
		}
	}
	fmt.Printf("DONE %d tests, %d failures in %s\n", all.seeds, all.failed, time.Since(began).Round(time.Second)) // as gotestsum says it
}

// A seed that fails can be run again: it chooses the same steps and faults, and another seed chooses others.
func TestASeedChoosesTheSameEveryTime(t *testing.T) {
	chosen := func(number uint64) string {
		var all []string
		for _, st := range newSeed(t, number).steps {
			all = append(all, fmt.Sprintf("%s %v %s %v", st.name, st.replace, st.config.tfJSON(), st.faults))
		}
		return strings.Join(all, "\n")
	}
	seen := map[string]uint64{}
	for number := uint64(1); number <= 20; number++ {
		if number%uint64(*cliEvery) == 0 {
			continue // it needs the command line
		}
		one := chosen(number)
		if again := chosen(number); again != one {
			t.Errorf("seed %d chooses\n%s\nand then\n%s", number, one, again)
		}
		if other, ok := seen[one]; ok {
			t.Errorf("seeds %d and %d choose the same", other, number)
		}
		seen[one] = number
	}
}

func (s *seed) server() string {
	if s.upstream {
		return fmt.Sprintf("Trove %d", s.release)
	}
	return "the topology API"
}

// table is Markdown.
func (a *tally) table() string {
	var b strings.Builder
	b.WriteString("| what | how many |\n|---|---|\n")
	for _, row := range []struct {
		what string
		n    int
	}{
		{"seeds", a.seeds}, {"seeds that failed", a.failed}, {"runs of Terraform", a.runs}, {"requests", a.requests},
		{"objects named only in an error, then imported or deleted", a.named},
		{"objects that a killed process left out of the state", a.orphans},
		{"of these, offered for import by the next creation of that name", a.offered},
		{"states that a killed Terraform left unreadable, of which the backup was taken", a.truncated},
		{"instances that an operator took out of ERROR when the faults were over", a.reset},
		{"applies beyond the first, when the faults were over", a.helped},
	} {
		fmt.Fprintf(&b, "| %s | %d |\n", row.what, row.n)
	}
	for _, kind := range slices.Sorted(maps.Keys(a.fired)) {
		fmt.Fprintf(&b, "| fault: %s | %d |\n", kind, a.fired[kind])
	}
	return b.String()
}
