package instancebase

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// The values of restart_policy.
const (
	restartNever    = "never"
	restartIfNeeded = "if_needed"
)

// restartsIfNeeded reports whether the instance is restarted if its configuration needs that.
func (m *Model) restartsIfNeeded() bool { return RestartsIfNeeded(m.RestartPolicy) }

// RestartsIfNeeded reports whether a restart_policy allows restarts of the database server.
func RestartsIfNeeded(policy types.String) bool { return policy.ValueString() == restartIfNeeded }

// DefaultRestartPolicy is the restart_policy of an imported resource.
func DefaultRestartPolicy() types.String { return types.StringValue(restartNever) }

// RestartPolicyAttribute is restart_policy with that description.
func RestartPolicyAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: description + " Default `never`. Provider-side setting, not sent to Trove.",
		Optional:            true,
		Computed:            true,
		Default:             stringdefault.StaticString(restartNever),
		Validators:          []validator.String{stringvalidator.OneOf(restartNever, restartIfNeeded)},
		PlanModifiers:       []planmodifier.String{tfkit.ProviderSideOnly{}},
	}
}

// restartPending reports whether the instance waits for a restart that the plan allows.
func restartPending(state, plan *Model) bool {
	return plan.restartsIfNeeded() && state.Status.ValueString() == trove.StatusRestartRequired
}

// restartIfPolicyAllows restarts the instance if it waits for a restart and its restart_policy allows that.
func (m *Model) restartIfPolicyAllows(ctx context.Context, c *operation.Client, id string) error {
	if !m.restartsIfNeeded() {
		return nil
	}
	_, err := c.RestartIfRequired(ctx, id)
	return err
}

// restartStep returns the step that restarts the instance if it waits for a restart.
func (m *Model) restartStep(c *operation.Client, id string) updateStep {
	return updateStep{at: path.Root("restart_policy"), verb: "restart", apply: func(ctx context.Context) error { return m.restartIfPolicyAllows(ctx, c, id) }}
}

// planRestart plans the restart of an instance that waits for one, as after a change of its configuration group's values.
func planRestart(ctx context.Context, kind string, state, plan *Model, resp *resource.ModifyPlanResponse) diag.Diagnostics {
	if !restartPending(state, plan) {
		return nil
	}
	var diags diag.Diagnostics
	for _, attribute := range []string{"status", "updated"} {
		diags.Append(resp.Plan.SetAttribute(ctx, path.Root(attribute), types.StringUnknown())...)
	}
	instance := state.displayName(kind)
	diags.AddAttributeWarning(path.Root("restart_policy"), "The instance will be restarted", tfkit.Sentence(fmt.Sprintf(
		"%s requires a restart before settings of its configuration group take effect, and restart_policy is %q: the apply restarts it", instance, restartIfNeeded)))
	return diags
}

// warnOfRestart warns that a change from one configuration group to another needs a restart, and says who makes it.
func warnOfRestart(ctx context.Context, c *operation.Client, state, plan *Model) (diag.Diagnostics, error) {
	if state == nil || plan.ConfigurationID.Equal(state.ConfigurationID) {
		return nil, nil
	}
	var detaching, attaching []string
	for group, parameters := range map[types.String]*[]string{state.ConfigurationID: &detaching, plan.ConfigurationID: &attaching} {
		if !tfkit.Known(group) {
			continue
		}
		var err error
		if *parameters, err = restartParameters(ctx, c, group.ValueString()); err != nil {
			// Only the warning depends on it.
			tflog.Warn(ctx, "it is not known whether a restart will be required", map[string]any{"group": group.ValueString(), "reason": err.Error()})
		}
	}
	diags := restartWarning(state, plan, detaching, attaching)
	if len(diags) == 0 && plan.restartsIfNeeded() && plan.ConfigurationID.IsUnknown() {
		diags.AddAttributeWarning(path.Root("configuration_id"), "The instance may be restarted", fmt.Sprintf("The configuration group is not known "+
			"yet. If it has settings that take effect only when the database starts, the apply restarts the instance, because restart_policy is "+
			"%q.", restartIfNeeded))
	}
	return diags, nil
}

// restartWarning returns the warning for a change of groups whose parameters can be set only when the database server starts.
func restartWarning(state, plan *Model, detaching, attaching []string) diag.Diagnostics {
	var diags diag.Diagnostics
	var reasons []string
	if len(detaching) > 0 {
		reasons = append(reasons, fmt.Sprintf("%s of the group that is detached", strings.Join(detaching, ", ")))
	}
	if len(attaching) > 0 {
		reasons = append(reasons, fmt.Sprintf("%s of the group that is attached", strings.Join(attaching, ", ")))
	}
	if len(reasons) == 0 {
		return nil
	}
	because := fmt.Sprintf("These settings take effect only when the database starts: %s. ", strings.Join(reasons, ", and "))
	manually := "openstack database instance restart " + state.ID.ValueString()
	switch {
	case plan.restartsIfNeeded() && len(reasons) == 2:
		diags.AddAttributeWarning(path.Root("configuration_id"), "The instance will be restarted", because+"The apply restarts it twice: Trove "+
			"attaches no group before the first restart.")
	case plan.restartsIfNeeded():
		diags.AddAttributeWarning(path.Root("configuration_id"), "The instance will be restarted", because+"The apply restarts it.")
	case len(detaching) > 0 && !plan.ConfigurationID.IsNull():
		diags.AddAttributeWarning(path.Root("configuration_id"), "A restart will be required", because+fmt.Sprintf("Trove attaches no group before the "+
			"instance is restarted, and restart_policy is %q: the apply detaches the old group and ends with an error. Then restart the "+
			"instance (%s) and apply again, or set restart_policy = %q.", restartNever, manually, restartIfNeeded))
	default:
		diags.AddAttributeWarning(path.Root("configuration_id"), "A restart will be required", because+fmt.Sprintf("The instance will show RESTART_REQUIRED until "+
			"it is restarted: %s; with restart_policy = %q the apply does that.", manually, restartIfNeeded))
	}
	return diags
}

// restartParameters lists the parameters of a configuration group that can be set only when the database server starts.
func restartParameters(ctx context.Context, c *operation.Client, id string) ([]string, error) {
	group, err := c.Configuration(ctx, id)
	if errors.Is(err, openstack.ErrNotFound) {
		return nil, nil // another check has reported it, or the group was deleted after it was attached
	}
	if err != nil {
		return nil, err
	}
	v, err := c.DatastoreVersion(ctx, group.DatastoreName, group.VersionID)
	if err != nil {
		return nil, err
	}
	parameters, err := c.Parameters(ctx, v)
	var names []string
	for _, p := range parameters {
		if _, held := group.Values[p.Name]; held && p.RestartRequired {
			names = append(names, p.Name)
		}
	}
	return names, err
}
