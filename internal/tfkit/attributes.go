package tfkit

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// RegionAttribute is region, the same for every resource. of says whose region it is; change is a sentence about what a change does.
func RegionAttribute(of, change string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The region of the " + of + ". If omitted, the provider's region is used. " + change,
		Optional:            true,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown(), region{}},
	}
}

// region replaces a resource whose region changes. "", which modules pass for the provider's region, counts as absent: an existing resource
// stays in its region.
type region struct{ validatorText }

// PlanModifyString implements planmodifier.String.
func (region) PlanModifyString(_ context.Context, req planmodifier.StringRequest, resp *planmodifier.StringResponse) {
	switch {
	case req.State.Raw.IsNull() || req.Plan.Raw.IsNull():
	case Known(req.ConfigValue) && req.ConfigValue.ValueString() == "" && !req.StateValue.IsNull():
		resp.PlanValue = req.StateValue
	case req.StateValue.ValueString() == "" && !req.StateValue.IsNull(): // created with "" and not read since: it is in the provider's region
	default:
		resp.RequiresReplace = !req.PlanValue.Equal(req.StateValue)
	}
}

// SettleRegion returns the region of a resource: its present one, else the first of these that is not empty, else null. "" counts as none.
func SettleRegion(have types.String, regions ...string) types.String {
	if have.ValueString() != "" {
		return have
	}
	return StringOrNull(cmp.Or(regions...))
}

// TimeoutsAttribute is the attribute timeouts of every resource.
func TimeoutsAttribute(ctx context.Context, opts timeouts.Opts) schema.Attribute {
	a := timeouts.Attributes(ctx, opts)
	if object, ok := a.(schema.SingleNestedAttribute); ok {
		object.MarkdownDescription = "How long Terraform waits for each operation, as durations such as `90m` or `1h30m`. Provider-side " +
			"setting, not sent to Trove."
		object.PlanModifiers = append(object.PlanModifiers, ProviderSideOnly{})
		for name, a := range object.Attributes {
			if duration, ok := a.(schema.StringAttribute); ok {
				duration.Validators = []validator.String{timeout{}}
				object.Attributes[name] = duration
			}
		}
		return object
	}
	return a
}

// Timeout reads a timeout from a model, with a default.
type Timeout func(ctx context.Context, fallback time.Duration) (time.Duration, diag.Diagnostics)
