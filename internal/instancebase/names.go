package instancebase

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// isListForbidden says that an error means that the server does not tell what it offers: what was written is taken as it is then.
func isListForbidden(err error) bool { return isForbidden(err) || isNotFound(err) }

// resolveFlavor is the id of a flavor that is written by its id or name; "" for what is not known.
func resolveFlavor(ctx context.Context, c *trove.Client, written types.String) (string, error) {
	if !Known(written) {
		return "", nil
	}
	f, err := c.Flavor(ctx, written.ValueString())
	if isListForbidden(err) {
		tflog.Warn(ctx, "the server does not list its flavors", map[string]any{"flavor": written.ValueString(), "reason": err.Error()})
		return written.ValueString(), nil
	}
	return f.ID, err
}

// resolveDatastore is the datastore that is written, by names, whether ids or names are; what is not known is "". The version
// stays an id where another bears its name as well.
func resolveDatastore(ctx context.Context, c *trove.Client, d Datastore) (trove.Datastore, error) {
	written := trove.Datastore{Type: d.Type.ValueString(), Version: d.Version.ValueString()}
	if !trove.IsID(written.Type) && !trove.IsID(written.Version) {
		return written, nil
	}
	named := written
	var err error
	if written.Version == "" {
		named.Type, err = c.DatastoreName(ctx, written.Type)
	} else {
		var v *trove.DatastoreVersion
		if v, err = c.DatastoreVersion(ctx, written.Type, written.Version); err == nil {
			named = trove.Datastore{Type: v.DatastoreName, Version: v.Spelling()}
		}
	}
	if isListForbidden(err) {
		tflog.Warn(ctx, "the server does not list its datastores", map[string]any{"datastore": written, "reason": err.Error()})
		return written, nil
	}
	return named, err
}

// fillFlavor takes over the flavor that the server shows.
func (m *Model) fillFlavor(ctx context.Context, c *trove.Client, i *trove.Instance) diag.Diagnostics {
	if i.Flavor.ID == "" {
		return nil
	}
	flavor, err := c.FlavorAsWritten(ctx, m.FlavorID.ValueString(), i.Flavor.ID)
	switch {
	case isListForbidden(err):
		flavor = i.Flavor.ID // only ids can be written then
	case err != nil:
		return diag.Diagnostics{flavorError(err)}
	}
	m.FlavorID = types.StringValue(flavor)
	return nil
}

// fillDatastore takes over the datastore that the server shows, or what of it is shown.
func (m *Model) fillDatastore(ctx context.Context, c *trove.Client, i *trove.Instance) diag.Diagnostics {
	if i.Datastore.Type == "" {
		return nil
	}
	have, diags := m.datastore(ctx)
	written := trove.Datastore{Type: have.Type.ValueString(), Version: have.Version.ValueString()}
	d, err := c.DatastoreAsWritten(ctx, written, i.Datastore)
	switch {
	case isListForbidden(err):
		d = written
	case err != nil:
		diags.Append(datastoreError(err))
		return diags
	}
	m.Datastore = types.ObjectValueMust(datastoreType, map[string]attr.Value{
		"type": types.StringValue(d.Type), "version": StringOrNull(cmp.Or(d.Version, written.Version)),
	})
	return diags
}

// flavorError blames flavor_id for what the server says of it, or for what it does not say.
func flavorError(err error) diag.Diagnostic {
	at := path.Root("flavor_id")
	if d, ok := LookupDiagnostic(at, err); ok {
		return d
	}
	return APIErrorAt(at, "look up", "the flavor", err, "")
}

// datastoreError is refuseFlavor for type or version of the datastore.
func datastoreError(err error) diag.Diagnostic {
	if d, ok := DatastoreLookupDiagnostic(err); ok {
		return d
	}
	return APIErrorAt(path.Root("datastore"), "look up", "the datastore version", err, "")
}

// LookupDiagnostic blames an attribute for what the server does not offer, or offers twice by that name; ok is false for another
// error.
func LookupDiagnostic(at path.Path, err error) (d diag.Diagnostic, ok bool) {
	var unknown *trove.UnknownError
	var shared *trove.SharedNameError
	kind := "flavor"
	switch name, _ := at.Steps().LastStep(); name.String() {
	case "type":
		kind = "datastore"
	case "version":
		kind = "datastore version"
	}
	switch {
	case errors.As(err, &unknown) && unknown.Name == "":
		return diag.NewAttributeErrorDiagnostic(at, "Unknown "+kind, UnknownItemDetail(unknown)), true
	case errors.As(err, &unknown):
		return diag.NewAttributeErrorDiagnostic(at, "Unknown "+kind, fmt.Sprintf("%s is %q, and the server has no such %s.%s",
			at, unknown.Name, unknown.What, offers(unknown))), true
	case errors.As(err, &shared):
		return diag.NewAttributeErrorDiagnostic(at, "Ambiguous "+kind, fmt.Sprintf("%s is %q, and the server has %d of that name. Write the id of the one that is meant: %s.",
			at, shared.Name, len(shared.IDs), strings.Join(shared.IDs, ", "))), true
	}
	return nil, false
}

// datastorePath is the attribute to blame for an error about a datastore or its version.
func datastorePath(err error) path.Path {
	var unknown *trove.UnknownError
	if errors.As(err, &unknown) && unknown.OfDatastore() {
		return path.Root("datastore").AtName("type")
	}
	return path.Root("datastore").AtName("version")
}

