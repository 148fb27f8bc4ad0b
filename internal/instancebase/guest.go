package instancebase

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/watch"
)

// Default timeouts of databases and users within an instance. They leave time for an instance that restarts or is resized.
const (
	GuestTimeout     = 30 * time.Minute
	GuestReadTimeout = 10 * time.Minute
)

// GuestObjectModel is embedded by the models of databases and users, which are within an instance.
type GuestObjectModel struct {
	ID                 types.String   `tfsdk:"id"`
	InstanceID         types.String   `tfsdk:"instance_id"`
	Region             types.String   `tfsdk:"region"`
	DeletionProtection types.Bool     `tfsdk:"deletion_protection"`
	Timeouts           timeouts.Value `tfsdk:"timeouts"`
}

// Limits implements ObjectModel.
func (c *GuestObjectModel) Limits() (region types.String, limits timeouts.Value) {
	return c.Region, c.Timeouts
}

// GuestObjectAttributes returns the attributes of GuestObjectModel with those of the kind itself; kind is the word for it in messages, and
// id describes the id.
func GuestObjectAttributes(ctx context.Context, kind, id string, own map[string]schema.Attribute) map[string]schema.Attribute {
	const waits = ", including the wait for an instance that restarts. Default `30m`."
	attributes := map[string]schema.Attribute{
		"id": computedString(id),
		"instance_id": schema.StringAttribute{
			MarkdownDescription: "The id of the instance: a MySQL, MariaDB or PostgreSQL server that was not created as a replica. It means the " +
				"replication set of the instance: if another member has become the source, for example after a switchover, the " +
				"resource is managed there. A change to another member of the same set only changes the state. Any other " +
				"change replaces the resource, and so does a value that is known only after apply.",
			Required:   true,
			Validators: []validator.String{tfkit.NotEmpty{}},
		},
		"region":            tfkit.RegionAttribute("instance", "A change replaces the resource."),
		protectionAttribute: DeletionProtectionAttribute(kind),
		"timeouts": tfkit.TimeoutsAttribute(ctx, timeouts.Opts{
			Create: true, Read: true, Update: true, Delete: true,
			CreateDescription: "How long the creation may take" + waits,
			ReadDescription:   "How long a refresh waits for an instance that restarts. After that the state is kept unchanged. Default `10m`.",
			UpdateDescription: "How long a change may take" + waits,
			DeleteDescription: "How long the deletion may take" + waits,
		}),
	}
	for name, a := range own {
		attributes[name] = a
	}
	return attributes
}

// SetComputed fills in what the configuration leaves to the provider. name is the part of the id after the instance.
func (c *GuestObjectModel) SetComputed(client *operation.Client, name string) {
	c.ID = types.StringValue(c.InstanceID.ValueString() + "/" + name)
	c.Region = tfkit.SettleRegion(c.Region, client.Region())
	if c.DeletionProtection.IsNull() {
		c.DeletionProtection = types.BoolValue(false) // after an import
	}
}

// GuestReadError handles an error of reading a database or user. gone reports that it no longer exists. If the database server is down and
// does not come up in time, there is only a warning: an instance that has failed must not keep Terraform from planning its replacement.
func GuestReadError(displayName string, err error) (gone bool, diags diag.Diagnostics) {
	var failed *watch.FailedError
	var waited *watch.TimeoutError
	switch {
	case isNotFound(err):
		return true, nil
	case errors.Is(err, openstack.ErrNotReady) && (errors.As(err, &failed) || errors.As(err, &waited) && errors.Is(err, context.DeadlineExceeded)):
		diags.AddWarning("Unable to refresh "+displayName, explain(err)+"\n\nThe state was not changed.")
	default:
		diags.Append(APIError("read", displayName, err, ""))
	}
	return false, diags
}

// GuestCreateError returns the diagnostic for a creation on an instance that failed; plural is the word for the kind, address is how a
// configuration names the resource, and id is its import id.
func GuestCreateError(ctx context.Context, c *operation.Client, plural, instance, displayName, address, id string, err error) diag.Diagnostic {
	if d := GuestUnserved(ctx, c, plural, instance, err); d != nil {
		return d
	}
	return WithinCreateError(displayName, address, id, err)
}

// WithinCreateError is GuestCreateError for kinds that every datastore has.
func WithinCreateError(displayName, address, id string, err error) diag.Diagnostic {
	consequence := ""
	var exists *operation.ExistsError
	switch {
	case errors.As(err, &exists):
		consequence = fmt.Sprintf("To manage it, import it: terraform import %s '%s'", address, id)
	case openstack.OutcomeUnknown(err), errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		consequence = "If it may exist, it is in the state, marked as tainted: the next apply deletes it, with all in it, and creates it again. " +
			"To keep it instead, run: terraform untaint " + address + " (Since Trove 23 only the guest agent checks names, passwords and character sets. " +
			"What it refuses is not created, and only the log of the guest agent says why.)"
	}
	return APIError("create", displayName, err, consequence)
}

// GuestDeleteError returns the diagnostic for a deletion that failed.
func GuestDeleteError(displayName string, err error) diag.Diagnostic {
	consequence := "It stays in the state."
	var failed *watch.FailedError
	if errors.As(err, &failed) {
		consequence += " To destroy the failed instance too, first remove only the objects within it from the state: terraform state rm ADDRESS"
	}
	return APIError("delete", displayName, err, consequence)
}

// StringCheck returns a validator that calls a function, which returns an error for a wrong value; what names the value. If the value is a
// secret, the error must not contain it.
func StringCheck(what string, check func(string) error) validator.String {
	return tfkit.StringCheck("Trove", what, check)
}

// GuestListSchema returns the block of a list of objects within one instance; kind is what is listed, and reserved the name of one that the
// resource cannot manage.
func GuestListSchema(kind, reserved string) listschema.Schema {
	plural := kind + "s"
	s := tfkit.ListSchema(plural+" within one instance", nil)
	s.MarkdownDescription += " Those that `trove_" + kind + "` cannot manage are omitted, such as `" + reserved + "`."
	s.Attributes["instance_id"] = listschema.StringAttribute{
		MarkdownDescription: "The id of the instance. On a replica, the " + plural + " of its source are listed.",
		Required:            true,
		Validators:          []validator.String{tfkit.NotEmpty{}},
	}
	return s
}
