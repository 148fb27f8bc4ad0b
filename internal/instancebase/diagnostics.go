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
	"github.com/opentrove/terraform-provider-trove/internal/trove"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// APIError turns a client's error into the diagnostic that all resources use: "Unable to <verb> <displayName>", with what
// happened, the server's own text, and what to do next. consequence says what became of the resource; it may be empty.
func APIError(verb, displayName string, err error, consequence string) diag.Diagnostic {
	detail := explain(err)
	var unreached *openstack.ConnectError
	var lost *operation.UnknownOutcomeError
	if errors.As(err, &unreached) && !errors.As(err, &lost) {
		// What was to be done does not matter if nothing can be done.
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

// APIErrorAt is APIError for an error that an attribute has caused.
func APIErrorAt(at path.Path, verb, displayName string, err error, consequence string) diag.Diagnostic {
	return diag.WithPath(at, APIError(verb, displayName, err, consequence))
}

// The values of when for ReadBackErrors.
const (
	AfterCreation = "creation"
	AfterChange   = "the change"
)

// ReadBackErrors turns the errors of a FromAPI after a creation or a change into errors that say that the result could not be read; when
// says after which of the two. Warnings stay as they are. consequence says what became of the resource.
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

// explain returns the error's text with what to do about it.
func explain(err error) string {
	text := tfkit.Sentence(err.Error())
	if next := remedy(err); next != "" {
		text += "\n\n" + next
	}
	return text
}

// importApart is how to delete safely what is in no state, whatever it is.
const importApart = "import it to an address of its own, remove that from the configuration, and apply again: a member leaves its cluster before it is deleted."

// remedy says what to do about an error of this kind; "" if the text itself says it.
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
	var replica *operation.ReplicaError
	var configuration *operation.ConfigurationError
	var notOffered *trove.NotOfferedError
	var forgotten *operation.LostError
	var ambiguous *operation.AmbiguousCreateError
	var answer *openstack.Error
	switch {
	case errors.As(err, &forgotten):
		return "Check first whether something else manages it: then create this one under another name. Otherwise import it: terraform import ADDRESS " +
			forgotten.ID + "\n\nIf it is not wanted, or if Terraform refuses the import because that address still has what this one replaces, " + importApart
	case errors.As(err, &ambiguous):
		return "Import the one that is wanted: terraform import ADDRESS ID\n\nFor each that is not wanted, or if Terraform refuses the import because that " +
			"address still has what this one replaces: " + importApart
	case errors.As(err, &notOffered):
		return "The server does not support this part of Trove's API: its release does not have it, or its operators have disabled it. Remove it from the configuration."
	case errors.As(err, &roles) && roles.Begun:
		return "After a failed change of roles Trove leaves members in ERROR (tasks PROMOTION_ERROR and EJECTION_ERROR), and refuses every " +
			"other request until an administrator resets each of them: openstack database instance reset status ID. First check above which " +
			"instance replicates from which, and whether the source accepts writes. A member without source and replicas may " +
			"have the latest data: do not delete it before you have verified that another member has all of it. Then apply again."
	case errors.As(err, &silent):
		return "Nothing was changed: a change of roles requires every member. If the source itself is dead, eject_dead_source of " +
			"trove_replication_source removes it from the set. Another dead member must be repaired first, or deleted if it is a replica."
	case errors.As(err, &roles):
		return "Nothing was changed: a change of roles requires every member. First repair those that have failed, or delete " +
			"them if they are replicas. The source has the latest data."
	case errors.As(err, &replica):
		return "Set instance_id to " + strings.Join(replica.Sources, " or ") + ". First remove existing objects from the state (terraform state rm ADDRESS), " +
			"and import them with that instance_id."
	case errors.As(err, &configuration):
		return "configuration_id must be the id of a group for the datastore version of the instance, in this project and region."
	case errors.As(err, &attached):
		return "Remove the group from configuration_id of these instances, in this apply or before it, or delete them. To detach an instance that is not in this " +
			"configuration: openstack database configuration detach INSTANCE. A group that is replaced requires lifecycle { create_before_destroy = true }."
	case errors.As(err, &stranded):
		return "Deleting it would leave no working member. Delete the failed members first, or all members together."
	case errors.As(err, &lost):
		return "" // the text says what to do, which is not just to try again
	case errors.As(err, &restart):
		return "Restart it, and apply again: openstack database instance restart " + restart.ID
	case errors.As(err, &replicas) && replicas.Cluster != "":
		return "A master can be removed from its cluster only after its replicas. First make one of them the master (the action " +
			"trove_redis_cluster_failover), or delete them too, for example in the same apply. If master and replica have swapped roles, set " +
			"replica_of to match, apply, and try again. Replicas that are not in this configuration are managed elsewhere, or were created " +
			"outside of Terraform."
	case errors.As(err, &children):
		return "Delete them first, or set their parent_id to a reference to this backup, so that Terraform deletes them first. Backups that are " +
			"not in this configuration were created outside of Terraform."
	case errors.As(err, &replicas):
		return "Promote them first, which keeps their data, or delete them. Replicas that are not in this configuration are managed elsewhere, or were created outside of " +
			"Terraform."
	case errors.As(err, &wait) && errors.Is(err, context.DeadlineExceeded):
		return "If the server needs more time, raise the timeout in the timeouts attribute."
	case errors.Is(err, operation.ErrTopologyIgnored):
		return `This server has no topology API, but the provider assumed that it has: set topology_api = "never" in the provider block (or leave it at "auto").`
	case errors.Is(err, openstack.ErrOverQuota):
		return "The project's quota is used up: delete unused resources, or ask for a higher quota."
	case errors.Is(err, openstack.ErrRateLimited) && errors.As(err, &answer) && answer.RetryAfter > 0:
		return fmt.Sprintf("The server limits the rate of requests: wait for %s, then apply again.", answer.RetryAfter)
	case errors.Is(err, openstack.ErrRateLimited):
		return "The server limits the rate of requests: apply with a lower -parallelism, or raise max_retries in the provider block."
	case errors.As(err, &answer) && answer.Unrecognized:
		return "Keystone has just issued that token, and Trove does not accept it. The operators of the cloud must check Trove's clock and its " +
			"own access to Keystone ([keystone_authtoken]), or endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) is the Trove of another cloud."
	case errors.Is(err, openstack.ErrForbidden):
		// Trove also answers 401 and 403 to what nobody may do, such as a replica of a replica.
		return "The credentials are valid. If the server's message gives no other reason, check the project and the roles of the user, and that " +
			"endpoint_override, if set, ends in the id of that project (%(project_id)s)."
	case errors.Is(err, openstack.ErrForeign), errors.As(err, &answer) && notListed(answer):
		return "This is not an answer of Trove: another service may respond at the database endpoint, which is endpoint_override " +
			"(OS_DATABASE_ENDPOINT_OVERRIDE) if that is set, otherwise the one in the cloud's catalog (openstack catalog show database). It " +
			"usually ends in /v1.0/%(project_id)s."
	case errors.Is(err, openstack.ErrUnreachable):
		return "This is the database endpoint, and not the identity service: endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) if that is set, " +
			"otherwise the one in the cloud's catalog (openstack catalog show database). If this machine can only reach another type of " +
			"endpoint, choose that with endpoint_type (OS_INTERFACE). If the cloud has its own certificate authority, set cacert_file " +
			"(OS_CACERT)."
	case errors.Is(err, openstack.ErrUnavailable):
		return "The server returned an error: try again later. If the error persists, send the request id to the operators of the cloud."
	}
	return ""
}

// notListed says that a whole collection was not found: every project has one.
func notListed(answer *openstack.Error) bool {
	return answer.Method == http.MethodGet && answer.Code == http.StatusNotFound && strings.HasSuffix(answer.URL, "/instances/detail")
}

func isNotFound(err error) bool { return errors.Is(err, openstack.ErrNotFound) }

func isForbidden(err error) bool { return errors.Is(err, openstack.ErrForbidden) }

// AdministratorsOnly says what to do if Trove refuses what only administrators may do; "" for any other error.
func AdministratorsOnly(err error) string {
	if !isForbidden(err) {
		return ""
	}
	return "Nothing was changed. By default Trove allows this only to users with the role admin: use the credentials of one, for example in a second " +
		"provider block with an alias."
}

// MissingInstance explains why an instance was not found; "" for any other error.
func MissingInstance(err error, id string) string {
	var source *operation.SourceError // the instance exists, but its source was not found
	if !errors.Is(err, openstack.ErrNotFound) || errors.As(err, &source) {
		return ""
	}
	return fmt.Sprintf("There is no instance %s in this project and region: it may have been deleted, or be in another region (set region).", id)
}
