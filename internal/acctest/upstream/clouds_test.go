package upstream

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/projects"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/roles"
	"github.com/gophercloud/gophercloud/v2/openstack/identity/v3/users"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// The networks of both servers.
const (
	private = "00000000-0000-4000-8000-00000000bbbb"
	other   = "00000000-0000-4000-8000-00000000dddd"
)

// cloud is what a case runs against: a project that nobody else uses, on one of the two servers.
type cloud struct {
	*acctest.Account
	behind
}

// behind is what a case can do to a server that no user can.
type behind interface {
	// fail makes what is named fail from now on for the instance of that name.
	fail(t *testing.T, instance string, what failure)
	// heal takes all failures away again.
	heal(t *testing.T)
	// mute ends the heartbeats of the instance of that name until heal.
	mute(t *testing.T, instance string)
	// hold keeps what the server does to the instance of that name from ending, until resume.
	hold(t *testing.T, instance string)
	resume(t *testing.T, instance string)
	// limit sets how many instances the project may have.
	limit(t *testing.T, instances int)
	// lose lets so many creations of instances be answered with 500, as a real server does by itself where they come all at once.
	lose(t *testing.T, creations int)
	// operator is an administrator, and the id of the case's project.
	operator(t *testing.T) (admin *acctest.Account, project string)
}

// failure is something that goes wrong in the background, after the server has accepted it.
type failure string

// What can fail.
const (
	build   failure = "build"  // the instance ends in ERROR
	resize  failure = "resize" // of the flavor; the instance stays as it was
	detach  failure = "detach"
	backup  failure = "backup"  // ends in FAILED; the instance stays as it was
	promote failure = "promote" // to the source of its set; all members end in ERROR
)

// calls are the actions of the sandbox and the calls of the guest agent, or of compute, that fail.
var calls = map[failure]struct{ sandbox, guest string }{
	resize:  {"resize", "resize"},
	detach:  {"detach", "detach_replica"},
	backup:  {"backup", "backup"},
	promote: {"promote_to_replica_source", "enable_as_master"},
}

// silence lets the server of an instance die, and waits until Trove notices.
func (c *cloud) silence(t *testing.T, instance string) {
	t.Helper()
	c.mute(t, instance)
	c.AwaitSilence(t, instance)
}

// sandboxed is a sandbox that behaves as released Trove.
type sandboxed struct {
	*acctest.Cloud
	muted map[string]bool
}

func newSandboxed(t *testing.T, options ...func(*sandbox.Options)) *cloud {
	t.Helper()
	c := acctest.NewCloud(t, append(options, imitated)...)
	return &cloud{Account: c.Account, behind: sandboxed{c, map[string]bool{}}}
}

func (s sandboxed) fail(t *testing.T, instance string, what failure) {
	t.Helper()
	if what == build {
		s.Inject(t, faults.Rule{Do: faults.InstanceError, Instance: instance, Times: faults.Always})
		return
	}
	s.Inject(t, faults.Rule{Do: faults.ActionError, Action: calls[what].sandbox, Instance: instance, Times: faults.Always})
}

func (s sandboxed) mute(t *testing.T, instance string) {
	t.Helper()
	s.Heartbeat(t, instance, false)
	s.muted[instance] = true
}

func (s sandboxed) heal(t *testing.T) {
	t.Helper()
	s.Faults().Clear()
	for instance := range s.muted {
		s.Heartbeat(t, instance, true)
	}
}

// hold does nothing: what a sandbox does takes as long as it is told to.
func (sandboxed) hold(*testing.T, string)   {}
func (sandboxed) resume(*testing.T, string) {}

func (s sandboxed) limit(_ *testing.T, instances int) {
	s.State().SetQuota(identity.DemoProjectID, state.Quota{Instances: instances})
}

func (s sandboxed) lose(t *testing.T, creations int) {
	t.Helper()
	s.Inject(t, faults.Rule{Do: faults.Status, Status: http.StatusInternalServerError, Kind: "POST /instances", Times: creations})
}

// released is a project of a real, released Trove.
type released struct {
	*server
	admin   *gophercloud.ProviderClient
	project string // its id
}

func newReleased(t *testing.T, s *server) *cloud {
	t.Helper()
	r, account, err := s.newProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return &cloud{Account: acctest.NewAccount(t, account), behind: r}
}

