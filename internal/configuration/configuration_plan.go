package configuration

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// whoRestarts says what to do about instances that wait for a restart. Their own resources notice that only at the next read.
const whoRestarts = "The next apply restarts those with restart_policy = \"if_needed\". Restart the others yourself: openstack database " +
	"instance restart ID"

// ModifyPlan implements resource.ResourceWithModifyPlan: it converts and checks the values, and says which instances a change affects.
func (r *Resource) ModifyPlan(ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) {
	defer r.EndPlan(ctx, kindName, req, resp)
	identified, diags := tfkit.CheckPlanState(kindName, req, "id")
	resp.Diagnostics.Append(diags...)
	if !identified {
		return
	}
	state, plan, diags := tfkit.StateAndPlan[model](ctx, req)
	resp.Diagnostics.Append(diags...)
	if state != nil && plan == nil && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(r.PlanDeletion(ctx, kindName, state.Region, resp)...)
	}
	if resp.Diagnostics.HasError() || plan == nil {
		return
	}
	var datastore types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("datastore"), &datastore)...)
	written, diags := tfkit.ObjectAs[instancebase.Datastore](ctx, datastore)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if state != nil && plan.Description.IsUnknown() {
		plan.Description = state.Description
	}
	if r.Configured() && !datastore.IsUnknown() && !written.Type.IsUnknown() && !written.Version.IsUnknown() {
		if state != nil {
			resp.Diagnostics.Append(r.keepDatastore(ctx, state, plan, datastore)...)
		}
		resp.Diagnostics.Append(r.check(ctx, state, plan)...)
	}
	if state != nil && !plan.replaces(state) && !plan.differs(state) {
		plan.Updated = state.Updated
	}
	resp.Diagnostics.Append(resp.Plan.Set(ctx, plan)...)
}

// keepDatastore keeps the datastore of the state if the configuration only writes it differently.
func (r *Resource) keepDatastore(ctx context.Context, state, plan *model, written types.Object) diag.Diagnostics {
	client, diags := r.Client(ctx, plan.Region)
	if diags.HasError() {
		return nil // the check reports it
	}
	kept, diags, err := instancebase.SuppressDatastoreAliasDiff(ctx, client, state.Datastore, plan.Datastore, written)
	if err != nil {
		return append(diags, instancebase.PlanCheckError(ctx, kindName, err)...)
	}
	plan.Datastore = kept
	return diags
}

// check refuses what the server would, and reports the effects of a change. Values that are only written differently than in the state stay
// as they are there.
func (r *Resource) check(ctx context.Context, state, plan *model) diag.Diagnostics {
	client, diags := r.Client(ctx, plan.Region)
	if diags.HasError() || state != nil && !plan.replaces(state) && !plan.differs(state) {
		return diags // groups of others may hold what is refused here, but none of it is sent
	}
	v, d, err := plan.version(ctx, client)
	diags.Append(d...)
	var parameters []trove.Parameter
	if err == nil && !diags.HasError() {
		parameters, err = client.Parameters(ctx, v)
	}
	refused, notOffered := instancebase.DatastoreLookupDiagnostic(err)
	switch {
	case diags.HasError():
		return diags
	case notOffered:
		return append(diags, refused)
	case err != nil:
		return append(diags, instancebase.PlanCheckError(ctx, kindName, err)...)
	case len(parameters) == 0:
		diags.AddAttributeError(path.Root("datastore"), "No configuration groups for "+v.DatastoreName,
			fmt.Sprintf("The server has no parameters that a configuration group for %s %s can set.", v.DatastoreName, v.Name))
		return diags
	}
	for _, name := range slices.Sorted(maps.Keys(plan.Values.Elements())) {
		diags.Append(checkName(v, parameters, name)...)
	}
	values, d := typed(parameters, plan.written())
	diags.Append(d...)
	if state == nil || diags.HasError() {
		return diags
	}
	if len(values) == len(plan.Values.Elements()) && sameValues(parameters, values, state.written()) {
		plan.Values = state.Values
	}
	d, err = warn(ctx, client, parameters, state, plan)
	diags.Append(d...)
	if err != nil {
		diags.Append(instancebase.PlanCheckError(ctx, kindName, err)...)
	}
	return diags
}

// sameValues reports whether the configured values are equal to these.
func sameValues(parameters []trove.Parameter, values trove.Values, written map[string]string) bool {
	have, diags := typed(parameters, written)
	return !diags.HasError() && maps.EqualFunc(have, values, func(a, b any) bool { return trove.SameValue(a, trove.Text(b)) })
}

