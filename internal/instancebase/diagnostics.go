package instancebase

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// APIError turns a client's error into the diagnostic that all resources use: "Unable to <verb> <displayName>", with what
// happened, the server's own text, and what to do next. consequence says what became of the resource; it may be empty.
func APIError(verb, displayName string, err error, consequence string) diag.Diagnostic {
	detail := explain(err)
	var unreached *openstack.ConnectError
	var lost *operation.UnknownOutcomeError
	if errors.As(err, &unreached) && !errors.As(err, &lost) {
		// What was to be done does not matter where nothing can be.
		verb, displayName, detail = "connect to", "Trove", tfkit.Sentence(unreached.Error())
		if unreached.Wanted != "" {
			detail += tfkit.DidYouMean(unreached.Wanted, unreached.Offered)
		}
	}
	if consequence != "" {
		detail += "\n\n" + consequence
	}
	return diag.NewErrorDiagnostic("Unable to "+verb+" "+displayName, detail)
}

// APIErrorAt is APIError for an attribute that is to blame.
func APIErrorAt(at path.Path, verb, displayName string, err error, consequence string) diag.Diagnostic {
	return diag.WithPath(at, APIError(verb, displayName, err, consequence))
}

// When something was read back, as ReadBackErrors has it.
const (
	AfterCreation = "creation"
	AfterChange   = "the change"
)

// ReadBackErrors makes of the errors of a FromAPI after a creation or a change that what was made could not be read; when says after
// which. Warnings stay as they are. consequence says what became of the resource.
func ReadBackErrors(kind, when string, diags diag.Diagnostics, consequence string) diag.Diagnostics {
	out := make(diag.Diagnostics, 0, len(diags))
	for _, d := range diags {
		if d.Severity() == diag.SeverityError {
			var wrapped diag.Diagnostic = diag.NewErrorDiagnostic("Unable to read "+kind+" after "+when, tfkit.Sentence(d.Summary())+" "+d.Detail()+"\n\n"+consequence)
			if placed, ok := d.(diag.DiagnosticWithPath); ok {
				wrapped = diag.WithPath(placed.Path(), wrapped)
			}
			d = wrapped
		}
		out.Append(d)
	}
	return out
}

// explain is the error's text with what to do about it.
func explain(err error) string {
	text := tfkit.Sentence(err.Error())
	if next := remedy(err); next != "" {
		text += "\n\n" + next
	}
	return text
}

// remedy says what to do about an error, by its kind; "" where the text itself says all there is.
func remedy(err error) string {
	var wait *watch.TimeoutError
	var replicas *operation.ReplicasLeftError
	var children *operation.ChildrenLeftError
	var restart *watch.RestartRequiredError
	var lost *operation.UnknownOutcomeError
	var stranded *operation.NoHealthyMemberError
	var attached *operation.AttachedError
	var roles *operation.RoleChangeError
	var silent *operation.HeartbeatLostError
	var answer *openstack.Error
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
		return "Take the group out of configuration_id of these instances, in this apply or before it, or delete them. One that is not in this configuration is " +
			"detached with: openstack database configuration detach INSTANCE. A group that is replaced, and not taken out, needs " +
			"lifecycle { create_before_destroy = true }."
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
	case errors.Is(err, operation.ErrTopologyIgnored):
		return `This server has no topology API although it was taken to have one: set topology_api = "never" in the provider block (or leave it at "auto").`
	case errors.Is(err, openstack.ErrOverQuota):
		return "The project's quota is used up: delete what is not needed, or ask for a higher quota."
	case errors.Is(err, openstack.ErrRateLimited):
		return "The server limits the rate of requests: apply with a lower -parallelism, or raise max_retries in the provider block."
	case errors.As(err, &answer) && answer.Unrecognized:
		return "Keystone has just given that token, and Trove does not take it. The operators of the cloud have to look at Trove's clock and at its own access " +
			"to Keystone ([keystone_authtoken]), or endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) leads to the Trove of another cloud."
	case errors.Is(err, openstack.ErrForbidden):
		// Trove forbids by 401 and 403 also what nobody may do, such as a replica of a replica.
		return "The credentials are good. Where the server's own words give no other reason, check the project and the roles of the user, and that endpoint_override, " +
			"where it is set, ends in the id of that project (%(project_id)s)."
	case errors.Is(err, openstack.ErrForeign), errors.As(err, &answer) && notListed(answer):
		return "Trove does not answer like that: something else may stand at the database endpoint, which is endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) where that " +
			"is set, else the one in the cloud's catalog (openstack catalog show database). It usually ends in /v1.0/%(project_id)s."
	case errors.Is(err, openstack.ErrUnreachable):
		return "This is the database endpoint, and not the identity service: endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) where that is set, else the one in the " +
			"cloud's catalog (openstack catalog show database). Where this machine reaches another kind of endpoint only, choose that with endpoint_type (OS_INTERFACE). " +
			"A certificate authority of the cloud's own is named in cacert_file (OS_CACERT)."
	case errors.Is(err, openstack.ErrUnavailable):
		return "The server is unwell: try again later, and give the request id to its operators if it stays so."
	}
	return ""
}

// notListed says that a whole collection is not found: every project has one.
func notListed(answer *openstack.Error) bool {
	return answer.Method == http.MethodGet && answer.Code == http.StatusNotFound && strings.HasSuffix(answer.URL, "/instances/detail")
}

func isNotFound(err error) bool { return errors.Is(err, openstack.ErrNotFound) }

func isForbidden(err error) bool { return errors.Is(err, openstack.ErrForbidden) }

// MissingInstance says what an instance that was not found means; "" for any other error.
func MissingInstance(err error, id string) string {
	var source *operation.SourceError // the source of an instance that is there
	if !errors.Is(err, openstack.ErrNotFound) || errors.As(err, &source) {
		return ""
	}
	return fmt.Sprintf("There is no instance %s in this project and region: it may have been deleted, or be in another region (set region).", id)
}
