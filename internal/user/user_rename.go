package user

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// changesAccount reports whether another name or another host is planned.
func changesAccount(state, plan *model) bool {
	return !state.Name.Equal(plan.Name) || !state.Host.Equal(plan.Host)
}

// changedAttribute returns name or host, at which messages about a rename are reported.
func changedAttribute(state, plan *model) path.Path {
	if state.Name.Equal(plan.Name) {
		return path.Root("host")
	}
	return path.Root("name")
}

// planRename plans another name or host of a user that stays on its instance. inPlace is false if the user is replaced: on a datastore
// whose users keep neither host nor password in a rename.
func (r *Resource) planRename(ctx context.Context, state, plan *model, resp *resource.ModifyPlanResponse) (inPlace bool) {
	if inPlace = r.renames(ctx, state, resp); !inPlace {
		for name, same := range map[string]bool{"name": state.Name.Equal(plan.Name), "host": state.Host.Equal(plan.Host)} {
			if !same {
				resp.RequiresReplace.Append(path.Root(name))
			}
		}
		return false
	}
	id := types.StringUnknown()
	if known(plan) {
		id = types.StringValue(plan.InstanceID.ValueString() + "/" + plan.account().String())
		resp.Diagnostics.Append(r.refuseTakenName(ctx, state, plan)...)
	}
	resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("id"), id)...)
	return true
}

// known reports whether what identifies the planned user is known.
func known(m *model) bool {
	return !m.InstanceID.IsUnknown() && !m.Name.IsUnknown() && !m.Host.IsUnknown()
}

// renames reports whether the datastore of a user's instance renames users. If the instance cannot be read, the apply reports it.
func (r *Resource) renames(ctx context.Context, state *model, resp *resource.ModifyPlanResponse) bool {
	if !r.Configured() {
		return false
	}
	client, diags := r.Client(ctx, state.Region)
	resp.Diagnostics.Append(diags...)
	if diags.HasError() {
		return true
	}
	i, err := client.Instance(ctx, state.InstanceID.ValueString())
	if err != nil {
		resp.Diagnostics.Append(instancebase.PlanCheckError(ctx, kindName, err)...)
		return true
	}
	return guestrules.IsLikeMySQL(i.Datastore.Type)
}

// refuseTakenName refuses a name and host that another user has: the server would refuse it, and if two users exchange their names it would
// do so in every apply.
func (r *Resource) refuseTakenName(ctx context.Context, state, plan *model) (diags diag.Diagnostics) {
	client, ctx, cancel := r.BeginRead(ctx, state.Region, state.Timeouts.Read, instancebase.GuestReadTimeout, &diags)
	defer cancel()
	if diags.HasError() {
		return diags
	}
	instance := state.InstanceID.ValueString()
	_, err := client.UserGrants(ctx, instance, plan.account())
	if err == nil {
		_, err = client.UserGrants(ctx, instance, state.account()) // an apply whose end was not seen may have renamed it
	}
	switch {
	case err == nil:
		diags.Append(takenName(state, plan))
	case errors.Is(err, openstack.ErrNotFound), errors.Is(err, openstack.ErrNotReady): // if the database server is down, the apply reports it
	default:
		diags.Append(instancebase.PlanCheckError(ctx, kindName, err)...)
	}
	return diags
}

// takenName returns the error about a name and host that another user has.
func takenName(state, plan *model) diag.Diagnostic {
	have, want := state.account().String(), plan.account().String()
	return diag.NewAttributeErrorDiagnostic(changedAttribute(state, plan), "Unable to rename "+state.DisplayName(), "User "+want+" exists already on that "+
		"instance, so user "+have+" cannot become it. Nothing was changed. Choose another name, or delete or rename user "+want+" in an earlier apply. "+
		"To swap two names, first rename one of the users to a temporary name. If only the addresses of resources have changed, as after a change of "+
		"count, use moved blocks instead.")
}

// renameError returns the error of a rename that failed.
func renameError(state, plan *model, err error) diag.Diagnostic {
	var exists *operation.ExistsError
	at := changedAttribute(state, plan)
	consequence := "The state keeps the old name and host, so that the next apply tries again."
	switch {
	case errors.As(err, &exists):
		return takenName(state, plan)
	case openstack.OutcomeUnknown(err), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		consequence = "The state keeps the old name and host. If the server has renamed the user all the same, the next plan finds it by the new ones."
	case errors.Is(err, openstack.ErrForbidden), errors.Is(err, openstack.ErrBadRequest):
		consequence = "The state keeps the old name and host. If this server renames no users, replace the user, which deletes it and requires password_wo: " +
			"terraform apply -replace=ADDRESS"
	}
	return instancebase.APIErrorAt(at, "rename", state.DisplayName(), err, consequence)
}

// renameKey is the private state key for what a user may have been renamed to, until a refresh sees its name.
const renameKey = "renaming"

// noteRename notes what a user may have been renamed to; nil notes that its name has been seen.
func noteRename(ctx context.Context, private instancebase.PrivateState, to *trove.Account) diag.Diagnostics {
	note, err := json.Marshal(to)
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("note", "the rename of a user", err, "")}
	}
	return private.SetKey(ctx, renameKey, note)
}

// notedRename returns what noteRename has noted, nil if there is nothing.
func notedRename(ctx context.Context, private instancebase.PrivateState) (*trove.Account, diag.Diagnostics) {
	note, diags := private.GetKey(ctx, renameKey)
	var to *trove.Account
	if len(note) == 0 || diags.HasError() || json.Unmarshal(note, &to) != nil {
		return nil, diags
	}
	return to, diags
}

// settleRename sets the name in a user's state to the noted one if the old one is gone and the noted one exists, and removes the note once
// one of them has been seen. Without a note it makes no request, and the caller reports what cannot be read.
func settleRename(ctx context.Context, client *operation.Client, state *model, private instancebase.PrivateState) diag.Diagnostics {
	to, diags := notedRename(ctx, private)
	if to == nil {
		return diags
	}
	instance := state.InstanceID.ValueString()
	_, err := client.UserGrants(ctx, instance, state.account())
	if errors.Is(err, openstack.ErrNotFound) {
		if _, err = client.UserGrants(ctx, instance, *to); err == nil {
			state.Name, state.Host = types.StringValue(to.Name), types.StringValue(to.Host)
		}
	}
	if err == nil {
		diags.Append(noteRename(ctx, private, nil)...)
	}
	return diags
}
