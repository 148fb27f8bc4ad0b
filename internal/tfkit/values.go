package tfkit

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
)

// Known reports whether a value is neither null nor unknown.
func Known(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }

// KeepUnlessReturned returns what the server returns for an attribute, or the previous value if it returns nothing, or null if that was not
// known: absent is not null.
func KeepUnlessReturned[T any, V attr.Value](have V, returned *T, value func(T) V, null func() V) V {
	switch {
	case returned != nil:
		return value(*returned)
	case have.IsUnknown():
		return null()
	}
	return have
}

// IfKnown returns p if v is known; framework values return a pointer to the zero value for unknown ones.
func IfKnown[T any](v attr.Value, p *T) *T {
	if v.IsUnknown() {
		return nil
	}
	return p
}

// StringOrNull returns null for an empty text.
func StringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// TimeOrNull returns a time in UTC (RFC 3339); null for the zero time.
func TimeOrNull(t time.Time) types.String {
	if t.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(t.UTC().Format(time.RFC3339))
}

// ObjectAs reads a nested object; null and unknown return the zero value.
func ObjectAs[T any](ctx context.Context, o types.Object) (T, diag.Diagnostics) {
	var out T
	if !Known(o) {
		return out, nil
	}
	diags := o.As(ctx, &out, basetypes.ObjectAsOptions{})
	return out, diags
}
