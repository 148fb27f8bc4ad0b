package instancebase

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// GuestCheck is a rule for an attribute that depends on the datastore. Since release 23 only the guest agent checks it, and reports
// nothing.
type GuestCheck struct {
	At   path.Path
	What string // such as "user name"
	// Rule returns an error for a value that is wrong on a type of datastore. The error must not contain a secret.
	Rule func(datastore string) error
	// Doubt, if set, is the title of a warning, in place of the error: some releases accept what Rule refuses.
	Doubt string
}

// kindsOfDatastore has one datastore of each kind whose databases and users Trove manages.
var kindsOfDatastore = []string{"mysql", "postgresql"}

// dependsOnDatastore reports whether a value is valid on one type of datastore and not on another.
func (c GuestCheck) dependsOnDatastore() bool {
	return c.refusal("") != nil
}

// refusal applies the rule; with an unknown type "", to every kind of datastore.
func (c GuestCheck) refusal(datastore string) error {
	if datastore != "" {
		return c.Rule(datastore)
	}
	for _, kind := range kindsOfDatastore {
		if err := c.Rule(kind); err != nil {
			return err
		}
	}
	return nil
}

// checkGuest applies rules; "" means that the datastore is not known yet.
func checkGuest(datastore string, checks []GuestCheck) (diags diag.Diagnostics) {
	for _, c := range checks {
		if c.Doubt != "" {
			if err := c.refusal(datastore); err != nil {
				diags.AddAttributeWarning(c.At, c.Doubt, tfkit.Sentence(err.Error()))
			}
			continue
		}
		if datastore != "" {
			if err := c.Rule(datastore); err != nil {
				diags.AddAttributeError(c.At, "Invalid "+c.What, fmt.Sprintf("Trove does not accept this %s on %s: %s", c.What, datastore, tfkit.Sentence(err.Error())))
			}
			continue
		}
		for _, kind := range kindsOfDatastore {
			if err := c.Rule(kind); err != nil {
				diags.AddAttributeWarning(c.At, "Not every datastore accepts this "+c.What, fmt.Sprintf("The datastore of the instance is not known yet. On %s "+
					"the apply returns an error for this %s: %s", kind, c.What, tfkit.Sentence(err.Error())))
			}
		}
	}
	return diags
}

// CheckGuestValues applies rules to an object within an instance. It reads the instance only if the answer depends on its datastore.
func CheckGuestValues(ctx context.Context, c *operation.Client, kind, instance string, checks ...GuestCheck) diag.Diagnostics {
	for _, check := range checks {
		if !check.dependsOnDatastore() {
			continue
		}
		i, err := c.Instance(ctx, instance)
		if err != nil {
			return PlanCheckError(ctx, kind, err)
		}
		return checkGuest(i.Datastore.Type, checks)
	}
	return nil
}

// CheckGuestChange is CheckGuestValues at plan time, for a change of an existing object.
func (r *Resource) CheckGuestChange(ctx context.Context, kind string, m *GuestObjectModel, checks ...GuestCheck) diag.Diagnostics {
	if !r.Configured() || !tfkit.Known(m.InstanceID) {
		return nil
	}
	client, diags := r.Client(ctx, m.Region)
	if diags.HasError() {
		return diags
	}
	return append(diags, CheckGuestValues(ctx, client, kind, m.InstanceID.ValueString(), checks...)...)
}

// unservedGuest returns the server's refusal if an instance is ready and the server manages no databases and users of its datastore. It
// asks the server, since the release does not tell. It returns nil for datastores that every release supports.
func unservedGuest(ctx context.Context, c *operation.Client, i *trove.Instance) error {
	if guestrules.IsLikeMySQL(i.Datastore.Type) || !i.Ready() {
		return nil
	}
	_, err := c.Databases(ctx, i.ID) // a plain request, without waiting
	if !errors.Is(err, openstack.ErrNotReady) {
		return nil
	}
	// It may have become busy since.
	if now, readErr := c.Instance(ctx, i.ID); readErr == nil && now.Ready() {
		return err
	}
	return nil
}

// unserved returns the error about a datastore whose databases and users the server does not manage. consequence says what became of the
// resource.
func unserved(plural string, i *trove.Instance, refusal error, consequence string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("instance_id"), "Unable to manage "+plural+" of "+i.Datastore.Type, fmt.Sprintf(
		"instance_id names %s (%s), whose datastore is %s. Every Trove serves the databases and users of MySQL and MariaDB, and since release 23 those of "+
			"PostgreSQL. The server says: %s Manage them in SQL instead.%s", i.Name, i.ID, i.Datastore.Type, tfkit.Sentence(refusal.Error()), consequence))
}

// GuestUnserved returns the diagnostic for a creation that was refused because the server does not manage such objects of the instance's
// datastore; nil if it was refused for another reason.
func GuestUnserved(ctx context.Context, c *operation.Client, plural, instance string, err error) diag.Diagnostic {
	if !errors.Is(err, openstack.ErrNotReady) {
		return nil
	}
	i, readErr := c.Instance(ctx, instance)
	if readErr != nil {
		return nil
	}
	if refusal := unservedGuest(ctx, c, i); refusal != nil {
		return unserved(plural, i, refusal, " Nothing was created.")
	}
	return nil
}
