package upstream

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
)

// Trove 26 and later encrypt connections with certificates from the key manager. See testdata/shim/fakekeys.py for what it holds.
var sslCases = []testCase{
	{"ssl_is_enabled_changed_renewed_and_disabled", sslLife},
	{"ssl_that_was_rolled_back_is_put_right", sslRolledBack},
	{"ssl_that_cannot_be", sslRefused},
	{"ssl_of_postgresql_and_mysql_8", sslOfOthers},
}

const encrypted = "trove_instance_ssl.s"

// ssl encrypts the connections to an instance with the certificate of that name.
func ssl(instance, certificate, lines string) string {
	return fmt.Sprintf(`
resource "trove_instance_ssl" "s" {
  instance_id   = %s.id
  container_ref = "https://keys.example.org/v1/secrets/%s.p12"
  %s
}
`, instance, certificate, lines)
}

// offersSSL is true where the servers do. Elsewhere it has the case say that they do not, which is all that it can.
func (c *cloud) offersSSL(t *testing.T) bool {
	t.Helper()
	if since(26) {
		return true
	}
	c.Test(t,
		resource.TestStep{Config: c.Config(instance(``) + ssl(db, "orders", ``)), ExpectError: regexp.MustCompile(`(?s)Trove\s+does\s+not\s+offer\s+SSL`)},
		resource.TestStep{Config: c.Config(instance(``)), Check: func(s *terraform.State) error {
			_, refused := c.rollBackSSL(t, acctest.ID(s, db))
			if text := strings.Join(refused.Errors(), " "); !strings.Contains(text, "Unable to roll back the SSL") || !strings.Contains(text, "Trove does not offer SSL") {
				return fmt.Errorf("the action answers %q", text)
			}
			return nil
		}},
	)
	return false
}

// rollBackSSL invokes the action for it.
func (c *cloud) rollBackSSL(t *testing.T, id string) (told string, wrong acctest.Diagnostics) {
	t.Helper()
	return c.Invoke(t, "trove_rollback_instance_ssl", map[string]string{"instance_id": id})
}

// encryptedBy checks mode and certificate of an instance; "" is that nobody has enabled SSL.
func (c *cloud) encryptedBy(t *testing.T, address, mode, certificate string) resource.TestCheckFunc {
	t.Helper()
	client, err := c.Client()
	if err != nil {
		t.Fatal(err)
	}
	return func(s *terraform.State) error {
		have, err := client.SSLOf(t.Context(), acctest.ID(s, address))
		if err != nil {
			return err
		}
		is := ""
		if have.Enabled() && have.Certificate != nil {
			is = have.Mode + " " + have.Certificate.CommonName
		}
		want := mode + " " + certificate
		if mode == "" {
			want = ""
		}
		if is != want {
			return fmt.Errorf("%s is encrypted by %q, want %q", address, is, want)
		}
		return nil
	}
}

func sslLife(t *testing.T, c *cloud) {
	if !c.offersSSL(t) {
		return
	}
	const restarts = `restart_policy = "if_needed"`
	var steps []resource.TestStep
	config := func(ssl string) string { return c.Config(source(2) + readers(2) + ssl) }
	for n, change := range []struct{ certificate, name, lines, mode string }{
		{"orders", "orders", restarts, "basic"},
		{"orders", "orders", restarts + "\n  mode = \"enforced\"", "enforced"},
		{"renewed", "renewed", restarts + "\n  mode = \"enforced\"", "enforced"},
		{
			"mutual.locked", "mutual.locked", restarts + "\n  mode = \"mtls\"\n  password_ref = \"https://keys.example.org/v1/secrets/secret\"", "mtls",
		},
	} {
		changed := config(ssl(declared, change.certificate, change.lines))
		action := plancheck.ResourceActionUpdate
		if n == 0 {
			action = plancheck.ResourceActionCreate
		}
		steps = append(steps, resource.TestStep{
			Config: changed, ConfigPlanChecks: planned(action, encrypted),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(encrypted, tfjsonpath.New("common_name"), knownvalue.StringExact(change.name)),
				statecheck.ExpectKnownValue(encrypted, tfjsonpath.New("certificate"), knownvalue.StringRegexp(regexp.MustCompile("^-----BEGIN CERTIFICATE-----"))),
			},
			Check: resource.ComposeTestCheckFunc(
				c.encryptedBy(t, declared, change.mode, change.name), c.encryptedBy(t, reader1, change.mode, change.name),
			),
		})
	}
	steps = append(steps,
		resource.TestStep{
			ResourceName: encrypted, ImportState: true, ImportStateVerify: true,
			ImportStateVerifyIgnore: []string{"container_ref", "password_ref", "restart_policy"}, // which Trove does not show
		},
		resource.TestStep{
			Config: config(``),
			Check:  resource.ComposeTestCheckFunc(c.encryptedBy(t, declared, "", ""), c.encryptedBy(t, reader1, "", "")),
		},
	)
	c.Test(t, steps...)
}

