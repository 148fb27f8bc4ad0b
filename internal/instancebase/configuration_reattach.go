package instancebase

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// keepConfiguration returns how an instance keeps its configuration group while something else changes: according to restart_policy, with a
// warning if the server has detached it. If the plan has another group, that one is attached in its place. It is nil if there is no group.
func keepConfiguration(displayName string, state, plan *Model, diags *diag.Diagnostics) *operation.Keep {
	if !tfkit.Known(state.ConfigurationID) {
		return nil
	}
	keep := &operation.Keep{Restart: plan.restartsIfNeeded()}
	if !plan.ConfigurationID.Equal(state.ConfigurationID) {
		next := plan.ConfigurationID.ValueString()
		keep.Instead = &next
		return keep
	}
	keep.Again = func(group string) {
		summary, detail := attachedAgain(group, displayName)
		diags.AddAttributeWarning(path.Root("configuration_id"), summary, detail)
	}
	return keep
}

// attachedAgain is the warning that a server has detached a configuration group which the provider has attached again.
func attachedAgain(group, displayName string) (summary, detail string) {
	return "The configuration group was attached again", fmt.Sprintf(
		"During another change the server detached configuration group %s from %s: a bug of Trove 19.0.1, 21.1 to 23.0 and 24.0. The provider has "+
			"attached it again; in between, the instance had none of its settings. Trove 23.1 and 25 do not have the fault.", group, displayName)
}
