// Package node is the life of one database instance under Terraform: the attributes that all instances share, and how
// one is created, read, changed and deleted. What is particular to a namespace stands in the packages above.
package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// SchemaOptions says in what the shared attributes of one kind of instance differ.
type SchemaOptions struct {
	// DatastoreType is the default of datastore.type; "" where the user must say it.
	DatastoreType string
	// Inherits says that the instance may take flavor, volume and datastore from its source, as replicas of released
	// Trove do.
	Inherits bool
	// FromSource says that flavor, volume and datastore are the source's and cannot be written at all.
	FromSource bool
}

// Attributes are the shared attributes with those of the kind itself beside them.
func Attributes(ctx context.Context, shape SchemaOptions, own map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"id": computedString("The id of the instance."),
		"name": schema.StringAttribute{
			MarkdownDescription: "The name of the instance, at most 255 characters. Changed in place.",
			Required:            true,
			Validators:          []validator.String{stringvalidator.LengthBetween(1, 255)},
		},
		"region":    RegionAttribute("instance", "A change replaces the instance."),
		"flavor_id": flavorAttribute(shape),
		"volume":    volumeAttribute(shape),
		"datastore": datastoreAttribute(shape),
		"networks":  networksAttribute(),
		"access":    accessAttribute(),
		"availability_zone": schema.StringAttribute{
			MarkdownDescription: "The availability zone to build the instance in. The API does not return it, so a change is only seen where " +
				"Terraform set it; then it replaces the instance.",
			Optional:      true,
			PlanModifiers: []planmodifier.String{RequiresReplaceIfKnown{}},
		},
		"configuration_id": schema.StringAttribute{
			MarkdownDescription: "The id of the configuration group to attach (`configuration` in the API). Changed in place: the old group is " +
				"detached and waited for first. Some settings take effect only after a restart: see `restart_policy`.",
			Optional: true,
		},
		"restart_policy": schema.StringAttribute{
			MarkdownDescription: "What to do where settings of the configuration group take effect only after a restart and Trove shows `RESTART_REQUIRED`: " +
				"`never` leaves the restart to you, with a warning, and refuses other changes until then; `if_needed` restarts the database and waits. A group " +
				"whose values change while it is attached is seen by the plan after that, which then restarts the instance. Members of one cluster are " +
				"restarted one after another. Default `never`. Kept in the state only.",
			Optional:   true,
			Computed:   true,
			Default:    stringdefault.StaticString(restartNever),
			Validators: []validator.String{stringvalidator.OneOf(restartNever, restartIfNeeded)},
		},
		"deletion_protection": schema.BoolAttribute{
			MarkdownDescription: "Refuses to destroy or replace the instance through Terraform while it is `true`. Default `false`. Kept in the " +
				"state only: it does not stop others from deleting the instance.",
			Optional: true,
			Computed: true,
			Default:  booldefault.StaticBool(false),
		},
		"status": schema.StringAttribute{
			MarkdownDescription: "The status that the server last showed, such as `ACTIVE`.",
			Computed:            true,
		},
		"hostname": computedString("The DNS name of the instance, where the cloud gives one."),
		"created":  computedString("When the instance was created, in UTC (RFC 3339)."),
		"updated": schema.StringAttribute{
			MarkdownDescription: "When the server last changed the instance, in UTC (RFC 3339).",
			Computed:            true,
		},
		"addresses": schema.ListNestedAttribute{
			MarkdownDescription: "The addresses of the instance.",
			Computed:            true,
			PlanModifiers:       []planmodifier.List{listplanmodifier.UseStateForUnknown()},
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"address": schema.StringAttribute{MarkdownDescription: "The IP address.", Computed: true},
				"type":    schema.StringAttribute{MarkdownDescription: "`private` or `public`.", Computed: true},
				"network": schema.StringAttribute{MarkdownDescription: "The id of the network.", Computed: true},
			}},
		},
		"timeouts": TimeoutsAttribute(ctx, timeouts.Opts{
			Create: true, Update: true, Delete: true,
			CreateDescription: "How long a creation may take, such as `90m`, the waiting for a busy source included. Default `90m`.",
			UpdateDescription: "How long a change may take. Default `60m`.",
			DeleteDescription: "How long leaving the topology and being deleted may take. Default `60m`.",
		}),
	}
	for name, a := range own {
		attributes[name] = a
	}
	return attributes
}

// inheritedFromSource describes an attribute that a replica may leave out. Released Trove refuses to be told, so what differs there
// is changed after the creation.
const inheritedFromSource = " The source's where it is left out; needed where there is no source."

func computedString(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

func computedObject(description string, attributes map[string]schema.Attribute) schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: description,
		Computed:            true,
		PlanModifiers:       []planmodifier.Object{objectplanmodifier.UseStateForUnknown()},
		Attributes:          attributes,
	}
}

