package acctest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	clouds "github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
)

// Account is a user with a project, in the sandbox or in a real cloud. Its methods go through the API alone.
type Account struct {
	IdentityURL                 string
	Username, Password, Project string
	// RequestTimeout is how long the provider is to wait for an answer, such as "5s".
	RequestTimeout string
	// Journal is the directory in which a Driver's provider notes creations; "" for none.
	Journal string

	t *testing.T
}

// NewAccount is an account for the time of a test.
func NewAccount(t *testing.T, a Account) *Account {
	a.t = t
	return &a
}

// Config is a configuration with a provider block for this account before it; settings are further lines of that block.
func (a *Account) Config(config string, settings ...string) string {
	if !slices.ContainsFunc(settings, func(s string) bool { return strings.HasPrefix(s, "request_timeout") }) {
		settings = append(settings, fmt.Sprintf("request_timeout = %q", a.RequestTimeout))
	}
	return fmt.Sprintf(`
provider "trove" {
  auth_url            = %q
  username            = %q
  password            = %q
  project_name        = %q
  user_domain_name    = "Default"
  project_domain_name = "Default"
  region              = %q
  %s
}
`, a.IdentityURL, a.Username, a.Password, a.Project, Region, strings.Join(settings, "\n  ")) + config
}

// Test runs the steps with the provider under test, and in the end checks that nothing is left in the project.
func (a *Account) Test(t *testing.T, steps ...resource.TestStep) {
	t.Helper()
	resource.Test(t, resource.TestCase{ProtoV6ProviderFactories: Factories(), Steps: steps})
	// Not as CheckDestroy, which cannot read states with for_each.
	if err := a.NothingAlive(); err != nil {
		t.Error(err)
	}
}

// NothingAlive returns an error that names the instances that the project still has.
func (a *Account) NothingAlive() error {
	client, err := a.Client()
	if err != nil {
		return err
	}
	left, err := client.Instances(a.t.Context())
	if err != nil {
		return err
	}
	for _, i := range left {
		return fmt.Errorf("instance %s (%s) is still there, in status %s", i.Name, i.ID, i.Status)
	}
	return nil
}

// Client is a client of somebody else in the same project.
func (a *Account) Client() (*operation.Client, error) {
	return operation.Connect(operation.Options{Options: openstack.Options{Auth: a.credentials(), Region: Region, UserAgent: "somebody-else"}})
}

// credentials are those of the configuration that Config writes.
func (a *Account) credentials() gophercloud.AuthOptions {
	return gophercloud.AuthOptions{IdentityEndpoint: a.IdentityURL, Username: a.Username, Password: a.Password, DomainName: "Default", TenantName: a.Project}
}

// Endpoint is the address of Trove for the project, and a token, for what speaks to it without a client.
func (a *Account) Endpoint(t *testing.T) (url, token string) {
	t.Helper()
	db := a.database(t)
	return strings.TrimSuffix(db.ServiceURL(), "/"), db.Token()
}

// database is gophercloud's own client, for what ours has no use for.
func (a *Account) database(t *testing.T) *gophercloud.ServiceClient {
	t.Helper()
	provider, err := clouds.AuthenticatedClient(t.Context(), a.credentials())
	if err != nil {
		t.Fatal(err)
	}
	db, err := clouds.NewDBV1(provider, gophercloud.EndpointOpts{Region: Region})
	if err != nil {
		t.Fatal(err)
	}
	return db
}
