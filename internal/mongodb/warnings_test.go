package mongodb_test

import (
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

func TestAccWarningsAboutASetThatIsStillBeingBuilt(t *testing.T) {
	t.Parallel()
	const even, lonely = "even number of voting members", "Only one member of the replica set can become primary"
	bare := func(o *sandbox.Options) { o.Bare = true }
	full := func(*sandbox.Options) {}
	tests := map[string]struct {
		config string
		server func(*sandbox.Options)
		want   []string // each once, and nothing else
	}{
		"three members":                             {members(3, ""), full, nil},
		"two members and an arbiter":                {members(2, "") + arbiter, full, nil},
		"four members":                              {members(4, ""), full, []string{even + " (4)"}},
		"two members, one of them never elected":    {members(2, "priority = count.index"), full, []string{even + " (2)", lonely}},
		"three members, only one of them electable": {members(3, "priority = count.index == 0 ? 1 : 0"), full, []string{lonely}},
		"two members whose settings are not shown":  {members(2, ""), bare, []string{even + " (2)"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cloud := acctest.NewCloud(t, tt.server)
			cli := acctest.NewCLI(t, cloud.Config(tt.config))
			out := cli.MustRun("apply", "-auto-approve")
			for _, text := range append([]string{even, lonely}, tt.want...) {
				want := 0
				for _, w := range tt.want {
					if strings.HasPrefix(w, text) {
						want = 1
					}
				}
				if n := strings.Count(out, text); n != want {
					t.Errorf("%q stands there %d times, want %d:\n%s", text, n, want, out)
				}
			}
			cli.MustRun("destroy", "-auto-approve")
		})
	}
}

func TestAccMemberThatMakesTheVotersEvenIsWarnedOf(t *testing.T) {
	t.Parallel()
	cloud := acctest.NewCloud(t)
	cli := acctest.NewCLI(t, cloud.Config(members(3, "")))
	cli.MustRun("apply", "-auto-approve")
	cli.Configure(cloud.Config(members(4, "")))
	if out := cli.MustRun("plan"); strings.Count(out, "even number of voting members (4)") != 1 {
		t.Errorf("the plan does not say so once:\n%s", out)
	}
	cli.MustRun("apply", "-auto-approve")
	for name, config := range map[string]string{"from 4 to 2": members(2, ""), "a vote less": members(4, "votes = count.index < 2 ? 1 : 0\npriority = count.index < 2 ? 1 : 0")} {
		cli.Configure(cloud.Config(config))
		if out := cli.MustRun("plan"); strings.Count(out, "even number of voting members (2)") != 1 {
			t.Errorf("%s: the plan does not say so once:\n%s", name, out)
		}
	}
	cli.Configure(cloud.Config(members(4, "")))
	if out := cli.MustRun("plan", "-detailed-exitcode"); strings.Contains(out, "even number") {
		t.Errorf("a plan without changes says so:\n%s", out)
	}
	cli.MustRun("destroy", "-auto-approve")
}
