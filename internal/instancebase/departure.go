package instancebase

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Clustered is a resource's model of a member of a named cluster, which leaves it before it is deleted.
type Clustered interface {
	ResourceModel
	// Cluster names the cluster as topology.Topology does; "" for a member that is in none any more.
	Cluster() string
}

// Leaver is a Clustered model that has more to say of how it leaves.
type Leaver interface {
	Clustered
	// Forced says whether to delete the member also where the server does not offer the way in which it leaves.
	Forced() bool
	// Heir is the member to hand the role back to where it has become this one's replica; "" for none.
	Heir() string
}

// departingKey is where a plan notes in a member's private state who of its cluster the same plan destroys.
const departingKey = "departing"

// mostVain is how often a plan waits in vain: members that others of their cluster refer to are planned only after those, and
// with -parallelism=1 nobody ever comes.
const mostVain = 3

// mostHeld is how many plans of destructions wait for others at most: one of Terraform's ten at a time has to get through.
const mostHeld = 8

// departures knows, by cluster, which members this plan destroys.
type departures struct {
	mu       sync.Mutex
	clusters map[string]*departure
	held     int
	vain     int       // how often somebody waited and nobody came
	lastVain time.Time // since those who wait together do so once
}

type departure struct {
	members []string      // of the cluster, as the server shows them
	going   []string      // whose destruction is planned
	changed chan struct{} // closed and made anew with every one that comes
	settled bool          // somebody waited, and no other came
}

// note adds a member, and waits up to window for the others of its cluster: Terraform plans each destruction by itself, and
// only who was planned last could otherwise know of all. It returns who is known to go.
func (d *departures) note(ctx context.Context, cluster, id string, window time.Duration, members func() []string) []string {
	d.mu.Lock()
	if d.clusters == nil {
		d.clusters = map[string]*departure{}
	}
	c := d.clusters[cluster]
	if c == nil {
		c = &departure{changed: make(chan struct{})}
		d.clusters[cluster] = c
	}
	if !slices.Contains(c.members, id) {
		d.mu.Unlock()
		listed := members() // a request, so not under the lock
		d.mu.Lock()
		c.members = listed
	}
	if !slices.Contains(c.going, id) {
		c.going, c.settled = append(c.going, id), false
		close(c.changed)
		c.changed = make(chan struct{})
	}
	defer d.mu.Unlock()
	for len(c.members) > 0 && !c.complete() && d.vain < mostVain && d.held < mostHeld {
		d.held++
		changed := c.changed
		d.mu.Unlock()
		timer := time.NewTimer(window)
		select {
		case <-ctx.Done():
		case <-changed:
		case <-timer.C:
			changed = nil
		}
		timer.Stop()
		d.mu.Lock()
		d.held--
		if ctx.Err() != nil {
			break
		}
		if changed == nil {
			c.settled = true
			if now := time.Now(); now.Sub(d.lastVain) >= window {
				d.vain, d.lastVain = d.vain+1, now
			}
			break
		}
	}
	return slices.Clone(c.going)
}

// Departing are the members of a cluster that this plan destroys, and whether that is all there will be: it is not known where
// nobody has waited for others to come. It is asked after Plan, for a member that is to be destroyed.
func (r *Resource) Departing(region string, m Clustered) (going []string, settled bool) {
	d := &r.connection.departures
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.clusters[region+"/"+m.Cluster()]
	if c == nil {
		return nil, false
	}
	return slices.Clone(c.going), c.settled
}

func (c *departure) complete() bool {
	return !slices.ContainsFunc(c.members, func(id string) bool { return !slices.Contains(c.going, id) })
}

