package instancebase

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Model is the part of a resource's model that all instances share; a resource embeds it.
type Model struct {
	ID                 types.String   `tfsdk:"id"`
	Name               types.String   `tfsdk:"name"`
	Region             types.String   `tfsdk:"region"`
	FlavorID           types.String   `tfsdk:"flavor_id"`
	Volume             types.Object   `tfsdk:"volume"`
	Datastore          types.Object   `tfsdk:"datastore"`
	Networks           types.List     `tfsdk:"networks"`
	Access             types.Object   `tfsdk:"access"`
	AvailabilityZone   types.String   `tfsdk:"availability_zone"`
	ConfigurationID    types.String   `tfsdk:"configuration_id"`
	RestartPolicy      types.String   `tfsdk:"restart_policy"`
	DeletionProtection types.Bool     `tfsdk:"deletion_protection"`
	Status             types.String   `tfsdk:"status"`
	Hostname           types.String   `tfsdk:"hostname"`
	Created            types.String   `tfsdk:"created"`
	Updated            types.String   `tfsdk:"updated"`
	Addresses          types.List     `tfsdk:"addresses"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

// Volume is the nested object volume.
type Volume struct {
	Size types.Int64  `tfsdk:"size"`
	Type types.String `tfsdk:"type"`
}

// Datastore is the nested object datastore.
type Datastore struct {
	Type    types.String `tfsdk:"type"`
	Version types.String `tfsdk:"version"`
}

type network struct {
	ID        types.String `tfsdk:"id"`
	SubnetID  types.String `tfsdk:"subnet_id"`
	IPAddress types.String `tfsdk:"ip_address"`
}

type access struct {
	IsPublic     types.Bool `tfsdk:"is_public"`
	AllowedCIDRs types.Set  `tfsdk:"allowed_cidrs"`
}

type address struct {
	Address types.String `tfsdk:"address"`
	Type    types.String `tfsdk:"type"`
	Network types.String `tfsdk:"network"`
}

var (
	volumeType    = map[string]attr.Type{"size": types.Int64Type, "type": types.StringType}
	datastoreType = map[string]attr.Type{"type": types.StringType, "version": types.StringType}
	accessType    = map[string]attr.Type{"is_public": types.BoolType, "allowed_cidrs": types.SetType{ElemType: types.StringType}}
	addressType   = types.ObjectType{AttrTypes: map[string]attr.Type{"address": types.StringType, "type": types.StringType, "network": types.StringType}}
)

// Shared implements Instance.
func (m *Model) Shared() *Model { return m }

func (m *Model) volume(ctx context.Context) (Volume, diag.Diagnostics) {
	return tfkit.ObjectAs[Volume](ctx, m.Volume)
}

// VolumeSize returns the volume's size in GB, 0 if it is not known.
func (m *Model) VolumeSize(ctx context.Context) (int64, diag.Diagnostics) {
	v, diags := m.volume(ctx)
	return v.Size.ValueInt64(), diags
}

func (m *Model) datastore(ctx context.Context) (Datastore, diag.Diagnostics) {
	return tfkit.ObjectAs[Datastore](ctx, m.Datastore)
}

// DatastoreVersion returns the datastore as the rules of the topology read it. An unknown value is "", and so is one that is configured by
// id until the plan has looked up its name.
func (m *Model) DatastoreVersion(ctx context.Context) topology.Datastore {
	d, diags := m.datastore(ctx)
	if diags.HasError() {
		return topology.Datastore{}
	}
	name := func(v types.String) string {
		if trove.IsID(v.ValueString()) {
			return ""
		}
		return v.ValueString()
	}
	return topology.Datastore{Type: name(d.Type), Version: name(d.Version)}
}

// access returns the wanted access as the API takes it; null means closed.
func (m *Model) access(ctx context.Context) (trove.Access, diag.Diagnostics) {
	a, diags := tfkit.ObjectAs[access](ctx, m.Access)
	out := trove.Access{IsPublic: a.IsPublic.ValueBool(), AllowedCIDRs: []string{}}
	if tfkit.Known(a.AllowedCIDRs) {
		diags.Append(a.AllowedCIDRs.ElementsAs(ctx, &out.AllowedCIDRs, false)...)
	}
	return out, diags
}

// LeftClusterWarning explains why the next plan replaces a member that was taken out of its cluster. at is the attribute that names the
// cluster, which FromAPI sets to null.
func (m *Model) LeftClusterWarning(at path.Path, kind, cluster string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "A "+kind+" has left its topology", fmt.Sprintf(
		"%s (%s) was removed from %s outside of Terraform and is standalone now, so the plan replaces it.", m.Name.ValueString(), m.ID.ValueString(), cluster))
}

// displayName returns the name of an instance in messages: MySQL replica orders-2 (<id>).
func displayName(kind string, i *trove.Instance) string {
	if i.Name == "" { // an import knows only the id
		return fmt.Sprintf("%s %s", kind, i.ID)
	}
	return fmt.Sprintf("%s %s (%s)", kind, i.Name, i.ID)
}

// displayName returns the name in messages of the instance of a model.
func (m *Model) displayName(kind string) string {
	return displayName(kind, &trove.Instance{ID: m.ID.ValueString(), Name: m.Name.ValueString()})
}
