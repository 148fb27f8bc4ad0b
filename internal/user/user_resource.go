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

var kind = instancebase.ObjectKind{Name: kindName, IdentifiedBy: []string{"instance_id", "name", "host"}, Guest: true}

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
	r.CreateObject(ctx, kind, &plan, req, resp, func(ctx context.Context, client *operation.Client, save func()) diag.Diagnostics {
		instance := plan.InstanceID.ValueString()
		secret, diags := password(ctx, req.Config)
		grants, d := plan.grants(ctx)
		if diags.Append(d...); diags.HasError() {
			return diags
		}
		if diags.Append(instancebase.CheckGuestValues(ctx, client, kindName, instance, plan.checks(secret, grants)...)...); diags.HasError() {
			return diags
		}
		plan.SetComputed(client, plan.account().String())
		diags.Append(plan.SetGrants(ctx, grants)...)
		if err := client.CreateUser(ctx, instance, plan.account(), secret, grants, save); err != nil {
			diags.Append(instancebase.GuestCreateError(ctx, client, "users", instance, plan.DisplayName(), "trove_user.NAME", plan.ID.ValueString(), err))
		}
		return diags
	})
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	r.ReadObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (bool, error) {
		if resp.Private != nil {
			resp.Diagnostics.Append(settleRename(ctx, client, &state, resp.Private)...)
		}
		grants, err := client.UserGrants(ctx, state.InstanceID.ValueString(), state.account())
		if err != nil {
			return false, err
		}
		state.SetComputed(client, state.account().String())
		resp.Diagnostics.Append(state.SetGrants(ctx, grants)...)
		return true, nil
	})
}

// Update implements resource.Resource. The password is changed first, or with another name, since a rotation should make the old one
// useless soon. What was done is saved in the state before the next step can fail.
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
			resp.Diagnostics.Append(instancebase.APIErrorAt(path.Root("password_wo"), "change the password of", plan.DisplayName(), err,
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
			resp.Diagnostics.Append(instancebase.APIErrorAt(path.Root("databases"), "change the grants of", plan.DisplayName(), err,
				"The next plan shows which databases are granted to the user."))
			return
		}
	}
	plan.SetComputed(client, plan.account().String())
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, &plan)...)
}

// rename gives a user its planned name and host in one request, with a new password if there is one, and saves them in the state.
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
	var state model
	r.DeleteObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (diags diag.Diagnostics) {
		if req.Private != nil {
			diags.Append(settleRename(ctx, client, &state, req.Private)...)
		}
		if diags.HasError() {
			return diags
		}
		if err := client.RemoveUser(ctx, state.InstanceID.ValueString(), state.account()); err != nil {
			diags.Append(instancebase.GuestDeleteError(state.DisplayName(), err))
		}
		return diags
	})
}

// IdentitySchema implements resource.ResourceWithIdentity.
func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = tfkit.IdentitySchema(map[string]identityschema.StringAttribute{
		"instance_id": {Description: "The id of the instance.", RequiredForImport: true},
		"name":        {Description: "The name of the user.", RequiredForImport: true},
		"host":        {Description: "The host that the user connects from. If omitted, any host (%).", OptionalForImport: true},
	})
}

// ImportState implements resource.ResourceWithImportState: by instance_id/name@host, or by identity. Names may contain an @, hosts may not.
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

// MoveState implements resource.ResourceWithMoveState. The password, which the old state has in plain text, is not taken over.
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
		diags.Append(state.SetAttribute(ctx, path.Root("databases"), append([]string{}, from.Databases...))...) // an empty set is not null
		return diags
	})}
}
