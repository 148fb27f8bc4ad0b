package instancebase

import (
	"cmp"
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// ToCreateRequest returns the creation that the model asks for, without a topology. It has the flavor's id, since Trove takes no name
// there, and the names of datastore and version, since Trove shows names.
func (m *Model) ToCreateRequest(ctx context.Context, c *operation.Client) (trove.CreateRequest, diag.Diagnostics) {
	r := trove.CreateRequest{
		Name:             m.Name.ValueString(),
		AvailabilityZone: m.AvailabilityZone.ValueString(),
		Configuration:    m.ConfigurationID.ValueString(),
	}
	volume, diags := m.volume(ctx)
	if tfkit.Known(volume.Size) {
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
	if tfkit.Known(m.Access) {
		a, d := m.access(ctx)
		diags.Append(d...)
		r.Access = &a
	}
	return r, diags
}

// ToNetworks returns the networks to attach.
func (m *Model) ToNetworks(ctx context.Context) ([]trove.Network, diag.Diagnostics) {
	var networks []network
	if !tfkit.Known(m.Networks) {
		return nil, nil
	}
	diags := m.Networks.ElementsAs(ctx, &networks, false)
	var nics []trove.Network
	for _, n := range networks {
		nics = append(nics, trove.Network{ID: n.ID.ValueString(), SubnetID: n.SubnetID.ValueString(), IPAddress: n.IPAddress.ValueString()})
	}
	return nics, diags
}

// SetCreated sets the id of an instance that the server has just agreed to make, and turns all unknown values into null, so that the model
// can be saved in the state before any waiting.
func (m *Model) SetCreated(i *trove.Instance, region string) {
	m.ID = types.StringValue(i.ID)
	m.Status = types.StringValue(i.Status)
	m.Region = tfkit.SettleRegion(m.Region, region, i.Region)
	// Attributes that the configuration may omit and the server returns later.
	for _, s := range []*types.String{&m.FlavorID, &m.Hostname, &m.Created, &m.Updated} {
		if s.IsUnknown() {
			*s = types.StringNull()
		}
	}
	m.Addresses = types.ListNull(addressType)
	if tfkit.Known(m.Volume) {
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
	if tfkit.Known(m.Datastore) {
		attributes := m.Datastore.Attributes()
		if attributes["version"].IsUnknown() {
			attributes["version"] = types.StringNull()
			m.Datastore = types.ObjectValueMust(datastoreType, attributes)
		}
	} else {
		m.Datastore = types.ObjectNull(datastoreType)
	}
}

// FromAPI takes over what the server returns. What it does not return keeps its value: absent is not null. Flavor and datastore stay as
// configured, by id or name, as long as that can mean what the server returns.
func (m *Model) FromAPI(ctx context.Context, c *operation.Client, i *trove.Instance) diag.Diagnostics {
	var diags diag.Diagnostics
	m.SetCreated(i, c.Region())
	m.Name = types.StringValue(i.Name)
	m.Hostname = tfkit.StringOrNull(i.Hostname)
	m.Created = tfkit.TimeOrNull(time.Time(i.Created))
	m.Updated = tfkit.TimeOrNull(time.Time(i.Updated))
	diags.Append(m.fillFlavor(ctx, c, i)...)
	diags.Append(m.fillDatastore(ctx, c, i)...)
	if i.Volume != nil && i.Volume.Size > 0 {
		have, d := m.volume(ctx)
		diags.Append(d...)
		m.Volume = types.ObjectValueMust(volumeType, map[string]attr.Value{"size": types.Int64Value(i.Volume.Size), "type": have.Type})
	}
	// Trove always returns an attached group, so here absent does mean none.
	m.ConfigurationID = types.StringNull()
	if i.Configuration != nil {
		m.ConfigurationID = tfkit.StringOrNull(i.Configuration.ID)
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
		addresses[n] = address{types.StringValue(a.Address), types.StringValue(a.Type), tfkit.StringOrNull(a.Network)}
	}
	list, d := types.ListValueFrom(ctx, addressType, addresses)
	diags.Append(d...)
	m.Addresses = list
	return diags
}

// fillAccess leaves access out of the state if it was never configured and the server returns the closed default.
func (m *Model) fillAccess(ctx context.Context, a *trove.Access) diag.Diagnostics {
	if a == nil || m.Access.IsNull() && !a.IsPublic && len(a.AllowedCIDRs) == 0 {
		return nil
	}
	cidrs, diags := types.SetValueFrom(ctx, types.StringType, append([]string{}, a.AllowedCIDRs...))
	m.Access = types.ObjectValueMust(accessType, map[string]attr.Value{"is_public": types.BoolValue(a.IsPublic), "allowed_cidrs": cidrs})
	return diags
}

// fillFlavor takes over the flavor that the server returns.
func (m *Model) fillFlavor(ctx context.Context, c *operation.Client, i *trove.Instance) diag.Diagnostics {
	if i.Flavor.ID == "" {
		return nil
	}
	flavor, err := c.FlavorAsWritten(ctx, m.FlavorID.ValueString(), i.Flavor.ID)
	switch {
	case isListForbidden(err):
		flavor = i.Flavor.ID // only ids can be configured then
	case err != nil:
		return diag.Diagnostics{flavorError(err)}
	}
	m.FlavorID = types.StringValue(flavor)
	return nil
}

// fillDatastore takes over the datastore, or those parts of it, that the server returns.
func (m *Model) fillDatastore(ctx context.Context, c *operation.Client, i *trove.Instance) diag.Diagnostics {
	if i.Datastore.Type == "" {
		return nil
	}
	have, diags := m.datastore(ctx)
	written := trove.Datastore{Type: have.Type.ValueString(), Version: have.Version.ValueString()}
	d, err := c.DatastoreAsWritten(ctx, written, i.Datastore)
	switch {
	case isListForbidden(err):
		d = written
	case err != nil:
		diags.Append(datastoreError(err))
		return diags
	}
	m.Datastore = types.ObjectValueMust(datastoreType, map[string]attr.Value{
		"type": types.StringValue(d.Type), "version": tfkit.StringOrNull(cmp.Or(d.Version, written.Version)),
	})
	return diags
}
