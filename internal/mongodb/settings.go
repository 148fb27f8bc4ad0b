package mongodb

import (
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/boolplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/float64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/tfkit"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// dataSettings are the settings of a member except its hostname, which every instance has.
type dataSettings struct {
	Priority           types.Float64 `tfsdk:"priority"`
	Hidden             types.Bool    `tfsdk:"hidden"`
	SecondaryDelaySecs types.Int64   `tfsdk:"secondary_delay_secs"`
	Votes              types.Int64   `tfsdk:"votes"`
}

// settingsModel holds the settings of a member: those of trove_mongodb_member, and an entry of members in trove_mongodb_replica_set.
type settingsModel struct {
	dataSettings
	Hostname types.String `tfsdk:"hostname"`
}

// setting is one of them. To add a setting, add it to the models above, to topology.MemberSettings, and to the list below.
type setting struct {
	field     string // on the wire
	attribute string
	typ       attr.Type
	// attributeOf returns the schema's attribute with this description; a computed one shows the server's value if it is not set.
	attributeOf func(description string, computed bool) schema.Attribute
	// description has no full stop; memberDefault follows it if the server's default is documented.
	description, memberDefault string

	get    func(m *settingsModel) attr.Value
	toAPI  func(m settingsModel, s *topology.MemberSettings)
	change func(m *settingsModel, s topology.MemberSettings, how takes)
	hide   func(m settingsModel, s *topology.MemberSettings)
	forget func(m *settingsModel)
}

// takes says how a model takes over what the server returns.
type takes int

const (
	takeShown takes = iota // an omitted setting keeps its value
	takeHeld               // only those that the model holds: null ones are managed elsewhere
	takeAll                // an omitted setting is null
)

// newSetting makes a setting from its place in the model and on the wire, and the conversions of its values.
func newSetting[T any, V attr.Value](s setting, model func(*settingsModel) *V, wire func(*topology.MemberSettings) **T, from func(*T) V, to func(V) *T, unknown V) setting {
	s.get = func(m *settingsModel) attr.Value { return *model(m) }
	s.toAPI = func(m settingsModel, api *topology.MemberSettings) {
		v := *model(&m)
		*wire(api) = tfkit.IfKnown(v, to(v))
	}
	s.change = func(m *settingsModel, api topology.MemberSettings, how takes) {
		have, shown := model(m), *wire(&api)
		switch {
		case how == takeHeld && ((*have).IsNull() || shown == nil):
		case how == takeShown && shown == nil && !(*have).IsUnknown():
		default:
			*have = from(shown)
		}
	}
	s.hide = func(m settingsModel, api *topology.MemberSettings) {
		if (*model(&m)).IsUnknown() {
			*wire(api) = nil
		}
	}
	s.forget = func(m *settingsModel) { *model(m) = unknown }
	return s
}

// memberSettings are all settings of a member.
var memberSettings = []setting{
	newSetting(setting{
		typ: types.Float64Type, field: "priority", attribute: "priority",
		description:   "The priority of the member in elections, 0 to 1000; a member with priority 0 is never elected",
		memberDefault: ". The server's default is 1.",
		attributeOf: func(description string, computed bool) schema.Attribute {
			a := schema.Float64Attribute{MarkdownDescription: description, Optional: true}
			if computed {
				a.Computed, a.PlanModifiers = true, []planmodifier.Float64{float64planmodifier.UseStateForUnknown()}
			}
			return a
		},
	}, func(m *settingsModel) *types.Float64 { return &m.Priority }, func(s *topology.MemberSettings) **float64 { return &s.Priority },
		types.Float64PointerValue, types.Float64.ValueFloat64Pointer, types.Float64Unknown()),
	newSetting(setting{
		typ: types.BoolType, field: "hidden", attribute: "hidden",
		description:   "Whether the member is hidden from clients; requires `priority = 0`",
		memberDefault: ". The server's default is `false`.",
		attributeOf: func(description string, computed bool) schema.Attribute {
			a := schema.BoolAttribute{MarkdownDescription: description, Optional: true}
			if computed {
				a.Computed, a.PlanModifiers = true, []planmodifier.Bool{boolplanmodifier.UseStateForUnknown()}
			}
			return a
		},
	}, func(m *settingsModel) *types.Bool { return &m.Hidden }, func(s *topology.MemberSettings) **bool { return &s.Hidden },
		types.BoolPointerValue, types.Bool.ValueBoolPointer, types.BoolUnknown()),
	newSetting(setting{
		typ: types.Int64Type, field: "slaveDelay", attribute: "secondary_delay_secs",
		description:   "The replication delay of the member in seconds (`slaveDelay`); requires `priority = 0`",
		memberDefault: ". The server's default is 0.",
		attributeOf:   integerAttribute,
	}, func(m *settingsModel) *types.Int64 { return &m.SecondaryDelaySecs }, func(s *topology.MemberSettings) **int64 { return &s.SlaveDelay },
		types.Int64PointerValue, types.Int64.ValueInt64Pointer, types.Int64Unknown()),
	newSetting(setting{
		typ: types.Int64Type, field: "votes", attribute: "votes",
		description:   "The number of votes in elections, 0 or 1; 0 requires `priority = 0`",
		memberDefault: ". The server's default is 1.",
		attributeOf:   integerAttribute,
	}, func(m *settingsModel) *types.Int64 { return &m.Votes }, func(s *topology.MemberSettings) **int64 { return &s.Votes },
		types.Int64PointerValue, types.Int64.ValueInt64Pointer, types.Int64Unknown()),
	newSetting(setting{
		typ: types.StringType, field: "hostname", attribute: "hostname",
		description:   "The host name of the member in the set's configuration",
		memberDefault: ". The server's default is the DNS name of the instance, if the cloud provides one.",
		attributeOf: func(description string, computed bool) schema.Attribute {
			a := schema.StringAttribute{MarkdownDescription: description, Optional: true, Validators: []validator.String{tfkit.NotEmpty{}}}
			if computed {
				a.Computed, a.PlanModifiers = true, []planmodifier.String{stringplanmodifier.UseStateForUnknown()}
			}
			return a
		},
	}, func(m *settingsModel) *types.String { return &m.Hostname }, func(s *topology.MemberSettings) **string { return &s.Hostname },
		types.StringPointerValue, types.String.ValueStringPointer, types.StringUnknown()),
}

// integerAttribute is the attribute of a setting that is a whole number. Only the rules of the topology check its range.
func integerAttribute(description string, computed bool) schema.Attribute {
	a := schema.Int64Attribute{MarkdownDescription: description, Optional: true}
	if computed {
		a.Computed, a.PlanModifiers = true, []planmodifier.Int64{int64planmodifier.UseStateForUnknown()}
	}
	return a
}

// settingsType returns the type of an entry of members.
var settingsType = func() types.ObjectType {
	attributes := map[string]attr.Type{}
	for _, s := range memberSettings {
		attributes[s.attribute] = s.typ
	}
	return types.ObjectType{AttrTypes: attributes}
}()

// settingPaths returns the attributes of the settings by their fields; at returns the place of each.
func settingPaths(at func(attribute string) path.Path) map[string]path.Path {
	paths := map[string]path.Path{}
	for _, s := range memberSettings {
		paths[s.field] = at(s.attribute)
	}
	return paths
}

// unknownSettings are settings that are all unknown.
func unknownSettings() settingsModel {
	var m settingsModel
	for _, s := range memberSettings {
		s.forget(&m)
	}
	return m
}

// shownSettings returns all settings that the server returns.
func shownSettings(b topology.MongoDB) settingsModel {
	var m settingsModel
	m.fromAPI(b.Settings(), takeAll)
	return m
}

// fromAPI takes over what the server returns.
func (m *settingsModel) fromAPI(api topology.MemberSettings, how takes) {
	for _, s := range memberSettings {
		s.change(m, api, how)
	}
}

// settings returns the known settings.
func (m settingsModel) settings() topology.MemberSettings {
	var api topology.MemberSettings
	for _, s := range memberSettings {
		s.toAPI(m, &api)
	}
	return api
}

// values returns the settings by their fields.
func (m settingsModel) values() map[string]attr.Value {
	values := map[string]attr.Value{}
	for _, s := range memberSettings {
		values[s.field] = s.get(&m)
	}
	return values
}

// own returns the names of the attributes that are set, sorted.
func (m settingsModel) own() []string {
	var names []string
	for _, s := range memberSettings {
		if !s.get(&m).IsNull() {
			names = append(names, s.attribute)
		}
	}
	slices.Sort(names)
	return names
}

// over returns a member as it will be: the listed settings over those that the server returns, without unknown ones.
func (m settingsModel) over(b topology.MongoDB) topology.MongoDB {
	after := b.Apply(m.settings()).Settings()
	for _, s := range memberSettings {
		s.hide(m, &after)
	}
	return topology.MongoDB{Type: b.Type, ReplSet: b.ReplSet, Join: b.Join}.Apply(after)
}
