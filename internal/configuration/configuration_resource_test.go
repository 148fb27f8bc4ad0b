package configuration_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

const address = "trove_configuration.settings"

// group is a configuration group for MySQL 5.7 with these values, and with more lines.
func group(values, more string) string {
	return fmt.Sprintf(`
resource "trove_configuration" "settings" {
  name      = "settings"
  datastore = { type = "mysql", version = "mysql-5.7" }
  values    = { %s }
  %s
}
`, values, more)
}

// instance is an instance with that configuration_id.
func instance(configuration string) string {
	return fmt.Sprintf(`
resource "trove_instance" "orders" {
  name             = "orders"
  flavor_id        = "2"
  volume           = { size = 2 }
  datastore        = { type = "mysql", version = "mysql-5.7" }
  configuration_id = %s
}
`, configuration)
}

const (
	ofGroup   = "trove_configuration.settings.id"
	creations = "POST /configurations"
	changes   = "PUT /configurations/{id}"
)

func updates() resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}}
}

func TestAccGroupFromCreationToImport(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			first := group(`max_connections = 200, autocommit = "on", long_query_time = 1, innodb_ft_max_token_size = 80`, ``)
			second := group(`max_connections = "300", long_query_time = 1.5, collation_server = "utf8"`, `description = "what it is for"`)
			var id string
			cloud.Test(t,
				resource.TestStep{
					Config: cloud.Config(first),
					Check: func(s *terraform.State) error {
						id = acctest.ID(s, address)
						return cloud.ExpectGroup(id, "settings", map[string]any{"max_connections": "200", "autocommit": "1", "long_query_time": "1.0", "innodb_ft_max_token_size": "***"})
					},
				},
				resource.TestStep{Config: cloud.Config(first), PlanOnly: true},
				resource.TestStep{
					Config:           cloud.Config(second),
					ConfigPlanChecks: updates(),
					Check: func(s *terraform.State) error {
						if got := acctest.ID(s, address); got != id {
							return fmt.Errorf("the group has become another: %s, was %s", got, id)
						}
						return cloud.ExpectGroup(id, "settings", map[string]any{"max_connections": "300", "long_query_time": "1.5", "collation_server": "utf8"})
					},
				},
				resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
				// Left out, the description stays: nothing is to be done.
				resource.TestStep{
					Config: cloud.Config(group(`max_connections = 300.0, long_query_time = "1.5", collation_server = "utf8"`, ``)), PlanOnly: true,
				},
				// Trove empties the values of a group of which it is only told the name.
				resource.TestStep{
					Config: cloud.Config(strings.Replace(group(`max_connections = 300, long_query_time = 1.5, collation_server = "utf8"`, ``), `"settings"
  datastore`, `"renamed"
  datastore`, 1)),
					Check: func(*terraform.State) error {
						return cloud.ExpectGroup(id, "renamed", map[string]any{"max_connections": "300", "long_query_time": "1.5", "collation_server": "utf8"})
					},
				},
				resource.TestStep{
					Config:            cloud.Config(group(`max_connections = 300, long_query_time = 1.5, collation_server = "utf8"`, `timeouts = { update = "5m" }`)),
					ConfigPlanChecks:  updates(),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("description"), knownvalue.StringExact("what it is for"))},
				},
			)
			if err := cloud.ExpectRequests(map[string]int{creations: 1, changes: 3, "DELETE /configurations/{id}": 1}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestAccImportedGroupPlansEmpty(t *testing.T) {
	cloud := acctest.NewCloud(t)
	id := cloud.ConfigurationGroup(t, map[string]any{"max_connections": 200, "autocommit": true, "long_query_time": 2.0 + 0.5})
	config := cloud.Config(group(`max_connections = 200, autocommit = true, long_query_time = "2.50"`, ``) + fmt.Sprintf(`
import {
  to = trove_configuration.settings
  id = %q
}
`, id))
	cloud.Test(t,
		resource.TestStep{
			Config: config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop),
			}},
		},
		resource.TestStep{Config: config, PlanOnly: true},
	)
	if err := cloud.ExpectRequests(map[string]int{changes: 0}); err != nil {
		t.Error(err)
	}
}

