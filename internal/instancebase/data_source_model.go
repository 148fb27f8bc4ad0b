package instancebase

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// DataSourceModel is the part of Model that the server returns; a data source embeds it.
type DataSourceModel struct {
	ID              types.String `tfsdk:"id"`
	Name            types.String `tfsdk:"name"`
	Region          types.String `tfsdk:"region"`
	Status          types.String `tfsdk:"status"`
	FlavorID        types.String `tfsdk:"flavor_id"`
	Volume          types.Object `tfsdk:"volume"`
	Datastore       types.Object `tfsdk:"datastore"`
	ConfigurationID types.String `tfsdk:"configuration_id"`
	Access          types.Object `tfsdk:"access"`
	Addresses       types.List   `tfsdk:"addresses"`
	Hostname        types.String `tfsdk:"hostname"`
	Created         types.String `tfsdk:"created"`
	Updated         types.String `tfsdk:"updated"`
}

// shownVolumeType is the volume without its type, which the API accepts and never returns.
var shownVolumeType = map[string]attr.Type{"size": types.Int64Type}

// NewDataSourceModel returns what the server shows of an instance, as Model.FromAPI reads it.
func NewDataSourceModel(ctx context.Context, c *operation.Client, i *trove.Instance) (DataSourceModel, diag.Diagnostics) {
	// A resource leaves the closed default out of its state, unless access was configured; a data source shows it.
	m := Model{Access: types.ObjectUnknown(accessType)}
	diags := m.FromAPI(ctx, c, i)
	if m.Access.IsUnknown() {
		m.Access = types.ObjectNull(accessType)
	}
	volume := types.ObjectNull(shownVolumeType)
	if size, ok := m.Volume.Attributes()["size"]; ok {
		volume = types.ObjectValueMust(shownVolumeType, map[string]attr.Value{"size": size})
	}
	return DataSourceModel{
		ID: m.ID, Name: m.Name, Region: m.Region, Status: m.Status, FlavorID: m.FlavorID, Volume: volume, Datastore: m.Datastore,
		ConfigurationID: m.ConfigurationID, Access: m.Access, Addresses: m.Addresses, Hostname: m.Hostname, Created: m.Created, Updated: m.Updated,
	}, diags
}

// DataSourceAttributes returns the attributes of a DataSourceModel, all computed, merged with those of the data source itself, which take
// precedence.
func DataSourceAttributes(own map[string]schema.Attribute) map[string]schema.Attribute {
	shown := func(description string) schema.StringAttribute {
		return schema.StringAttribute{MarkdownDescription: description, Computed: true}
	}
	attributes := map[string]schema.Attribute{
		"id":               shown("The id of the instance."),
		"name":             shown("The name of the instance."),
		"region":           shown("The region of the instance."),
		"status":           shown("The status that the server shows, such as `ACTIVE`."),
		"flavor_id":        shown("The id of the flavor (`flavor`)."),
		"configuration_id": shown("The id of the configuration group that is attached (`configuration`); null if there is none."),
		"hostname":         shown("The DNS name of the instance, if the cloud provides one."),
		"created":          shown("When the instance was created, in UTC (RFC 3339)."),
		"updated":          shown("When the server last changed the instance, in UTC (RFC 3339)."),
		"volume": schema.SingleNestedAttribute{
			MarkdownDescription: "The data volume; null if the datastore has none.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"size": schema.Int64Attribute{MarkdownDescription: "The size in GB.", Computed: true},
			},
		},
		"datastore": schema.SingleNestedAttribute{
			MarkdownDescription: "The datastore and its version.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"type":    shown("The type of the datastore, such as `mysql`."),
				"version": shown("The name of the version, such as `mysql-5.7`."),
			},
		},
		"access": schema.SingleNestedAttribute{
			MarkdownDescription: "Who can connect to the instance; null if the server does not return it.",
			Computed:            true,
			Attributes: map[string]schema.Attribute{
				"is_public": schema.BoolAttribute{MarkdownDescription: "Whether the instance has a public address.", Computed: true},
				"allowed_cidrs": schema.SetAttribute{
					MarkdownDescription: "The networks that can connect, as CIDRs. If empty, every address can connect.",
					ElementType:         types.StringType,
					Computed:            true,
				},
			},
		},
		"addresses": schema.ListNestedAttribute{
			MarkdownDescription: "The addresses of the instance.",
			Computed:            true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"address": shown("The IP address."),
				"type":    shown("`private` or `public`."),
				"network": shown("The id of the network; null for public addresses."),
			}},
		},
	}
	for name, a := range own {
		attributes[name] = a
	}
	return attributes
}

// DataSourceRegionAttribute is region, the same for every data source that stores in its state which region it looked in.
func DataSourceRegionAttribute() schema.StringAttribute {
	return schema.StringAttribute{
		MarkdownDescription: "The region to look in. If omitted, the provider's region is used.",
		Optional:            true,
		Computed:            true,
	}
}
