package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// attributeReader reads an attribute of a state or of a plan.
type attributeReader func(ctx context.Context, at path.Path, target any) diag.Diagnostics

// goneKey tells one resource from others of its kind as well as possible: a plan does not know which one Terraform has read before.
type goneKey struct{ kind, name, instance string }

// keyOfGone returns the key of a resource; ok is false if it has no name.
func keyOfGone(ctx context.Context, kind string, read attributeReader) (goneKey, bool) {
	var name, instance types.String
	if read(ctx, path.Root("name"), &name).HasError() || name.ValueString() == "" {
		return goneKey{}, false
	}
	_ = read(ctx, path.Root("instance_id"), &instance) // not every kind has it
	return goneKey{kind, name.ValueString(), instance.ValueString()}, true
}

// noteGone notes that a refresh has found a resource gone.
func (r *Resource) noteGone(ctx context.Context, kind string, read attributeReader) {
	if key, ok := keyOfGone(ctx, kind, read); ok && r.connection != nil {
		r.connection.gone.Store(key, Former{})
	}
}

// hasGone reports whether a creation is planned because a refresh has found the resource gone.
func (r *Resource) hasGone(ctx context.Context, kind string, read attributeReader) bool {
	key, ok := keyOfGone(ctx, kind, read)
	if !ok || r.connection == nil {
		return false
	}
	_, gone := r.connection.gone.Load(key)
	return gone
}

// onlyWarn turns errors into warnings: the resource that they are about fails in the apply, and no other does.
func onlyWarn(diags diag.Diagnostics) diag.Diagnostics {
	out := make(diag.Diagnostics, 0, len(diags))
	for _, d := range diags {
		if d.Severity() == diag.SeverityError {
			var warning diag.Diagnostic = diag.NewWarningDiagnostic(d.Summary(),
				"It no longer exists on the server, and an apply cannot create it again as it is configured. Other resources can still be planned and destroyed. "+d.Detail())
			if placed, ok := d.(diag.DiagnosticWithPath); ok {
				warning = diag.WithPath(placed.Path(), warning)
			}
			d = warning
		}
		out.Append(d)
	}
	return out
}
