package instancebase

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// APIError turns a client's error into the diagnostic that all resources use: "Unable to <verb> <displayName>", with what
// happened, the server's own text, and what to do next. consequence says what became of the resource; it may be empty.
func APIError(verb, displayName string, err error, consequence string) diag.Diagnostic {
	detail := explain(err)
	var unreached *trove.ConnectError
	var lost *trove.LostError
	if errors.As(err, &unreached) && !errors.As(err, &lost) {
		// What was to be done does not matter where nothing can be.
		verb, displayName, detail = "connect to", "Trove", Sentence(unreached.Error())
		if unreached.Wanted != "" {
			detail += DidYouMean(unreached.Wanted, unreached.Offered)
		}
	}
	if consequence != "" {
		detail += "\n\n" + consequence
	}
	return diag.NewErrorDiagnostic("Unable to "+verb+" "+displayName, detail)
}

// APIErrorAt is Failure for an attribute that is to blame.
func APIErrorAt(at path.Path, verb, displayName string, err error, consequence string) diag.Diagnostic {
	return diag.WithPath(at, APIError(verb, displayName, err, consequence))
}

// explain is the error's text with what to do about it.
func explain(err error) string {
	text := Sentence(err.Error())
	if next := remedy(err); next != "" {
		text += "\n\n" + next
	}
	return text
}

// remedy says what to do about an error, by its kind; "" where the text itself says all there is.
func remedy(err error) string {
	var wait *trove.WaitError
	var replicas *trove.ReplicasLeftError
	var children *trove.ChildrenLeftError
	var restart *trove.RestartRequiredError
	var lost *trove.LostError
	var stranded *trove.StrandedError
	var attached *trove.AttachedError
	var roles *trove.RoleChangeError
	var silent *trove.SilentError
	var answer *trove.Error
	switch {
	case errors.As(err, &roles) && roles.Begun:
		return "Trove leaves members in ERROR after a change of roles that failed (its tasks PROMOTION_ERROR and EJECTION_ERROR), and refuses whatever else is asked of them, " +
			"until an administrator resets each: openstack database instance reset status ID. Look first at who replicates from whom above, and whether the source takes writes; " +
			"delete members that have lost their source. Then apply again."
	case errors.As(err, &silent):
		return "Nothing was changed: a change of roles needs every member. Where the source itself is dead, eject_dead_source of trove_replication_source takes it out of the set; " +
			"another member that is dead has to be deleted or repaired first."
	case errors.As(err, &roles):
		return "Nothing was changed: a change of roles needs every member. Delete or repair those that have failed first."
	case errors.As(err, &attached):
		return "Detach it from them first, or delete them. Where one apply is to do both, Terraform changes them before it deletes the group if the " +
			"group has lifecycle { create_before_destroy = true }."
	case errors.As(err, &stranded):
		return "Deleting it would leave nothing that works. Delete the failed ones first, or all members together."
	case errors.As(err, &lost):
		return "" // it says what to do itself, and to try again blindly is not that
	case errors.As(err, &restart):
		return "Restart it when it suits you, and apply again: openstack database instance restart " + restart.ID
	case errors.As(err, &replicas) && replicas.Cluster != "":
		return "A master leaves its cluster after its replicas. Let one of them take over first (the action failover of the topology API), or delete them as well, " +
			"in the same apply if you like. Where master and replica have changed roles, write replica_of as they are now, apply, and try again. " +
			"Those that are not in this configuration belong to somebody else, or were made outside of Terraform."
	case errors.As(err, &children):
		return "Delete them first, or let their parent_id name this backup by a reference, so that Terraform does it in that order. Those that are not in " +
			"this configuration were made outside of Terraform."
	case errors.As(err, &replicas):
		return "Promote or delete them first. Those that are not in this configuration belong to somebody else, or were made outside of Terraform."
	case errors.As(err, &wait) && errors.Is(err, context.DeadlineExceeded):
		return "If the server only needs longer, raise the time-out in the timeouts attribute."
	case errors.Is(err, trove.ErrTopologyIgnored):
		return `This server has no topology API although it was taken to have one: set topology_api = "never" in the provider block (or leave it at "auto").`
	case errors.Is(err, trove.ErrOverQuota):
		return "The project's quota is used up: delete what is not needed, or ask for a higher quota."
	case errors.Is(err, trove.ErrRateLimited):
		return "The server limits the rate of requests: apply with a lower -parallelism, or raise max_retries in the provider block."
	case errors.As(err, &answer) && answer.Unrecognized:
		return "Keystone has just given that token, and Trove does not take it. The operators of the cloud have to look at Trove's clock and at its own access " +
			"to Keystone ([keystone_authtoken]), or endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) leads to the Trove of another cloud."
	case errors.Is(err, trove.ErrForbidden):
		// Trove forbids by 401 and 403 also what nobody may do, such as a replica of a replica.
		return "The credentials are good. Where the server's own words give no other reason, check the project and the roles of the user, and that endpoint_override, " +
			"where it is set, ends in the id of that project (%(project_id)s)."
	case errors.Is(err, trove.ErrForeign), errors.As(err, &answer) && notListed(answer):
		return "Trove does not answer like that: something else may stand at the database endpoint, which is endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) where that " +
			"is set, else the one in the cloud's catalog (openstack catalog show database). It usually ends in /v1.0/%(project_id)s."
	case errors.Is(err, trove.ErrUnreachable):
		return "This is the database endpoint, and not the identity service: endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) where that is set, else the one in the " +
			"cloud's catalog (openstack catalog show database). Where this machine reaches another kind of endpoint only, choose that with endpoint_type (OS_INTERFACE). " +
			"A certificate authority of the cloud's own is named in cacert_file (OS_CACERT)."
	case errors.Is(err, trove.ErrUnavailable):
		return "The server is unwell: try again later, and give the request id to its operators if it stays so."
	}
	return ""
}