func TestAccChangesBehindOurBackAreDrift(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(group(`max_connections = 200`, ``))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				cloud.ChangeGroupBehindOurBack(t, "settings", map[string]any{"max_connections": 7, "wait_timeout": 9})
			},
			Config:           config,
			ConfigPlanChecks: updates(),
			Check: func(s *terraform.State) error {
				return cloud.ExpectGroup(acctest.ID(s, address), "settings", map[string]any{"max_connections": "200"})
			},
		},
		resource.TestStep{
			PreConfig:        func() { cloud.DeleteGroupBehindOurBack(t, "settings") },
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionCreate)}},
		},
	)
}

func TestAccCreationWhoseAnswerIsLostIsNotRepeated(t *testing.T) {
	for server, options := range acctest.BothServers() {
		t.Run(server, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			// Another of that name is no candidate.
			cloud.ConfigurationGroup(t, map[string]any{"max_connections": 100})
			cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: creations})
			cloud.Test(t, resource.TestStep{
				Config: cloud.Config(group(`max_connections = 200, innodb_ft_max_token_size = 80, autocommit = true`, ``)),
				Check: func(s *terraform.State) error {
					return cloud.ExpectGroup(acctest.ID(s, address), "settings", map[string]any{"max_connections": "200", "innodb_ft_max_token_size": "***", "autocommit": "1"})
				},
			})
			if err := cloud.ExpectRequests(map[string]int{creations: 2}); err != nil { // the other's is one
				t.Error(err)
			}
		})
	}
}

// An import cannot know what Trove masks: that is no change, but the mask must not be sent in the place of the value.
func TestAccMaskIsNeverSent(t *testing.T) {
	cloud := acctest.NewCloud(t)
	id := cloud.ConfigurationGroup(t, map[string]any{"max_connections": 200, "innodb_ft_max_token_size": 20})
	cloud.Test(t,
		resource.TestStep{
			Config: cloud.Config(group(`max_connections = 200, innodb_ft_max_token_size = "***"`, ``) + fmt.Sprintf(`
import {
  to = trove_configuration.settings
  id = %q
}
`, id)),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionNoop)}},
		},
		resource.TestStep{
			Config:      cloud.Config(group(`max_connections = 300, innodb_ft_max_token_size = "***"`, ``)),
			ExpectError: regexp.MustCompile(`The value of innodb_ft_max_token_size is not known(?s:.*)Set\s+the\s+value\s+itself`),
		},
		resource.TestStep{
			Config:           cloud.Config(group(`max_connections = 300, innodb_ft_max_token_size = 20`, ``)),
			ConfigPlanChecks: updates(),
			Check: func(*terraform.State) error {
				return cloud.ExpectGroup(id, "settings", map[string]any{"max_connections": "300", "innodb_ft_max_token_size": "***"})
			},
		},
	)
	if err := cloud.ExpectRequests(map[string]int{changes: 1}); err != nil {
		t.Error(err)
	}
}

