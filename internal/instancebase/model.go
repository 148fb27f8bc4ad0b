package instancebase

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

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

// ToCreateRequest is the creation that the model asks for, without a topology: with the flavor's id, since Trove takes no name
// there, and with the names of datastore and version, which are what it shows.
func (m *Model) ToCreateRequest(ctx context.Context, c *trove.Client) (trove.CreateRequest, diag.Diagnostics) {
	r := trove.CreateRequest{
		Name:             m.Name.ValueString(),
		AvailabilityZone: m.AvailabilityZone.ValueString(),
		Configuration:    m.ConfigurationID.ValueString(),
	}
	volume, diags := m.volume(ctx)
	if Known(volume.Size) {
		r.Volume = &trove.Volume{Size: volume.Size.ValueInt64(), Type: volume.Type.ValueString()}
	}
	flavor, err := resolveFlavor(ctx, c, m.FlavorID)
	if err != nil {
		diags.Append(flavorError(err))
	}
	r.FlavorRef = flavor
	written, d := m.datastore(ctx)
	diags.Append(d...)
	datastore, err := resolveDatastore(ctx, c, written)
	if err != nil {
		diags.Append(datastoreError(err))
	}
	if datastore.Type != "" {
		r.Datastore = &datastore
	}
	r.Networks, d = m.ToNetworks(ctx)
	diags.Append(d...)
	if Known(m.Access) {
		a, d := m.access(ctx)
		diags.Append(d...)
		r.Access = &a
	}
	return r, diags
}

// ToNetworks are the networks to attach.
func (m *Model) ToNetworks(ctx context.Context) ([]trove.Network, diag.Diagnostics) {
	var networks []network
	if !Known(m.Networks) {
		return nil, nil
	}
	diags := m.Networks.ElementsAs(ctx, &networks, false)
	var nics []trove.Network
	for _, n := range networks {
		nics = append(nics, trove.Network{ID: n.ID.ValueString(), SubnetID: n.SubnetID.ValueString(), IPAddress: n.IPAddress.ValueString()})
	}
	return nics, diags
}

// SetCreated notes the id of an instance that the server has just agreed to make, and turns all that is not known yet into
// null, so that the model can go into the state before any waiting.
func (m *Model) SetCreated(i *trove.Instance, region string) {
	m.ID = types.StringValue(i.ID)
	m.Status = types.StringValue(i.Status)
	m.Region = SettleRegion(m.Region, region, i.Region)
	// What configuration may leave out and the server tells later.
	for _, s := range []*types.String{&m.FlavorID, &m.Hostname, &m.Created, &m.Updated} {
		if s.IsUnknown() {
			*s = types.StringNull()
		}
	}
	m.Addresses = types.ListNull(addressType)
	if Known(m.Volume) {
		attributes := m.Volume.Attributes()
		if attributes["size"].IsUnknown() {
			attributes["size"] = types.Int64Null()
		}
		if attributes["type"].IsUnknown() {
			attributes["type"] = types.StringNull()
		}
		m.Volume = types.ObjectValueMust(volumeType, attributes)
	} else {
		m.Volume = types.ObjectNull(volumeType)
	}
	if Known(m.Datastore) {
		attributes := m.Datastore.Attributes()
		if attributes["version"].IsUnknown() {
			attributes["version"] = types.StringNull()
			m.Datastore = types.ObjectValueMust(datastoreType, attributes)
		}
	} else {
		m.Datastore = types.ObjectNull(datastoreType)
	}
}

// FromAPI takes over what the server shows. What it does not show keeps its value: absent is not null. Flavor and datastore stay
// as they were written, by id or name, as long as that can mean what the server shows.
func (m *Model) FromAPI(ctx context.Context, c *trove.Client, i *trove.Instance) diag.Diagnostics {
	var diags diag.Diagnostics
	m.SetCreated(i, c.Region())
	m.Name = types.StringValue(i.Name)
	m.Hostname = StringOrNull(i.Hostname)
	m.Created = TimeOrNull(i.Created)
	m.Updated = TimeOrNull(i.Updated)
	diags.Append(m.fillFlavor(ctx, c, i)...)
	diags.Append(m.fillDatastore(ctx, c, i)...)
	if i.Volume != nil && i.Volume.Size > 0 {
		have, d := m.volume(ctx)
		diags.Append(d...)
		m.Volume = types.ObjectValueMust(volumeType, map[string]attr.Value{"size": types.Int64Value(i.Volume.Size), "type": have.Type})
	}
	// Trove always shows an attached group, so here absent does mean none.
	m.ConfigurationID = types.StringNull()
	if i.Configuration != nil {
		m.ConfigurationID = StringOrNull(i.Configuration.ID)
	}
	if m.DeletionProtection.IsNull() {
		m.DeletionProtection = types.BoolValue(false) // after an import
	}
	if m.RestartPolicy.IsNull() {
		m.RestartPolicy = types.StringValue(restartNever)
	}
	diags.Append(m.fillAccess(ctx, i.Access)...)
	addresses := make([]address, len(i.Addresses))
	for n, a := range i.Addresses {
		addresses[n] = address{types.StringValue(a.Address), types.StringValue(a.Type), StringOrNull(a.Network)}
	}
	list, d := types.ListValueFrom(ctx, addressType, addresses)
	diags.Append(d...)
	m.Addresses = list
	return diags
}

