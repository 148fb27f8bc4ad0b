package tfkit

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
)

// StringCheck returns a validator that calls a function, which returns an error for a wrong value. what is the word for the value, and
// service is who refuses it. If the value is a secret, the error must not contain it.
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
	if !Known(req.ConfigValue) || !refuseEmpty(req, resp) {
		return
	}
	if err := c.check(req.ConfigValue.ValueString()); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid "+c.what, c.service+" does not accept this "+c.what+": "+strings.TrimSuffix(err.Error(), ".")+".")
	}
}

// NotEmpty refuses "": an attribute is omitted with null, not with "".
type NotEmpty struct{ validatorText }

var _ validator.String = NotEmpty{}

// ValidateString implements validator.String.
func (NotEmpty) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if Known(req.ConfigValue) {
		refuseEmpty(req, resp)
	}
}

// refuseEmpty refuses an empty text; it reports whether the text is not empty.
func refuseEmpty(req validator.StringRequest, resp *validator.StringResponse) bool {
	if req.ConfigValue.ValueString() != "" {
		return true
	}
	at, holds := withoutElement(req.Path), "is"
	if !at.Equal(req.Path) {
		holds = "contains"
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Empty value", fmt.Sprintf(
		"%s %s \"\". An empty value is not accepted: set a value, or omit the attribute if it is optional.", at, holds))
	return false
}

// Text refuses a text that is empty, is longer than Max characters or, if Wordy is set, has no English letter and no digit. It reports one
// problem at a time. Lengths count characters, not bytes.
type Text struct {
	Max   int
	Wordy bool
}

var (
	_     validator.String = Text{}
	wordy                  = regexp.MustCompile(`[0-9a-zA-Z]`)
)

// Description implements validator.String.
func (t Text) Description(context.Context) string {
	if t.Wordy {
		return fmt.Sprintf("must be of 1 to %d characters, one of them a letter of the English alphabet or a digit", t.Max)
	}
	return fmt.Sprintf("must be of 1 to %d characters", t.Max)
}

// MarkdownDescription implements validator.String.
func (t Text) MarkdownDescription(ctx context.Context) string { return t.Description(ctx) }

// ValidateString implements validator.String.
func (t Text) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) || !refuseEmpty(req, resp) {
		return
	}
	text := req.ConfigValue.ValueString()
	switch n := utf8.RuneCountInString(text); {
	case n > t.Max:
		resp.Diagnostics.AddAttributeError(req.Path, "Value too long", fmt.Sprintf("%s has %d characters: at most %d are accepted.", req.Path, n, t.Max))
	case t.Wordy && !wordy.MatchString(text):
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid text", fmt.Sprintf(
			"%s is %q: it must contain a letter of the English alphabet, or a digit.", req.Path, text))
	}
}

// IPv4Network refuses anything but an IPv4 address or an IPv4 network as a CIDR. service is who accepts nothing else.
func IPv4Network(service string) validator.String { return ipv4Network{service} }

type ipv4Network struct{ service string }

// Description implements validator.String.
func (ipv4Network) Description(context.Context) string {
	return "must be an IPv4 network, such as 10.0.0.0/8"
}

// MarkdownDescription implements validator.String.
func (n ipv4Network) MarkdownDescription(ctx context.Context) string { return n.Description(ctx) }

// ValidateString implements validator.String.
func (n ipv4Network) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) || !refuseEmpty(req, resp) {
		return
	}
	text, at := req.ConfigValue.ValueString(), withoutElement(req.Path)
	network, err := netip.ParsePrefix(text)
	if !strings.Contains(text, "/") {
		var addr netip.Addr
		if addr, err = netip.ParseAddr(text); err == nil {
			network = netip.PrefixFrom(addr, addr.BitLen())
		}
	}
	const example = "such as 10.0.0.0/8, or 192.0.2.7/32 for one address."
	switch {
	case err != nil:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid network", fmt.Sprintf("%s contains %q, which is not a network: write an IPv4 network as a CIDR, %s", at, text, example))
	case !network.Addr().Is4():
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid network", fmt.Sprintf("%s contains the IPv6 network %q, but %s accepts only IPv4 networks, %s", at, text, n.service, example))
	}
}

// withoutElement returns the path of a list, set or map without the step to an element.
func withoutElement(p path.Path) path.Path {
	for {
		last, rest := p.Steps().LastStep()
		if _, named := last.(path.PathStepAttributeName); named || len(rest) == 0 {
			return p
		}
		p = p.ParentPath()
	}
}

// OneOfRequired refuses an object in which none of these attributes is set.
func OneOfRequired(attributes ...string) validator.Object { return oneOfRequired{attributes} }

type oneOfRequired struct{ attributes []string }

// Description implements validator.Object.
func (o oneOfRequired) Description(context.Context) string {
	return "needs " + strings.Join(o.attributes, " or ")
}

// MarkdownDescription implements validator.Object.
func (o oneOfRequired) MarkdownDescription(ctx context.Context) string { return o.Description(ctx) }

// ValidateObject implements validator.Object.
func (o oneOfRequired) ValidateObject(_ context.Context, req validator.ObjectRequest, resp *validator.ObjectResponse) {
	if !Known(req.ConfigValue) {
		return
	}
	values := req.ConfigValue.Attributes()
	for _, name := range o.attributes {
		if v, ok := values[name]; ok && !v.IsNull() {
			return
		}
	}
	resp.Diagnostics.AddAttributeError(req.Path, "Missing attribute", fmt.Sprintf("%s requires %s: set one of them.", req.Path, strings.Join(o.attributes, " or ")))
}

// timeout refuses anything but a duration above zero.
type timeout struct{ validatorText }

// ValidateString implements validator.String.
func (timeout) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) || !refuseEmpty(req, resp) {
		return
	}
	const cure = "Write a duration above zero, such as \"90m\" or \"1h30m\", or omit it for the default."
	text := req.ConfigValue.ValueString()
	d, err := time.ParseDuration(text)
	switch {
	case err != nil:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid timeout", fmt.Sprintf("%s is %q, which is not a duration. %s", req.Path, text, cure))
	case d <= 0:
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid timeout", fmt.Sprintf("%s is %q, which must be above zero. %s", req.Path, text, cure))
	}
}

// validatorText gives a validator an empty description: its message says everything.
type validatorText struct{}

// Description implements validator.Describer.
func (validatorText) Description(context.Context) string { return "" }

// MarkdownDescription implements validator.Describer.
func (validatorText) MarkdownDescription(context.Context) string { return "" }

// IPAddress refuses anything but an IP address.
func IPAddress() validator.String { return ipAddress{} }

type ipAddress struct{ validatorText }

// ValidateString implements validator.String.
func (ipAddress) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	if !Known(req.ConfigValue) || !refuseEmpty(req, resp) {
		return
	}
	text := req.ConfigValue.ValueString()
	if _, err := netip.ParseAddr(text); err != nil {
		resp.Diagnostics.AddAttributeError(req.Path, "Invalid IP address", fmt.Sprintf("%s is %q, which is not an IP address: write one such as 10.0.0.7.", req.Path, text))
	}
}
