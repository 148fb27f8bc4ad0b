package node

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// actionTimeout bounds an action, the waiting for its end included: actions have no time-outs of their own.
const actionTimeout = 60 * time.Minute

// Verb is what is particular in one action on an instance.
type Verb struct {
	// TypeName is the action's without the provider's name, such as "_restart_instance".
	TypeName string
	// Description is the page's: what the action does, and the way without actions.
	Description string
	// Instance describes instance_id: "The id of the instance to restart."
	Instance string
	// Verb and Thing are what an error calls the action: Unable to <verb> <thing>.
	Verb, Thing string
	// Do sends the action and waits for its end. tell shows the user how far it has come.
	Do func(ctx context.Context, c *trove.Client, i *trove.Instance, tell func(format string, args ...any)) error
}

// Action is an action on one instance.
type Action struct {
	verb       Verb
	connection *Connection
}

var _ action.ActionWithConfigure = (*Action)(nil)

// NewAction makes an action for the provider's list of them.
func NewAction(verb Verb) func() action.Action {
	return func() action.Action { return &Action{verb: verb} }
}

// Metadata implements action.Action.
func (a *Action) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + a.verb.TypeName
}

// Configure implements action.ActionWithConfigure.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &a.connection)...)
}

// Schema implements action.Action.
func (a *Action) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	resp.Schema = actionschema.Schema{MarkdownDescription: a.verb.Description, Attributes: map[string]actionschema.Attribute{
		"instance_id": actionschema.StringAttribute{MarkdownDescription: a.verb.Instance, Required: true},
		"region":      actionschema.StringAttribute{MarkdownDescription: "The region of the instance; the provider's region where it is left out.", Optional: true},
	}}
}

// Invoke implements action.Action.
func (a *Action) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	var id, region types.String
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("instance_id"), &id)...)
	resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root("region"), &region)...)
	client, diags := inRegion(a.connection, region)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, actionTimeout)
	defer cancel()
	at := path.Root("instance_id")
	i, err := client.Instance(ctx, id.ValueString())
	if err != nil {
		resp.Diagnostics.Append(FailureAt(at, a.verb.Verb, a.verb.Thing+" "+id.ValueString(), err, "Nothing was done."))
		return
	}
	tell := func(format string, args ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	}
	if err := a.verb.Do(ctx, client, i, tell); err != nil {
		resp.Diagnostics.Append(FailureAt(at, a.verb.Verb, name(a.verb.Thing, i), err, ""))
	}
}
