package instancebase

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func checkVolume(ctx context.Context, state, plan *Model) diag.Diagnostics {
	have, diags := state.volume(ctx)
	want, d := plan.volume(ctx)
	diags.Append(d...)
	if tfkit.Known(have.Size) && tfkit.Known(want.Size) && want.Size.ValueInt64() < have.Size.ValueInt64() {
		diags.AddAttributeError(path.Root("volume").AtName("size"), "Volumes cannot shrink", fmt.Sprintf(
			"The volume of instance %s (%s) has %d GB and volume.size is %d: Trove can only grow a volume. Keep %d GB or more, or create a new, "+
				"smaller instance and move the data.",
			state.Name.ValueString(), state.ID.ValueString(), have.Size.ValueInt64(), want.Size.ValueInt64(), have.Size.ValueInt64()))
	}
	return diags
}

func checkFlavor(ctx context.Context, c *operation.Client, state, plan *Model) (diag.Diagnostics, error) {
	if !tfkit.Known(plan.FlavorID) || state != nil && plan.FlavorID.Equal(state.FlavorID) {
		return nil, nil
	}
	_, err := c.Flavor(ctx, plan.FlavorID.ValueString())
	if d, ok := LookupDiagnostic(path.Root("flavor_id"), err); ok {
		return diag.Diagnostics{d}, nil
	}
	return nil, err
}

func checkDatastore(ctx context.Context, c *operation.Client, state, plan *Model) (diag.Diagnostics, error) {
	wanted, diags := plan.datastore(ctx)
	if diags.HasError() || !tfkit.Known(wanted.Type) || state != nil && plan.Datastore.Equal(state.Datastore) {
		return diags, nil
	}
	var err error
	if version := wanted.Version.ValueString(); version != "" {
		_, err = c.DatastoreVersion(ctx, wanted.Type.ValueString(), version)
	} else {
		_, err = c.DatastoreName(ctx, wanted.Type.ValueString()) // the server knows whether it has a default version
	}
	if d, ok := DatastoreLookupDiagnostic(err); ok {
		return append(diags, d), nil
	}
	return diags, err
}

// checkConfiguration refuses a group with settings that are reserved to Trove; released Trove would accept server_id.
func checkConfiguration(ctx context.Context, c *operation.Client, state, plan *Model) (diag.Diagnostics, error) {
	if !tfkit.Known(plan.ConfigurationID) {
		return nil, nil
	}
	if state != nil && plan.ConfigurationID.Equal(state.ConfigurationID) {
		return checkConfigurationOverUpgrade(ctx, c, state, plan)
	}
	group, err := c.Configuration(ctx, plan.ConfigurationID.ValueString())
	switch {
	case isNotFound(err):
		return diag.Diagnostics{APIErrorAt(path.Root("configuration_id"), "use", "configuration group "+plan.ConfigurationID.ValueString(), err,
			"configuration_id must be the id of a group in this project and region.")}, nil
	case err != nil:
		var diags diag.Diagnostics
		for _, d := range PlanCheckError(ctx, "configuration group "+plan.ConfigurationID.ValueString(), err) {
			diags.Append(diag.WithPath(path.Root("configuration_id"), d))
		}
		return diags, nil
	}
	var diags diag.Diagnostics
	for _, p := range topology.CheckConfiguration(group.DatastoreName, group.Values) {
		diags.AddAttributeError(path.Root("configuration_id"), fmt.Sprintf("Invalid configuration group %s (%s)", group.Name, group.ID), tfkit.Sentence(p.Message))
	}
	d, err := checkConfigurationVersion(ctx, c, state, plan, group)
	diags.Append(d...)
	return diags, err
}