func sslRolledBack(t *testing.T, c *cloud) {
	if !c.offersSSL(t) {
		return
	}
	id := ""
	note := func(s *terraform.State) error {
		id = acctest.ID(s, db)
		return nil
	}
	rollBack := func(want string) func() {
		return func() {
			told, wrong := c.rollBackSSL(t, id)
			if wrong.Failed() || !strings.Contains(told, "was rolled back: it is in mode "+want+". Restart orders ("+id+") for it.") {
				t.Errorf("rolled back: %q, %q, want mode %s", told, wrong.Errors(), want)
			}
		}
	}
	config := func(certificate string) string {
		return c.Config(instance(``) + ssl(db, certificate, `restart_policy = "if_needed"`))
	}
	c.Test(t,
		resource.TestStep{Config: config("orders"), Check: note},
		// Back to before there was any.
		resource.TestStep{
			PreConfig: rollBack("builtin"), Config: config("orders"), ConfigPlanChecks: planned(plancheck.ResourceActionCreate, encrypted),
			Check: c.encryptedBy(t, db, "basic", "orders"),
		},
		resource.TestStep{Config: config("renewed"), Check: c.encryptedBy(t, db, "basic", "renewed")},
		// Back to another certificate, in the same mode.
		resource.TestStep{
			PreConfig: rollBack("basic"), Config: config("renewed"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate, encrypted),
			Check: c.encryptedBy(t, db, "basic", "renewed"),
		},
	)
}

func sslRefused(t *testing.T, c *cloud) {
	if !c.offersSSL(t) {
		return
	}
	steps := []resource.TestStep{{Config: c.Config(source(2) + readers(2))}}
	for ssl, want := range map[string]string{
		ssl(reader1, "orders", ``):                      `SSL\s+settings\s+belong\s+to\s+the\s+source`,
		ssl(declared, "orders", `mode = "strict"`):      `value\s+must\s+be\s+one\s+of`,
		ssl(declared, "orders.locked", `# no password`): `Unable\s+to\s+enable\s+SSL`,
		ssl(declared, "missing", ``):                    `Unable\s+to\s+enable\s+SSL`,
	} {
		steps = append(steps, resource.TestStep{Config: c.Config(source(2) + readers(2) + ssl), ExpectError: regexp.MustCompile("(?s)" + want)})
	}
	steps = append(steps, resource.TestStep{Config: c.Config(source(2) + readers(2)), Check: c.encryptedBy(t, declared, "", "")})
	c.Test(t, steps...)
}

// PostgreSQL needs no restart, MySQL since 8.0 cannot be without, and Couchbase has none.
func sslOfOthers(t *testing.T, c *cloud) {
	if !c.offersSSL(t) {
		return
	}
	const with = `restart_policy = "if_needed"`
	for datastore, version := range map[string]string{"postgresql": "postgresql-16", "mysql": "mysql-8.0", "couchbase": "couchbase-7.2"} {
		cli := acctest.NewCLI(t, c.Config(of(datastore, version)+ssl(db, "orders", with)))
		if datastore == "couchbase" {
			if out, err := cli.Run("apply", "-auto-approve"); err == nil || !regexp.MustCompile(`(?s)does\s+not\s+offer\s+SSL`).MatchString(out) {
				t.Errorf("%v: %s", err, out)
			}
			cli.MustRun("destroy", "-auto-approve")
			continue
		}
		cli.MustRun("apply", "-auto-approve")
		cli.MustRun("plan", "-detailed-exitcode")
		out := cli.MustRun("destroy", "-auto-approve")
		if said := regexp.MustCompile("SSL stays enabled").MatchString(out); said != (datastore == "mysql") {
			t.Errorf("%s: the destruction says %s", datastore, out)
		}
	}
}
