package instancessl

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// Schema implements resource.Resource.
func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	keep := []planmodifier.String{stringplanmodifier.UseStateForUnknown()} // the plan resets it when the certificate changes
	resp.Schema = schema.Schema{
		MarkdownDescription: "Enables SSL for an instance and all its replicas, with a certificate of your own from the key manager (Barbican). It requires Trove 26 or " +
			"later, and MySQL, MariaDB or PostgreSQL; an earlier Trove is an error at apply. Trove changes the source and all replicas, or none of them. A new " +
			"replica gets the SSL of its source. Destroying the resource disables SSL. Trove cannot do so for MySQL 8.0 and later: there the resource is only " +
			"removed from the state, with a warning. The action `trove_rollback_instance_ssl` goes back to what was before the last change.",
		Attributes: instancebase.GuestObjectAttributes(ctx, kindName, "The id of the instance.", map[string]schema.Attribute{
			"mode": schema.StringAttribute{
				MarkdownDescription: "`basic` offers SSL, `enforced` requires it, and with `mtls` clients need a certificate as well. Default `basic`. Changed in place.",
				Optional:            true, Computed: true,
				Default:    stringdefault.StaticString(trove.SSLBasic),
				Validators: []validator.String{stringvalidator.OneOf(trove.SSLBasic, trove.SSLEnforced, trove.SSLMutual)},
			},
			"container_ref": schema.StringAttribute{
				MarkdownDescription: "The reference (URL) of the secret that holds the PKCS#12 container: the certificate, its private key, and the chain of its authority. " +
					"Changed in place: another reference renews the certificate. Trove does not return it, so the first apply after an import sets it again. So does the next one where the server has " +
					"another certificate than the apply left, as after a rollback.",
				Required: true, Validators: []validator.String{tfkit.NotEmpty{}},
			},
			"password_ref": schema.StringAttribute{
				MarkdownDescription: "The reference (URL) of the secret that holds the password of the container, if it has one. Changed in place.",
				Optional:            true, Validators: []validator.String{tfkit.NotEmpty{}},
			},
			"restart_policy": instancebase.RestartPolicyAttribute("What to do if the databases must be restarted for a change, also for the destruction. With `never`, " +
				"the provider warns. With `if_needed`, it restarts the source and then one replica after the other."),
			"common_name": schema.StringAttribute{
				MarkdownDescription: "The common name of the certificate that the database has, or will have once it has been restarted.", Computed: true,
				PlanModifiers: keep,
			},
			"certificate": schema.StringAttribute{MarkdownDescription: "That certificate, in PEM.", Computed: true, PlanModifiers: keep},
			"expires_at":  schema.StringAttribute{MarkdownDescription: "When that certificate expires, in UTC.", Computed: true, PlanModifiers: keep},
		}),
	}
}
