package datastoreversion

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Trove's limits for a version: the number and length of tags, and the length of package names.
const (
	mostTags       = 5
	longestTag     = 20
	longestPackage = 255
)

// Schema implements resource.Resource.
func (r *Resource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
	replace := []planmodifier.String{stringplanmodifier.RequiresReplace()}
	class := func(what, example string) schema.StringAttribute {
		return schema.StringAttribute{
			MarkdownDescription: "The class of the " + what + ", such as `" + example + "`. If omitted, the server chooses it by the manager; for a manager of which it " +
				"knows nothing, Trove 23 and later require it. Trove 18 refuses it. Changed in place, for new instances.",
			Optional: true, Computed: true, Validators: notEmpty, PlanModifiers: keep,
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a version of a datastore: what instances can be created of, and with which image. For operators: Trove allows it only to " +
			"users with the role `admin`. A datastore that does not exist is created with its first version, and stays when that is destroyed. Trove " +
			"deletes no version that an instance, a backup or a configuration group of any project uses. To have an instance wait for the version, set " +
			"the instance's `datastore.version` to the `id` of this resource. The parameters of configuration groups come from `parameters`, or are loaded with `trove-manage`.",
		Attributes: map[string]schema.Attribute{
			"id": schema.StringAttribute{MarkdownDescription: "The id of the version.", Computed: true, PlanModifiers: keep},
			"type": schema.StringAttribute{
				MarkdownDescription: "The name of the datastore, such as `mysql`. A change replaces the version.", Required: true, Validators: notEmpty,
				PlanModifiers: replace,
			},
			"name": schema.StringAttribute{MarkdownDescription: "The name of the version, such as `8.0`. Changed in place.", Required: true, Validators: notEmpty},
			"number": schema.StringAttribute{
				MarkdownDescription: "The number of the version (`version`), such as `8.0.40`. If omitted, it is the name. A change replaces the version.",
				Optional:            true, Computed: true, Validators: notEmpty,
				PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown(), stringplanmodifier.RequiresReplaceIfConfigured()},
			},
			"manager": schema.StringAttribute{
				MarkdownDescription: "The manager of the guest agent (`datastore_manager`), such as `mysql`. Changed in place.", Required: true, Validators: notEmpty,
			},
			"image_id": schema.StringAttribute{
				MarkdownDescription: "The id of the image. Exactly one of `image_id` and `image_tags` is required. Changed in place, for new instances.",
				Optional:            true, Validators: []validator.String{tfkit.StringCheck("Trove", "image id", tfkit.CheckID)},
			},
			"image_tags": schema.SetAttribute{
				MarkdownDescription: "The tags of the image, at most 5 of 20 characters: the newest active image that has all of them is used. Changed in place, for " +
					"new instances.",
				Optional: true, ElementType: types.StringType,
				Validators: []validator.Set{setvalidator.SizeBetween(1, mostTags), setvalidator.ValueStringsAre(tfkit.Text{Max: longestTag, Wordy: true})},
			},
			"packages": schema.SetAttribute{
				MarkdownDescription: "The packages that the guest agent installs. Changed in place, for new instances.",
				Optional:            true, ElementType: types.StringType,
				Validators: []validator.Set{setvalidator.ValueStringsAre(tfkit.Text{Max: longestPackage, Wordy: true})},
			},
			"registry_ext":  class("guest agent's manager", "trove.guestagent.datastore.mysql.manager.Manager"),
			"repl_strategy": class("guest agent's replication", "trove.guestagent.strategies.replication.mysql_gtid.MysqlGTIDReplication"),
			"parameters":    parametersAttribute(),
			"active": schema.BoolAttribute{
				MarkdownDescription: "Whether projects see the version and can use it. Default `true`. Changed in place.",
				Optional:            true, Computed: true, Default: booldefault.StaticBool(true),
			},
			"is_default": schema.BoolAttribute{
				MarkdownDescription: "Whether this is the version of an instance whose configuration names none. A datastore has one default at most: set it for one " +
					"of its versions. If omitted, it is left as it is. Changed in place.",
				Optional: true, Computed: true, PlanModifiers: []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()},
			},
			"datastore_id": schema.StringAttribute{MarkdownDescription: "The id of the datastore.", Computed: true, PlanModifiers: keep},
			"region":       tfkit.RegionAttribute("version", "A change replaces the version."),
		},
	}
}
