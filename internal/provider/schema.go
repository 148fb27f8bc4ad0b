package provider

import (
	"strconv"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Limits and defaults of the durations.
const (
	minRequestTimeout     = time.Second
	maxRequestTimeout     = 30 * time.Minute
	defaultReconfigWindow = time.Second
	maxReconfigWindow     = 30 * time.Second
	mostRetries           = 100
)

// model is the provider block.
type model struct {
	AuthURL                     types.String `tfsdk:"auth_url"`
	Username                    types.String `tfsdk:"username"`
	UserID                      types.String `tfsdk:"user_id"`
	Password                    types.String `tfsdk:"password"`
	ProjectName                 types.String `tfsdk:"project_name"`
	ProjectID                   types.String `tfsdk:"project_id"`
	UserDomainName              types.String `tfsdk:"user_domain_name"`
	UserDomainID                types.String `tfsdk:"user_domain_id"`
	ProjectDomainName           types.String `tfsdk:"project_domain_name"`
	ProjectDomainID             types.String `tfsdk:"project_domain_id"`
	ApplicationCredentialID     types.String `tfsdk:"application_credential_id"`
	ApplicationCredentialName   types.String `tfsdk:"application_credential_name"`
	ApplicationCredentialSecret types.String `tfsdk:"application_credential_secret"`
	Token                       types.String `tfsdk:"token"`
	Cloud                       types.String `tfsdk:"cloud"`
	Region                      types.String `tfsdk:"region"`
	EndpointType                types.String `tfsdk:"endpoint_type"`
	EndpointOverride            types.String `tfsdk:"endpoint_override"`
	CACertFile                  types.String `tfsdk:"cacert_file"`
	Cert                        types.String `tfsdk:"cert"`
	Key                         types.String `tfsdk:"key"`
	Insecure                    types.Bool   `tfsdk:"insecure"`
	MaxRetries                  types.Int64  `tfsdk:"max_retries"`
	RequestTimeout              types.String `tfsdk:"request_timeout"`
	ReconfigWindow              types.String `tfsdk:"reconfig_window"`
	TopologyAPI                 types.String `tfsdk:"topology_api"`
}

// level returns the settings that the block holds, and the names of those whose values are not known yet.
func (m *model) level() (config level, unknown []string) {
	config = level{name: "the provider block", values: map[string]string{}}
	text := func(name string, v types.String) {
		if v.IsUnknown() {
			unknown = append(unknown, name)
		}
		config.set(name, v.ValueString())
	}
	text("auth_url", m.AuthURL)
	text("username", m.Username)
	text("user_id", m.UserID)
	text("password", m.Password)
	text("project_name", m.ProjectName)
	text("project_id", m.ProjectID)
	text("user_domain_name", m.UserDomainName)
	text("user_domain_id", m.UserDomainID)
	text("project_domain_name", m.ProjectDomainName)
	text("project_domain_id", m.ProjectDomainID)
	text("application_credential_id", m.ApplicationCredentialID)
	text("application_credential_name", m.ApplicationCredentialName)
	text("application_credential_secret", m.ApplicationCredentialSecret)
	text("token", m.Token)
	text("cloud", m.Cloud)
	text("region", m.Region)
	text("endpoint_type", m.EndpointType)
	text("endpoint_override", m.EndpointOverride)
	text("cacert_file", m.CACertFile)
	text("cert", m.Cert)
	text("key", m.Key)
	text("request_timeout", m.RequestTimeout)
	text("reconfig_window", m.ReconfigWindow)
	text("topology_api", m.TopologyAPI)
	switch {
	case m.Insecure.IsUnknown():
		unknown = append(unknown, "insecure")
	case !m.Insecure.IsNull():
		config.set("insecure", strconv.FormatBool(m.Insecure.ValueBool()))
	}
	switch {
	case m.MaxRetries.IsUnknown():
		unknown = append(unknown, "max_retries")
	case !m.MaxRetries.IsNull():
		config.set("max_retries", strconv.FormatInt(m.MaxRetries.ValueInt64(), 10))
	}
	return config, unknown
}

// blockSchema is the schema of the provider block. Everything is optional, since everything can be set elsewhere.
func blockSchema() schema.Schema {
	return schema.Schema{
		MarkdownDescription: "Manages database instances and replication topologies of OpenStack Trove.\n\nEach setting is read from the " +
			"provider block. If it is omitted or empty there, it is read from the environment variable named with it, and then from the entry " +
			"of `clouds.yaml` and `secure.yaml` that `cloud` or `OS_CLOUD` names. If the provider block sets `cloud`, that entry takes " +
			"precedence over the environment, so that variables of another cloud are not used. The first of these sources that has credentials " +
			"decides how to authenticate: with a password, an application credential or a token.",
		Attributes: map[string]schema.Attribute{
			"auth_url": text("auth_url", "The URL of the identity service (Keystone, version 3), such as `https://cloud.example.com:5000/v3`.", httpURL{}),
			"username": text("username", "The name of the user. Requires `password`, and a domain, unless the domain is `default`. Conflicts with "+
				"`user_id`."),
			"user_id":  text("user_id", "The id of the user, in place of `username` and the user's domain."),
			"password": secret("password", "The password of the user."),
			"project_name": text("project_name", "The name of the project (formerly tenant) that the databases belong to. Conflicts with "+
				"`project_id`, and with an application credential, which belongs to a project already."),
			"project_id":          text("project_id", "The id of the project, in place of `project_name` and the project's domain."),
			"user_domain_name":    text("user_domain_name", "The name of the user's domain. "+domainFallback),
			"user_domain_id":      text("user_domain_id", "The id of the user's domain. "+domainFallback),
			"project_domain_name": text("project_domain_name", "The name of the project's domain. If omitted, the user's domain is used. "+domainFallback),
			"project_domain_id":   text("project_domain_id", "The id of the project's domain. If omitted, the user's domain is used. "+domainFallback),
			"application_credential_id": text("application_credential_id",
				"The id of an application credential. It requires neither user nor project. Conflicts with `password` and `token`."),
			"application_credential_name": text("application_credential_name",
				"The name of an application credential, in place of its id. Requires `username` or `user_id`."),
			"application_credential_secret": secret("application_credential_secret", "The secret of the application credential."),
			"token": secret("token", "An existing token. It is not renewed when it expires: for long runs, use a password or an application "+
				"credential. Conflicts with both."),
			"cloud": text("cloud", "The entry of `clouds.yaml` to read settings from. The file is `OS_CLIENT_CONFIG_FILE`, or the first one "+
				"found in the current directory, in `~/.config/openstack` (`XDG_CONFIG_HOME`) and in `/etc/openstack`. A `secure.yaml` in the "+
				"same directory is merged into it, and `clouds-public.yaml` if the entry has a `profile`."),
			"region": text("region", "The region of the Trove to use. If omitted, the first one in the catalog is used. Resources can name "+
				"another region."),
			"endpoint_type": text("endpoint_type", "Which endpoint of the catalog to use: `public` (the default), `internal` or `admin`.",
				stringvalidator.OneOf("public", "internal", "admin", "publicURL", "internalURL", "adminURL")),
			"endpoint_override": text("endpoint_override", "The URL of Trove, in place of the one in the catalog. `%(project_id)s` is replaced "+
				"by the project's id: `https://cloud.example.com:8779/v1.0/%(project_id)s`.", httpURL{}),
			"cacert_file": text("cacert_file", "The certificate authority that signed the cloud's certificates: the path of a PEM file, or its "+
				"content. If omitted, the system's authorities are used."),
			"cert": text("cert", "The client certificate to authenticate with: the path of a PEM file, or its content. Requires `key`."),
			"key":  secret("key", "The key of the client certificate: the path of a PEM file, or its content."),
			"insecure": schema.BoolAttribute{
				MarkdownDescription: describe("insecure", "Whether to accept any certificate. Only for tests. Default `false`."),
				Optional:            true,
			},
			"max_retries": schema.Int64Attribute{
				MarkdownDescription: describe("max_retries", "How many times to retry a request that is safe to repeat, if the server cannot be "+
					"reached, returns an error, or limits the rate without naming a time to wait. Waits whose length the server names are not counted. Default `"+strconv.Itoa(openstack.DefaultMaxRetries)+"`."),
				Optional:   true,
				Validators: []validator.Int64{int64validator.Between(0, mostRetries)},
			},
			"request_timeout": text("request_timeout", "How long to wait for the answer to one attempt of a request, such as `90s`. How long to "+
				"wait for an instance to become ready is set by `timeouts` in each resource. Default `"+short(openstack.DefaultRequestTimeout)+"`.",
				duration{minRequestTimeout, maxRequestTimeout}),
			"reconfig_window": text("reconfig_window", "How long changes to the members of one replica set are collected, so that they are sent "+
				"as one reconfiguration. The deletion of a member also waits this long, so that members of one cluster that are deleted together are handled together. From `0s` "+
				"to `"+short(maxReconfigWindow)+"`. Default `"+short(defaultReconfigWindow)+"`.",
				duration{0, maxReconfigWindow}),
			"topology_api": text("topology_api", "Whether the server has the topology API: `always`, `never`, or `auto`, which asks the server "+
				"once, when it is first needed. Released Trove does not have it: it ignores a topology and creates a standalone server. Default "+
				"`auto`.",
				stringvalidator.OneOf(string(trove.TopologyAuto), string(trove.TopologyAlways), string(trove.TopologyNever))),
		},
	}
}

const domainFallback = "`OS_DOMAIN_NAME` and `OS_DOMAIN_ID` apply to users and projects. If no domain is set, the one with the id `default` is " +
	"used."

func text(name, description string, validators ...validator.String) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: describe(name, description), Optional: true, Validators: validators}
}

func secret(name, description string) schema.StringAttribute {
	a := text(name, description)
	a.Sensitive = true
	return a
}

// describe adds where else the setting may come from.
func describe(name, description string) string {
	quoted := make([]string, len(variables[name]))
	for i, v := range variables[name] {
		quoted[i] = "`" + v + "`"
	}
	return description + " Environment: " + strings.Join(quoted, " or ") + "."
}

// short formats whole minutes and seconds as people do: 1m, not 1m0s.
func short(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	return s
}
