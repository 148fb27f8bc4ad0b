package upstream

import (
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

var operatorCases = []testCase{
	{"an_operator_manages_quotas_and_versions", operatorsManage},
	{"a_user_of_the_project_manages_neither", operatorsAlone},
	{"an_operator_makes_a_datastore_with_packages_and_a_default", operatorsOwnDatastore},
	{"an_operator_gives_a_version_parameters_and_classes", operatorsSetParameters},
	{"an_operator_resets_reboots_and_migrates", operatorsAct},
}

// managed are the quotas of a project, and a version that nobody else makes.
func managed(project string, instances int, version, tags string, active bool) string {
	return fmt.Sprintf(`
resource "trove_quota" "q" {
  project_id = %q
  instances  = %d
}
resource "trove_datastore_version" "v" {
  type       = "mysql"
  name       = %q
  number     = "9.9"
  manager    = "mysql"
  image_tags = [%s]
  active     = %t
}
`, project, instances, version, tags, active)
}

func operatorsManage(t *testing.T, c *cloud) {
	admin, project := c.operator(t)
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	expect := func(want int64) resource.TestCheckFunc {
		return func(*terraform.State) error {
			limits, err := client.Limits(t.Context())
			if err == nil && (limits.Instances == nil || *limits.Instances != want) {
				err = fmt.Errorf("the project may have %v instances, want %d", limits.Instances, want)
			}
			return err
		}
	}
	version := "v-" + project
	config := admin.Config(managed(project, 7, version, `"trove", "mysql"`, true))
	changed := admin.Config(managed(project, 8, version+"-old", `"trove"`, false))
	at := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue("trove_datastore_version.v", tfjsonpath.New(attribute), want)
	}
	admin.Test(t,
		resource.TestStep{
			Config: config, Check: expect(7),
			ConfigStateChecks: []statecheck.StateCheck{at("is_default", knownvalue.Bool(false)), at("packages", knownvalue.Null()), at("image_id", knownvalue.Null())},
		},
		resource.TestStep{Config: changed, Check: expect(8), ConfigStateChecks: []statecheck.StateCheck{at("active", knownvalue.Bool(false))}},
		resource.TestStep{ResourceName: "trove_datastore_version.v", ImportState: true, ImportStateVerify: true},
		resource.TestStep{ResourceName: "trove_quota.q", ImportState: true, ImportStateVerify: true},
	)
	all, err := client.Datastores(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		for _, v := range d.Versions {
			if strings.HasPrefix(v.Name, version) {
				t.Errorf("%s is there still", v.Name)
			}
		}
	}
	if err := expect(8)(nil); err != nil {
		t.Error(err) // the quotas stay
	}
}

