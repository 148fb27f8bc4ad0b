package instancebase

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// InstanceChange is a planned change of the instance_id of a resource that belongs to the replication set of an instance.
type InstanceChange struct {
	// Kind is the word for the kind of resource in messages, DisplayName the name of the resource.
	Kind, DisplayName string
	// Region is the region in the state, From the instance in the state, To the planned one.
	Region, From, To types.String
	// Loses says what a replacement deletes, Keep how to keep it; both are sentences.
	Loses, Keep string
	// ID is the id of the resource at the planned instance; "" if it does not change, or is not known.
	ID string
	// Outlives says that the resource remains when its instance is deleted, so that a replacement still deletes something then.
	Outlives bool
}

// PlanInstanceChange plans a change of instance_id. For another member of the same replication set only the state changes. Any other
// instance, and one that the plan cannot check, replaces the resource, with a warning that says what is lost. An instance that does not
// exist is an error, because the replacement would delete before it fails.
func (r *Resource) PlanInstanceChange(ctx context.Context, change InstanceChange, resp *resource.ModifyPlanResponse) (replaced bool) {
	if change.From.Equal(change.To) {
		return false
	}
	at := path.Root("instance_id")
	same, why, diags := r.sameSet(ctx, change)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return false
	}
	if same {
		if change.ID != "" {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), change.ID)...)
		}
		return false
	}
	resp.RequiresReplace.Append(at)
	if why != "" {
		resp.Diagnostics.AddAttributeWarning(at, "The replacement of "+change.DisplayName+" loses data", fmt.Sprintf(
			"instance_id changes from %s, and %s: the plan replaces the %s. %s %s", change.From.ValueString(), why, change.Kind, change.Loses, change.Keep))
	}
	return true
}

// sameSet reports whether the planned instance is in the set of the present one. why says why it is not, or why that is not known; it is ""
// if nothing can be lost.
func (r *Resource) sameSet(ctx context.Context, change InstanceChange) (same bool, why string, diags diag.Diagnostics) {
	from, to := change.From.ValueString(), change.To.ValueString()
	switch {
	case !tfkit.Known(change.To):
		return false, "the new value is known only after apply, so it may not be in the same replication set", nil
	case !r.Configured():
		return false, "whether " + to + " is in the same replication set cannot be known before the provider is configured", nil
	}
	client, diags := r.Client(ctx, change.Region)
	if diags.HasError() {
		return false, "", diags
	}
	same, err := client.SameReplicationSet(ctx, from, to)
	switch {
	case err == nil && same:
		return true, "", nil
	case MissingInstance(err, from) != "":
		if why = "that instance does not exist any more"; !change.Outlives {
			why = "" // it was deleted with its instance
		}
		return false, why, nil
	case err != nil:
		if d := PlanCheckError(ctx, change.Kind, err); d.HasError() {
			return false, "", d
		}
		return false, "whether " + to + " is in the same replication set cannot be found out: " + err.Error(), nil
	}
	why, err = settledApart(ctx, client, from, to)
	if missing := MissingInstance(err, to); missing != "" {
		return false, "", diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("instance_id"), "Unable to plan "+change.DisplayName, missing+
			" Nothing was changed. Set instance_id to a member of the replication set of "+from+".")}
	}
	if err != nil {
		diags = PlanCheckError(ctx, change.Kind, err)
	}
	return false, why, diags
}

// settledApart says that two instances are not in one set. While roles change, the server shows neither source nor replicas of a member;
// the text then says so.
func settledApart(ctx context.Context, c *operation.Client, from, to string) (why string, err error) {
	why = to + " is not in the same replication set"
	for _, id := range []string{to, from} {
		i, err := c.Instance(ctx, id)
		if err != nil {
			return why, err
		}
		if !i.Ready() {
			why = fmt.Sprintf("%s is not seen in the same replication set. Instance %s is in status %s, and the server does not show the set while its "+
				"roles change, so plan again when all members are ready", to, id, i.Status)
		}
	}
	return why, nil
}
