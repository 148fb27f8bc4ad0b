package backup

import (
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// model is the model of trove_backup.
type model struct {
	ID                 types.String   `tfsdk:"id"`
	InstanceID         types.String   `tfsdk:"instance_id"`
	Name               types.String   `tfsdk:"name"`
	Description        types.String   `tfsdk:"description"`
	ParentID           types.String   `tfsdk:"parent_id"`
	Incremental        types.Bool     `tfsdk:"incremental"`
	Container          types.String   `tfsdk:"swift_container"`
	StorageDriver      types.String   `tfsdk:"storage_driver"`
	Region             types.String   `tfsdk:"region"`
	Status             types.String   `tfsdk:"status"`
	Size               types.Float64  `tfsdk:"size"`
	Location           types.String   `tfsdk:"location"`
	Created            types.String   `tfsdk:"created"`
	Datastore          types.Object   `tfsdk:"datastore"`
	DeletionProtection types.Bool     `tfsdk:"deletion_protection"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

func (m *model) displayName() string {
	return kindName + " " + m.Name.ValueString() + " (" + m.ID.ValueString() + ")"
}

// ToAPI returns the creation for the plan.
func (m *model) ToAPI() trove.BackupRequest {
	r := trove.BackupRequest{
		Name: m.Name.ValueString(), InstanceID: m.InstanceID.ValueString(), Description: m.Description.ValueString(), ParentID: m.ParentID.ValueString(),
		Container: m.Container.ValueString(), StorageDriver: m.StorageDriver.ValueString(),
	}
	if m.Incremental.ValueBool() {
		r.Incremental = 1
	}
	return r
}

// FromAPI takes over what the server returns. instance_id stays as configured: it may name another member of the replication set of the
// instance that was backed up, which is the only one that the server knows.
func (m *model) FromAPI(b *trove.Backup, region string) diag.Diagnostics {
	m.ID, m.Name, m.Status = types.StringValue(b.ID), types.StringValue(b.Name), types.StringValue(b.Status)
	if !tfkit.Known(m.InstanceID) {
		m.InstanceID = tfkit.StringOrNull(b.InstanceID)
	}
	m.Description, m.ParentID, m.Location = tfkit.StringOrNull(b.Description), tfkit.StringOrNull(b.ParentID), tfkit.StringOrNull(b.Location)
	m.Size, m.Created = types.Float64PointerValue(b.Size), tfkit.TimeOrNull(time.Time(b.Created))
	m.Region = tfkit.SettleRegion(m.Region, region)
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(false) // after an import
	}
	var diags diag.Diagnostics
	m.Datastore, diags = types.ObjectValue(map[string]attr.Type{"type": types.StringType, "version": types.StringType},
		map[string]attr.Value{"type": tfkit.StringOrNull(b.Datastore.Type), "version": tfkit.StringOrNull(b.Datastore.Version)})
	return diags
}

// warnOfDriver warns that a backup was made by another storage driver than the configured one: Trove up to 22 ignores that.
func (m *model) warnOfDriver(b *trove.Backup) (diags diag.Diagnostics) {
	if used := b.StoredBy(); used != "" && tfkit.Known(m.StorageDriver) && used != m.StorageDriver.ValueString() {
		diags.AddAttributeWarning(path.Root("storage_driver"), "The storage driver was not used", fmt.Sprintf(
			"storage_driver is %q, but the server has made %s with %s: %s. Trove up to release 22 ignores storage_driver. The backup is complete: remove the argument.",
			m.StorageDriver.ValueString(), m.displayName(), used, b.Location))
	}
	return diags
}