// warn reports which instances a change of the group affects, and how.
func warn(ctx context.Context, client *operation.Client, parameters []trove.Parameter, state, plan *model) (diag.Diagnostics, error) {
	replaced := plan.replaces(state)
	if !replaced && !plan.differs(state) {
		return nil, nil
	}
	attached, err := client.ConfiguredInstances(ctx, state.ID.ValueString())
	if err != nil || len(attached) == 0 {
		return nil, err
	}
	instances := make([]string, len(attached))
	for i, ref := range attached {
		instances[i] = fmt.Sprintf("%s (%s)", ref.Name, ref.ID)
	}
	reached := strings.Join(instances, ", ")
	var diags diag.Diagnostics
	if replaced {
		diags.AddAttributeWarning(path.Root("datastore"), "The group is attached", fmt.Sprintf(
			"The plan replaces the group, and Trove does not delete a group that is attached. It is attached to %s. With lifecycle { "+
				"create_before_destroy = true } these are moved to the new group first.", reached))
		return diags, nil
	}
	// Trove looks at all values that the group has then, not only at those that change.
	var restart, dropped []string
	for _, p := range parameters {
		_, after := plan.Values.Elements()[p.Name]
		_, before := state.Values.Elements()[p.Name]
		switch {
		case after && p.RestartRequired:
			restart = append(restart, p.Name)
		case before && !after:
			dropped = append(dropped, p.Name)
		}
	}
	if len(restart) > 0 {
		diags.AddAttributeWarning(path.Root("values"), "A restart will be required", fmt.Sprintf(
			"Trove applies the whole group again, and %s can be set only when the database starts. These instances will show RESTART_REQUIRED: "+
				"%s. %s",
			strings.Join(restart, ", "), reached, whoRestarts))
	} else if len(dropped) > 0 {
		diags.AddAttributeWarning(path.Root("values"), "Parameters are removed", fmt.Sprintf(
			"Trove removes %s from the settings without resetting it in the running database: it keeps its value until the next restart of "+
				"these instances: %s.",
			strings.Join(dropped, ", "), reached))
	}
	return diags, nil
}

// typed converts the configured values into the types of the parameters, and reports values that they do not take. It omits unknown
// parameters.
func typed(parameters []trove.Parameter, written map[string]string) (trove.Values, diag.Diagnostics) {
	var diags diag.Diagnostics
	values := trove.Values{}
	for _, p := range parameters {
		text, ok := written[p.Name]
		if !ok {
			continue
		}
		if text == trove.Masked {
			diags.AddAttributeError(path.Root("values").AtMapKey(p.Name), "The value of "+p.Name+" is not known", fmt.Sprintf(
				"Trove returns %s in place of a value whose name looks like a secret, and every change of a group sends all its values. Set the "+
					"value itself.", text))
			continue
		}
		value, err := p.Value(text)
		if err != nil {
			diags.AddAttributeError(path.Root("values").AtMapKey(p.Name), "Invalid value of "+p.Name, fmt.Sprintf("The parameter %s %v.", p.Name, err))
		}
		values[p.Name] = value
	}
	return values, diags
}

// checkName refuses unknown parameters. Trove takes a name in any case, and then fails to attach the group.
func checkName(v *trove.DatastoreVersion, parameters []trove.Parameter, name string) diag.Diagnostics {
	at := path.Root("values").AtMapKey(name)
	var diags diag.Diagnostics
	for _, p := range topology.CheckConfiguration(v.DatastoreName, map[string]any{strings.ToLower(name): true}) {
		diags.AddAttributeError(at, "Reserved parameter "+name, "It would break replication: "+p.Message+".")
		return diags
	}
	i := slices.IndexFunc(parameters, func(p trove.Parameter) bool { return strings.EqualFold(p.Name, name) })
	switch {
	case i < 0:
		diags.AddAttributeError(at, "Unknown parameter "+name, fmt.Sprintf("A configuration group for %s %s has no parameter %q.%s The data source "+
			"trove_datastore_version lists all %d.", v.DatastoreName, v.Name, name, tfkit.DidYouMean(name, names(parameters)), len(parameters)))
	case parameters[i].Name != name:
		diags.AddAttributeError(at, "Unknown parameter "+name, fmt.Sprintf("Write %s: names of parameters are case-sensitive.", parameters[i].Name))
	}
	return diags
}

// names lists parameters by name, sorted.
func names(parameters []trove.Parameter) []string {
	list := make([]string, len(parameters))
	for i, p := range parameters {
		list[i] = p.Name
	}
	slices.Sort(list)
	return list
}
