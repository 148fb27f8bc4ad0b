package limits_test

import (
	"os"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
)

func TestMain(m *testing.M) {
	code := m.Run()
	acctest.RemoveBuild()
	os.Exit(code)
}
