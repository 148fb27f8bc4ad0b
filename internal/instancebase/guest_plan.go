package instancebase

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// CheckGuestInstance refuses at plan time to make a database or a user on an instance that was made as a replica, or whose datastore the server
// does not serve them of, or with what that datastore does not take. An instance that has become a replica since, by a switchover, is still what
// instance_id means. plural is what the kind is called.
func (r *Resource) CheckGuestInstance(ctx context.Context, kind, plural string, m *GuestObjectModel, checks ...GuestCheck) diag.Diagnostics {
	if !r.Configured() {
		return nil
	}
	if !tfkit.Known(m.InstanceID) {
		return checkGuest("", checks)
	}
	client, diags := r.Client(ctx, m.Region)
	if diags.HasError() {
		return diags
	}
	i, err := client.Planned(ctx, m.InstanceID.ValueString())
	if err == nil {
		_, err = client.CurrentSource(ctx, i)
	}
	var replica *operation.ReplicaOfReplicaError
	switch {
	case errors.As(err, &replica):
		what, belong := "a replica of instance "+replica.Sources[0], "the source"
		if len(replica.Sources) > 1 {
			what, belong = "a replica of the instances "+strings.Join(replica.Sources, " and "), "one of its sources"
		}
		diags.AddAttributeError(path.Root("instance_id"), "A replica has no "+plural+" of its own", fmt.Sprintf(
			"instance_id names %s (%s), which was made as %s: %s belong to %s, from where they replicate. Set instance_id to %s.",
			i.Name, i.ID, what, plural, belong, strings.Join(replica.Sources, " or ")))
	case err != nil:
		diags.Append(PlanCheckError(ctx, kind, err)...)
	default:
		if refusal := unservedGuest(ctx, client, i); refusal != nil {
			diags.Append(unserved(plural, i, refusal, ""))
			break
		}
		diags.Append(checkGuest(i.Datastore.Type, checks)...)
	}
	return diags
}
