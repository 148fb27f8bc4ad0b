// Package user holds trove_user: a user of the database within a MySQL, MariaDB or PostgreSQL instance.
package user

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const kindName = "user"

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
	_ resource.ResourceWithMoveState   = (*Resource)(nil)
)

// Resource is trove_user.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_user"
	resp.ResourceBehavior.MutableIdentity = true // a user is renamed in place, and instance_id may change within a replication set
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Create, instancebase.GuestTimeout, &resp.Diagnostics)
	defer cancel()
	password, diags := password(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	grants, diags := plan.grants(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	resp.Diagnostics.Append(instancebase.CheckGuestValues(ctx, client, kindName, plan.InstanceID.ValueString(), plan.checks(password, grants)...)...)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.SetComputed(client, plan.account().String())
	resp.Diagnostics.Append(plan.SetGrants(ctx, grants)...)
	err := client.CreateUser(ctx, plan.InstanceID.ValueString(), plan.account(), password, grants, func() {
		resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
		if resp.Private != nil {
			resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
		}
	})
	if err != nil {
		resp.Diagnostics.Append(instancebase.Unprotect(ctx, &resp.State)...)
		resp.Diagnostics.Append(instancebase.GuestCreateError(ctx, client, "users", plan.InstanceID.ValueString(), plan.displayName(), "trove_user.NAME", plan.ID.ValueString(), err))
	}
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("read", kindName, req.State.Raw, "instance_id", "name", "host")...)
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	client, ctx, cancel := r.BeginRead(ctx, state.Region, state.Timeouts.Read, instancebase.GuestReadTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if resp.Private != nil {
		resp.Diagnostics.Append(settleRename(ctx, client, &state, resp.Private)...)
	}
	grants, err := client.UserGrants(ctx, state.InstanceID.ValueString(), state.account())
	if err != nil {
		gone, diags := instancebase.GuestReadError(state.displayName(), err)
		resp.Diagnostics.Append(diags...)
		if gone {
			r.ReadGone(ctx, client, kindName, state.displayName(), req, resp)
			return
		}
		resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
		return
	}
	state.SetComputed(client, state.account().String())
	resp.Diagnostics.Append(state.SetGrants(ctx, grants)...)
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
	if resp.Private != nil {
		resp.Diagnostics.Append(instancebase.NoteProject(ctx, client, resp.Private)...)
	}
}

// Update implements resource.Resource. The password goes first, or with another name: whoever rotates it wants the old one to be worthless.
// What was done is in the state before the next step can fail.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(tfkit.RequireIdentified("update", kindName, req.State.Raw, "instance_id", "name", "host")...)
	var state, plan model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	client, ctx, cancel := r.Begin(ctx, plan.Region, plan.Timeouts.Update, instancebase.GuestTimeout, &resp.Diagnostics)
	defer cancel()
	grants, diags := plan.grants(ctx)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	instance, secret := plan.InstanceID.ValueString(), ""
	if !plan.PasswordVersion.IsNull() && !plan.PasswordVersion.Equal(state.PasswordVersion) {
		secret, diags = password(ctx, req.Config)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	if changesAccount(&state, &plan) {
		resp.Diagnostics.Append(r.rename(ctx, client, &state, &plan, secret, resp)...)
	} else if secret != "" {
		if err := client.SetPassword(ctx, instance, plan.account(), secret); err != nil {
			resp.Diagnostics.Append(instancebase.APIErrorAt(path.Root("password_wo"), "change the password of", plan.displayName(), err,
				"The state keeps the old password_wo_version, so that the next apply tries again."))
		}
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if secret != "" {
		state.PasswordVersion = plan.PasswordVersion
		resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, &state)...)
	}
	if !plan.Databases.Equal(state.Databases) {
		if err := client.SetGrants(ctx, instance, plan.account(), grants); err != nil {
			resp.Diagnostics.Append(instancebase.APIErrorAt(path.Root("databases"), "change the grants of", plan.displayName(), err,
				"The next plan shows which databases are granted to the user."))
			return
		}
	}
	plan.SetComputed(client, plan.account().String())
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// rename gives a user its planned name and host in one request, with its password where there is a new one, and puts them into the state.
func (r *Resource) rename(ctx context.Context, client *operation.Client, state, plan *model, password string, resp *resource.UpdateResponse) (diags diag.Diagnostics) {
	to := plan.account()
	err := client.RenameUser(ctx, plan.InstanceID.ValueString(), state.account(), to, password, func() {
		if resp.Private != nil {
			diags.Append(noteRename(ctx, resp.Private, &to)...)
		}
	})
	if err != nil {
		diags.Append(renameError(state, plan, err))
		return diags
	}
	state.Name, state.Host = plan.Name, plan.Host
	state.SetComputed(client, to.String())
	diags.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, state)...)
	return diags
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	unidentified, diags := tfkit.Unidentified(kindName, req.State.Raw, "instance_id", "name", "host")
	resp.Diagnostics.Append(diags...)
	if unidentified {
		return
	}
	var state model
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	resp.Diagnostics.Append(instancebase.ProtectedFromDeletion(ctx, kindName, req.State)...)
	client, ctx, cancel := r.Begin(ctx, state.Region, state.Timeouts.Delete, instancebase.GuestTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	if req.Private != nil {
		resp.Diagnostics.Append(instancebase.RefuseOtherProject(ctx, client, "delete", state.displayName(), req.Private)...)
		resp.Diagnostics.Append(settleRename(ctx, client, &state, req.Private)...)
	}
	if resp.Diagnostics.HasError() {
		return
	}
	if err := client.RemoveUser(ctx, state.InstanceID.ValueString(), state.account()); err != nil {
		resp.Diagnostics.Append(instancebase.GuestDeleteError(state.displayName(), err))
	}
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"instance_id": {Description: "The id of the instance.", RequiredForImport: true},
		"name":        {Description: "The name of the user.", RequiredForImport: true},
		"host":        {Description: "The host that the user connects from. If omitted, any host (%).", OptionalForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by instance_id/name@host, or by identity. Names may hold an @, hosts
// may not.
func (r *Resource) ImportState(ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	asked, diags := tfkit.ImportRequest(ctx, "a user", req, func(id string) (map[string]string, error) {
		instance, name, _ := strings.Cut(id, "/")
		host := guestrules.AnyHost
		if at := strings.LastIndex(name, "@"); at >= 0 {
			name, host = name[:at], name[at+1:]
		}
		if instance == "" || name == "" || host == "" {
			return nil, errors.New("a user is imported by instance_id/name@host, such as 2f9c.../app@%")
		}
		return map[string]string{"instance_id": instance, "name": name, "host": host}, errors.Join(tfkit.CheckID(instance), guestrules.CheckUserName("", name))
	})
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	asked["host"] = cmp.Or(asked["host"], guestrules.AnyHost)
	r.Import(ctx, asked, req, resp)
}

// MoveState implements resource.ResourceWithMoveState. The password, which stands in the old state in plain text, stays behind.
func (r *Resource) MoveState(context.Context) []resource.StateMover {
	type old struct {
		ID, Host  string
		Databases []string
	}
	return []resource.StateMover{instancebase.MoveFromOpenStack("openstack_db_user_v1", func(ctx context.Context, from old, state *tfsdk.State) diag.Diagnostics {
		instance, name, diags := instancebase.MoveGuestObject(ctx, from.ID, state)
		host := cmp.Or(from.Host, guestrules.AnyHost)
		diags.Append(state.SetAttribute(ctx, path.Root("id"), instance+"/"+trove.Account{Name: name, Host: host}.String())...)
		diags.Append(state.SetAttribute(ctx, path.Root("host"), host)...)
		diags.Append(state.SetAttribute(ctx, path.Root("databases"), append([]string{}, from.Databases...))...) // none is not null
		return diags
	})}
}
