package database

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
)

// model is one trove_database.
type model struct {
	instancebase.GuestObjectModel
	Name         types.String `tfsdk:"name"`
	CharacterSet types.String `tfsdk:"character_set"`
	Collate      types.String `tfsdk:"collate"`
}

func (m *model) displayName() string {
	return "database " + m.Name.ValueString() + " on instance " + m.InstanceID.ValueString()
}
