package user

import (
	"context"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/setplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a database user within a MySQL, MariaDB or PostgreSQL instance. PostgreSQL requires Trove 23 or later. The " +
			"password is a write-only attribute, which requires Terraform 1.11 or OpenTofu 1.11: it is stored in neither state nor plan. " +
			"Destroying the resource deletes the user, but no data.",
		Attributes: instancebase.GuestObjectAttributes(ctx, kindName, "`instance_id/name@host`.", map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the user, without quotes, `;`, `,`, `/` and `\\`; not `root` or `os_admin`, and on PostgreSQL not " +
					"`postgres`. At most 32 characters on MySQL and MariaDB (Trove up to release 26 accepts 16), and 63 on PostgreSQL. " +
					"A change renames the user in place, which keeps its password and its privileges. Views and stored procedures keep the old name as " +
					"their definer. On a datastore other than MySQL and MariaDB a change replaces the user.",
				Required:   true,
				Validators: []validator.String{instancebase.StringCheck("user name", guestrules.OfAny(guestrules.CheckUserName))},
			},
			"host": schema.StringAttribute{
				MarkdownDescription: "The host that the user connects from: an IPv4 address in which `%` can replace the first or " +
					"the last part, such as `10.0.0.%`. Default `%`, which means any host, and is the only value on PostgreSQL. Changed in place.",
				Optional:   true,
				Computed:   true,
				Default:    stringdefault.StaticString(guestrules.AnyHost),
				Validators: []validator.String{instancebase.StringCheck("host", checkHost), addressed{}},
			},
			"databases": schema.SetAttribute{
				MarkdownDescription: "The names of the databases on which the user has all privileges. Granted and revoked in place; `[]` " +
					"revokes all. If omitted, grants are read but not managed.",
				ElementType:   types.StringType,
				Optional:      true,
				Computed:      true,
				Validators:    []validator.Set{setvalidator.ValueStringsAre(instancebase.StringCheck("database name", guestrules.OfAny(guestrules.CheckDatabaseName)))},
				PlanModifiers: []planmodifier.Set{setplanmodifier.UseStateForUnknown()},
			},
			"password_wo": schema.StringAttribute{
				MarkdownDescription: "The password, at most 255 characters without quotes and `\\`, and on MySQL and MariaDB without `;`, `,` and `/`. Write-only: it is " +
					"sent, and required, when the user is created and when `password_wo_version` changes. It can be omitted for an imported user.",
				Optional:   true,
				Sensitive:  true,
				WriteOnly:  true,
				Validators: []validator.String{instancebase.StringCheck("password", guestrules.OfAny(guestrules.CheckPassword))},
			},
			"password_wo_version": schema.Int64Attribute{
				MarkdownDescription: "The version of the password. Increment it to send `password_wo` again, in place. If it is set, the first " +
					"apply after an import or a move also sends the password.",
				Optional: true,
			},
		}),
	}
}

// checkHost refuses what cannot be a host, and says where % is allowed.
func checkHost(host string) error {
	err := guestrules.CheckHost(host)
	if err != nil && strings.Contains(strings.Trim(host, "%"), "%") {
		return fmt.Errorf("%w Use %% only as the first or the last part, such as in 10.0.0.%%", err)
	}
	return err
}

// addressed warns about hosts that only some clouds accept.
type addressed struct{}

// Description implements validator.String.
func (addressed) Description(context.Context) string { return "should be an IPv4 address" }

// MarkdownDescription implements validator.String.
func (a addressed) MarkdownDescription(ctx context.Context) string { return a.Description(ctx) }

// ValidateString implements validator.String.
func (addressed) ValidateString(_ context.Context, req validator.StringRequest, resp *validator.StringResponse) {
	host := req.ConfigValue.ValueString()
	if host != "" && guestrules.CheckHost(host) == nil && !guestrules.IsAddress(host) {
		resp.Diagnostics.AddAttributeWarning(req.Path, "A host that is not an address", "Trove accepts "+host+" only if its operators allow host names "+
			"(hostname_require_valid_ip = false). By default it accepts only IPv4 addresses, in which % can replace the first or the last part, such as 10.0.0.%.")
	}
}
