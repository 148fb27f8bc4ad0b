package user_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// An imported user needs no password in the configuration, but whatever sends one does.
func TestAccUserWithoutPassword(t *testing.T) {
	cloud := acctest.NewCloud(t)
	missing := regexp.MustCompile(`Missing password`)
	lines := "name = \"u\"\ndatabases = []\n"
	cloud.Test(t,
		resource.TestStep{Config: cloud.Config(server + user(lines)), ExpectError: missing},
		resource.TestStep{Config: cloud.Config(server + user(lines+"password_wo = \"pw1\""))},
		resource.TestStep{Config: cloud.Config(server + user(lines)), PlanOnly: true},
		resource.TestStep{Config: cloud.Config(server + user(lines+"password_wo_version = 1")), ExpectError: missing},
		resource.TestStep{Config: cloud.Config(server + user(lines+"host = \"10.0.0.1\""))},
	)
}

// The password is nowhere but on the server: in no state, no plan, no log, and not in what the sandbox keeps.
func TestAccPasswordIsNowhereElse(t *testing.T) {
	cloud := acctest.NewCloud(t)
	const secret = "hunter2-secret"
	log := t.TempDir() + "/log"
	config := func(version int) string {
		return cloud.Config(server + user(fmt.Sprintf("name = \"app\"\n  databases = [\"db0\"]\n  password_wo = var.password\n  password_wo_version = %d", version)) + `
variable "password" {
  type      = string
  ephemeral = true
}
`)
	}
	cli := acctest.NewCLI(t, config(1))
	cli.Set("TF_VAR_password="+secret, "TF_LOG=trace", "TF_LOG_PATH="+log)
	out := cli.MustRun("apply", "-auto-approve")
	cli.Configure(config(2))
	out += cli.MustRun("plan", "-out=plan") + cli.MustRun("show", "-json", "plan") + cli.MustRun("apply", "plan") + cli.MustRun("show", "-json")
	out += cli.MustRun("destroy", "-auto-approve")
	logged, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(logged), "OpenStack request") {
		t.Error("nothing was logged: this test proves nothing")
	}
	kept := 0
	for _, r := range cloud.Ledger().Requests() {
		if strings.HasSuffix(r.Path, "/users") && r.Method != "GET" {
			kept++
		}
		if strings.Contains(string(r.Body), secret) {
			t.Errorf("the ledger keeps the password: %s", r.Body)
		}
	}
	if kept != 2 {
		t.Errorf("%d requests had a password, want 2", kept)
	}
	for where, text := range map[string]string{"output, plan and state": out, "log": string(logged)} {
		if at := strings.Index(text, secret); at >= 0 {
			t.Errorf("the password is in the %s: %s", where, text[max(0, at-300):at])
		}
	}
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// Trove quotes a password that it refuses.
func TestAccServersWordsAboutAPasswordAreNotShown(t *testing.T) {
	const secret = "hunter2-secret"
	for name, message := range map[string]string{
		"said to be one": "User create error: '" + secret + "' is not a valid password.", "bare": "'" + secret + "' is no good", "cut": "hunter is not a valid Password.",
	} {
		t.Run(name, func(t *testing.T) {
			cloud := acctest.NewCloud(t)
			cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 400, Message: message, Kind: "POST /instances/{id}/users"})
			cli := acctest.NewCLI(t, cloud.Config(server+user(`name = "app"`+"\n  password_wo = \""+secret+`"`)))
			out, err := cli.Run("apply", "-auto-approve")
			if err == nil || !strings.Contains(out, "message is omitted") {
				t.Errorf("%v\n%s", err, out)
			}
			if strings.Contains(out, "hunter") {
				t.Errorf("the password is shown: %s", out)
			}
			cli.MustRun("destroy", "-auto-approve")
		})
	}
}

// What was done before something failed is in the state: the next apply goes on from there.
func TestAccRotationIsNotedBeforeTheRightsFail(t *testing.T) {
	cloud := acctest.NewCloud(t)
	g := &guest{cloud: cloud}
	config := cloud.Config(server + user("name = \"app\"\n  databases = [\"db0\"]\n  password_wo = \"pw1\"\n  password_wo_version = 1"))
	changed := strings.NewReplacer(`["db0"]`, `["db1"]`, "pw1", "pw2", "version = 1", "version = 2").Replace(config)
	cloud.Test(t,
		resource.TestStep{Config: config},
		resource.TestStep{
			PreConfig: func() {
				cloud.Inject(t, faults.Rule{Do: faults.Status, Status: 403, Kind: "PUT /instances/{id}/users/{user}/databases"})
			},
			Config: changed, ExpectError: regexp.MustCompile(`(?s)Unable\s+to\s+change\s+the\s+grants\s+of\s+user\s+app@%.*403`),
		},
		resource.TestStep{Config: changed, Check: g.has(state.User{Name: "app", Host: "%", Password: "pw2", Databases: []string{"db1"}})},
	)
	if err := cloud.ExpectRequests(map[string]int{"PUT /instances/{id}/users": 1}); err != nil {
		t.Error(err)
	}
}
