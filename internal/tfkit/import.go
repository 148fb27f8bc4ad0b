package tfkit

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ImportRequest returns what an import asks for: the attributes of the identity, "" for those it omits. parse turns the id of an import by
// id into those or other attributes of the state, or returns an error.
func ImportRequest(ctx context.Context, kind string, req resource.ImportStateRequest, parse func(id string) (map[string]string, error)) (map[string]string, diag.Diagnostics) {
	var diags diag.Diagnostics
	if req.ID != "" {
		err := checkTyped(req.ID)
		var asked map[string]string
		if err == nil {
			asked, err = parse(req.ID)
		}
		if err != nil {
			diags.AddError("Unable to import "+kind, fmt.Sprintf("The id is %s: %s", Quote(req.ID), Sentence(Told(err.Error()))))
		}
		return asked, diags
	}
	asked := map[string]string{}
	for name, a := range req.Identity.Schema.GetAttributes() {
		var v types.String
		diags.Append(req.Identity.GetAttribute(ctx, path.Root(name), &v)...)
		asked[name] = v.ValueString()
		if err := checkTyped(asked[name]); err != nil {
			diags.AddError("Unable to import "+kind, fmt.Sprintf("The %s of the identity is %s: %s", name, Quote(asked[name]), Sentence(err.Error())))
		}
		if required, ok := a.(identityschema.StringAttribute); ok && required.RequiredForImport && asked[name] == "" {
			diags.AddError("Unable to import "+kind, fmt.Sprintf("The %s of the identity is empty.", name))
		}
	}
	if given := asked["id"]; given != "" {
		if err := CheckID(given); err != nil {
			diags.AddError("Unable to import "+kind, fmt.Sprintf("The id of the identity is %s: %s", Quote(given), Sentence(err.Error())))
		}
	}
	return asked, diags
}

// longestTyped is the most bytes of an id that somebody has typed: a name in it has at most 255 characters.
const longestTyped = 1200

// checkTyped returns an error for a text that identifies nothing, and that messages about what is imported could not quote as it is.
func checkTyped(text string) error {
	switch {
	case len(text) > longestTyped:
		return fmt.Errorf("it has %d bytes, and no id has more than %d", len(text), longestTyped)
	case !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		return errors.New("it has a character that cannot be printed")
	}
	return nil
}

// SetImported puts what an import asks for into the state, for the read that follows to complete.
func SetImported(ctx context.Context, asked map[string]string, req resource.ImportStateRequest, resp *resource.ImportStateResponse) {
	for name, value := range asked {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), StringOrNull(value))...)
	}
	if req.ID == "" && !resp.Diagnostics.HasError() {
		resp.Diagnostics.Append(overwriteIdentity(ctx, resp.Identity, &resp.State)...)
	}
}

// id matches the ids that servers assign: UUIDs, and letters, digits and hyphens in other forms.
var id = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_.:-]*$`)

// CheckID returns an error for a text that cannot be an id that a server assigned, such as one with a slash or a space.
func CheckID(text string) error {
	if !id.MatchString(text) {
		return errors.New("an id holds letters, digits and hyphens, such as 5f1b0b5e-0c3a-4c7e-9d0b-8d6a3c1e2f40")
	}
	return nil
}
