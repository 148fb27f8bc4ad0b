package tfkit

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// StringCheck is a validator by a function that says what is wrong with a value. what is what the value is called, and service
// who refuses it. Where the value is a secret, the function's error must not hold it.
func StringCheck(service, what string, check func(string) error) validator.String {
	return stringCheck{service, what, check}
}

type stringCheck struct {
	service, what string
	check         func(string) error
}

// Description implements validator.String.
func (c stringCheck) Description(context.Context) string {
	return "must be a " + c.what + " that " + c.service + " takes"
}

// MarkdownDescription implements validator.String.
func (c stringCheck) MarkdownDescription(ctx context.Context) string { return c.Description(ctx) }

// ValidateString implements validator.String.
func (c stringCheck) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.IsNull() || req.ConfigValue.IsUnknown() {
		return
	}
	if err := c.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+c.what, c.service+" does not take this "+c.what+": "+strings.TrimSuffix(err.Error(), ".")+".")
	}
}
