package instancebase

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// projectKey is the private state key for the project in which the resource was last seen.
const projectKey = "project"

// PrivateState is the private state that the framework passes to an operation.
type PrivateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

// NoteProject notes in which project a resource was seen: in another project, everything looks as if it had been deleted.
func NoteProject(ctx context.Context, client *operation.Client, private PrivateState) diag.Diagnostics {
	now, err := client.Project(ctx)
	if err != nil || now.ID == "" {
		return nil // a token without a project, or no token, which the requests report
	}
	note, err := json.Marshal(now)
	if err != nil {
		return diag.Diagnostics{APIError("note", "the project", err, "")}
	}
	return private.SetKey(ctx, projectKey, note)
}

// SaveCreated saves the plan of a creation in the state, as far as it is known, and notes the project.
func SaveCreated(ctx context.Context, client *operation.Client, req resource.CreateRequest, resp *resource.CreateResponse, plan any) {
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, plan)...)
	if resp.Private != nil {
		resp.Diagnostics.Append(NoteProject(ctx, client, resp.Private)...)
	}
}

// SaveRead saves the result of a refresh in the state, and notes the project.
func SaveRead(ctx context.Context, client *operation.Client, resp *resource.ReadResponse, state any) {
	resp.Diagnostics.Append(tfkit.SaveState(ctx, &resp.State, resp.Identity, state)...)
	if resp.Private != nil {
		resp.Diagnostics.Append(NoteProject(ctx, client, resp.Private)...)
	}
}

// RefuseOtherProject refuses to treat an object as gone that was last seen in another project than the one that the provider is signed in
// to. what is its name in messages.
func RefuseOtherProject(ctx context.Context, client *operation.Client, verb, what string, private PrivateState) diag.Diagnostics {
	note, diags := private.GetKey(ctx, projectKey)
	if len(note) == 0 || diags.HasError() {
		return diags
	}
	var seen openstack.Project
	now, err := client.Project(ctx)
	if err != nil || now.ID == "" || json.Unmarshal(note, &seen) != nil || seen.ID == "" || seen.ID == now.ID {
		return diags
	}
	diags.AddError("Unable to "+verb+" "+what, fmt.Sprintf(
		"It is not in project %s, to which the provider is signed in: it was last seen in project %s. The provider does not assume that it was deleted, and keeps the state. "+
			"Sign in to that project (project_name or project_id, OS_PROJECT_NAME or OS_PROJECT_ID, or the entry of clouds.yaml). If it no longer exists there "+
			"either, remove it from the state: terraform state rm ADDRESS", now, seen))
	return diags
}

// ReadGone removes an object that was not found from the state, unless it was last seen in another project.
func (r *Resource) ReadGone(ctx context.Context, client *operation.Client, kind, what string, req resource.ReadRequest, resp *resource.ReadResponse) {
	if req.Private != nil {
		resp.Diagnostics.Append(RefuseOtherProject(ctx, client, "read", what, req.Private)...)
	}
	if !resp.Diagnostics.HasError() {
		r.noteGone(ctx, kind, req.State.GetAttribute)
		tfkit.RemoveState(ctx, resp)
	}
}
