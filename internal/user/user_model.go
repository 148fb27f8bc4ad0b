package user

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/opentrove/terraform-provider-trove/internal/guestrules"
	"github.com/opentrove/terraform-provider-trove/internal/instancebase"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// model is the model of trove_user. Password is null unless it is read from the configuration.
type model struct {
	instancebase.GuestObjectModel
	Name            types.String `tfsdk:"name"`
	Host            types.String `tfsdk:"host"`
	Databases       types.Set    `tfsdk:"databases"`
	Password        types.String `tfsdk:"password_wo"`
	PasswordVersion types.Int64  `tfsdk:"password_wo_version"`
}

func (m *model) account() trove.Account {
	return trove.Account{Name: m.Name.ValueString(), Host: m.Host.ValueString()}
}

// checks returns the rules that depend on the datastore. password is "" if none is sent.
func (m *model) checks(password string, grants []string) (checks []instancebase.GuestCheck) {
	add := func(attribute, what string, rule func(datastore string) error) {
		checks = append(checks, instancebase.GuestCheck{At: path.Root(attribute), What: what, Rule: rule})
	}
	if !m.Name.IsUnknown() {
		add("name", "user name", func(datastore string) error { return guestrules.CheckUserName(datastore, m.Name.ValueString()) })
	}
	if host := m.Host.ValueString(); host != "" && host != guestrules.AnyHost {
		add("host", "host", func(datastore string) error {
			if guestrules.IsPostgreSQL(datastore) {
				return errors.New("users of PostgreSQL have no host, so omit host")
			}
			return nil
		})
	}
	if password != "" {
		add("password_wo", "password", func(datastore string) error { return guestrules.CheckPassword(datastore, password) })
	}
	for _, name := range grants {
		add("databases", "database name", func(datastore string) error { return guestrules.CheckDatabaseName(datastore, name) })
	}
	return checks
}

// DisplayName implements instancebase.ObjectModel.
func (m *model) DisplayName() string {
	return "user " + m.account().String() + " on instance " + m.InstanceID.ValueString()
}

// grants returns the configured databases; none while they are not known.
func (m *model) grants(ctx context.Context) (names []string, diags diag.Diagnostics) {
	if m.Databases.IsUnknown() {
		return nil, nil
	}
	diags = m.Databases.ElementsAs(ctx, &names, false)
	return names, diags
}

// SetGrants takes over the databases that the server returns.
func (m *model) SetGrants(ctx context.Context, names []string) (diags diag.Diagnostics) {
	if names == nil {
		names = []string{} // an empty set is not null
	}
	m.Databases, diags = types.SetValueFrom(ctx, types.StringType, names)
	return diags
}

// password reads the write-only attribute, which is only in the configuration; it must be set.
func password(ctx context.Context, config tfsdk.Config) (string, diag.Diagnostics) {
	var value types.String
	diags := config.GetAttribute(ctx, path.Root("password_wo"), &value)
	if !diags.HasError() && value.IsNull() {
		diags.AddAttributeError(path.Root("password_wo"), "Missing password",
			"password_wo is null, but a password is required to create a user and when password_wo_version changes. Set password_wo.")
	}
	return value.ValueString(), diags
}