// noteDeparture notes at plan time that a member is to be destroyed, for DeleteMember to know who goes with it.
func (r *Resource) noteDeparture(ctx context.Context, m Clustered, resp *resource.ModifyPlanResponse) {
	shared, cluster := m.Shared(), m.Cluster()
	if cluster == "" || !r.Configured() || resp.Private == nil {
		return
	}
	client, diags := r.Client(shared.Region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return
	}
	id := shared.ID.ValueString()
	going := r.connection.departures.note(ctx, client.Region()+"/"+cluster, id, r.LeaveWindow(), func() []string {
		view, err := client.Topology(ctx, id)
		if err != nil {
			// Without it nothing is lost but the haste: the deletion looks again.
			tflog.Warn(ctx, "the members of the cluster are not known at plan time", map[string]any{"cluster": cluster, "reason": err.Error()})
			return nil
		}
		ids := make([]string, len(view.Members))
		for i, member := range view.Members {
			ids[i] = member.ID
		}
		return ids
	})
	note, err := json.Marshal(going)
	if err != nil {
		resp.Diagnostics.Append(APIError("plan", cluster, err, ""))
		return
	}
	resp.Diagnostics.Append(resp.Private.SetKey(ctx, departingKey, note)...)
}

// departing is what the plan noted, none where it noted nothing. The note holds for this deletion alone, so it is taken out:
// a later one, where this one fails, may come without a note of its own.
func departing(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) ([]string, diag.Diagnostics) {
	return noted(ctx, departingKey, req, resp)
}

// noted takes the ids out that the plan noted under a key.
func noted(ctx context.Context, key string, req resource.DeleteRequest, resp *resource.DeleteResponse) ([]string, diag.Diagnostics) {
	if req.Private == nil {
		return nil, nil
	}
	note, diags := req.Private.GetKey(ctx, key)
	if len(note) == 0 || diags.HasError() {
		return nil, diags
	}
	var ids []string
	if err := json.Unmarshal(note, &ids); err != nil {
		diags.AddError("Unable to read the plan", fmt.Sprintf("The private state's %s is %q: %s. Plan again.", key, note, err))
		return nil, diags
	}
	diags.Append(resp.Private.SetKey(ctx, key, []byte("[]"))...)
	return ids, diags
}

// DeleteMember deletes a member of a cluster. It leaves the cluster first, by the steps that its kind takes, unless the whole
// cluster goes. at is the attribute that names the cluster; state is the kind's empty model.
func (r *Resource) DeleteMember(ctx context.Context, kind string, req resource.DeleteRequest, resp *resource.DeleteResponse, state Clustered,
	at path.Path, steps func(id string) []topology.Action,
) {
	planned, diags := departing(ctx, req, resp)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	var leaving trove.Leaving
	r.DeleteInstance(ctx, kind, req, resp, state, func(ctx context.Context, client *trove.Client) diag.Diagnostics {
		var err error
		id := state.Shared().ID.ValueString()
		who := state.Shared().displayName(kind)
		departure := trove.Departure{ID: id, With: planned, Window: r.LeaveWindow(), Steps: steps(id)}
		leaver, more := state.(Leaver)
		if more {
			departure.Heir = leaver.Heir()
		}
		leaving, err = client.Leave(ctx, departure)
		var unoffered *trove.UnofferedError
		if more && errors.As(err, &unoffered) {
			if !leaver.Forced() {
				return diag.Diagnostics{APIErrorAt(path.Root("force_destroy"), "take out of its cluster", who, err,
					"The instance was not deleted and stays in the state. To delete it all the same, set force_destroy = true, apply, and destroy it then.")}
			}
			return diag.Diagnostics{diag.WithPath(at, diag.NewWarningDiagnostic("A member was deleted without leaving", fmt.Sprintf(
				"%s was deleted as force_destroy says, though it could not leave %s before: %s The members that stay take it for failed.", who, leaving.Cluster, tfkit.Sentence(err.Error()))))}
		}
		if err != nil {
			return diag.Diagnostics{APIErrorAt(at, "remove", who+" from "+cmp.Or(leaving.Cluster, "its cluster"), err,
				"The instance was not deleted and stays in the state: the next destroy tries again.")}
		}
		if leaving.Broken != nil {
			return diag.Diagnostics{diag.WithPath(at, diag.NewWarningDiagnostic("A member was deleted without leaving", fmt.Sprintf(
				"%s could not leave %s before it was deleted, since the server takes out only members that are well, and this one was in status %s: %s "+
					"Look whether the members that stay have what they need.", who, leaving.Cluster, leaving.Broken.Status, tfkit.Sentence(leaving.Broken.Fault))))}
		}
		return nil
	})
	leaving.Done()
}