// checkConfigurationOverUpgrade warns if an upgrade leaves an instance with a group for the old version. It ignores what cannot be found
// out.
func checkConfigurationOverUpgrade(ctx context.Context, c *operation.Client, state, plan *Model) (diag.Diagnostics, error) {
	wanted, diags := plan.datastore(ctx)
	if diags.HasError() || plan.Datastore.Equal(state.Datastore) || !tfkit.Known(wanted.Type) || !tfkit.Known(wanted.Version) {
		return diags, nil
	}
	group, err := c.Configuration(ctx, plan.ConfigurationID.ValueString())
	if err == nil {
		var v *trove.DatastoreVersion
		if v, err = c.DatastoreVersion(ctx, wanted.Type.ValueString(), wanted.Version.ValueString()); err == nil && !group.IsFor(v) {
			diags.AddAttributeWarning(path.Root("configuration_id"), "Configuration group of another version", fmt.Sprintf(
				"configuration_id names the group %s (%s), which is for %s %s, and the instance is upgraded to %s. Most releases of Trove keep the group, "+
					"although the new version may not know all of its settings; 19.0.1, 21.1 to 23.0 and 24.0 detach it, and cannot attach it again. Create a group "+
					"for the new version, and change configuration_id in the same apply.", group.Name, group.ID, group.DatastoreName, group.VersionName, v.Name))
		}
	}
	if err != nil {
		tflog.Warn(ctx, "it is not known whether the configuration group fits the new version", map[string]any{"reason": err.Error()})
	}
	return diags, nil
}

// checkConfigurationVersion refuses a group that is for another datastore version, which Trove attaches only at creation.
func checkConfigurationVersion(ctx context.Context, c *operation.Client, state, plan *Model, group *trove.Configuration) (diag.Diagnostics, error) {
	wanted, diags := plan.datastore(ctx)
	if diags.HasError() || !tfkit.Known(wanted.Type) || !tfkit.Known(wanted.Version) {
		return diags, nil
	}
	v, err := c.DatastoreVersion(ctx, wanted.Type.ValueString(), wanted.Version.ValueString())
	if _, ok := DatastoreLookupDiagnostic(err); ok {
		return diags, nil // the check of the datastore has reported it, or the instance has a version that is no longer offered
	}
	if err != nil || group.IsFor(v) {
		return diags, err
	}
	differs := fmt.Sprintf("configuration_id names the group %s (%s), which is for %s %s, and the instance has %s %s.",
		group.Name, group.ID, group.DatastoreName, group.VersionName, v.DatastoreName, v.Name)
	if state == nil {
		diags.AddAttributeWarning(path.Root("configuration_id"), "Configuration group of another version",
			differs+" Trove accepts it at creation, but the database may not know all of its settings.")
		return diags, nil
	}
	diags.AddAttributeError(path.Root("configuration_id"), "Configuration group of another version", differs+" Trove attaches it only to its own version: "+
		"create a group for the version of the instance.")
	return diags, nil
}

// PlanCheckError turns the error of a request that only the plan makes into diagnostics. If the server forbids the request, or if the
// provider's own settings are known only after apply, the apply reports what is wrong; a server that cannot be reached is an error of the
// plan.
func PlanCheckError(ctx context.Context, kind string, err error) diag.Diagnostics {
	var unreached *openstack.ConnectError
	later := errors.As(err, &unreached) && unreached.Stage == openstack.StageUnknown
	if later || isForbidden(err) || isNotFound(err) {
		tflog.Warn(ctx, "not checked at plan time", map[string]any{"kind": kind, "reason": err.Error()})
		return nil
	}
	return diag.Diagnostics{APIError("plan", kind, err, "")}
}

// RequireTopologyAPI refuses to plan a kind of resource that needs the topology API on a server without it.
func (r *Resource) RequireTopologyAPI(ctx context.Context, resourceType string, region types.String) diag.Diagnostics {
	c, diags := r.Client(ctx, region)
	if diags.HasError() {
		return diags
	}
	return requireTopologyAPI(ctx, c, resourceType)
}

// requireTopologyAPI is RequireTopologyAPI for anything that has a name of its own in the configuration.
func requireTopologyAPI(ctx context.Context, c *operation.Client, typeName string) (diags diag.Diagnostics) {
	serves, err := c.ServesTopology(ctx)
	if err != nil {
		return PlanCheckError(ctx, typeName, err)
	}
	if !serves {
		diags.AddError("This server has no topology API", typeName+" requires the topology API, which this server does not have. What works on "+
			"released Trove: trove_instance, trove_replica, trove_replication_source, trove_mysql_replica with one source, trove_configuration, "+
			"trove_database, trove_user and trove_backup. To try the topology API, run the sandbox.")
	}
	return diags
}
