package provider

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
)

// exclusive are pairs of settings that say the same in two ways, or contradict each other.
var exclusive = []struct{ one, other, why string }{
	{"username", "user_id", "Both name the user: omit one."},
	{"project_name", "project_id", "Both name the project: omit one."},
	{"user_domain_name", "user_domain_id", "Both name the user's domain: omit one."},
	{"project_domain_name", "project_domain_id", "Both name the project's domain: omit one."},
	{"application_credential_id", "application_credential_name", "Both name the application credential: omit one."},
	{"token", "password", oneMethod},
	{"token", "application_credential_id", oneMethod},
	{"token", "application_credential_name", oneMethod},
	{"token", "application_credential_secret", oneMethod},
	{"password", "application_credential_id", oneMethod},
	{"password", "application_credential_name", oneMethod},
	{"password", "application_credential_secret", oneMethod},
	{"project_name", "application_credential_id", ownProject},
	{"project_name", "application_credential_name", ownProject},
	{"project_id", "application_credential_id", ownProject},
	{"project_id", "application_credential_name", ownProject},
}

const (
	oneMethod  = "They are different ways to authenticate: choose a password, an application credential or a token, and omit the others."
	ownProject = "An application credential already belongs to a project: omit the project."
)

// contradictions finds the pairs of which the provider block has both.
func contradictions(config level) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, pair := range exclusive {
		if config.has(pair.one) && config.has(pair.other) {
			diags.AddAttributeError(path.Root(pair.other), "Conflicting provider arguments",
				fmt.Sprintf("%s and %s cannot be set together. %s", pair.one, pair.other, pair.why))
		}
	}
	return diags
}

// notKnown says why a client whose configuration is not known yet cannot be used.
func notKnown(attributes []string) error {
	return &openstack.ConnectError{
		Stage:   openstack.StageUnknown,
		Problem: "the provider block is not complete yet: the value of " + strings.Join(attributes, " and of ") + " is only known after apply",
		Hint: "Values that the provider requires at plan time must not come from resources of the same configuration: create those first " +
			"(terraform apply -target), or use variables",
	}
}

// duration is the validator of durations such as 30s.
type duration struct{ shortest, longest time.Duration }

// Description implements validator.String.
func (v duration) Description(context.Context) string {
	return fmt.Sprintf("must be a duration such as 90s or 2m, from %s to %s", short(v.shortest), short(v.longest))
}

// MarkdownDescription implements validator.String.
func (v duration) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v duration) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if req.ConfigValue.ValueString() == "" {
		return
	}
	if _, err := v.parse(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid duration", fmt.Sprintf("%s %s.", req.Path, err))
	}
}

func (v duration) parse(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err != nil || d < v.shortest || d > v.longest {
		return 0, fmt.Errorf("must be a duration such as 90s or 2m, from %s to %s, but is %q", short(v.shortest), short(v.longest), s)
	}
	return d, nil
}

// httpURL is the validator of URLs.
type httpURL struct{}

// Description implements validator.String.
func (httpURL) Description(context.Context) string { return "must be an http or https URL" }

// MarkdownDescription implements validator.String.
func (v httpURL) MarkdownDescription(ctx context.Context) string { return v.Description(ctx) }

// ValidateString implements validator.String.
func (v httpURL) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if s := req.ConfigValue.ValueString(); s != "" && !v.valid(s) {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid URL", fmt.Sprintf("%s must be a URL that begins with http:// or https://, but is %q.", req.Path, s))
	}
}

func (httpURL) valid(s string) bool {
	// The placeholder for the project's id is not a valid escape.
	u, err := url.Parse(strings.NewReplacer("%(project_id)s", "id", "%(tenant_id)s", "id").Replace(s))
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}
