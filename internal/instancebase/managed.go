package instancebase

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// heirsKey is where the plan of a destruction notes in a source's private state which of its replicas are Terraform's.
const heirsKey = "heirs"

// managed knows the instances that this process has read for Terraform's state: a provider is not told of the others.
type managed struct {
	mu      sync.Mutex
	ids     map[string]bool
	changed chan struct{} // closed by the next one that comes; nil while nobody waits
}

func (m *managed) add(id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ids == nil {
		m.ids = map[string]bool{}
	}
	if m.ids[id] {
		return
	}
	m.ids[id] = true
	if m.changed != nil {
		close(m.changed)
		m.changed = nil
	}
}

// of returns those of the ids that are Terraform's. It waits up to window for each to be read, as Terraform reads and plans
// one resource beside the other.
func (m *managed) of(ctx context.Context, ids []string, window time.Duration) []string {
	timer := time.NewTimer(window)
	defer timer.Stop()
	for {
		m.mu.Lock()
		ours := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !m.ids[id] })
		if m.changed == nil {
			m.changed = make(chan struct{})
		}
		changed := m.changed
		m.mu.Unlock()
		if len(ours) == len(ids) {
			return ours
		}
		select {
		case <-ctx.Done():
			return ours
		case <-timer.C:
			return ours
		case <-changed:
		}
	}
}

// NoteHeirs notes at plan time, for a replica that is to be destroyed while it is the source of its set, which of the members
// that replicate from it are Terraform's: one of those may become the source where the declared one is not of the set. It asks
// the server, since Terraform plans the destruction of what has left the configuration by the state before the refresh.
func (r *Resource) NoteHeirs(ctx context.Context, kind string, state *Model, resp *resource.ModifyPlanResponse) {
	if !r.Configured() || resp.Private == nil || resp.Diagnostics.HasError() {
		return
	}
	client, diags := r.Client(state.Region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	i, err := client.Instance(ctx, state.ID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(PlanCheckError(ctx, kind, err)...)
		return
	}
	sources, replicas, err := client.Replication(ctx, i)
	if err != nil {
		resp.Diagnostics.Append(PlanCheckError(ctx, kind, err)...)
		return
	}
	if len(sources) > 0 || len(replicas) == 0 {
		return
	}
	note, err := json.Marshal(r.connection.managed.of(ctx, replicas, r.LeaveWindow()))
	if err != nil {
		resp.Diagnostics.Append(APIError("plan", kind, err, ""))
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, heirsKey, note)...)
}
