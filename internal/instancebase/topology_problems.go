package instancebase

import (
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ProblemDiagnostics turns what a topology rule found into diagnostics. attributes maps the wire's fields to the attributes that users
// write; unknown lists the fields whose values are not known yet.
func ProblemDiagnostics(displayName string, problems topology.Problems, attributes map[string]path.Path, unknown ...string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, p := range problems.Without(unknown...) {
		if p.Empty {
			continue // the schema has reported it
		}
		d := problemDiagnostic(displayName, p, attributes)
		if len(p.Fields) > 0 {
			if at, found := attributes[p.Fields[0]]; found {
				d = diag.WithPath(at, d)
			}
		}
		diags.Append(d)
	}
	return diags
}

// ProblemDiagnosticsAt is ProblemDiagnostics for problems of one attribute as a whole, such as all entries of a map together: every problem
// is reported there, and attributes is used only for names.
func ProblemDiagnosticsAt(at path.Path, displayName string, problems topology.Problems, attributes map[string]path.Path) diag.Diagnostics {
	var diags diag.Diagnostics
	var unwise []string
	for _, p := range problems {
		d := problemDiagnostic(displayName, p, attributes)
		if p.Advice {
			unwise = append(unwise, d.Detail())
			continue
		}
		diags.Append(diag.WithPath(at, d))
	}
	return append(diags, oneWarning(at, displayName, unwise)...)
}

// SetDiagnostics is ProblemDiagnostics for problems of all members of a set together: all advice is one warning, at the first attribute
// that it concerns.
func SetDiagnostics(displayName string, problems topology.Problems, attributes map[string]path.Path) diag.Diagnostics {
	diags := ProblemDiagnostics(displayName, problems.Errors(), attributes)
	at := path.Empty()
	var unwise []string
	for _, p := range problems {
		if p.Advice {
			unwise = append(unwise, problemDiagnostic(displayName, p, attributes).Detail())
			if len(p.Fields) > 0 && at.Equal(path.Empty()) {
				at = attributes[p.Fields[0]]
			}
		}
	}
	return append(diags, oneWarning(at, displayName, unwise)...)
}

// oneWarning puts all advice into one warning, because Terraform shows only the first of several with the same summary.
func oneWarning(at path.Path, displayName string, unwise []string) (diags diag.Diagnostics) {
	if len(unwise) > 0 {
		diags.AddAttributeWarning(at, displayName+" configuration warning", strings.Join(unwise, "\n"))
	}
	return diags
}

// problemDiagnostic describes a problem in the words of users.
func problemDiagnostic(displayName string, p topology.Problem, attributes map[string]path.Path) diag.Diagnostic {
	detail := tfkit.Sentence(renameFields(p.Message, attributes))
	if p.Advice {
		return diag.NewWarningDiagnostic(displayName+" configuration warning", detail)
	}
	return diag.NewErrorDiagnostic("Invalid "+displayName, detail)
}

// renameFields replaces the wire's field names in a message by those of the attributes.
func renameFields(message string, attributes map[string]path.Path) string {
	return word.ReplaceAllStringFunc(message, func(w string) string {
		if at, ok := attributes[w]; ok {
			if name, _ := at.Steps().LastStep(); name != nil {
				return name.String()
			}
		}
		return w
	})
}

var word = regexp.MustCompile(`\w+`)

// Warnings returns the server's own warnings, except those about a set that may still be growing.
func Warnings(displayName string, i *trove.Instance) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, w := range i.Warnings {
		if topology.IsReplicaSetAdvice(w) {
			continue
		}
		diags.AddWarning("The server warns about "+displayName, tfkit.Sentence(w))
	}
	return diags
}
