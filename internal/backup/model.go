package backup

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// model is one trove_backup.
type model struct {
	ID          types.String   `tfsdk:"id"`
	InstanceID  types.String   `tfsdk:"instance_id"`
	Name        types.String   `tfsdk:"name"`
	Description types.String   `tfsdk:"description"`
	ParentID    types.String   `tfsdk:"parent_id"`
	Incremental types.Bool     `tfsdk:"incremental"`
	Region      types.String   `tfsdk:"region"`
	Status      types.String   `tfsdk:"status"`
	Size        types.Float64  `tfsdk:"size"`
	Location    types.String   `tfsdk:"location"`
	Created     types.String   `tfsdk:"created"`
	Datastore   types.Object   `tfsdk:"datastore"`
	Timeouts    timeouts.Value `tfsdk:"timeouts"`
}

func (m *model) displayName() string {
	return kindName + " " + m.Name.ValueString() + " (" + m.ID.ValueString() + ")"
}

// request is the plan as the server is to be asked for it.
func (m *model) request() trove.BackupRequest {
	r := trove.BackupRequest{
		Name: m.Name.ValueString(), InstanceID: m.InstanceID.ValueString(), Description: m.Description.ValueString(), ParentID: m.ParentID.ValueString(),
	}
	if m.Incremental.ValueBool() {
		r.Incremental = 1
	}
	return r
}

// fill takes over what the server shows.
func (m *model) fill(b *trove.Backup, region string) diag.Diagnostics {
	m.ID, m.Name, m.Status = types.StringValue(b.ID), types.StringValue(b.Name), types.StringValue(b.Status)
	m.InstanceID, m.Description, m.ParentID, m.Location = orNull(b.InstanceID), orNull(b.Description), orNull(b.ParentID), orNull(b.Location)
	m.Size, m.Created = types.Float64PointerValue(b.Size), types.StringValue(time.Time(b.Created).UTC().Format(time.RFC3339))
	if m.Region.IsUnknown() || m.Region.IsNull() {
		m.Region = orNull(region)
	}
	var diags diag.Diagnostics
	m.Datastore, diags = types.ObjectValue(map[string]attr.Type{"type": types.StringType, "version": types.StringType},
		map[string]attr.Value{"type": orNull(b.Datastore.Type), "version": orNull(b.Datastore.Version)})
	return diags
}

func orNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}
