package instancebase

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// destroyPlanKey is the private state key under which the plan of a destruction notes which destructions were known then.
const destroyPlanKey = "destroy_plan"

// destroyPlan is the note under destroyPlanKey.
type destroyPlan struct {
	cluster.Plan
	// File names the file of the plan that this note belongs to; see planFile.
	File string `json:"file,omitempty"`
}

// planDestruction notes at plan time that a member is to be destroyed, so that DeleteMember knows which others are destroyed with it.
func (r *Resource) planDestruction(ctx context.Context, m ClusterMember, resp *resource.ModifyPlanResponse) {
	shared, name := m.Shared(), m.Cluster()
	if name == "" || m.Keeps() || !r.Configured() || resp.Private == nil {
		return
	}
	client, diags := r.Client(ctx, shared.Region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	id := shared.ID.ValueString()
	known := client.Registry().PlanDestruction(ctx, client.Key(name), id, client.Window(), func() []string {
		view, err := client.PlannedTopology(ctx, name, id)
		if err != nil {
			// Without the note the deletion is only slower: it looks again.
			tflog.Warn(ctx, "the members of the cluster are not known at plan time", map[string]any{"cluster": name, "reason": err.Error()})
			return nil
		}
		ids := make([]string, len(view.Members))
		for i, member := range view.Members {
			ids[i] = member.ID
		}
		return ids
	})
	resp.Diagnostics.Append(r.noteDestroyPlan(ctx, name, known, resp)...)
	r.savePlan(ctx, client)
}

// takeDestroyPlan returns what the plan noted, with what the same plan knew at its end if that can be read.
func (r *Resource) takeDestroyPlan(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) (cluster.Plan, diag.Diagnostics) {
	var note destroyPlan
	found, diags := takePrivate(ctx, destroyPlanKey, "{}", &note, req, resp)
	if !found || note.File == "" || !r.Configured() {
		return note.Plan, diags
	}
	whole, err := r.connection.plan.load(note.File)
	switch {
	case errors.Is(err, fs.ErrNotExist): // it was planned elsewhere
		return note.Plan, diags
	case err != nil:
		tflog.Warn(ctx, "what the plan knew of other destructions is only taken from each", map[string]any{"reason": err.Error()})
		return note.Plan, diags
	}
	return whole, diags
}

// planFileAge is the age at which files of plans that were never applied are removed.
const planFileAge = 24 * time.Hour

// planFile passes what a plan knows of destructions at its end to the apply, which is another process. Terraform finishes planning each
// resource before it plans the next, ten at a time, so the note in a planned destruction lacks those that are planned later. The file is in
// the directory for temporary files, under a random name that only the plan knows. If it cannot be read, as on another machine, each
// deletion uses its own note, and waits for others before it decides. The file holds ids of instances and names of clusters.
type planFile struct {
	mu     sync.Mutex
	own    string
	loaded map[string]cluster.Plan
}

// token names the file of this process's plan.
func (p *planFile) token() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.own == "" {
		p.own = rand.Text()
	}
	return p.own
}

// begun reports whether a plan of a destruction refers to the file.
func (p *planFile) begun() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.own != ""
}

func planPath(token string) string {
	return filepath.Join(os.TempDir(), "terraform-provider-trove-plan-"+filepath.Base(token)+".json")
}

// save writes what is known. It calls known while it holds the lock, so that a later save never writes less.
func (p *planFile) save(known func() cluster.Plan) error {
	token := p.token()
	p.mu.Lock()
	defer p.mu.Unlock()
	text, err := json.Marshal(known())
	if err != nil {
		return err
	}
	if p.loaded == nil {
		p.loaded = map[string]cluster.Plan{}
		removeOldPlans()
	}
	return openstack.WriteFile(planPath(token), text)
}

// load reads what another process's plan knew, once, and removes the file: a plan is applied once.
func (p *planFile) load(token string) (cluster.Plan, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if plan, ok := p.loaded[token]; ok {
		return plan, nil
	}
	var plan cluster.Plan
	text, err := openstack.ReadFile(planPath(token))
	if err == nil {
		err = json.Unmarshal(text, &plan)
	}
	if err != nil {
		return plan, err
	}
	if p.loaded == nil {
		p.loaded = map[string]cluster.Plan{}
	}
	p.loaded[token] = plan
	return plan, os.Remove(planPath(token))
}

// removeOldPlans removes the files of plans that were not applied. It ignores errors, since the files are in the directory for temporary
// files.
func removeOldPlans() {
	old, err := filepath.Glob(planPath("*"))
	if err != nil {
		return
	}
	for _, name := range old {
		if info, err := os.Lstat(name); err == nil && time.Since(info.ModTime()) > planFileAge {
			_ = os.Remove(name) //nolint:errcheck // it may be another user's
		}
	}
}
