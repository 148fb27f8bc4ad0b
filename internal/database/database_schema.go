package database

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	const unseen = " The API does not return it, so only a change of a value that Terraform set is detected; it replaces the database and " +
		"deletes all data in it."
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages a database within a MySQL, MariaDB or PostgreSQL instance. PostgreSQL requires Trove 23 or later. " +
			"Destroying the resource drops the database with all data in it.",
		Attributes: instancebase.GuestObjectAttributes(ctx, kindName, "`instance_id/name`.", map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the database. `mysql`, `information_schema`, `performance_schema` and `sys` are reserved on every " +
					"datastore. On MySQL and MariaDB: 2 to 64 letters, digits, `_` and `-`. On PostgreSQL: 2 to 63 characters without quotes, " +
					"`;`, `,`, `/` and `\\`; not `postgres`, `os_admin`, `template0` or `template1`. A change replaces the database and deletes all data in it.",
				Required:      true,
				Validators:    []validator.String{instancebase.StringCheck("database name", checkName)},
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"character_set": schema.StringAttribute{
				MarkdownDescription: "The character set, such as `utf8mb4`; on PostgreSQL the encoding, such as `UTF8`. If omitted, the server's default is used." + unseen,
				Optional:            true,
				Validators:          []validator.String{tfkit.Text{Max: 255}},
				PlanModifiers:       []planmodifier.String{tfkit.RequiresReplaceIfKnown{}},
			},
			"collate": schema.StringAttribute{
				MarkdownDescription: "The collation, such as `utf8mb4_unicode_ci`. If omitted, the character set's default is used." + unseen,
				Optional:            true,
				Validators:          []validator.String{tfkit.Text{Max: 255}},
				PlanModifiers:       []planmodifier.String{tfkit.RequiresReplaceIfKnown{}},
			},
		}),
	}
}

// checkName refuses a name that no datastore takes; the plan checks it against the datastore of the instance.
func checkName(name string) error { return guestrules.CheckDatabaseName("", name) }