// Trove refuses a user of the project at the apply. The plan asks nothing that only an operator may ask.
func operatorsAlone(t *testing.T, c *cloud) {
	_, project := c.operator(t)
	for _, config := range []string{
		fmt.Sprintf("resource \"trove_quota\" \"q\" {\n  project_id = %q\n  instances  = 7\n}\n", project),
		"resource \"trove_datastore_version\" \"v\" {\n  type       = \"mysql\"\n  name       = \"ours\"\n  manager    = \"mysql\"\n  image_tags = [\"trove\"]\n}\n",
	} {
		c.Test(t,
			resource.TestStep{Config: c.Config(config), PlanOnly: true, ExpectNonEmptyPlan: true},
			resource.TestStep{
				Config: c.Config(config), ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+(change|create).*Nothing\s+was\s+changed.*only\s+to\s+users\s+with\s+the\s+role\s+admin`),
			},
		)
	}
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	more := int64(7)
	_, versions := client.ManagedVersions(t.Context())
	for _, err := range []error{versions, client.PutQuotas(t.Context(), project, trove.Quotas{Instances: &more})} { // everybody may read the quotas
		var refused *openstack.Error
		if !errors.As(err, &refused) || refused.Code != http.StatusUnauthorized {
			t.Errorf("%v, want 401", err)
		}
	}
}

// A datastore comes with its first version, and stays without one.
func operatorsOwnDatastore(t *testing.T, c *cloud) {
	admin, project := c.operator(t)
	const address = "trove_datastore_version.v"
	version := func(lines string) string {
		return admin.Config(fmt.Sprintf(`
resource "trove_datastore_version" "v" {
  type       = "of-%s"
  name       = "1.0"
  manager    = "mysql"
  image_tags = ["trove"]
  %s
}
`, project, lines))
	}
	at := func(attribute string, want knownvalue.Check) statecheck.StateCheck {
		return statecheck.ExpectKnownValue(address, tfjsonpath.New(attribute), want)
	}
	packages := func(names ...string) knownvalue.Check {
		var all []knownvalue.Check
		for _, name := range names {
			all = append(all, knownvalue.StringExact(name))
		}
		return knownvalue.SetExact(all)
	}
	// isDefault checks what a user of a project gets who names no version.
	isDefault := func(want bool) resource.TestCheckFunc {
		return func(s *terraform.State) error {
			client, err := c.Client() // a new one, which has asked for none
			if err != nil {
				return err
			}
			v, err := client.DatastoreVersion(t.Context(), "of-"+project, "1.0")
			if err == nil && (v.Default != want || v.ID != acctest.ID(s, address)) {
				err = fmt.Errorf("the server shows %+v, want that it is the default: %t", v, want)
			}
			return err
		}
	}
	const (
		first   = `packages = ["mysql-server", "mysql-client"]` + "\n  is_default = true"
		changed = `packages = ["mysql-server"]` + "\n  is_default = false"
	)
	admin.Test(t,
		resource.TestStep{
			Config: version(first), Check: isDefault(true),
			ConfigStateChecks: []statecheck.StateCheck{at("is_default", knownvalue.Bool(true)), at("packages", packages("mysql-client", "mysql-server"))},
		},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true},
		resource.TestStep{
			Config: version(changed), Check: isDefault(false), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, address),
			ConfigStateChecks: []statecheck.StateCheck{at("is_default", knownvalue.Bool(false)), at("packages", packages("mysql-server"))},
		},
		resource.TestStep{Config: version(`is_default = true`), ConfigStateChecks: []statecheck.StateCheck{at("is_default", knownvalue.Bool(true)), at("packages", knownvalue.Null())}},
	)
}

// A user of the project may do none of it, which Trove says at the apply.
func operatorsAct(t *testing.T, c *cloud) {
	admin, _ := c.operator(t)
	id, host := "", ""
	act := func() {
		for _, action := range []string{"trove_reset_status", "trove_reboot_instance", "trove_migrate_instance"} {
			told, refused := c.Invoke(t, action, map[string]string{"instance_id": id})
			if text := strings.Join(refused.Errors(), " "); !strings.Contains(text, "Nothing was changed") || !strings.Contains(text, "only to users with the role admin") {
				t.Errorf("%s as a user of the project: %q, %q", action, told, text)
			}
		}
		for _, step := range []struct{ action, to, want string }{
			{"trove_reset_status", "", "The status of orders (ID) was reset, and is ACTIVE."},
			{"trove_reboot_instance", "", "orders (ID) was rebooted, and is ACTIVE."},
			{"trove_migrate_instance", "", "orders (ID) was migrated from host HOST to host "},
			{"trove_migrate_instance", "HOST", "orders (ID) is on host HOST already: nothing was changed."},
		} {
			fill := strings.NewReplacer("ID", id, "HOST", host)
			config := map[string]string{"instance_id": id}
			if step.to != "" {
				config["host"] = fill.Replace(step.to)
			}
			told, wrong := admin.Invoke(t, step.action, config)
			if wrong.Failed() || !strings.Contains(told, fill.Replace(step.want)) {
				t.Errorf("%s %v as an operator: %q, %q, want %q", step.action, config, told, wrong.Errors(), fill.Replace(step.want))
			}
			host = c.hostOf(t, id)
		}
	}
	config := c.Config(instance(``))
	c.Test(t,
		resource.TestStep{Config: config, Check: func(s *terraform.State) error {
			id = acctest.ID(s, db)
			host = c.hostOf(t, id)
			return nil
		}},
		resource.TestStep{PreConfig: act, Config: config, PlanOnly: true},
	)
}

// hostOf is where compute has the server of an instance, which only an operator sees.
func (c *cloud) hostOf(t *testing.T, id string) string {
	t.Helper()
	admin, _ := c.operator(t)
	client, err := admin.Client()
	if err != nil {
		t.Fatal(err)
	}
	host, err := client.HostOf(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	return host
}

// Trove 23 and later know the classes of the guest agent, and Trove 18 refuses them.
func operatorsSetParameters(t *testing.T, c *cloud) {
	admin, project := c.operator(t)
	name := "p-" + project
	version := func(lines string) string {
		return admin.Config(fmt.Sprintf(`
resource "trove_datastore_version" "v" {
  type       = "mysql"
  name       = %q
  manager    = "mysql"
  image_tags = ["trove"]
  %s
}
`, name, lines))
	}
	expect := func(want ...string) resource.TestCheckFunc {
		return func(*terraform.State) error {
			client, err := c.Client() // a new one, which has asked for none
			if err != nil {
				return err
			}
			v, err := client.DatastoreVersion(t.Context(), "mysql", name)
			if err != nil {
				return err
			}
			all, err := client.Parameters(t.Context(), v)
			var have []string
			for _, p := range all {
				have = append(have, fmt.Sprintf("%s %s %s..%s %t", p.Name, p.Type, p.Min, p.Max, p.RestartRequired))
			}
			slices.Sort(have)
			if err == nil && !slices.Equal(have, want) {
				err = fmt.Errorf("the parameters are %q, want %q", have, want)
			}
			return err
		}
	}
	const classes = `
  registry_ext  = "trove.guestagent.datastore.mysql.manager.Manager"
  repl_strategy = "trove.guestagent.strategies.replication.mysql_gtid.MysqlGTIDReplication"
`
	first := version(`parameters = {
    max_connections = { type = "integer", min = 1, max = 100000 }
    sql_mode        = { type = "string", restart_required = true }
  }`)
	changed := version(`parameters = {
    max_connections = { type = "integer", min = 10, max = 500, restart_required = true }
    wait_timeout    = { type = "integer", min = 0, max = 9 }
  }`)
	steps := []resource.TestStep{
		{Config: first, Check: expect("max_connections integer 1..100000 false", "sql_mode string .. true")},
		{Config: changed, Check: expect("max_connections integer 10..500 true", "wait_timeout integer 0..9 false")},
		{Config: version(``), Check: expect("max_connections integer 10..500 true", "wait_timeout integer 0..9 false")},
		{Config: version(`parameters = {}`), Check: expect()},
	}
	if since(23) {
		steps = append(steps, resource.TestStep{Config: version(classes)}, stays(version(``)))
	} else {
		steps = append(steps, resource.TestStep{Config: version(classes), ExpectError: regexp.MustCompile(`does\s+not\s+offer\s+registry_ext`)})
	}
	admin.Test(t, steps...)
}
