// Package acctest is what acceptance tests share: a sandbox in the test's own process, the provider under test, and
// checks against the sandbox's ledger. Only tests import it.
package acctest

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentrove/terraform-provider-trove/internal/protocol"
	"github.com/opentrove/terraform-provider-trove/internal/provider"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
)

// Region is the region of the sandbox's catalog.
const Region = "RegionOne"

// Cloud is a sandbox that lives as long as its test.
type Cloud struct {
	*sandbox.Sandbox
	*Account
}

// NewCloud starts a sandbox that builds in a moment; change adjusts its options.
func NewCloud(t *testing.T, change ...func(*sandbox.Options)) *Cloud {
	t.Helper()
	return NewCloudAt(t, "127.0.0.1:0", change...)
}

// NewCloudAt is NewCloud at an address that is free, such as that of a sandbox that was closed.
func NewCloudAt(t *testing.T, address string, change ...func(*sandbox.Options)) *Cloud {
	t.Helper()
	options := sandbox.Options{BuildTime: 50 * time.Millisecond, ActionTime: 20 * time.Millisecond}
	for _, c := range change {
		c(&options)
	}
	s, err := sandbox.New(options)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start(address); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 10*time.Second)
		defer cancel()
		if err := s.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return &Cloud{Sandbox: s, Account: NewAccount(t, Account{
		IdentityURL: s.AuthURL(), Username: "demo", Password: "demo", Project: "demo", RequestTimeout: "5s",
	})}
}

// ByAdministrator is the cloud as an administrator of it sees it, who is signed in to project demo.
func (c *Cloud) ByAdministrator(t *testing.T) *Cloud {
	t.Helper()
	account := *c.Account
	account.Username, account.Password = "admin", "admin"
	return &Cloud{Sandbox: c.Sandbox, Account: NewAccount(t, account)}
}

// Upstream is the option of a sandbox that behaves like released Trove: without the topology calls.
func Upstream(o *sandbox.Options) { o.Upstream = true }

// Test runs the steps with the provider under test, and in the end checks that nothing is left alive.
func (c *Cloud) Test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.ParallelTest(t, resource.TestCase{
		ProtoV6ProviderFactories: Factories(),
		Steps:                    steps,
	})
	// Not as CheckDestroy, which cannot read states with for_each.
	if err := c.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// Factories serve the provider under test in this process.
func Factories() map[string]func() (tfprotov6.ProviderServer, error) {
	return map[string]func() (tfprotov6.ProviderServer, error){
		"trove": func() (tfprotov6.ProviderServer, error) { return protocol.New(provider.New("test", "")()), nil },
	}
}
