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
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// CheckGuestInstance refuses at plan time to make a database or a user on an instance that was made as a replica, whose datastore the
// server does not manage them for, or with values that the datastore refuses. plural is the word for the kind.
func (r *Resource) CheckGuestInstance(ctx context.Context, kind, plural string, m *GuestObjectModel, checks ...GuestCheck) diag.Diagnostics {
	if r.Configured() && !tfkit.Known(m.InstanceID) {
		return checkGuest("", checks)
	}
	client, i, diags := r.guestSource(ctx, kind, plural, m)
	if i == nil {
		return diags
	}
	if refusal := unservedGuest(ctx, client, i); refusal != nil {
		return append(diags, unserved(plural, i, refusal, ""))
	}
	return append(diags, checkGuest(i.Datastore.Type, checks)...)
}

// CheckGuestSource refuses at plan time to make on a replica an object that every instance has, and that a replica gets from its source.
func (r *Resource) CheckGuestSource(ctx context.Context, kind, plural string, m *GuestObjectModel) diag.Diagnostics {
	_, _, diags := r.guestSource(ctx, kind, plural, m)
	return diags
}

// guestSource returns the instance that a plan names. It is nil if the instance is not known, or was made as a replica, which is an error.
// An instance that a switchover has made a replica since is still what instance_id means.
func (r *Resource) guestSource(ctx context.Context, kind, plural string, m *GuestObjectModel) (client *operation.Client, i *trove.Instance, diags diag.Diagnostics) {
	if !r.Configured() || !tfkit.Known(m.InstanceID) {
		return nil, nil, nil
	}
	if client, diags = r.Client(ctx, m.Region); diags.HasError() {
		return nil, nil, diags
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
			"instance_id names %s (%s), which was made as %s: %s belong to %s, from which they replicate. Set instance_id to %s.",
			i.Name, i.ID, what, plural, belong, strings.Join(replica.Sources, " or ")))
	case err != nil:
		diags.Append(PlanCheckError(ctx, kind, err)...)
	default:
		return client, i, diags
	}
	return nil, nil, diags
}
