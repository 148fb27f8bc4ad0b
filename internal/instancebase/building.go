package instancebase

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// building holds what the server warns of a replica set while creations of this process add members to it: a set of three
// has two voters for a while, of which nobody needs to hear.
type building struct {
	mu       sync.Mutex
	clusters map[string]*unfinished // by region and name
}

// unfinished is a set that is being built.
type unfinished struct {
	underWay int
	warned   bool
	latest   []string // of the warnings
}

// site is one creation's place in a set that is being built; its methods do nothing for one that goes into none.
type site struct {
	of   *building
	key  string
	name string
}

// enter notes that a member is being created. leave must be called when that has ended.
func (b *building) enter(region string, t *topology.Topology) *site {
	if t == nil || t.Cluster() == "" {
		return &site{}
	}
	s := &site{of: b, key: region + " " + t.Cluster(), name: t.Cluster()}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.clusters == nil {
		b.clusters = map[string]*unfinished{}
	}
	if b.clusters[s.key] == nil {
		b.clusters[s.key] = &unfinished{}
	}
	b.clusters[s.key].underWay++
	return s
}

// heard notes what the server warned of when it accepted the creation.
func (s *site) heard(warnings []string) {
	if s.of == nil {
		return
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	u := s.of.clusters[s.key]
	u.latest = slices.DeleteFunc(slices.Clone(warnings), func(w string) bool { return !topology.IsReplicaSetAdvice(w) })
	u.warned = u.warned || len(u.latest) > 0
}

// leave ends a creation; created is nil where it failed. The last one to end shows the warnings that still hold. Where the
// server does not show enough to tell, those are the latest ones.
func (s *site) leave(ctx context.Context, c *trove.Client, created *trove.Instance) diag.Diagnostics {
	var diags diag.Diagnostics
	left, last := s.end()
	if !last || !left.warned || created == nil {
		return diags
	}
	hold := left.latest
	view, err := c.Topology(ctx, created.ID)
	if err != nil {
		tflog.Warn(ctx, "the warnings about a new set were not checked", map[string]any{"set": s.name, "reason": err.Error()})
	} else if advice, known := view.ReplicaSetAdvice(); known {
		hold = advice
	}
	if len(hold) > 0 {
		details := make([]string, len(hold))
		for i, w := range hold {
			details[i] = tfkit.Sentence(w)
		}
		diags.AddWarning("The server warns about "+s.name, strings.Join(details, "\n"))
	}
	return diags
}

// end takes a creation out, and says whether it was the last one of its set.
func (s *site) end() (left unfinished, last bool) {
	if s.of == nil {
		return unfinished{}, false
	}
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	u := s.of.clusters[s.key]
	u.underWay--
	if u.underWay == 0 {
		delete(s.of.clusters, s.key)
	}
	return *u, u.underWay == 0
}
