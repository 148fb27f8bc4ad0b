package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

func flavorAttribute(shape SchemaOptions) schema.StringAttribute {
	if shape.FromSource {
		return computedString("The id of the flavor (`flavor`). A new replica has the flavor of its source.")
	}
	a := schema.StringAttribute{
		MarkdownDescription: "The name or the id of the flavor (`flavorRef`; the id is sent). Another flavor resizes the instance in place, " +
			"which restarts the database. Replacing the name by the id, or the id by the name, is not a change.",
		Required:   true,
		Validators: []validator.String{tfkit.NotEmpty{}},
	}
	if shape.Inherits {
		a.MarkdownDescription += inheritedFromSource
		a.Required, a.Optional, a.Computed = false, true, true
		a.PlanModifiers = []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	}
	return a
}

func volumeAttribute(shape SchemaOptions) schema.SingleNestedAttribute {
	if shape.FromSource {
		return computedObject("The data volume. It has the size of the source's volume, and grows when that grows.", map[string]schema.Attribute{
			"size": schema.Int64Attribute{MarkdownDescription: "The size in GB.", Computed: true},
			"type": schema.StringAttribute{MarkdownDescription: "The volume type. Always null, because the API does not return it.", Computed: true},
		})
	}
	description := "The data volume."
	if shape.Inherits {
		description += inheritedFromSource
	}
	return schema.SingleNestedAttribute{
		MarkdownDescription: description,
		Optional:            true,
		Computed:            true,
		PlanModifiers:       []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
		// Both are also computed, or Terraform would treat an omitted volume as a removed one.
		Attributes: map[string]schema.Attribute{
			"size": schema.Int64Attribute{
				MarkdownDescription: "The size in GB. A larger size grows the volume in place. Trove cannot shrink a volume, so the plan " +
					"refuses a smaller size.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.Int64{int64validator.AtLeast(1)},
				PlanModifiers: []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "The volume type. The API does not return it, so only a change of a value that Terraform set is detected; " +
					"it replaces the instance.",
				Optional:      true,
				Computed:      true,
				Validators:    []validator.String{tfkit.NotEmpty{}, stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("size"))},
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), tfkit.RequiresReplaceIfKnown{}},
			},
		},
	}
}

func datastoreAttribute(shape SchemaOptions) schema.SingleNestedAttribute {
	if shape.FromSource {
		return computedObject("The datastore and its version, which are those of the source.", map[string]schema.Attribute{
			"type":    schema.StringAttribute{MarkdownDescription: "The type of the datastore, such as `mysql`.", Computed: true},
			"version": schema.StringAttribute{MarkdownDescription: "The name of the version, such as `5.7`.", Computed: true},
		})
	}
	datastoreType := schema.StringAttribute{
		MarkdownDescription: "The type of the datastore, such as `mysql`, or its id. Another datastore replaces the instance.",
		Required:            true,
		Validators:          []validator.String{tfkit.NotEmpty{}},
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	version := schema.StringAttribute{
		MarkdownDescription: "The name of the version, such as `mysql-5.7`, or its id. If omitted, the server's default is used. Another " +
			"version upgrades the instance in place.",
		Optional:      true,
		Computed:      true,
		Validators:    []validator.String{tfkit.NotEmpty{}},
		PlanModifiers: []planmodifier.String{keepVersion{}},
	}
	a := schema.SingleNestedAttribute{
		MarkdownDescription: "The datastore and its version.",
		Required:            true,
	}
	if shape.DatastoreType != "" {
		datastoreType.MarkdownDescription += " Default `" + shape.DatastoreType + "`."
		datastoreType.Required, datastoreType.Optional, datastoreType.Computed = false, true, true
		datastoreType.PlanModifiers = append([]planmodifier.String{defaultType{shape.DatastoreType}}, datastoreType.PlanModifiers...)
		a.Required, a.Optional, a.Computed = false, true, true
		a.PlanModifiers = []planmodifier.Object{objectplanmodifier.UseStateForUnknown()}
	}
	switch {
	case shape.Inherits:
		a.MarkdownDescription += inheritedFromSource
	case shape.DatastoreType != "":
		a.MarkdownDescription += " Default `" + shape.DatastoreType + "`, in the server's default version."
		a.PlanModifiers = append(a.PlanModifiers, defaultDatastore{shape.DatastoreType})
	}
	a.Attributes = map[string]schema.Attribute{"type": datastoreType, "version": version}
	return a
}

// defaultType is the default of the type if datastore is configured without it. A default of the attribute would also apply if datastore is
// omitted, and always differ from the inherited type of a source of another type.
type defaultType struct{ value string }

// Description implements planmodifier.Describer.
func (t defaultType) Description(context.Context) string { return "defaults to " + t.value }

// MarkdownDescription implements planmodifier.Describer.
func (t defaultType) MarkdownDescription(ctx context.Context) string { return t.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (t defaultType) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	var written types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, req.Path.ParentPath(), &written)...)
	if tfkit.Known(written) && req.ConfigValue.IsNull() {
		resp.PlanValue = types.StringValue(t.value)
	}
}

// defaultDatastore is the default of a new instance's datastore: without it the server would use its own default type.
type defaultDatastore struct{ typeName string }

// Description implements planmodifier.Describer.
func (o defaultDatastore) Description(context.Context) string { return "defaults to " + o.typeName }

// MarkdownDescription implements planmodifier.Describer.
func (o defaultDatastore) MarkdownDescription(ctx context.Context) string { return o.Description(ctx) }

// PlanModifyObject implements planmodifier.Object.
func (o defaultDatastore) PlanModifyObject(_ context.Context, req planmodifier.ObjectRequest, resp *planmodifier.ObjectResponse) {
	if req.State.Raw.IsNull() && req.ConfigValue.IsNull() {
		resp.PlanValue = types.ObjectValueMust(datastoreType, map[string]attr.Value{"type": types.StringValue(o.typeName), "version": types.StringUnknown()})
	}
}

// keepVersion keeps an omitted version, unless the datastore changes to another type, which has other versions.
type keepVersion struct{}

// KeepVersionOfType is the plan modifier of the attribute version next to an attribute type: an omitted version does not change unless the
// type does.
func KeepVersionOfType() planmodifier.String { return keepVersion{} }

// Description implements planmodifier.Describer.
func (keepVersion) Description(context.Context) string {
	return "stays as it is while datastore.type does"
}

// MarkdownDescription implements planmodifier.Describer.
func (v keepVersion) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (keepVersion) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	if req.StateValue.IsNull() || !req.ConfigValue.IsNull() || !req.PlanValue.IsUnknown() {
		return
	}
	var have, want types.String
	at := req.Path.ParentPath().AtName("type")
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, at, &have)...)
	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, at, &want)...)
	if want.Equal(have) {
		resp.PlanValue = req.StateValue
	}
}
