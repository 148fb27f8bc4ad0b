package upstream

import (
	"slices"
	"testing"
)

// testCase is written once and runs against both servers; the package's documentation says how to add one.
type testCase struct {
	name string
	run  func(t *testing.T, c *cloud)
}

// cases are all cases, by file.
func cases() []testCase {
	return slices.Concat(instanceCases, configurationCases, replicaCases, rolesCases, refusalCases, contentCases, backupCases, catalogCases, keptCases, parallelCases,
		walkCases, operatorCases, rootCases, sslCases)
}

func TestAccSandbox(t *testing.T) {
	t.Parallel() // while the real server starts
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, newSandboxed(t))
		})
	}
}

// TestReleasedTrove is no TestAcc: it tells of the server, which is the same for every engine, so that `make testacc`
// with another engine need not run it again.
func TestReleasedTrove(t *testing.T) {
	t.Parallel()
	server := realServer(t)
	for _, c := range cases() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.run(t, newReleased(t, server))
		})
	}
}
