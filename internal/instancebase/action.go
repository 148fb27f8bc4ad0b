package instancebase

import (
	"context"
	"fmt"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// actionTimeout limits an action, including the wait for its end: actions have no timeouts of their own.
const actionTimeout = 60 * time.Minute

// ActionSpec is what differs from one action on an instance to another.
type ActionSpec struct {
	// TypeName is the type name of the action without the provider's name, such as "_restart_instance".
	TypeName string
	// Description is the description of the page: what the action does, and how to do it without actions.
	Description string
	// Instance describes instance_id: "The id of the instance to restart."
	Instance string
	// Verb and Kind name the action in an error: Unable to <verb> <kind>.
	Verb, Kind string
	// Namespace is the topology that the instance must be in; "" if it may be in any, or in none.
	Namespace topology.Namespace
	// ClusterMember says that the instance must be a member of a named set or cluster, of any namespace.
	ClusterMember bool
	// Admin says that Trove allows the action only to administrators.
	Admin bool
	// Do sends the action and waits for its end. tell reports progress to the user.
	Do func(ctx context.Context, c *operation.Client, i *trove.Instance, tell func(format string, args ...any)) error
	// Own are the attributes that only this action has, and DoWith is Do with their values; both are nil if there are none.
	Own    map[string]actionschema.StringAttribute
	DoWith func(ctx context.Context, c *operation.Client, i *trove.Instance, own map[string]string, tell func(format string, args ...any)) error
}

// Action is an action on one instance.
type Action struct {
	spec       ActionSpec
	typeName   string
	connection *Connection
}

var (
	_ action.ActionWithConfigure  = (*Action)(nil)
	_ action.ActionWithModifyPlan = (*Action)(nil)
)

// NewAction makes an action for the provider's list of them.
func NewAction(verb ActionSpec) func() action.Action {
	return func() action.Action { return &Action{spec: verb, typeName: "trove" + verb.TypeName} }
}

// Metadata implements action.Action.
func (a *Action) Metadata(_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + a.spec.TypeName
}

// Configure implements action.ActionWithConfigure.
func (a *Action) Configure(_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse) {
	resp.Diagnostics.Append(connect(req.ProviderData, &a.connection)...)
}

// Schema implements action.Action.
func (a *Action) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := map[string]actionschema.Attribute{
		"instance_id": actionschema.StringAttribute{MarkdownDescription: a.spec.Instance, Required: true, Validators: []validator.String{tfkit.NotEmpty{}}},
		"region": actionschema.StringAttribute{MarkdownDescription: "The region of the instance. If omitted, the provider's region is " +
			"used.", Optional: true},
	}
	for name, own := range a.spec.Own {
		attributes[name] = own
	}
	resp.Schema = actionschema.Schema{MarkdownDescription: a.spec.Description, Attributes: attributes}
}

// ModifyPlan implements action.ActionWithModifyPlan. It refuses at plan time what is already known to fail.
func (a *Action) ModifyPlan(ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse) {
	if !req.Config.Raw.IsFullyKnown() {
		return
	}
	_, _, diags := a.target(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
}

// Invoke implements action.Action.
func (a *Action) Invoke(ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse) {
	ctx, cancel := context.WithTimeout(ctx, actionTimeout)
	defer cancel()
	client, i, diags := a.target(ctx, req.Config)
	resp.Diagnostics.Append(diags...)
	if resp.Diagnostics.HasError() || i == nil {
		return
	}
	tell := func(format string, args ...any) {
		resp.SendProgress(action.InvokeProgressEvent{Message: fmt.Sprintf(format, args...)})
	}
	own := map[string]string{}
	for name := range a.spec.Own {
		var value types.String
		resp.Diagnostics.Append(req.Config.GetAttribute(ctx, path.Root(name), &value)...)
		own[name] = value.ValueString()
	}
	if resp.Diagnostics.HasError() {
		return
	}
	do := func() error { return a.spec.Do(ctx, client, i, tell) }
	if a.spec.DoWith != nil {
		do = func() error { return a.spec.DoWith(ctx, client, i, own, tell) }
	}
	if err := do(); err != nil {
		next := ""
		if a.spec.Admin {
			next = AdministratorsOnly(err)
		}
		resp.Diagnostics.Append(APIErrorAt(path.Root("instance_id"), a.spec.Verb, displayName(a.spec.Kind, i), err, next))
	}
}

// target returns the instance that a configuration names, if the action applies to it.
func (a *Action) target(ctx context.Context, config tfsdk.Config) (*operation.Client, *trove.Instance, diag.Diagnostics) {
	const untouched = "Nothing was done."
	at := path.Root("instance_id")
	var id, region types.String
	diags := config.GetAttribute(ctx, at, &id)
	diags.Append(config.GetAttribute(ctx, path.Root("region"), &region)...)
	client, more := inRegion(ctx, a.connection, region)
	if diags.Append(more...); diags.HasError() {
		return nil, nil, diags
	}
	if id.ValueString() == "" { // validation does not know the value of a variable
		diags.AddAttributeError(at, "Unable to "+a.spec.Verb+" "+a.spec.Kind, "instance_id is empty: set it to the id of an instance.")
		return nil, nil, diags
	}
	if a.spec.Namespace != "" || a.spec.ClusterMember {
		if diags.Append(requireTopologyAPI(ctx, client, a.typeName)...); diags.HasError() {
			return nil, nil, diags
		}
	}
	i, err := client.Instance(ctx, id.ValueString())
	if err != nil {
		next := untouched
		if isNotFound(err) {
			next += " Check instance_id, and region if the instance is in another region than " + client.Region() + "."
		}
		diags.Append(APIErrorAt(at, a.spec.Verb, a.spec.Kind+" "+id.ValueString(), err, next))
		return nil, nil, diags
	}
	if a.spec.Namespace == "" && !a.spec.ClusterMember {
		return client, i, diags
	}
	block, err := client.Block(ctx, i)
	switch {
	case err != nil:
	case a.spec.ClusterMember && block.Cluster() == "":
		err = fmt.Errorf("instance %s (%s) is in no set or cluster; its datastore is %s", i.Name, i.ID, i.Datastore.Type)
	case !a.spec.ClusterMember && block.Namespace() != a.spec.Namespace:
		err = fmt.Errorf("instance %s (%s) is in no topology of type %s; its datastore is %s", i.Name, i.ID, a.spec.Namespace, i.Datastore.Type)
		if block.Cluster() != "" {
			err = fmt.Errorf("instance %s (%s) is a member of %s", i.Name, i.ID, block.Cluster())
		}
	}
	if err != nil {
		diags.Append(APIErrorAt(at, a.spec.Verb, a.spec.Kind+" "+id.ValueString(), err, untouched))
	}
	return client, i, diags
}
