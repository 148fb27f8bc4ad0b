// Package backupstrategy holds trove_backup_strategy, which sets the container for backups.
package backupstrategy

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
)

const kindName = "backup strategy"

var kind = instancebase.ObjectKind{Name: kindName, IdentifiedBy: []string{"id"}}

var (
	_ resource.ResourceWithConfigure   = (*Resource)(nil)
	_ resource.ResourceWithIdentity    = (*Resource)(nil)
	_ resource.ResourceWithImportState = (*Resource)(nil)
	_ resource.ResourceWithModifyPlan  = (*Resource)(nil)
)

// Resource is trove_backup_strategy.
type Resource struct{ instancebase.Resource }

// NewResource makes the resource for the provider's list.
func NewResource() resource.Resource { return &Resource{} }

// Metadata implements resource.Resource.
func (r *Resource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_backup_strategy"
}

// Create implements resource.Resource.
func (r *Resource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan model
	r.CreateObject(ctx, kind, &plan, req, resp, func(ctx context.Context, client *operation.Client, save func()) diag.Diagnostics {
		plan.setID(client.Region())
		if err := client.CreateBackupStrategy(ctx, plan.ToAPI(), save); err != nil {
			return diag.Diagnostics{instancebase.WithinCreateError(plan.DisplayName(), "trove_backup_strategy.NAME", plan.ID.ValueString(), err)}
		}
		return plan.readBack(ctx, client)
	})
}

// readBack takes over the strategy as the server has set it.
func (m *model) readBack(ctx context.Context, client *operation.Client) diag.Diagnostics {
	found, err := client.BackupStrategyOf(ctx, m.InstanceID.ValueString())
	if err == nil && found == nil {
		err = errors.New("the server does not list it")
	}
	if err != nil {
		return diag.Diagnostics{instancebase.APIError("read", m.DisplayName(), err, "The strategy is in the state.")}
	}
	m.FromAPI(found, client.Region())
	return nil
}

// Read implements resource.Resource.
func (r *Resource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state model
	r.ReadObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (bool, error) {
		state.identify()
		found, err := client.BackupStrategyOf(ctx, state.InstanceID.ValueString())
		if err != nil || found == nil {
			return false, err
		}
		state.FromAPI(found, client.Region())
		return true, nil
	})
}

// Update implements resource.Resource.
func (r *Resource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan model
	r.UpdateObject(ctx, kind, &state, &plan, req, resp, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		if err := client.SetBackupStrategy(ctx, plan.ToAPI(), func() {}); err != nil {
			return diag.Diagnostics{instancebase.APIError("change", plan.DisplayName(), err, "The next plan shows what the server has.")}
		}
		return plan.readBack(ctx, client)
	})
}

// Delete implements resource.Resource.
func (r *Resource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var state model
	r.DeleteObject(ctx, kind, &state, req, resp, func(ctx context.Context, client *operation.Client) (diags diag.Diagnostics) {
		state.identify()
		if err := client.RemoveBackupStrategy(ctx, state.InstanceID.ValueString()); err != nil {
			diags.Append(instancebase.APIError("delete", state.DisplayName(), err, "It stays in the state."))
		}
		return diags
	})
}
