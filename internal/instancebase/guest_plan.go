package instancebase

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// CheckGuestInstance refuses at plan time to make a database or a user on an instance that was made as a replica. One that has become a replica
// since, by a switchover, is still what instance_id means. plural is what the kind is called.
func (r *Resource) CheckGuestInstance(ctx context.Context, kind, plural string, m *GuestObjectModel) diag.Diagnostics {
	if !r.Configured() || !tfkit.Known(m.InstanceID) {
		return nil
	}
	client, diags := r.Client(ctx, m.Region)
	if diags.HasError() {
		return diags
	}
	i, err := client.Instance(ctx, m.InstanceID.ValueString())
	if err == nil {
		_, err = client.CurrentSource(ctx, i)
	}
	var replica *operation.ReplicaOfReplicaError
	switch {
	case errors.As(err, &replica):
		diags.AddAttributeError(path.Root("instance_id"), "A replica has no "+plural+" of its own", fmt.Sprintf(
			"instance_id names %s (%s), which was made as a replica of instance %s: %s belong to the source, from where they replicate. Set instance_id to %s.",
			i.Name, i.ID, replica.Source, plural, replica.Source))
	case err != nil:
		diags.Append(PlanCheckError(ctx, kind, err)...)
	}
	return diags
}
