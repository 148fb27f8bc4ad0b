package readme_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest/readme"
)

func TestReplaceChangesOneTable(t *testing.T) {
	file := filepath.Join(t.TempDir(), "README.md")
	const other = "<!-- make other -->\nold\n<!-- /make other -->\n"
	if err := os.WriteFile(file, []byte("# A\n<!-- make this -->\nold\nold\n<!-- /make this -->\nend\n"+other), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := readme.Replace(file, "make this", "new\n"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "# A\n<!-- make this -->\nnew\n<!-- /make this -->\nend\n" + other; err != nil || string(got) != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if err := readme.Replace(file, "make nothing", "new\n"); err == nil {
		t.Error("a file without the marks is no error")
	}
}
