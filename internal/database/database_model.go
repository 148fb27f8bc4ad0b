package database

import (
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
)

// model is the model of trove_database.
type model struct {
	instancebase.GuestObjectModel
	Name         types.String `tfsdk:"name"`
	CharacterSet types.String `tfsdk:"character_set"`
	Collate      types.String `tfsdk:"collate"`
}

// checks returns the rules that depend on the datastore.
func (m *model) checks() []instancebase.GuestCheck {
	if m.Name.IsUnknown() {
		return nil
	}
	return []instancebase.GuestCheck{{At: path.Root("name"), What: "database name", Rule: func(datastore string) error {
		return guestrules.CheckDatabaseName(datastore, m.Name.ValueString())
	}}}
}

// DisplayName implements instancebase.ObjectModel.
func (m *model) DisplayName() string {
	return "database " + m.Name.ValueString() + " on instance " + m.InstanceID.ValueString()
}