// notListed says that a whole collection is not found: every project has one.
func notListed(answer *trove.Error) bool {
	return answer.Method == http.MethodGet && answer.Code == http.StatusNotFound && strings.HasSuffix(answer.URL, "/instances/detail")
}

func isNotFound(err error) bool { return errors.Is(err, trove.ErrNotFound) }

func isForbidden(err error) bool { return errors.Is(err, trove.ErrForbidden) }

// Sentence makes an error's text fit for a diagnostic: a capital in front, a full stop behind.
func Sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	// The name of an attribute stays as users write it.
	if first, _, _ := strings.Cut(s, " "); !strings.Contains(first, "_") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?:") {
		s += "."
	}
	return s
}

// ProblemDiagnostics turns what a topology rule found into diagnostics. attributes maps the wire names of fields to the attributes
// that users write; unknown lists the fields whose values are not known yet.
func ProblemDiagnostics(displayName string, problems topology.Problems, attributes map[string]path.Path, unknown ...string) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, p := range problems.Without(unknown...) {
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

// ProblemDiagnosticsAt is Rules for what concerns one attribute as a whole, such as all entries of a map together: every problem is
// placed there, and attributes only lend their names.
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
	if len(unwise) > 0 { // in one, because Terraform shows only the first of several warnings of one summary
		diags.AddAttributeWarning(at, "Unwise "+displayName, strings.Join(unwise, "\n"))
	}
	return diags
}

// problemDiagnostic is a problem in the words of users.
func problemDiagnostic(displayName string, p topology.Problem, attributes map[string]path.Path) diag.Diagnostic {
	detail := Sentence(renameFields(p.Message, attributes))
	if p.Advice {
		return diag.NewWarningDiagnostic("Unwise "+displayName, detail)
	}
	return diag.NewErrorDiagnostic("Invalid "+displayName, detail)
}

// renameFields puts the attributes' names where a message has the wire's.
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

// Warnings shows the server's own warnings, but for those about a set that may still be growing.
func Warnings(displayName string, i *trove.Instance) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, w := range i.Warnings {
		if topology.IsReplicaSetAdvice(w) {
			continue
		}
		diags.AddWarning("The server warns about "+displayName, Sentence(w))
	}
	return diags
}

// MissingInstance says what an instance that was not found means; "" for any other error.
func MissingInstance(err error, id string) string {
	var source *trove.SourceError // the source of an instance that is there
	if !errors.Is(err, trove.ErrNotFound) || errors.As(err, &source) {
		return ""
	}
	return fmt.Sprintf("There is no instance %s in this project and region: it may have been deleted, or be in another region (set region).", id)
}
