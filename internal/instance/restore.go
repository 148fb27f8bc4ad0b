package instance

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ToAPI waits for the backup that is to be restored from.
func (m *model) ToAPI(ctx context.Context, client *trove.Client) (trove.CreateRequest, diag.Diagnostics) {
	request, diags := m.ToCreateRequest(ctx, client)
	if diags.HasError() || m.RestoreFrom.IsNull() {
		return request, diags
	}
	id := m.RestoreFrom.ValueString()
	if _, err := client.WaitBackup(ctx, id); err != nil {
		diags.Append(instancebase.APIErrorAt(path.Root("restore_from"), "restore", "backup "+id, err, "Nothing was created."))
	}
	request.RestorePoint = &trove.RestorePoint{Backup: id}
	return request, diags
}

// checkRestore checks the planned instance against the backup that it is to be restored from, as the server will.
func (r *Resource) checkRestore(ctx context.Context, plan *model) diag.Diagnostics {
	client, diags := r.Client(plan.Region)
	if diags.HasError() {
		return diags
	}
	id, at := plan.RestoreFrom.ValueString(), path.Root("restore_from")
	invalid := func(format string, args ...any) {
		diags.AddAttributeError(at, "Invalid restore_from", fmt.Sprintf(format, args...))
	}
	b, err := client.Backup(ctx, id)
	switch {
	case errors.Is(err, trove.ErrNotFound):
		invalid("There is no backup %s in this project and region.", id)
		return diags
	case err != nil:
		return append(diags, instancebase.PlanCheckError(ctx, "backup "+id, err)...)
	case b.Status == trove.BackupFailed, b.Status == trove.BackupDeleteFailed:
		invalid("Backup %s (%s) is in status %s: nothing can be restored from it.", b.Name, id, b.Status)
	}
	request, d := plan.ToCreateRequest(ctx, client)
	diags.Append(d...)
	if d.HasError() {
		return diags
	}
	if request.Datastore != nil && request.Datastore.Type != "" && request.Datastore.Type != b.Datastore.Type {
		invalid("Backup %s (%s) is one of %s, and datastore.type is %s.", b.Name, id, b.Datastore.Type, request.Datastore.Type)
	}
	if request.Volume != nil && request.Volume.Size > 0 && b.Size != nil && *b.Size > float64(request.Volume.Size) {
		invalid("Backup %s (%s) is %g GB in size, and volume.size is %d.", b.Name, id, *b.Size, request.Volume.Size)
	}
	return diags
}
