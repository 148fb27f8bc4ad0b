package provider_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

const instance = `
resource "trove_instance" "db" {
  name      = "orders"
  flavor_id = "1"
  volume    = { size = 2 }
  datastore = { type = "mysql", version = "mysql-5.7" }
}
`

// block is a provider block.
func block(lines ...string) string {
	return "\nprovider \"trove\" {\n  " + strings.Join(lines, "\n  ") + "\n}\n"
}

// demo are the lines of user demo.
func demo(cloud *acctest.Cloud) []string {
	return []string{
		fmt.Sprintf("auth_url = %q", cloud.AuthURL()), `username = "demo"`, `user_domain_name = "Default"`, `project_name = "demo"`,
		`project_domain_name = "Default"`, `max_retries = 0`,
	}
}

func TestAccProviderThatCannotConnect(t *testing.T) {
	cloud := acctest.NewCloud(t)
	website := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(website.Close)
	password := `password = "demo"`
	tests := map[string]struct {
		block string
		want  string
	}{
		"a wrong password": {
			block(append(demo(cloud), `password = "wrong"`)...),
			`refused\s+the\s+password\s+of\s+user\s+demo.*OS_PASSWORD`,
		},
		"an auth_url where nobody listens": {
			block(append(demo(cloud)[1:], password, `auth_url = "http://127.0.0.1:1/v3"`)...),
			`No\s+answer\s+from\s+the\s+identity\s+service.*OS_AUTH_URL`,
		},
		"an auth_url that is no Keystone": {
			block(append(demo(cloud)[1:], password, fmt.Sprintf(`auth_url = "%s/v3"`, website.URL))...),
			`Unable\s+to\s+connect\s+to\s+Trove.*OS_AUTH_URL`,
		},
		"a region that the catalog does not have": {
			block(append(demo(cloud), password, `region = "Nowhere"`)...),
			`no\s+database\s+service\s+\(Trove\)\s+in\s+region\s+Nowhere.*one\s+in\s+RegionOne.*region\s+from\s+the\s+provider\s+block`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			cloud.Test(t, resource.TestStep{Config: tt.block + instance, PlanOnly: true, ExpectError: regexp.MustCompile("(?s)" + tt.want)})
		})
	}
}

func TestAccProviderFindsItsCredentials(t *testing.T) {
	cloud := acctest.NewCloud(t)
	clouds := filepath.Join(t.TempDir(), "clouds.yaml")
	text := fmt.Sprintf(`
clouds:
  here:
    auth:
      auth_url: %s
      username: demo
      project_name: demo
      user_domain_name: Default
      project_domain_name: Default
    region_name: RegionOne
`, cloud.AuthURL())
	if err := os.WriteFile(clouds, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(clouds), "secure.yaml"), []byte("clouds:\n  here:\n    auth:\n      password: demo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("in the environment", func(t *testing.T) {
		for _, kv := range cloud.Env() {
			name, value, _ := strings.Cut(kv, "=")
			t.Setenv(name, value)
		}
		test(t, cloud, block()+instance)
	})
	t.Run("in clouds.yaml and secure.yaml, in spite of another cloud's variables", func(t *testing.T) {
		t.Setenv("OS_CLIENT_CONFIG_FILE", clouds)
		t.Setenv("OS_USERNAME", "somebody")
		t.Setenv("OS_PASSWORD", "of-another-cloud")
		t.Setenv("OS_AUTH_URL", "http://127.0.0.1:1/v3")
		test(t, cloud, block(`cloud = "here"`)+instance)
	})
}

// test creates and destroys. Environment variables forbid a parallel test.
func test(t *testing.T, cloud *acctest.Cloud, config string) {
	t.Helper()
	resource.Test(t, resource.TestCase{
		ProtoV6ProviderFactories: acctest.Factories(),
		Steps:                    []resource.TestStep{{Config: config}},
		CheckDestroy:             func(*terraform.State) error { return cloud.NothingAlive() },
	})
}

func TestAccProviderThatIsNotKnownYetStillPlans(t *testing.T) {
	cloud := acctest.NewCloud(t)
	unknown := strings.Join(append(demo(cloud), `password = terraform_data.password.output`), "\n  ")
	cloud.Test(t, resource.TestStep{
		Config: `
resource "terraform_data" "password" {
  input = "demo"
}

provider "trove" {
  ` + unknown + `
}
` + instance,
	})
}

func TestAccProjectsDoNotSeeEachOther(t *testing.T) {
	cloud := acctest.NewCloud(t)
	// Two configurations of the provider take two processes.
	cli := acctest.NewCLI(t, cloud.Config(instance)+fmt.Sprintf(`
provider "trove" {
  alias               = "other"
  auth_url            = %q
  username            = "other"
  password            = "other"
  project_name        = "other"
  user_domain_name    = "Default"
  project_domain_name = "Default"
}

resource "trove_mysql_replica" "stranger" {
  provider   = trove.other
  name       = "stranger"
  flavor_id  = "1"
  replica_of = [trove_instance.db.id]
}
`, cloud.AuthURL()))
	out, err := cli.Run("apply", "-auto-approve")
	if err == nil || !strings.Contains(out, "there is no such instance in this project and region") {
		t.Errorf("got %v:\n%s", err, out)
	}
	cli.Configure(cloud.Config(instance)) // a destroy plans what is not there yet as well
	cli.MustRun("destroy", "-auto-approve")
	if ever, alive := cloud.Made(); ever != 1 || alive != 0 {
		t.Errorf("%d instances were made and %d are left, want 1 and 0", ever, alive)
	}
}

func TestAccValidateNeedsNoNetwork(t *testing.T) {
	cli := acctest.NewCLI(t, block(`auth_url = "http://127.0.0.1:1/v3"`, `username = "demo"`, `password = "demo"`)+instance)
	if out := cli.MustRun("validate"); !strings.Contains(out, "Success!") {
		t.Errorf("validate says: %s", out)
	}
}

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}
