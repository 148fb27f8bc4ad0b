package root_test

import (
	"fmt"
	"os"
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
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}

const (
	address = "trove_root.r"
	kind    = "POST /instances/{id}/root"
)

func server(datastore string) string {
	return fmt.Sprintf(`
resource "trove_instance" "server" {
  name      = "orders"
  flavor_id = "2"
  volume    = { size = 5 }
  datastore = { type = %q }
}
`, datastore)
}

func root(lines string) string {
	return "resource \"trove_root\" \"r\" {\n  instance_id = trove_instance.server.id\n" + lines + "\n}\n"
}

// passwordIs checks root's password at the server; not says that it is another.
func passwordIs(cloud *acctest.Cloud, id *string, want string, not bool) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		if *id == "" {
			*id = acctest.ID(s, "trove_instance.server")
		}
		got, err := cloud.State().RootPassword(identity.DemoProjectID, *id)
		if err != nil {
			return err
		}
		if (got == want) == not || got == "" {
			return fmt.Errorf("the password of root is %q; %q is what it is to be: %t", got, want, !not)
		}
		if text := fmt.Sprint(s.RootModule()); strings.Contains(text, got) {
			return fmt.Errorf("the password stands in the state: %s", text)
		}
		return nil
	}
}

func TestAccRootOnBothServers(t *testing.T) {
	for name, options := range acctest.BothServers() {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t, options)
			id := ""
			begun := server("mysql") + root("password_wo = \"first-secret\"\npassword_wo_version = 1")
			changed := server("mysql") + root("password_wo = \"second-secret\"\npassword_wo_version = 2")
			ephemeral := "variable \"secret\" {\n  type = string\n  ephemeral = true\n  default = \"third-secret\"\n}\n" +
				server("mysql") + root("password_wo = var.secret\npassword_wo_version = 3")
			cloud.Test(t,
				resource.TestStep{
					Config: cloud.Config(begun), Check: passwordIs(cloud, &id, "first-secret", false),
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue(address, tfjsonpath.New("password_wo"), knownvalue.Null()),
						statecheck.ExpectKnownValue(address, tfjsonpath.New("region"), knownvalue.StringExact(acctest.Region)),
					},
				},
				resource.TestStep{
					Config:           cloud.Config(changed),
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionUpdate)}},
					Check:            passwordIs(cloud, &id, "second-secret", false),
				},
				// An ephemeral value, which no plan and no state can hold.
				resource.TestStep{
					Config: cloud.Config(ephemeral), Check: passwordIs(cloud, &id, "third-secret", false),
					ConfigStateChecks: []statecheck.StateCheck{statecheck.ExpectKnownValue(address, tfjsonpath.New("password_wo"), knownvalue.Null())},
				},
				resource.TestStep{ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIgnore: []string{"password_wo_version"}},
				resource.TestStep{Config: cloud.Config(server("mysql")), Check: passwordIs(cloud, &id, "third-secret", true)},
			)
		})
	}
}

func TestAccRootIsRefused(t *testing.T) {
	for name, test := range map[string]struct{ config, want string }{
		"without a password":     {server("mysql") + root(""), `Missing password`},
		"with a bad password":    {server("mysql") + root(`password_wo = "it's"`), `Invalid password`},
		"on another datastore":   {server("redis") + root(`password_wo = "change-me-1"`), `(?s)Unable\s+to\s+manage\s+administrative\s+users\s+of\s+redis.*not\s+supported\s+for\s+datastore\s+redis`},
		"on what is not there":   {`resource "trove_root" "r" {` + "\n instance_id = \"nothing\"\n password_wo = \"change-me-1\"\n}\n", `nothing`},
		"version, and no secret": {server("mysql") + root(`password_wo_version = 1`), `Missing password`},
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Test(t, resource.TestStep{Config: cloud.Config(test.config), ExpectError: regexp.MustCompile(test.want)})
		})
	}
}

// Where the answer is lost root is enabled once more, with the same password.
func TestAccRootWhoseAnswerIsLost(t *testing.T) {
	cloud := acctest.NewCloud(t)
	cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: kind})
	id := ""
	cloud.Test(t, resource.TestStep{
		Config: cloud.Config(server("mysql") + root(`password_wo = "change-me-1"`)), Check: passwordIs(cloud, &id, "change-me-1", false),
	})
}

// Where it stays unknown whether root is enabled, it is in the state, and the next apply makes sure.
func TestAccRootOfWhichNothingIsKnown(t *testing.T) {
	cloud := acctest.NewCloud(t)
	config := cloud.Config(server("mysql") + root(`password_wo = "change-me-1"`))
	id := ""
	cloud.Test(t,
		resource.TestStep{
			PreConfig: func() { cloud.Inject(t, faults.Rule{Do: faults.LoseAnswer, Kind: kind, Times: faults.Always}) },
			Config:    config, ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+enable\s+root.*marked\s+as\s+tainted`),
		},
		resource.TestStep{
			PreConfig: func() { cloud.Faults().Clear() }, Config: config, Check: passwordIs(cloud, &id, "change-me-1", false),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, plancheck.ResourceActionReplace)}},
		},
	)
}

// A Trove without root access is no Trove on which root has been disabled.
func TestAccRootThatIsNotOfferedAnyMore(t *testing.T) {
	cloud := acctest.NewCloud(t, acctest.Upstream)
	config := cloud.Config(server("mysql") + root(`password_wo = "change-me-1"`))
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 404, Message: "The resource could not be found.", Kind: "GET /instances/{id}/root", Times: faults.Always})
			},
			Config: config, ExpectError: regexp.MustCompile(`(?s)This\s+Trove\s+does\s+not\s+offer\s+root\s+access`),
		},
		resource.TestStep{PreConfig: func() { cloud.Faults().Clear() }, Config: config, PlanOnly: true},
	)
}
