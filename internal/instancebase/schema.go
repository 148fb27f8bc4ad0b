// Package instancebase manages one database instance under Terraform: the attributes that all instances share, and how one is created,
// read, changed and deleted. The packages that use it hold what is specific to a namespace.
package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-validators/listvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/listplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/objectplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// SchemaOptions says how the shared attributes of one kind of instance differ.
type SchemaOptions struct {
	// DatastoreType is the default of datastore.type; "" if the user must set it.
	DatastoreType string
	// Inherits says that the instance may take flavor, volume and datastore from its source, as replicas of released Trove do.
	Inherits bool
	// FromSource says that flavor, volume and datastore are those of the source and cannot be configured at all.
	FromSource bool
}

// Attributes returns the shared attributes with those of the kind itself.
func Attributes(ctx context.Context, shape SchemaOptions, own map[string]schema.Attribute) map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{
		"id": computedString("The id of the instance."),
		"name": schema.StringAttribute{
			MarkdownDescription: "The name of the instance, at most 255 characters. Changed in place.",
			Required:            true,
			Validators:          []validator.String{tfkit.Text{Max: 255}},
		},
		"region":    tfkit.RegionAttribute("instance", "A change replaces the instance."),
		"flavor_id": flavorAttribute(shape),
		"volume":    volumeAttribute(shape),
		"datastore": datastoreAttribute(shape),
		"networks":  networksAttribute(),
		"access":    accessAttribute(),
		"availability_zone": schema.StringAttribute{
			MarkdownDescription: "The availability zone to build the instance in. The API does not return it, so only a change of a value that " +
				"Terraform set is detected; it replaces the instance.",
			Optional:      true,
			Validators:    []validator.String{tfkit.NotEmpty{}},
			PlanModifiers: []planmodifier.String{tfkit.RequiresReplaceIfKnown{}},
		},
		"configuration_id": schema.StringAttribute{
			MarkdownDescription: "The id of the configuration group to attach (`configuration` in the API). Changed in place: the old group is " +
				"detached first. Some settings take effect only after a restart; see `restart_policy`.",
			Optional:   true,
			Validators: []validator.String{tfkit.NotEmpty{}},
		},
		"restart_policy": RestartPolicyAttribute(
			"What to do if settings of the configuration group take effect only after a restart and Trove shows " +
				"`RESTART_REQUIRED`. With `never`, the provider warns, does not restart, and refuses other changes until you have restarted the " +
				"instance. With `if_needed`, it restarts the database and waits. If the values of an attached group change, the next plan shows the " +
				"restart. Members of one cluster are restarted one at a time."),
		protectionAttribute: DeletionProtectionAttribute("instance"),
		"status": schema.StringAttribute{
			MarkdownDescription: "The status that the server last showed, such as `ACTIVE`.",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{tfkit.UnknownOnServerChange{}},
		},
		"hostname": computedString("The DNS name of the instance, if the cloud provides one."),
		"created":  computedString("When the instance was created, in UTC (RFC 3339)."),
		"updated": schema.StringAttribute{
			MarkdownDescription: "When the server last changed the instance, in UTC (RFC 3339).",
			Computed:            true,
			PlanModifiers:       []planmodifier.String{tfkit.UnknownOnServerChange{}},
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
		"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
			Create: true, Update: true, Delete: true,
			CreateDescription: "How long a creation may take, including the wait for a busy source. Default `90m`.",
			UpdateDescription: "How long a change may take. Default `60m`.",
			DeleteDescription: "How long the removal from the topology and the deletion may take. Default `60m`.",
		}),
	}
	for name, a := range own {
		attributes[name] = a
	}
	return attributes
}

// inheritedFromSource describes an attribute that a replica may omit. Released Trove refuses a value, so a different one is set after the
// creation.
const inheritedFromSource = " If omitted, the source's is used. Required if there is no source."

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

func networksAttribute() schema.ListNestedAttribute {
	const once = " The API does not return it, so only a change of a value that Terraform set is detected; it replaces the instance."
	return schema.ListNestedAttribute{
		MarkdownDescription: "The network to attach (`nics`). Trove accepts one network." + once,
		Optional:            true,
		Validators:          []validator.List{listvalidator.SizeBetween(1, 1)},
		PlanModifiers:       []planmodifier.List{tfkit.RequiresReplaceIfKnown{}},
		NestedObject: schema.NestedAttributeObject{
			Validators: []validator.Object{tfkit.OneOfRequired("id", "subnet_id")},
			Attributes: map[string]schema.Attribute{
				"id": schema.StringAttribute{
					MarkdownDescription: "The id of the network (`net-id`). This or `subnet_id` is required.",
					Optional:            true,
					Validators:          []validator.String{tfkit.NotEmpty{}},
				},
				"subnet_id": schema.StringAttribute{
					MarkdownDescription: "The id of the subnet.",
					Optional:            true,
					Validators:          []validator.String{tfkit.NotEmpty{}},
				},
				"ip_address": schema.StringAttribute{
					MarkdownDescription: "The fixed IP address of the instance.",
					Optional:            true,
					Validators:          []validator.String{tfkit.IPAddress()},
				},
			},
		},
	}
}

// JoinAttribute is join, the same for all kinds that are members of a named set or cluster; cluster is the word for it.
func JoinAttribute(cluster string) schema.BoolAttribute {
	return schema.BoolAttribute{
		MarkdownDescription: "`false` creates the " + cluster + ", `true` joins it. If omitted, the provider determines which one is " +
			"required. Used only at creation: a later change has no effect.",
		Optional:      true,
		PlanModifiers: []planmodifier.Bool{tfkit.ProviderSideOnly{}},
	}
}

func accessAttribute() schema.SingleNestedAttribute {
	return schema.SingleNestedAttribute{
		MarkdownDescription: "Who can connect to the instance. Changed in place. Removing the block makes the instance private.",
		Optional:            true,
		Attributes: map[string]schema.Attribute{
			"is_public": schema.BoolAttribute{
				MarkdownDescription: "Whether the instance has a public address. Default `false`.",
				Optional:            true,
				Computed:            true,
				Default:             booldefault.StaticBool(false),
			},
			"allowed_cidrs": schema.SetAttribute{
				MarkdownDescription: "The networks that can connect, as IPv4 CIDRs such as `10.0.0.0/8`. If empty, every address can connect. Default empty.",
				ElementType:         types.StringType,
				Optional:            true,
				Computed:            true,
				Validators:          []validator.Set{setvalidator.ValueStringsAre(tfkit.IPv4Network("Trove"))},
				Default:             setdefault.StaticValue(types.SetValueMust(types.StringType, nil)),
			},
		},
	}
}
