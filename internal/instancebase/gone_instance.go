package instancebase

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
)

// Former describes an instance that a refresh has found gone.
type Former struct {
	ID, Flavor                      string
	VolumeSize                      int64 // GB, 0 if it is not known
	DatastoreType, DatastoreVersion string
}

// noteFormer notes, in addition to noteGone, what a gone instance was. The refresh removes it from the state, so the plan of the same run,
// which makes it again, could not know.
func (r *Resource) noteFormer(ctx context.Context, kind string, m *Model) {
	volume, diags := m.volume(ctx)
	datastore, d := m.datastore(ctx)
	if diags.Append(d...); diags.HasError() {
		return // only a better message is lost
	}
	r.connection.gone.Store(goneKey{kind: kind, name: m.Name.ValueString()}, Former{
		ID: m.ID.ValueString(), Flavor: m.FlavorID.ValueString(), VolumeSize: volume.Size.ValueInt64(),
		DatastoreType: datastore.Type.ValueString(), DatastoreVersion: datastore.Version.ValueString(),
	})
}

// Former returns what the instance was that a plan makes again because this run's refresh did not find it: for example a promoted replica,
// whose configuration lacks what its source had.
func (r *Resource) Former(kind string, m *Model) (was Former, ok bool) {
	if r.connection == nil {
		return was, false
	}
	if noted, found := r.connection.gone.Load(goneKey{kind: kind, name: m.Name.ValueString()}); found {
		was, ok = noted.(Former)
	}
	return was, ok && was.ID != ""
}

// RequireFlavor reports at plan time that an instance without a source has no flavor. m holds only what is configured. For an instance that
// a refresh has just found gone it is a warning, so that all others can still be planned; its creation then fails.
func (r *Resource) RequireFlavor(kind string, m *Model) diag.Diagnostics {
	if !m.FlavorID.IsNull() {
		return nil
	}
	was, vanished := r.Former(kind, m)
	if !vanished {
		return diag.Diagnostics{MissingFlavor()}
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("flavor_id"), "Missing flavor", fmt.Sprintf(
		"%s (%s) no longer exists, so the plan creates a new, empty instance. It has no replica_of, so nothing is copied from a source, and the creation "+
			"fails until its configuration sets the missing arguments. The old one had:\n\n%s\n\nOther resources are not affected.",
		m.Name.ValueString(), was.ID, strings.Join(FormerLines(was), "\n")))}
}

// MissingFlavor is the error for an instance without a source that has no flavor.
func MissingFlavor() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("flavor_id"), "Missing flavor",
		"Without replica_of there is no source that defines the flavor: set flavor_id, and volume and datastore too if the source defined them.")
}

// FormerLines returns the configuration lines for an instance of the size and datastore that it had.
func FormerLines(was Former) []string {
	lines := []string{fmt.Sprintf("  flavor_id = %q", was.Flavor)}
	if was.VolumeSize > 0 {
		lines = append(lines, fmt.Sprintf("  volume    = { size = %d }", was.VolumeSize))
	}
	if was.DatastoreType != "" {
		lines = append(lines, fmt.Sprintf("  datastore = { type = %q, version = %q }", was.DatastoreType, was.DatastoreVersion))
	}
	return lines
}