// DatastoreLookupDiagnostic is NotOffered at the part of the attribute datastore that is to blame.
func DatastoreLookupDiagnostic(err error) (diag.Diagnostic, bool) { return LookupDiagnostic(datastorePath(err), err) }

// suppressAliasDiff leaves in the plan what the state has of flavor and datastore where the configuration only spells it otherwise:
// by name, say, where an import has brought the id. Where nothing else changes the plan is empty then.
func (r *Resource) suppressAliasDiff(ctx context.Context, req resource.ModifyPlanRequest, state, plan *Model, resp *resource.ModifyPlanResponse) (kept bool, err error) {
	c, diags := r.Client(plan.Region)
	if diags.HasError() {
		return false, nil // the checks of the plan say it
	}
	if Known(plan.FlavorID) && Known(state.FlavorID) && !plan.FlavorID.Equal(state.FlavorID) {
		same, err := c.SameFlavor(ctx, plan.FlavorID.ValueString(), state.FlavorID.ValueString())
		if err != nil {
			return false, err
		}
		if same {
			resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("flavor_id"), state.FlavorID)...)
			kept = true
		}
	}
	var written types.Object
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("datastore"), &written)...)
	datastore, d, err := SuppressDatastoreAliasDiff(ctx, c, state.Datastore, plan.Datastore, written)
	resp.Diagnostics.Append(d...)
	if err != nil || resp.Diagnostics.HasError() {
		return false, err
	}
	if !datastore.Equal(plan.Datastore) {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("datastore"), datastore)...)
		kept = true
	}
	if kept {
		resp.Diagnostics.Append(SuppressUnchangedPlan(req, resp))
	}
	return kept, nil
}

// resolvePlannedDatastore puts names where a planned datastore is written by ids, for the rules of the topology to read. The plan itself
// stays as it is.
func (r *Resource) resolvePlannedDatastore(ctx context.Context, kind string, plan *Model) diag.Diagnostics {
	written, diags := plan.datastore(ctx)
	if diags.HasError() || !trove.IsID(written.Type.ValueString()) && !trove.IsID(written.Version.ValueString()) {
		return diags
	}
	c, d := r.Client(plan.Region)
	if diags.Append(d...); diags.HasError() {
		return diags
	}
	named, err := resolveDatastore(ctx, c, written)
	if _, ok := DatastoreLookupDiagnostic(err); ok {
		return diags // the check of the datastore has said so, or the instance has what is offered no more
	}
	if err != nil {
		return append(diags, PlanCheckError(ctx, kind, err)...)
	}
	attributes := plan.Datastore.Attributes()
	attributes["type"] = types.StringValue(named.Type)
	if Known(written.Version) {
		attributes["version"] = types.StringValue(named.Version)
	}
	plan.Datastore = types.ObjectValueMust(datastoreType, attributes)
	return diags
}

// SuppressDatastoreAliasDiff is the planned datastore with type and version as the state has them, where the plan only spells them
// otherwise. written is the configuration's.
func SuppressDatastoreAliasDiff(ctx context.Context, c *trove.Client, state, plan, written types.Object) (types.Object, diag.Diagnostics, error) {
	if !Known(state) || !Known(plan) || plan.Equal(state) {
		return plan, nil, nil
	}
	have, diags := ObjectAs[Datastore](ctx, state)
	want, d := ObjectAs[Datastore](ctx, plan)
	diags.Append(d...)
	config, d := ObjectAs[Datastore](ctx, written)
	diags.Append(d...)
	if diags.HasError() || !Known(want.Type) || !Known(have.Type) {
		return plan, diags, nil
	}
	same, err := c.SameDatastore(ctx, want.Type.ValueString(), have.Type.ValueString())
	if err != nil || !same {
		return plan, diags, err
	}
	switch {
	case config.Version.IsNull():
		want.Version = have.Version // another spelling of the type has hidden that it stays
	case Known(want.Version) && Known(have.Version):
		same, err := c.SameVersion(ctx, have.Type.ValueString(), want.Version.ValueString(), have.Version.ValueString())
		if err != nil {
			return plan, diags, err
		}
		if same {
			want.Version = have.Version
		}
	}
	return types.ObjectValueMust(datastoreType, map[string]attr.Value{"type": have.Type, "version": want.Version}), diags, nil
}

// SuppressUnchangedPlan makes the plan the state where they differ only in what the framework has made unknown, because something seemed to
// change.
func SuppressUnchangedPlan(req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse) diag.Diagnostic {
	known, err := tftypes.Transform(resp.Plan.Raw, func(at *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.IsKnown() {
			return v, nil
		}
		written, _, err := tftypes.WalkAttributePath(req.Config.Raw, at)
		if value, ok := written.(tftypes.Value); err == nil && ok && !value.IsNull() || err != nil && !errors.Is(err, tftypes.ErrInvalidStep) {
			return v, err
		}
		before, _, err := tftypes.WalkAttributePath(req.State.Raw, at)
		if value, ok := before.(tftypes.Value); err == nil && ok {
			return value, nil
		}
		return v, nil
	})
	if err != nil {
		return diag.NewErrorDiagnostic("Unable to compare plan and state", Sentence(err.Error()))
	}
	if known.Equal(req.State.Raw) {
		resp.Plan.Raw = req.State.Raw
	}
	return nil
}