// keepPlanned takes back what the plan knew of values that the server changes by itself, such as the volume of a replica
// that grows with its source: Terraform allows an apply nothing else, and the next refresh shows them.
func (m *Model) keepPlanned(plan *Model) {
	if size, ok := plan.Volume.Attributes()["size"]; ok && !size.IsUnknown() {
		attributes := m.Volume.Attributes()
		attributes["size"] = size
		m.Volume = types.ObjectValueMust(volumeType, attributes)
	}
	if !plan.Addresses.IsUnknown() {
		m.Addresses = plan.Addresses
	}
	if !plan.Hostname.IsUnknown() {
		m.Hostname = plan.Hostname
	}
	if !plan.Created.IsUnknown() {
		m.Created = plan.Created // null where the plan moved the instance here without a refresh
	}
	if !plan.Status.IsUnknown() {
		m.Status, m.Updated = plan.Status, plan.Updated
	}
}

// fillAccess leaves access out of the state where it was never asked for and the server shows the closed default.
func (m *Model) fillAccess(ctx context.Context, a *trove.Access) diag.Diagnostics {
	if a == nil || m.Access.IsNull() && !a.IsPublic && len(a.AllowedCIDRs) == 0 {
		return nil
	}
	cidrs, diags := types.SetValueFrom(ctx, types.StringType, append([]string{}, a.AllowedCIDRs...))
	m.Access = types.ObjectValueMust(accessType, map[string]attr.Value{"is_public": types.BoolValue(a.IsPublic), "allowed_cidrs": cidrs})
	return diags
}

func (m *Model) volume(ctx context.Context) (Volume, diag.Diagnostics) {
	return ObjectAs[Volume](ctx, m.Volume)
}

// VolumeSize is the volume's size in GB, 0 where it is not known.
func (m *Model) VolumeSize(ctx context.Context) (int64, diag.Diagnostics) {
	v, diags := m.volume(ctx)
	return v.Size.ValueInt64(), diags
}

func (m *Model) datastore(ctx context.Context) (Datastore, diag.Diagnostics) {
	return ObjectAs[Datastore](ctx, m.Datastore)
}

// DatastoreVersion is the datastore as the rules of the topology read it; what is not known is "", and so is what is written
// by id, until the plan has looked up its name.
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

// access is the wanted access as the API takes it; null means closed.
func (m *Model) access(ctx context.Context) (trove.Access, diag.Diagnostics) {
	a, diags := ObjectAs[access](ctx, m.Access)
	out := trove.Access{IsPublic: a.IsPublic.ValueBool(), AllowedCIDRs: []string{}}
	if Known(a.AllowedCIDRs) {
		diags.Append(a.AllowedCIDRs.ElementsAs(ctx, &out.AllowedCIDRs, false)...)
	}
	return out, diags
}

// ObjectAs reads a nested object; null and unknown give the zero value.
func ObjectAs[T any](ctx context.Context, o types.Object) (T, diag.Diagnostics) {
	var out T
	if !Known(o) {
		return out, nil
	}
	diags := o.As(ctx, &out, basetypes.ObjectAsOptions{})
	return out, diags
}

// LeftClusterWarning tells why the next plan replaces a member that was taken out of its cluster. at is the attribute that names the
// cluster, which FromAPI makes null.
func (m *Model) LeftClusterWarning(at path.Path, kind, cluster string) diag.Diagnostic {
	return diag.NewAttributeWarningDiagnostic(at, "A "+kind+" has left its topology", fmt.Sprintf(
		"%s (%s) was removed from %s outside of Terraform and stands alone now, so the plan replaces it.", m.Name.ValueString(), m.ID.ValueString(), cluster))
}

// KeepUnlessReturned is what the server shows of an attribute; where it shows nothing, what was there before, or null where that was
// not known: absent is not null.
func KeepUnlessReturned[T any, V attr.Value](have V, shown *T, value func(T) V, null func() V) V {
	switch {
	case shown != nil:
		return value(*shown)
	case have.IsUnknown():
		return null()
	}
	return have
}

// IfKnown is p where v is known; framework values give a pointer to the zero value for unknown ones.
func IfKnown[T any](v attr.Value, p *T) *T {
	if v.IsUnknown() {
		return nil
	}
	return p
}

// Known says that a value is neither null nor unknown.
func Known(v attr.Value) bool { return !v.IsNull() && !v.IsUnknown() }

func StringOrNull(s string) types.String {
	if s == "" {
		return types.StringNull()
	}
	return types.StringValue(s)
}

// SettleRegion is the region of a resource: the one that is there already, else the first of these that is not empty, else
// null.
func SettleRegion(have types.String, regions ...string) types.String {
	if Known(have) {
		return have
	}
	return StringOrNull(cmp.Or(regions...))
}

func TimeOrNull(t trove.Time) types.String {
	if time.Time(t).IsZero() {
		return types.StringNull()
	}
	return types.StringValue(time.Time(t).Format(time.RFC3339))
}
