package root

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Enables the administrative user `root` of the database within an instance, with a password of your choice. Trove up to " +
			"release 22 supports this for MySQL and MariaDB, later ones also for PostgreSQL. The password is a write-only attribute, which requires " +
			"Terraform 1.11 or OpenTofu 1.11: it is stored in neither state nor plan. Destroying the resource disables root: Trove gives it a " +
			"password that nobody knows, and deletes no data. Sessions that are open stay open.\n\n" +
			"Released Trove up to 25 answers that root is enabled as soon as it has ever been, so a disabling outside of Terraform is not detected. " +
			"Creating the resource where root is enabled already changes its password.",
		Attributes: instancebase.GuestObjectAttributes(ctx, kindName, "The id of the instance.", map[string]schema.Attribute{
			"name": schema.StringAttribute{
				MarkdownDescription: "The name of the user: `root`.", Computed: true, PlanModifiers: []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
			},
			"password_wo": schema.StringAttribute{
				MarkdownDescription: "The password, at most 255 characters, none of them a quote or `\\`, and on MySQL and MariaDB no `;`, `,` or `/`. Write-only, so it " +
					"also takes an ephemeral value: an ephemeral variable, or an attribute of an ephemeral resource. It is sent when root is enabled and when " +
					"`password_wo_version` changes, and is required then. It can be omitted after an import.",
				Optional:   true,
				Sensitive:  true,
				WriteOnly:  true,
				Validators: []validator.String{instancebase.StringCheck("password", guestrules.OfAny(guestrules.CheckPassword))},
			},
			"password_wo_version": schema.Int64Attribute{
				MarkdownDescription: "The version of the password. Increment it to send `password_wo` again, in place. If it is set, the first " +
					"apply after an import also sends the password.",
				Optional: true,
			},
		}),
	}
}
