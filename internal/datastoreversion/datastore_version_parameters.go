package datastoreversion

import (
	"context"
	"encoding/json"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// managedParameterModel is one of the parameters that configuration groups for the version may set.
type managedParameterModel struct {
	Type            types.String `tfsdk:"type"`
	Min             types.Number `tfsdk:"min"`
	Max             types.Number `tfsdk:"max"`
	RestartRequired types.Bool   `tfsdk:"restart_required"`
}

var managedParameterType = types.ObjectType{AttrTypes: map[string]attr.Type{
	"type": types.StringType, "min": types.NumberType, "max": types.NumberType, "restart_required": types.BoolType,
}}

func parametersAttribute() schema.MapNestedAttribute {
	bound := func(which string) schema.NumberAttribute {
		return schema.NumberAttribute{
			MarkdownDescription: "The " + which + " value, a whole number. Required for an integer, and not allowed for a string.", Optional: true,
		}
	}
	return schema.MapNestedAttribute{
		MarkdownDescription: "The parameters that configuration groups for the version may set, by their names. If set, the version has exactly these: others are " +
			"deleted. If omitted, they are left as they are, such as those that `trove-manage db_load_datastore_config_parameters` has loaded. Changed in place, one " +
			"request for each parameter. An import does not read them.",
		Optional: true,
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"type": schema.StringAttribute{
				MarkdownDescription: "`integer` or `string`. The API knows no other types.", Required: true,
				Validators: []validator.String{stringvalidator.OneOf(trove.TypeInteger, trove.TypeString)},
			},
			"min": bound("least"),
			"max": bound("greatest"),
			"restart_required": schema.BoolAttribute{
				MarkdownDescription: "Whether a change takes effect only when the database is restarted. Default `false`.",
				Optional:            true, Computed: true, Default: booldefault.StaticBool(false),
			},
		}},
	}
}

// parameters returns the planned parameters; managed is false if they are not managed.
func (m *model) parameters(ctx context.Context) (wanted map[string]trove.ManagedParameter, managed bool, diags diag.Diagnostics) {
	if !tfkit.Known(m.Parameters) {
		return nil, false, nil
	}
	var all map[string]managedParameterModel
	diags = m.Parameters.ElementsAs(ctx, &all, false)
	wanted = make(map[string]trove.ManagedParameter, len(all))
	for name, p := range all {
		wanted[name] = trove.ManagedParameter{
			Name: name, Type: p.Type.ValueString(), Min: number(p.Min), Max: number(p.Max), RestartRequired: p.RestartRequired.ValueBool(),
		}
	}
	return wanted, true, diags
}

// setParameters takes over what the server returns.
func (m *model) setParameters(ctx context.Context, shown []trove.ManagedParameter) (diags diag.Diagnostics) {
	all := make(map[string]managedParameterModel, len(shown))
	for _, p := range shown {
		all[p.Name] = managedParameterModel{Type: types.StringValue(p.Type), Min: numberValue(p.Min), Max: numberValue(p.Max), RestartRequired: types.BoolValue(p.RestartRequired)}
	}
	m.Parameters, diags = types.MapValueFrom(ctx, managedParameterType, all)
	return diags
}

func number(n types.Number) json.Number {
	if !tfkit.Known(n) {
		return ""
	}
	return json.Number(n.ValueBigFloat().Text('f', 0))
}

func numberValue(n json.Number) types.Number {
	f, ok := new(big.Float).SetPrec(512).SetString(n.String())
	if !ok {
		return types.NumberNull()
	}
	return types.NumberValue(f)
}

// checkParameters reports what the server refuses, or silently truncates.
func checkParameters(ctx context.Context, m *model) (diags diag.Diagnostics) {
	if !tfkit.Known(m.Parameters) {
		return nil
	}
	var all map[string]managedParameterModel
	if d := m.Parameters.ElementsAs(ctx, &all, false); d.HasError() {
		return d
	}
	for name, p := range all {
		if p.Type.IsUnknown() || p.Min.IsUnknown() || p.Max.IsUnknown() {
			continue
		}
		at, problem := path.Root("parameters").AtMapKey(name), ""
		whole := func(n types.Number) bool { return n.IsNull() || n.ValueBigFloat().IsInt() }
		switch integer := p.Type.ValueString() == trove.TypeInteger; {
		case integer && (p.Min.IsNull() || p.Max.IsNull()):
			problem = "an integer requires min and max"
		case !integer && !(p.Min.IsNull() && p.Max.IsNull()):
			problem = "only an integer has min and max"
		case !whole(p.Min) || !whole(p.Max):
			problem = "min and max are whole numbers"
		case integer && p.Min.ValueBigFloat().Cmp(p.Max.ValueBigFloat()) > 0:
			problem = "min is greater than max"
		}
		if problem != "" {
			diags.AddAttributeError(at, "Invalid parameter", "parameters["+name+"]: "+problem+".")
		}
	}
	return diags
}
