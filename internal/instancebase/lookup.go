package instancebase

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// isListForbidden reports whether an error means that the server does not list what it offers; the configured value is then used as it is.
func isListForbidden(err error) bool { return isForbidden(err) || isNotFound(err) }

// resolveFlavor returns the id of a flavor that is configured by its id or name; "" if it is not known.
func resolveFlavor(ctx context.Context, c *operation.Client, written types.String) (string, error) {
	if !tfkit.Known(written) {
		return "", nil
	}
	f, err := c.Flavor(ctx, written.ValueString())
	if isListForbidden(err) {
		tflog.Warn(ctx, "the server does not list its flavors", map[string]any{"flavor": written.ValueString(), "reason": err.Error()})
		return written.ValueString(), nil
	}
	return f.ID, err
}

// resolveDatastore returns the configured datastore by names, whether it is configured by ids or by names; unknown values are "". The
// version remains an id if another version has the same name.
func resolveDatastore(ctx context.Context, c *operation.Client, d Datastore) (trove.Datastore, error) {
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

// flavorError reports an error about the flavor at flavor_id, also if the server does not list flavors.
func flavorError(err error) diag.Diagnostic {
	at := path.Root("flavor_id")
	if d, ok := LookupDiagnostic(at, err); ok {
		return d
	}
	return APIErrorAt(at, "look up", "the flavor", err, "")
}

// datastoreError is flavorError for the type or version of the datastore.
func datastoreError(err error) diag.Diagnostic {
	if d, ok := DatastoreLookupDiagnostic(err); ok {
		return d
	}
	return APIErrorAt(path.Root("datastore"), "look up", "the datastore version", err, "")
}

// LookupDiagnostic reports at an attribute that the server does not offer its value, or offers several by that name; ok is false for any
// other error.
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
		return diag.NewAttributeErrorDiagnostic(at, "Unknown "+kind, fmt.Sprintf("%s is %q, but the server has no such %s.%s",
			at, unknown.Name, unknown.What, tfkit.Offered(unknown.Name, unknown.Offered, unknown.IDs))), true
	case errors.As(err, &shared):
		return diag.NewAttributeErrorDiagnostic(at, "Ambiguous "+kind, fmt.Sprintf("%s is %q, and the server has %d with that name. Use an id: "+
			"%s.",
			at, shared.Name, len(shared.IDs), strings.Join(shared.IDs, ", "))), true
	}
	return nil, false
}

// datastorePath returns the attribute that an error about a datastore or its version belongs to.
func datastorePath(err error) path.Path {
	var unknown *trove.UnknownError
	if errors.As(err, &unknown) && unknown.OfDatastore() {
		return path.Root("datastore").AtName("type")
	}
	return path.Root("datastore").AtName("version")
}

// DatastoreLookupDiagnostic is LookupDiagnostic at the part of the attribute datastore that the error belongs to.
func DatastoreLookupDiagnostic(err error) (diag.Diagnostic, bool) {
	return LookupDiagnostic(datastorePath(err), err)
}

// UnknownItemDetail returns a diagnostic's text for an item that the server does not offer, with what it offers.
func UnknownItemDetail(e *trove.UnknownError) string {
	name := ""
	if e.Name != "" {
		name = fmt.Sprintf(" %q", e.Name)
	}
	return fmt.Sprintf("The server has no %s%s.%s", e.What, name, tfkit.Offered(e.Name, e.Offered, e.IDs))
}
