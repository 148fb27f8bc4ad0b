// Package provider turns the provider block into a connection to Trove, and lists everything that the provider offers.
package provider

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/opentrove/terraform-provider-trove/internal/backup"
	"github.com/opentrove/terraform-provider-trove/internal/backupstrategy"
	"github.com/opentrove/terraform-provider-trove/internal/cassandra"
	"github.com/opentrove/terraform-provider-trove/internal/configuration"
	"github.com/opentrove/terraform-provider-trove/internal/couchbase"
	"github.com/opentrove/terraform-provider-trove/internal/database"
	"github.com/opentrove/terraform-provider-trove/internal/datastore"
	"github.com/opentrove/terraform-provider-trove/internal/datastoreversion"
	"github.com/opentrove/terraform-provider-trove/internal/flavor"
	"github.com/opentrove/terraform-provider-trove/internal/instance"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/instancessl"
	"github.com/opentrove/terraform-provider-trove/internal/limits"
	"github.com/opentrove/terraform-provider-trove/internal/mongodb"
	"github.com/opentrove/terraform-provider-trove/internal/mysql"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/quota"
	"github.com/opentrove/terraform-provider-trove/internal/redis"
	"github.com/opentrove/terraform-provider-trove/internal/replica"
	"github.com/opentrove/terraform-provider-trove/internal/root"
	"github.com/opentrove/terraform-provider-trove/internal/topologydatasource"
	"github.com/opentrove/terraform-provider-trove/internal/user"
	"github.com/opentrove/terraform-provider-trove/internal/volumetype"
)

// troveProvider is the provider. getenv is the environment; tests have their own.
type troveProvider struct {
	version string
	journal string
	getenv  func(string) string
}

var (
	_ provider.Provider                   = (*troveProvider)(nil)
	_ provider.ProviderWithActions        = (*troveProvider)(nil)
	_ provider.ProviderWithListResources  = (*troveProvider)(nil)
	_ provider.ProviderWithValidateConfig = (*troveProvider)(nil)
)

// New returns a function that makes the provider of a version. journal is the directory in which it records creations, such as JournalDir,
// so that the next run finds what a killed run left; "" records none.
func New(version, journal string) func() provider.Provider {
	return func() provider.Provider { return &troveProvider{version: version, journal: journal, getenv: os.Getenv} }
}

// JournalDir returns the user's own directory among those for temporary files.
func JournalDir() string {
	return filepath.Join(os.TempDir(), "terraform-provider-trove-"+strconv.Itoa(os.Getuid()))
}

// Metadata implements provider.Provider.
func (p *troveProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "trove"
	resp.Version = p.version
}

// Schema implements provider.Provider.
func (p *troveProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = blockSchema()
}

// Resources implements provider.Provider.
func (p *troveProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{
		instance.NewResource,
		database.NewResource,
		user.NewResource,
		root.NewResource,
		instancessl.NewResource,
		backup.NewResource,
		backupstrategy.NewResource,
		quota.NewResource,
		datastoreversion.NewResource,
		mysql.NewReplicaResource,
		replica.NewResource,
		replica.NewSourceResource,
		mongodb.NewMemberResource,
		mongodb.NewReplicaSetResource,
		couchbase.NewNodeResource,
		couchbase.NewBucketResource,
		configuration.NewResource,
		redis.NewNodeResource,
		redis.NewClusterNodeResource,
		cassandra.NewNodeResource,
	}
}

// DataSources implements provider.Provider.
func (p *troveProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		instance.NewDataSource,
		topologydatasource.NewDataSource,
		instance.NewInstancesDataSource,
		instance.NewLogsDataSource,
		database.NewDatabasesDataSource,
		user.NewUsersDataSource,
		flavor.NewDataSource,
		datastoreversion.NewDataSource,
		datastore.NewDataSource,
		volumetype.NewDataSource,
		limits.NewDataSource,
	}
}

// Actions implements provider.ProviderWithActions.
func (p *troveProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{
		instance.NewRestartAction,
		instance.NewRemoveMemberAction,
		instance.NewLogAction,
		instancessl.NewRollbackAction,
		instance.NewResetStatusAction,
		instance.NewRebootAction,
		instance.NewMigrateAction,
		replica.NewPromoteAction,
		replica.NewEjectAction,
		replica.NewDetachAction,
		cassandra.NewDrainAction,
		couchbase.NewRebalanceAction,
		redis.NewFailoverAction,
	}
}

// ListResources implements provider.ProviderWithListResources.
func (p *troveProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{
		instance.NewList,
		mysql.NewReplicaList,
		replica.NewList,
		mongodb.NewMemberList,
		redis.NewNodeList,
		redis.NewClusterNodeList,
		couchbase.NewNodeList,
		cassandra.NewNodeList,
		configuration.NewList,
		backup.NewList,
		backupstrategy.NewList,
		datastoreversion.NewList,
		database.NewList,
		user.NewList,
	}
}

// ValidateConfig implements provider.Provider. It looks only at the block, not at the environment or at files, which may differ where the
// plan is made.
func (p *troveProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var block model
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	if resp.Diagnostics.HasError() {
		return
	}
	config, _ := block.level()
	resp.Diagnostics.Append(contradictions(config)...)
}

// Configure implements provider.Provider. It uses no network: the client authenticates with its first request.
func (p *troveProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var block model
	resp.Diagnostics.Append(req.Config.Get(ctx, &block)...)
	if resp.Diagnostics.HasError() {
		return
	}
	connection := &instancebase.Connection{}
	resp.ResourceData, resp.DataSourceData, resp.ListResourceData, resp.ActionData = connection, connection, connection, connection

	config, unknown := block.level()
	if len(unknown) > 0 {
		// Resources that do not need the cloud can still be planned.
		connection.Client = operation.Unusable(notKnown(unknown), operation.Options{ReconfigWindow: defaultReconfigWindow})
		return
	}
	options, diags := resolve(config, p.getenv)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	options.Journal = p.journal
	options.UserAgent = userAgent(p.version, req.TerraformVersion)
	options.Log = func(ctx context.Context, msg string, fields map[string]any) { tflog.Debug(ctx, msg, fields) }
	client, err := operation.Connect(options)
	if err != nil {
		resp.Diagnostics.AddAttributeError(path.Root("auth_url"), "Unable to connect to Trove", err.Error())
		return
	}
	connection.Client = client
}

// userAgent names the provider and the Terraform that runs it.
func userAgent(version, terraform string) string {
	agent := "terraform-provider-trove/" + version
	if terraform != "" {
		agent += " Terraform/" + terraform
	}
	return agent
}
