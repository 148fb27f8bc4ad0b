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

// isListForbidden says that an error means that the server does not tell what it offers: what was written is taken as it is then.
func isListForbidden(err error) bool { return isForbidden(err) || isNotFound(err) }

// resolveFlavor is the id of a flavor that is written by its id or name; "" for what is not known.
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

// resolveDatastore is the datastore that is written, by names, whether ids or names are; what is not known is "". The version
// stays an id where another bears its name as well.
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

// flavorError blames flavor_id for what the server says of it, or for what it does not say.
func flavorError(err error) diag.Diagnostic {
	at := path.Root("flavor_id")
	if d, ok := LookupDiagnostic(at, err); ok {
		return d
	}
	return APIErrorAt(at, "look up", "the flavor", err, "")
}

// datastoreError is flavorError for type or version of the datastore.
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
		return diag.NewAttributeErrorDiagnostic(at, "Unknown "+kind, fmt.Sprintf("%s is %q, but the server has no such %s.%s",
			at, unknown.Name, unknown.What, tfkit.Offered(unknown.Name, unknown.Offered, unknown.IDs))), true
	case errors.As(err, &shared):
		return diag.NewAttributeErrorDiagnostic(at, "Ambiguous "+kind, fmt.Sprintf("%s is %q, and the server has %d with that name. Use an id: "+
			"%s.",
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

// DatastoreLookupDiagnostic is LookupDiagnostic at the part of the attribute datastore that is to blame.
func DatastoreLookupDiagnostic(err error) (diag.Diagnostic, bool) {
	return LookupDiagnostic(datastorePath(err), err)
}

// UnknownItemDetail is a diagnostic's text for what the server does not offer, with what it offers.
func UnknownItemDetail(e *trove.UnknownError) string {
	name := ""
	if e.Name != "" {
		name = fmt.Sprintf(" %q", e.Name)
	}
	return fmt.Sprintf("The server has no %s%s.%s", e.What, name, tfkit.Offered(e.Name, e.Offered, e.IDs))
}
