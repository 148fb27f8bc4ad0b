package provider_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

// The diagrams on the pages are those of what stands beside them.
func TestAccDiagramsOfThePages(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		page, example, member string
	}{
		"the README":                {"../../README.md", "../../README.md", "trove_instance.source.id"},
		"the guide of replica sets": {"../../docs/guides/replica-sets.md", "../../examples/resources/trove_mongodb_member/resource.tf", `trove_mongodb_member.products["products-a"].id`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config, page := readFile(t, tt.example), readFile(t, tt.page)
			if block := regexp.MustCompile("(?s)```terraform\n.*?(resource .*?)```").FindStringSubmatch(config); block != nil {
				config = block[1] // without terraform and provider, which the test has itself
			}
			want := regexp.MustCompile("(?s)```mermaid\n(.*?)```").FindStringSubmatch(page)
			if want == nil {
				t.Fatalf("%s has no diagram", tt.page)
			}
			cloud := acctest.NewCloud(t)
			cli := acctest.NewCLI(t, cloud.Config(config+`
data "trove_topology" "shown" {
  instance_id = `+tt.member+`
  depends_on  = [`+strings.Join(addresses(config), ", ")+`]
}
output "diagram" {
  value = data.trove_topology.shown.mermaid
}
`))
			cli.MustRun("apply", "-auto-approve")
			out, err := cli.Command(t.Context(), "output", "-raw", "diagram").Output()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[1], string(out)); diff != "" {
				t.Errorf("%s shows another diagram than its example makes (-shown +made):\n%s", tt.page, diff)
			}
		})
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// addresses are those of the resources of a configuration.
func addresses(config string) (all []string) {
	for _, m := range regexp.MustCompile(`(?m)^resource "(\w+)" "(\w+)"`).FindAllStringSubmatch(config, -1) {
		all = append(all, m[1]+"."+m[2])
	}
	return all
}
