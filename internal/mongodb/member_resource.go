// Package mongodb holds trove_mongodb_member, a member or arbiter of a MongoDB replica set, and trove_mongodb_replica_set, the settings of
// all members of a set in one resource.
package mongodb

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

const memberKindName = "MongoDB member"

var memberKind = instancebase.InstanceKind{
	TypeName:   "_mongodb_member",
	Name:       memberKindName,
	Plural:     "members and arbiters of MongoDB replica sets",
	Datastores: []string{"mongodb"},
	Cluster:    "replica_set",
	Match:      func(_ *trove.Instance, block topology.Topology) bool { return block.MongoDB != nil },
	Model:      func() instancebase.ResourceModel { return &memberModel{} },
}

// NewMemberList lists members and arbiters.
var NewMemberList = instancebase.NewList(memberKind)

var (
	_ resource.ResourceWithConfigure      = (*MemberResource)(nil)
	_ resource.ResourceWithIdentity       = (*MemberResource)(nil)
	_ resource.ResourceWithImportState    = (*MemberResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*MemberResource)(nil)
	_ resource.ResourceWithValidateConfig = (*MemberResource)(nil)
)

// MemberResource is trove_mongodb_member.
type MemberResource struct{ instancebase.Resource }

// NewMemberResource makes the resource for the provider's list.
func NewMemberResource() resource.Resource { return &MemberResource{} }

// Metadata implements resource.Resource.
func (r *MemberResource) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_mongodb_member"
}

// Create implements resource.Resource.
func (r *MemberResource) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	var plan memberModel
	r.CreateInstance(ctx, memberKindName, req, resp, &plan, func(ctx context.Context, client *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
		request, diags := plan.ToCreateRequest(ctx, client)
		request.Topology = &topology.Topology{MongoDB: plan.block()}
		return request, diags
	})
}

// Read implements resource.Resource.
func (r *MemberResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	r.ReadInstance(ctx, memberKind, req, resp, &memberModel{})
}

// Update implements resource.Resource. The settings of the set are submitted before anything slow, so that those of several members are
// sent together.
func (r *MemberResource) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var state, plan memberModel
	r.UpdateInstance(ctx, memberKindName, req, resp, &state, &plan, func(ctx context.Context, client *operation.Client) diag.Diagnostics {
		changes := plan.changes(&state)
		if changes.Empty() {
			return nil
		}
		id, set := state.ID.ValueString(), plan.ReplicaSet.ValueString()
		again, err := client.Reconfigure(ctx, set, map[string]topology.MemberSettings{id: changes})
		if err != nil {
			return diag.Diagnostics{instancebase.APIError("reconfigure", fmt.Sprintf("%s %s (%s)", memberKindName, plan.Name.ValueString(), id), err,
				"Changes to a replica set take effect together or not at all. The next plan shows the current state.")}
		}
		state.take(changes)
		if again {
			return diag.Diagnostics{diag.NewWarningDiagnostic("More than one reconfiguration of replica set "+set,
				"The changes of this apply were not all submitted within reconfig_window, and were sent in more than one call. Each call may "+
					"cause an election. trove_mongodb_replica_set manages the settings of all members, and always changes them in one call.")}
		}
		return nil
	})
}

// Delete implements resource.Resource. The member leaves its set first.
func (r *MemberResource) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	r.DeleteMember(ctx, memberKindName, req, resp, &memberModel{}, path.Root("replica_set"))
}
