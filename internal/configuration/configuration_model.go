package configuration

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// model is the model of trove_configuration.
type model struct {
	ID                 types.String   `tfsdk:"id"`
	Name               types.String   `tfsdk:"name"`
	Description        types.String   `tfsdk:"description"`
	Region             types.String   `tfsdk:"region"`
	Datastore          types.Object   `tfsdk:"datastore"`
	Values             types.Map      `tfsdk:"values"`
	Created            types.String   `tfsdk:"created"`
	Updated            types.String   `tfsdk:"updated"`
	DeletionProtection types.Bool     `tfsdk:"deletion_protection"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

var datastoreType = map[string]attr.Type{"type": types.StringType, "version": types.StringType}

// displayName returns the name of the group in messages.
func (m *model) displayName() string {
	return fmt.Sprintf("%s %s (%s)", kindName, m.Name.ValueString(), m.ID.ValueString())
}

// written returns the values as they are configured, without those that are not known yet.
func (m *model) written() map[string]string {
	written := map[string]string{}
	for name, value := range m.Values.Elements() {
		if text, ok := value.(types.String); ok && !text.IsNull() && !text.IsUnknown() {
			written[name] = text.ValueString()
		}
	}
	return written
}

// differs reports whether the difference to another model has to be sent to the server.
func (m *model) differs(other *model) bool {
	return !m.Name.Equal(other.Name) || !m.Values.Equal(other.Values) || !m.Description.IsUnknown() && !m.Description.Equal(other.Description)
}

// replaces reports whether the group is replaced.
func (m *model) replaces(other *model) bool {
	return !m.Datastore.Equal(other.Datastore) || !m.Region.Equal(other.Region)
}

// version returns the datastore version of the group.
func (m *model) version(ctx context.Context, client *operation.Client) (*trove.DatastoreVersion, diag.Diagnostics, error) {
	wanted, diags := tfkit.ObjectAs[instancebase.Datastore](ctx, m.Datastore)
	if diags.HasError() {
		return nil, diags, nil
	}
	v, err := client.DatastoreVersion(ctx, wanted.Type.ValueString(), wanted.Version.ValueString())
	return v, diags, err
}

// ToAPI returns the group that the model asks for, with its values in the types that the server takes.
func (m *model) ToAPI(ctx context.Context, client *operation.Client) (*trove.DatastoreVersion, trove.ConfigurationRequest, diag.Diagnostics) {
	r := trove.ConfigurationRequest{Name: m.Name.ValueString(), Description: m.Description.ValueString()}
	v, diags, err := m.version(ctx, client)
	if diags.HasError() {
		return nil, r, diags
	}
	var parameters []trove.Parameter
	if err == nil {
		parameters, err = client.Parameters(ctx, v)
	}
	if err != nil {
		diags.Append(instancebase.APIErrorAt(path.Root("datastore"), "read", "the parameters for "+kindName+" "+r.Name, err, "Without them the types of the values are "+
			"not known."))
		return nil, r, diags
	}
	for _, name := range slices.Sorted(maps.Keys(m.written())) {
		diags.Append(checkName(v, parameters, name)...)
	}
	values, d := typed(parameters, m.written())
	diags.Append(d...)
	r.Values = values
	return v, r, diags
}

// FromAPI takes over what the server returns. A value that is only written differently, or that is not returned, does not change.
func (m *model) FromAPI(ctx context.Context, client *operation.Client, g *trove.Configuration) diag.Diagnostics {
	have, diags := tfkit.ObjectAs[instancebase.Datastore](ctx, m.Datastore)
	datastore, err := client.DatastoreAsWritten(ctx, trove.Datastore{Type: have.Type.ValueString()}, trove.Datastore{Type: g.DatastoreName, Version: g.VersionName})
	if err != nil {
		diags.Append(instancebase.APIError("read", kindName+" "+g.ID, err, ""))
		return diags
	}
	if have.Version.ValueString() == g.VersionID {
		datastore.Version = g.VersionID
	}
	m.ID = types.StringValue(g.ID)
	m.Name = types.StringValue(g.Name)
	m.Description = types.StringPointerValue(g.Description)
	m.Region = tfkit.SettleRegion(m.Region, client.Region())
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(false) // after an import
	}
	m.Datastore = types.ObjectValueMust(datastoreType, map[string]attr.Value{
		"type": types.StringValue(datastore.Type), "version": types.StringValue(datastore.Version),
	})
	m.Created = tfkit.TimeOrNull(time.Time(g.Created))
	m.Updated = tfkit.TimeOrNull(time.Time(g.Updated))
	values, written := map[string]string{}, m.written()
	for name, shown := range g.Values {
		values[name] = trove.Text(shown)
		if text, ok := written[name]; ok && trove.SameValue(shown, text) {
			values[name] = text
		}
	}
	var d diag.Diagnostics
	m.Values, d = types.MapValueFrom(ctx, types.StringType, values)
	diags.Append(d...)
	return diags
}
