package datastoreversion

import (
	"cmp"
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// model is the model of trove_datastore_version.
type model struct {
	ID          types.String `tfsdk:"id"`
	Type        types.String `tfsdk:"type"`
	Name        types.String `tfsdk:"name"`
	Number      types.String `tfsdk:"number"`
	Manager     types.String `tfsdk:"manager"`
	ImageID     types.String `tfsdk:"image_id"`
	ImageTags   types.Set    `tfsdk:"image_tags"`
	Packages    types.Set    `tfsdk:"packages"`
	Active      types.Bool   `tfsdk:"active"`
	IsDefault   types.Bool   `tfsdk:"is_default"`
	DatastoreID types.String `tfsdk:"datastore_id"`
	Region      types.String `tfsdk:"region"`

	RegistryExt  types.String `tfsdk:"registry_ext"`
	ReplStrategy types.String `tfsdk:"repl_strategy"`
	Parameters   types.Map    `tfsdk:"parameters"` // null if they are not managed
}

// Limits implements instancebase.ObjectModel.
func (m *model) Limits() (region types.String, limits timeouts.Value) { return m.Region, limits }

// DisplayName implements instancebase.ObjectModel.
func (m *model) DisplayName() string {
	if m.Name.ValueString() == "" {
		return kindName + " " + m.ID.ValueString()
	}
	return kindName + " " + m.Type.ValueString() + " " + m.Name.ValueString()
}

// ToAPI returns the request for the plan.
func (m *model) ToAPI(ctx context.Context) (v trove.ManagedVersion, diags diag.Diagnostics) {
	diags.Append(m.ImageTags.ElementsAs(ctx, &v.ImageTags, false)...)
	diags.Append(m.Packages.ElementsAs(ctx, &v.Packages, false)...)
	v.Datastore, v.Name, v.Number, v.Manager = m.Type.ValueString(), m.Name.ValueString(), m.Number.ValueString(), m.Manager.ValueString()
	v.Image, v.Active, v.Default = m.ImageID.ValueString(), m.Active.ValueBool(), m.IsDefault.ValueBool()
	v.RegistryExt, v.ReplStrategy = m.RegistryExt.ValueString(), m.ReplStrategy.ValueString()
	return v, diags
}

// unseenID replaces the id of a version that may have been created and has not been seen: it says what to search for.
func (m *model) unseenID() types.String {
	return types.StringValue(m.Type.ValueString() + "/" + m.Name.ValueString() + "/" + cmp.Or(m.Number.ValueString(), m.Name.ValueString()))
}

// find looks for the version at the server; nil means that there is none.
func (m *model) find(ctx context.Context, client *operation.Client) (*trove.ManagedVersion, error) {
	if !strings.Contains(m.ID.ValueString(), "/") {
		return client.ManagedVersion(ctx, m.ID.ValueString())
	}
	return client.FindManagedVersion(ctx, &trove.ManagedVersion{Datastore: m.Type.ValueString(), Name: m.Name.ValueString(), Number: m.Number.ValueString()})
}

// changeFrom returns what has to be changed.
func (m *model) changeFrom(ctx context.Context, state *model) (trove.VersionChange, diag.Diagnostics) {
	v, diags := m.ToAPI(ctx)
	var c trove.VersionChange
	if !m.Name.Equal(state.Name) {
		c.Name = &v.Name
	}
	if !m.Manager.Equal(state.Manager) {
		c.Manager = &v.Manager
	}
	if !m.ImageID.Equal(state.ImageID) || !m.ImageTags.Equal(state.ImageTags) {
		c.ImageTags = &v.ImageTags // an image that is given by id has no tags
		if v.ImageTags == nil {
			c.ImageTags = &[]string{}
		}
		if v.Image != "" {
			c.Image = &v.Image
		}
	}
	if !m.Packages.Equal(state.Packages) {
		c.Packages = &v.Packages
		if v.Packages == nil {
			c.Packages = &[]string{}
		}
	}
	if !m.Active.Equal(state.Active) {
		c.Active = &v.Active
	}
	if tfkit.Known(m.RegistryExt) && !m.RegistryExt.Equal(state.RegistryExt) {
		c.RegistryExt = &v.RegistryExt
	}
	if tfkit.Known(m.ReplStrategy) && !m.ReplStrategy.Equal(state.ReplStrategy) {
		c.ReplStrategy = &v.ReplStrategy
	}
	if tfkit.Known(m.IsDefault) && !m.IsDefault.Equal(state.IsDefault) {
		c.Default = &v.Default
	}
	return c, diags
}

// FromAPI takes over what the server returns.
func (m *model) FromAPI(ctx context.Context, v *trove.ManagedVersion, region string) (diags diag.Diagnostics) {
	texts := func(list []string, have types.Set) types.Set {
		if len(list) == 0 && !(tfkit.Known(have) && len(have.Elements()) == 0) {
			return types.SetNull(types.StringType)
		}
		set, d := types.SetValueFrom(ctx, types.StringType, list)
		diags.Append(d...)
		return set
	}
	m.ID, m.Type, m.Name, m.Number = tfkit.StringOrNull(v.ID), types.StringValue(v.Datastore), types.StringValue(v.Name), tfkit.StringOrNull(v.Number)
	m.Manager, m.ImageID, m.DatastoreID = types.StringValue(v.Manager), tfkit.StringOrNull(v.Image), tfkit.StringOrNull(v.DatastoreID)
	m.ImageTags, m.Packages = texts(v.ImageTags, m.ImageTags), texts(v.Packages, m.Packages)
	m.RegistryExt, m.ReplStrategy = tfkit.StringOrNull(v.RegistryExt), tfkit.StringOrNull(v.ReplStrategy)
	if m.Parameters.ElementType(ctx) == nil {
		m.Parameters = types.MapNull(managedParameterType)
	}
	m.Active, m.IsDefault = types.BoolValue(v.Active), types.BoolValue(v.Default)
	m.Region = tfkit.SettleRegion(m.Region, region)
	return diags
}
