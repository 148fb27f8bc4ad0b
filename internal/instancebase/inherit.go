package instancebase

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ConfiguredOnly leaves of what a replica may take from its source only what config, the configuration, holds: the plan of a
// replacement still has what the instance before it had.
func (m *Model) ConfiguredOnly(config *Model) {
	if config.FlavorID.IsNull() {
		m.FlavorID = config.FlavorID
	}
	if config.Datastore.IsNull() {
		m.Datastore = config.Datastore
	}
	if config.Volume.IsNull() {
		m.Volume = config.Volume
	}
}

// RequireFlavor says at plan time that an instance without a source has no flavor. m holds only what is written.
func (m *Model) RequireFlavor() diag.Diagnostics {
	if !m.FlavorID.IsNull() {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("flavor_id"), "Missing flavor",
		"Without replica_of there is no source to take the flavor from: set flavor_id.")}
}

// LookupSource reads at plan time the instance that a replica is to replicate from, nil where it cannot be known then; one that
// does not exist is an error at replica_of.
func LookupSource(ctx context.Context, c *trove.Client, kind, id string) (*trove.Instance, diag.Diagnostics) {
	source, err := c.Instance(ctx, id)
	switch {
	case errors.Is(err, trove.ErrNotFound):
		return nil, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("replica_of"), "Unknown source", fmt.Sprintf(
			"replica_of names %s, and there is no such instance in this project and region.", id))}
	case err != nil:
		return nil, PlanCheckError(ctx, kind, err)
	}
	return source, nil
}

// ApplySourceDefaults fills in what a creation leaves out of flavor, volume and datastore with what its source has: the topology API
// wants to be told.
func ApplySourceDefaults(ctx context.Context, c *trove.Client, kind, source string, r *trove.CreateRequest) diag.Diagnostics {
	if r.FlavorRef != "" && r.Volume != nil && r.Datastore != nil && r.Datastore.Version != "" {
		return nil
	}
	i, err := c.Instance(ctx, source)
	if err != nil {
		return diag.Diagnostics{APIErrorAt(path.Root("replica_of"), "create", kind, &trove.SourceError{ID: source, Cause: err}, "Nothing was created.")}
	}
	if r.FlavorRef == "" {
		r.FlavorRef = i.Flavor.ID
	}
	if r.Volume == nil && i.Volume != nil {
		r.Volume = &trove.Volume{Size: i.Volume.Size}
	}
	if r.Datastore == nil || r.Datastore.Version == "" && r.Datastore.Type == i.Datastore.Type {
		r.Datastore = &i.Datastore
	}
	return nil
}