// newProject makes a project, and a user with the roles of a member.
func (s *server) newProject(ctx context.Context) (r released, a acctest.Account, err error) {
	r.server = s
	r.admin, err = openstack.AuthenticatedClient(ctx, gophercloud.AuthOptions{
		IdentityEndpoint: s.AuthURL, Username: "trove", Password: s.Password, DomainName: "Default", TenantName: "service",
	})
	if err != nil {
		return r, a, err
	}
	keystone, err := openstack.NewIdentityV3(r.admin, gophercloud.EndpointOpts{Region: acctest.Region})
	if err != nil {
		return r, a, err
	}
	a = acctest.Account{IdentityURL: s.AuthURL, Username: "u-" + rand.Text(), Password: rand.Text(), Project: "p-" + rand.Text(), RequestTimeout: "5m"}
	project, err := projects.Create(ctx, keystone, projects.CreateOpts{Name: a.Project, DomainID: "default"}).Extract()
	if err != nil {
		return r, a, err
	}
	user, err := users.Create(ctx, keystone, users.CreateOpts{Name: a.Username, Password: a.Password, DomainID: "default"}).Extract()
	if err != nil {
		return r, a, err
	}
	pages, err := roles.List(keystone, roles.ListOpts{}).AllPages(ctx)
	if err != nil {
		return r, a, err
	}
	all, err := roles.ExtractRoles(pages)
	if err != nil {
		return r, a, err
	}
	for _, role := range all {
		if role.Name != "member" && role.Name != "reader" {
			continue
		}
		if err := roles.Assign(ctx, keystone, role.ID, roles.AssignOpts{UserID: user.ID, ProjectID: project.ID}).ExtractErr(); err != nil {
			return r, a, err
		}
	}
	r.project = project.ID
	return r, a, nil
}

func (r released) fail(t *testing.T, instance string, what failure) {
	t.Helper()
	call := string(what)
	if what != build {
		call = calls[what].guest
	}
	r.ask(t, instance, "fail."+call)
}

func (r released) mute(t *testing.T, instance string) {
	t.Helper()
	r.ask(t, instance, "silent")
}

func (r released) hold(t *testing.T, instance string) {
	t.Helper()
	r.ask(t, instance, "hold")
}

func (r released) resume(t *testing.T, instance string) {
	t.Helper()
	if err := os.Remove(r.file(instance, "hold")); err != nil {
		t.Fatal(err)
	}
}

// ask asks for something in the way that the imitated guest agents look for it.
func (r released) ask(t *testing.T, instance, what string) {
	t.Helper()
	if err := os.WriteFile(r.file(instance, what), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func (r released) file(instance, what string) string {
	return filepath.Join(r.Control, fmt.Sprintf("%s.%s.%s", r.project, strings.ReplaceAll(url.QueryEscape(instance), "+", "%20"), what))
}

func (r released) heal(t *testing.T) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(r.Control, r.project+".*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			t.Fatal(err)
		}
	}
}

func (r released) limit(t *testing.T, instances int) {
	t.Helper()
	db, err := openstack.NewDBV1(r.admin, gophercloud.EndpointOpts{Region: acctest.Region})
	if err != nil {
		t.Fatal(err)
	}
	body := map[string]any{"quotas": map[string]any{"instances": instances}}
	resp, err := db.Put(t.Context(), db.ServiceURL("mgmt", "quotas", r.project), body, nil, &gophercloud.RequestOpts{OkCodes: []int{http.StatusOK}})
	if _, _, err := gophercloud.ParseResponse(resp, err); err != nil {
		t.Fatal(err)
	}
}

func (r released) lose(*testing.T, int) {}

func (s sandboxed) operator(t *testing.T) (admin *acctest.Account, project string) {
	t.Helper()
	admin = s.ByAdministrator(t).Account
	admin.Project = "admin"
	return admin, identity.DemoProjectID
}

func (r released) operator(t *testing.T) (admin *acctest.Account, project string) {
	t.Helper()
	return acctest.NewAccount(t, acctest.Account{
		IdentityURL: r.AuthURL, Username: "trove", Password: r.Password, Project: "service", RequestTimeout: "5m",
	}), r.project
}