func flavorAttribute(shape SchemaOptions) schema.StringAttribute {
	if shape.FromSource {
		return computedString("The id of the flavor (`flavor`), which is the source's at first.")
	}
	a := schema.StringAttribute{
		MarkdownDescription: "The flavor, by its name or its id (`flavorRef`; the id is what is sent). Another flavor resizes the instance in place, which " +
			"restarts the database; the other spelling of the same one is no change.",
		Required: true,
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
		return computedObject("The data volume, as large as the source's; it grows with that.", map[string]schema.Attribute{
			"size": schema.Int64Attribute{MarkdownDescription: "The size in GB.", Computed: true},
			"type": schema.StringAttribute{MarkdownDescription: "The volume type, which the API does not return: null.", Computed: true},
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
		// Both are computed as well, or Terraform would take a volume that is left out for one that was taken out.
		Attributes: map[string]schema.Attribute{
			"size": schema.Int64Attribute{
				MarkdownDescription: "The size in GB. Grows in place; Trove cannot shrink a volume, so a smaller size is refused at plan time.",
				Optional:            true,
				Computed:            true,
				Validators:          []validator.Int64{int64validator.AtLeast(1)},
				PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
			},
			"type": schema.StringAttribute{
				MarkdownDescription: "The volume type. The API does not return it, so a change is only seen where Terraform set it; then it replaces the instance.",
				Optional:            true,
				Computed:            true,
				Validators:          []validator.String{stringvalidator.AlsoRequires(path.MatchRelative().AtParent().AtName("size"))},
				PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), RequiresReplaceIfKnown{}},
			},
		},
	}
}

func datastoreAttribute(shape SchemaOptions) schema.SingleNestedAttribute {
	if shape.FromSource {
		return computedObject("The datastore and its version, which are the source's.", map[string]schema.Attribute{
			"type":    schema.StringAttribute{MarkdownDescription: "The type of the datastore, such as `mysql`.", Computed: true},
			"version": schema.StringAttribute{MarkdownDescription: "The name of the version, such as `5.7`.", Computed: true},
		})
	}
	datastoreType := schema.StringAttribute{
		MarkdownDescription: "The type of the datastore, such as `mysql`, or its id. Another datastore replaces the instance.",
		Required:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
	}
	version := schema.StringAttribute{
		MarkdownDescription: "The version, by its name, such as `mysql-5.7`, or by its id; the server's default where it is left out. Another version upgrades in place.",
		Optional:            true,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{keepVersion{}},
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

// defaultType is the type's default where datastore is written without it. As an attribute's default it would count
// where datastore is left out as well, and differ for ever from what is inherited of a source of another type.
type defaultType struct{ value string }

// Description implements planmodifier.Describer.
func (t defaultType) Description(context.Context) string { return "defaults to " + t.value }

// MarkdownDescription implements planmodifier.Describer.
func (t defaultType) MarkdownDescription(ctx context.Context) string { return t.Description(ctx) }

// PlanModifyString implements planmodifier.String.
func (t defaultType) PlanModifyString(ctx context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	var written types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, req.Path.ParentPath(), &written)...)
	if Known(written) && req.ConfigValue.IsNull() {
		resp.PlanValue = types.StringValue(t.value)
	}
}

// defaultDatastore is the default of a new instance's datastore: left to the server, it would be of the server's default type.
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

// keepVersion keeps the version that was left out, unless the datastore becomes another, which has other versions.
type keepVersion struct{}

// KeepVersionOfType is the plan modifier of the attribute version beside an attribute type: a version that was left out
// stays as it is while the type does.
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

func networksAttribute() schema.ListNestedAttribute {
	const once = " The API does not return it, so a change is only seen where Terraform set it; then it replaces the instance."
	return schema.ListNestedAttribute{
		MarkdownDescription: "The network to attach (`nics`); Trove takes one." + once,
		Optional:            true,
		Validators:          []validator.List{listvalidator.SizeBetween(1, 1)},
		PlanModifiers:       []planmodifier.List{RequiresReplaceIfKnown{}},
		NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
			"id":         schema.StringAttribute{MarkdownDescription: "The id of the network (`net-id`).", Optional: true},
			"subnet_id":  schema.StringAttribute{MarkdownDescription: "The id of the subnet.", Optional: true},
			"ip_address": schema.StringAttribute{MarkdownDescription: "The fixed IP address to take.", Optional: true},
		}},
	}
}

// RegionAttribute is region, the same for every resource. of is whose region it is, change a sentence about what another one does.
func RegionAttribute(of, change string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The region of the " + of + "; the provider's region where it is left out. " + change,
		Optional:            true,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplace()},
	}
}

// TimeoutsAttribute is the attribute timeouts of every resource.
func TimeoutsAttribute(ctx context.Context, opts timeouts.Opts) schema.Attribute {
	a := timeouts.Attributes(ctx, opts)
	if object, ok := a.(schema.SingleNestedAttribute); ok {
		object.MarkdownDescription = "How long Terraform waits, as durations such as `90m` or `1h30m`. Kept in the state only."
		return object
	}
	return a
}

// JoinAttribute is join, the same for all kinds that are members of a named set or cluster; cluster is what it is called.
func JoinAttribute(cluster string) schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: "`false` founds the " + cluster + ", `true` joins it. Leave it out, and the provider finds out which. It matters at creation alone: " +
			"a later change does nothing.",
		Optional: true,
	}
}

func accessAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Who may reach the instance. Changed in place; taking it out closes the instance to the public.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"is_public": schema.BoolAttribute{
				MarkdownDescription: "Whether the instance has a public address. Default `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"allowed_cidrs": schema.SetAttribute{
				MarkdownDescription: "The networks that may connect, as CIDRs; everybody where it is empty. Default empty.",
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				Default:             setdefault.StaticValue(types.SetValueMust(types.StringType, nil)),
			},
		},
	}
}
