package mongodb_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// named are members by name, each with its own lines, written one by one rather than by count.
func named(blocks map[string]string) string {
	var b strings.Builder
	for name, lines := range blocks {
		fmt.Fprintf(&b, "resource \"trove_mongodb_member\" %q {\n  name = %[1]q\n  flavor_id = \"1\"\n  volume = { size = 2 }\n  replica_set = \"products\"\n  %s\n}\n", name, lines)
	}
	return b.String()
}

// A set that is too large is refused at plan time, whichever way its members are written, and nothing of it is made.
func TestAccSetThatIsTooLargeIsRefusedAtPlanTime(t *testing.T) {
	t.Parallel()
	each := map[string]string{}
	for n := range 8 {
		each[fmt.Sprintf("m%d", n)] = ""
	}
	const voters, total = `would have 8 voting members`, `would have 13 members`
	for name, tt := range map[string]struct{ config, want string }{
		"eight by count":           {members(8, ""), voters},
		"eight one by one":         {named(each), voters},
		"seven and an arbiter":     {members(7, "") + arbiter, voters},
		"thirteen":                 {members(13, "votes = count.index < 7 ? 1 : 0\npriority = count.index < 7 ? 1 : 0"), total},
		"eight, one of them later": {members(7, "") + named(map[string]string{"late": "depends_on = [trove_mongodb_member.member]"}), voters},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t)
			cli := acctest.NewCLI(t, cloud.Config(tt.config))
			out, err := cli.Run("plan")
			if err == nil || strings.Count(out, tt.want) != 1 || !strings.Contains(out, "Invalid MongoDB replica set products") {
				t.Errorf("%v:\n%s", err, out)
			}
		})
	}
}

// Members that exist count, also those of others; those that go, and those that lose their votes, do not.
func TestAccSetIsJudgedWithWhatExistsAndWhatGoes(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(members(7, "")))
	cli.MustRun("apply", "-auto-approve")
	foreign := acctest.NewCLI(t, cloud.Config(named(map[string]string{"foreign": ""})))
	if out, err := foreign.Run("plan"); err == nil || !strings.Contains(out, "would have 8 voting members") {
		t.Errorf("an eighth by another configuration: %v:\n%s", err, out)
	}
	for name, config := range map[string]string{
		"a vote is taken from one, and a voter comes":   members(7, "votes = count.index == 6 ? 0 : 1\npriority = count.index == 6 ? 0 : 1") + named(map[string]string{"new": ""}),
		"one goes, and another comes":                   members(6, "") + named(map[string]string{"new": ""}),
		"votes are taken by the set, and a voter comes": members(7, "") + settings("n == 6 ? { votes = 0, priority = 0 } : {}") + named(map[string]string{"new": ""}),
		"one is replaced":                               members(7, `availability_zone = count.index == 6 ? "nova" : null`),
	} {
		cli.Configure(cloud.Config(config))
		if out, err := cli.Run("plan"); err != nil || strings.Contains(out, "voting members") {
			t.Errorf("%s: %v:\n%s", name, err, out)
		}
	}
	cli.Configure(cloud.Config(members(7, "votes = count.index > 4 ? 0 : 1\npriority = count.index > 4 ? 0 : 1") + named(map[string]string{"x": "", "y": ""})))
	cli.MustRun("apply", "-auto-approve") // in whatever order
	if out, err := cli.Run("plan", "-detailed-exitcode"); err != nil {
		t.Errorf("the plan is not empty: %v:\n%s", err, out)
	}
	cli.Configure(cloud.Config(""))
	cli.MustRun("apply", "-auto-approve")
	if err := cloud.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// What is not known yet is no reason to refuse.
func TestAccUnknownVotesAreNotCounted(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(`
resource "terraform_data" "votes" { input = 0 }
`+members(7, "")+named(map[string]string{"eighth": "votes = terraform_data.votes.output\npriority = terraform_data.votes.output"})))
	if out, err := cli.Run("plan"); err != nil || strings.Contains(out, "voting members") {
		t.Errorf("%v:\n%s", err, out)
	}
}

func TestAccMemberOfAnotherVersionThanItsSetIsWarnedOf(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	version := func(v string) string { return fmt.Sprintf("datastore = { version = %q }", v) }
	cli := acctest.NewCLI(t, cloud.Config(named(map[string]string{"a": version("mongodb-2.0.4")})))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(cloud.Config(named(map[string]string{"a": version("mongodb-2.0.4"), "b": version("mongodb-7.0"), "c": version("mongodb-2.0.4")})))
	want := regexp.MustCompile(`Member \w: the version is mongodb-\S+, and members have mongodb-\S+: use\s+different\s+major\s+versions`)
	if out := cli.MustRun("plan"); len(want.FindAllString(out, -1)) != 1 {
		t.Errorf("nothing, or more than once:\n%s", out)
	}
	cli.Configure(cloud.Config(named(map[string]string{"a": version("mongodb-2.0.4"), "b": "", "c": ""})))
	if out := cli.MustRun("apply", "-auto-approve"); want.MatchString(out) {
		t.Errorf("members without a version:\n%s", out)
	}
	if shown := cli.MustRun("show"); strings.Count(shown, `version = "mongodb-2.0.4"`) != 3 {
		t.Errorf("not all run the version of their set:\n%s", shown)
	}
	cli.MustRun("destroy", "-auto-approve")
}
