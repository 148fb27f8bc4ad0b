package instancebase

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/cluster"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
)

// formerKey names an instance in the registry's notes of what has vanished. A resource that is created anew has no id, but its name.
func formerKey(c *operation.Client, kind string, m *Model) string {
	return c.Session() + "/" + kind + "/" + m.Name.ValueString()
}

// noteFormer notes what an instance was that is gone, for the plan that follows in this run.
func noteFormer(ctx context.Context, c *operation.Client, kind string, m *Model) {
	volume, diags := m.volume(ctx)
	datastore, d := m.datastore(ctx)
	if diags.Append(d...); diags.HasError() {
		return // it is a better text alone that is lost
	}
	c.Registry().SetFormer(formerKey(c, kind, m), cluster.Former{
		ID: m.ID.ValueString(), Flavor: m.FlavorID.ValueString(), VolumeSize: volume.Size.ValueInt64(),
		DatastoreType: datastore.Type.ValueString(), DatastoreVersion: datastore.Version.ValueString(),
	})
}

// Former tells a plan what the instance was that it makes anew, where this run's refresh has missed it: a replica that was promoted, say,
// whose configuration lacks what its source had.
func (r *Resource) Former(ctx context.Context, kind string, m *Model) (was cluster.Former, ok bool) {
	if !r.Configured() {
		return was, false
	}
	c, diags := r.Client(ctx, m.Region)
	if diags.HasError() {
		return was, false // the checks of the plan say it
	}
	return c.Registry().Former(formerKey(c, kind, m))
}

// RequireFlavor says at plan time that an instance without a source has no flavor. m holds only what is written. One that a refresh has
// just missed is a warning, so that it does not keep all others from being planned; its creation fails then.
func (r *Resource) RequireFlavor(ctx context.Context, kind string, m *Model) diag.Diagnostics {
	if !m.FlavorID.IsNull() {
		return nil
	}
	was, vanished := r.Former(ctx, kind, m)
	if !vanished {
		return diag.Diagnostics{MissingFlavor()}
	}
	return diag.Diagnostics{diag.NewAttributeWarningDiagnostic(path.Root("flavor_id"), "Missing flavor", fmt.Sprintf(
		"%s (%s) no longer exists, so the plan creates a new, empty server. It has no replica_of, so nothing is copied from a source, and the creation "+
			"fails until its configuration says what it needs. The old one had:\n\n%s\n\nOther resources are not affected.",
		m.Name.ValueString(), was.ID, strings.Join(FormerLines(was), "\n")))}
}

// MissingFlavor is the error for an instance without a source that has no flavor.
func MissingFlavor() diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("flavor_id"), "Missing flavor",
		"Without replica_of there is no source that defines the flavor: set flavor_id, and volume and datastore too if the source defined them.")
}

// FormerLines are the lines of a configuration that make an instance of the size and datastore that it had.
func FormerLines(was cluster.Former) []string {
	lines := []string{fmt.Sprintf("  flavor_id = %q", was.Flavor)}
	if was.VolumeSize > 0 {
		lines = append(lines, fmt.Sprintf("  volume    = { size = %d }", was.VolumeSize))
	}
	if was.DatastoreType != "" {
		lines = append(lines, fmt.Sprintf("  datastore = { type = %q, version = %q }", was.DatastoreType, was.DatastoreVersion))
	}
	return lines
}