func TestAccWhatTheServerWouldRefuseIsSaidAtPlanTime(t *testing.T) {
	tests := map[string]struct{ config, want string }{
		"an unknown parameter": {group(`max_conections = 200`, ``), `Unknown parameter max_conections.*Did\s+you\s+mean\s+"max_connections"`},
		"another case":         {group(`MAX_CONNECTIONS = 200`, ``), `Write max_connections`},
		"no integer":           {group(`max_connections = "many"`, ``), `The parameter max_connections must be an integer from 1 to 100000,\s+not\s+"many"`},
		"too large":            {group(`max_connections = 100001`, ``), `must be an integer from 1 to 100000,\s+not\s+100001`},
		"no boolean":           {group(`performance_schema = 3`, ``), `performance_schema must be true or false,\s+not\s+"3"`},
		"no number":            {group(`long_query_time = "soon"`, ``), `long_query_time must be a number,\s+not\s+"soon"`},
		"server_id":            {group(`server_id = 3`, ``), `Reserved parameter server_id.*Trove\s+chooses\s+it`},
		"read_only":            {group(`read_only = true`, ``), `Reserved parameter read_only`},
		"null":                 {group(`max_connections = null`, ``), `[Nn]ull`},
		"an unknown datastore": {
			`resource "trove_configuration" "settings" { 
  name = "settings" 
  datastore = { type = "mysq" } 
  values = {} 
}`, `datastore\.type\s+is\s+"mysq",.*no\s+such\s+datastore\.\s+Did\s+you\s+mean\s+"mysql"`,
		},
		"an unknown version": {
			`resource "trove_configuration" "settings" { 
  name = "settings" 
  datastore = { type = "mysql", version = "mysql-5.8" } 
  values = {} 
}`, `datastore\.version\s+is\s+"mysql-5\.8",.*no\s+such\s+version\s+of\s+mysql\.\s+Did\s+you\s+mean\s+"mysql-5\.[57]"`,
		},
		"a datastore without groups": {
			`resource "trove_configuration" "settings" { 
  name = "settings" 
  datastore = { type = "couchbase" } 
  values = { a = 1 } 
}`, `No configuration groups for couchbase`,
		},
		"an unknown parameter with an unknown value": {
			group(`max_conections = terraform_data.n.output`, ``) + `resource "terraform_data" "n" { input = 5 }`, `Unknown parameter max_conections`,
		},
	}
	for server, options := range acctest.BothServers() {
		cloud := acctest.NewCloud(t, options)
		for name, tt := range tests {
			t.Run(server+"/"+name, func(t *testing.T) {
				cloud.Test(t, resource.TestStep{Config: cloud.Config(tt.config), ExpectError: regexp.MustCompile(`(?s)` + tt.want), PlanOnly: true})
			})
		}
	}
}

func TestAccVersionLeftOutIsTheDefault(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(`
resource "trove_configuration" "settings" {
  name      = "settings"
  datastore = { type = "postgresql" }
  values    = { max_connections = 200 }
}
`)
	cloud.Test(t,
		resource.TestStep{
			Config: config,
			ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address,
				tfjsonpath.New("datastore").AtMapKey("version"), knownvalue.StringExact("postgresql-16"))},
		},
		resource.TestStep{Config: config, PlanOnly: true},
	)
}

// Another spelling of the datastore is no other datastore: the group is not replaced.
func TestDatastoreByNameAndByID(t *testing.T) {
	t.Parallel()
	// written is a configuration group of this datastore, as the protocol has it.
	written := func(datastore, version string, connections int) string {
		return fmt.Sprintf(`{"name": "settings", "datastore": {"type": %q, "version": %q}, "values": {"max_connections": "%d"}}`, datastore, version, connections)
	}
	for server, options := range acctest.BothServers() {
		for _, madeByIDs := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s/made by ids %t", server, madeByIDs), func(t *testing.T) {
				t.Parallel()
				cloud := acctest.NewCloud(t, options)
				run := cloud.NewDriver(t)
				found, diags := run.ReadData("trove_datastore_version", `{"type": "mysql", "version": "mysql-5.7"}`)
				if diags.Failed() {
					t.Fatal(diags.Text())
				}
				ids := []string{fmt.Sprint(found["datastore_id"]), fmt.Sprint(found["id"])}
				first, other := ids, []string{"mysql", "mysql-5.7"}
				if !madeByIDs {
					first, other = other, first
				}
				group := run.Must(run.Create("trove_configuration", written(first[0], first[1], 200)))
				for _, spelling := range [][]string{first, other} {
					group = run.Must(run.Refresh(group))
					if change, diags := run.Plan(group, written(spelling[0], spelling[1], 200)); !run.NoOp(change) || len(diags) > 0 {
						t.Errorf("%v: the plan changes %v, and says %s", spelling, run.Changed(change), diags.Text())
					}
				}
				group = run.Must(run.Update(group, written(other[0], other[1], 300)))
				if err := cloud.ExpectRequests(map[string]int{creations: 1, changes: 1}); err != nil {
					t.Error(err)
				}
				if change, diags := run.Plan(group, written(other[0], "mysql-8.0", 300)); len(change.Replace) == 0 || diags.Failed() {
					t.Errorf("another version replaces nothing: %s", diags.Text())
				}
			})
		}
	}
}
