package instancebase

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// CreateInstance creates the instance that request asks for. plan is an empty model of the kind.
func (r *Resource) CreateInstance(ctx context.Context, kind string, req resource.CreateRequest, resp *resource.CreateResponse, plan ResourceModel,
	request func(context.Context, *operation.Client) (trove.CreateRequest, diag.Diagnostics),
) {
	resp.Diagnostics.Append(req.Plan.Get(ctx, plan)...)
	shared := plan.Shared()
	client, ctx, cancel := r.Begin(ctx, shared.Region, shared.Timeouts.Create, CreateTimeout, &resp.Diagnostics)
	defer cancel()
	if resp.Diagnostics.HasError() {
		return
	}
	asked, diags := request(ctx, client)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	created, diags := createInstance(ctx, client, kind, asked, func(i *trove.Instance) diag.Diagnostics {
		shared.SetCreated(i, client.Region())
		diags := tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, plan)
		// Until the instance exists, protection would only keep the next apply from replacing a failed one.
		diags.Append(Unprotect(ctx, &resp.State)...)
		if resp.Private != nil {
			diags.Append(NoteProject(ctx, client, resp.Private)...)
		}
		return diags
	})
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	if asked.ReplicaOf != "" {
		// Released Trove took flavor, volume and version from the source: change now what the plan wants otherwise.
		inherited := *shared
		resp.Diagnostics.Append(ReadBackErrors(kind, AfterCreation, inherited.FromAPI(ctx, client, created), tainted)...)
		if resp.Diagnostics.HasError() {
			return
		}
		created, diags = updateInstance(ctx, client, kind, &inherited, shared)
		resp.Diagnostics.Append(diags...)
		if resp.Diagnostics.HasError() {
			return
		}
	}
	resp.Diagnostics.Append(ReadBackErrors(kind, AfterCreation, plan.FromAPI(ctx, client, created), tainted)...)
	if resp.Diagnostics.HasError() {
		return // the id is in the state
	}
	resp.Diagnostics.Append(tfkit.SavePlanned(ctx, req.Plan, &resp.State, resp.Identity, plan)...)
}

// tainted says what happens to an instance whose creation failed after the server had accepted it.
const tainted = "The instance exists and is in the state, marked as tainted: the next apply replaces it. If the instance has recovered, " +
	"`terraform untaint` keeps it."

// createInstance makes the instance and waits until it is ready. It calls save once, as soon as the server has accepted the creation: save
// must put the id into the state before anything can go wrong. ctx carries the timeout.
func createInstance(ctx context.Context, c *operation.Client, kind string, r trove.CreateRequest, save func(*trove.Instance) diag.Diagnostics) (*trove.Instance, diag.Diagnostics) {
	lost, err := c.CheckLost(ctx, r)
	if err != nil {
		return nil, diag.Diagnostics{createError(kind, r, err)}
	}
	var diags diag.Diagnostics
	if lost != nil {
		diags.Append(lostInstance(kind, lost))
	}
	created, ended, err := c.CreateOrJoin(ctx, r)
	if err != nil {
		return nil, append(diags, createError(kind, r, err))
	}
	var ready *trove.Instance
	defer func() { ended(ready != nil) }()
	diags.Append(Warnings(kind, created)...)
	diags.Append(save(created)...)
	if diags.HasError() {
		return nil, diags
	}
	if r.Topology != nil {
		if err := c.CheckTopology(ctx, created, *r.Topology); err != nil {
			diags.Append(APIError("create", displayName(kind, created), err, tainted))
			return nil, diags
		}
	}
	i, err := c.WaitBuilt(ctx, created)
	if err != nil {
		diags.Append(APIError("create", displayName(kind, created), err, tainted))
		return nil, diags
	}
	ready = i
	return ready, diags
}

// lostInstance reports a failed instance that a killed run may have left. It does not prevent the creation of another one.
func lostInstance(kind string, i *trove.Instance) diag.Diagnostic {
	return diag.NewWarningDiagnostic("An instance may have been lost", fmt.Sprintf("The project has %s already, in status %s, with the settings that are to be "+
		"created. An earlier run on this machine probably created it and was killed before Terraform could save the id. Another one is created. If nothing manages the failed one, "+
		"delete it: openstack database instance delete %s", displayName(kind, i), i.Status, i.ID))
}

// createError reports an error at the attribute that caused it, if the kind of error tells which.
func createError(kind string, r trove.CreateRequest, err error) diag.Diagnostic {
	const nothing = "Nothing was created."
	kind += " " + r.Name
	var source *operation.SourceError
	var lost *operation.UnknownOutcomeError
	var ambiguous *operation.AmbiguousCreateError
	var configuration *operation.ConfigurationError
	var unsent *operation.UnsentError
	cluster := ""
	if r.Topology != nil {
		cluster = r.Topology.Cluster()
	}
	switch {
	case errors.As(err, &unsent):
		return APIError("create", kind, err, nothing)
	case errors.As(err, &configuration):
		return APIErrorAt(path.Root("configuration_id"), "create", kind, err, nothing)
	case cluster != "" && errors.Is(err, openstack.ErrConflict):
		return APIErrorAt(path.Root("join"), "create", kind, fmt.Errorf("join is false, and %s exists already: %w", cluster, err),
			"Omit join: the provider then joins it. "+nothing)
	case cluster != "" && errors.Is(err, openstack.ErrNotFound):
		return APIErrorAt(path.Root("join"), "create", kind, fmt.Errorf("there is no active %s in this project to join: %w", cluster, err),
			"The first member, which creates the set or cluster, must be a member that can be elected, a node with an endpoint_snitch, or a master, "+
				"with join omitted or false. "+nothing)
	case errors.As(err, &source) && errors.Is(err, openstack.ErrNotFound):
		return APIErrorAt(path.Root("replica_of"), "create", kind, fmt.Errorf("replica_of is %s, but there is no such instance in this project and region", source.ID), nothing)
	case errors.As(err, &source):
		return APIErrorAt(path.Root("replica_of"), "create", kind, err, nothing)
	case errors.As(err, &lost), errors.As(err, &ambiguous), openstack.OutcomeUnknown(err):
		return APIError("create", kind, err, "")
	}
	return APIError("create", kind, err, nothing)
}
