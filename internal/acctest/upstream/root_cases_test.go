package upstream

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

var rootCases = []testCase{
	{"root_is_enabled_changed_and_disabled", rootLife},
	{"root_follows_a_switchover", rootFollows},
	{"root_of_postgresql_and_couchbase", rootOfOthers},
}

// root is root of an instance, with the password of that number.
func root(instance string, password int) string {
	return fmt.Sprintf(`
resource "trove_root" "r" {
  instance_id         = %s.id
  password_wo         = "secret-%d"
  password_wo_version = %d
}
`, instance, password, password)
}

func rootLife(t *testing.T, c *cloud) {
	const address = "trove_root.r"
	first, second := c.Config(instance(``)+root(db, 1)), c.Config(instance(``)+root(db, 2))
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	enabled := func(s *terraform.State) error {
		is, err := client.RootEnabled(t.Context(), acctest.ID(s, db))
		if err == nil && !is {
			err = errors.New("root is not enabled")
		}
		return err
	}
	c.Test(t,
		resource.TestStep{Config: first, Check: enabled, ConfigStateChecks: []statecheck.StateCheck{
			statecheck.ExpectKnownValue(address, tfjsonpath.New("password_wo"), knownvalue.Null()),
		}},
		resource.TestStep{Config: second, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, address), Check: enabled},
		resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"password_wo_version"}},
		resource.TestStep{Config: c.Config(instance(``))},
		// It can be enabled again, whatever the server says of it meanwhile.
		resource.TestStep{Config: first, ConfigPlanChecks: planned(plancheck.ResourceActionCreate, address), Check: enabled},
	)
}

// The server notes of the new source nothing of root, which is there all the same.
func rootFollows(t *testing.T, c *cloud) {
	config := c.Config(source(2) + readers(2) + root(declared, 1))
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	c.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig:        func() { c.SwitchOverBehindOurBack(t, "orders-1") },
			Config:           config,
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
			Check:            c.sourceIs(reader1),
		},
		resource.TestStep{
			Config: c.Config(source(2) + readers(2) + root(declared, 2)),
			Check: func(s *terraform.State) error {
				is, err := client.RootEnabled(t.Context(), acctest.ID(s, reader1))
				if err == nil && !is {
					err = errors.New("the password was not changed at the source")
				}
				return err
			},
		},
	)
}

// PostgreSQL has it since Trove 23.
func rootOfOthers(t *testing.T, c *cloud) {
	refused := func(datastore, version string) resource.TestStep {
		return resource.TestStep{
			Config:      c.Config(of(datastore, version) + root(db, 1)),
			ExpectError: regexp.MustCompile(`(?s)administrative\s+users\s+of\s+` + datastore),
		}
	}
	if !since(23) {
		c.Test(t, refused("postgresql", "postgresql-16"), stays(c.Config(of("postgresql", "postgresql-16"))))
		return
	}
	first := c.Config(of("postgresql", "postgresql-16") + root(db, 1))
	c.Test(t,
		resource.TestStep{Config: first},
		resource.TestStep{Config: c.Config(of("postgresql", "postgresql-16") + root(db, 2)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, "trove_root.r")},
		resource.TestStep{Config: c.Config(of("postgresql", "postgresql-16"))},
		refused("couchbase", "couchbase-7.2"),
	)
}
