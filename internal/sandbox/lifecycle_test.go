package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack"
	"github.com/gophercloud/gophercloud/v2/openstack/db/v1/instances"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

func TestStartedAgainOnTheSamePortItIsEmpty(t *testing.T) {
	first := start(t, Options{})
	db := login(t, first)
	if _, err := create(t, db, "orders"); err != nil {
		t.Fatal(err)
	}
	closeNow(t, first)
	if _, _, err := send(t, "GET", first.URL()+"/sandbox/health", ""); err == nil {
		t.Error("it still answers")
	}
	second, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := second.Start(first.Address()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeNow(t, second) })
	pages, err := instances.List(db).AllPages(t.Context()) // the old token has to be replaced
	if err != nil {
		t.Fatal(err)
	}
	found, err := instances.ExtractInstances(pages)
	if err != nil || len(found) != 0 {
		t.Errorf("%v, %v", found, err)
	}
	if n := second.Ledger().Count("POST /v3/auth/tokens"); n != 1 {
		t.Errorf("%d authentications, want 1", n)
	}
}

// goroutines returns the stacks of the goroutines that serve.
func goroutines(t *testing.T) string {
	t.Helper()
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		t.Fatal(err)
	}
	var serving []string
	for stack := range strings.SplitSeq(b.String(), "\n\n") {
		if strings.Contains(stack, "net/http.(*Server)") || strings.Contains(stack, "net/http.(*conn).serve") {
			serving = append(serving, stack)
		}
	}
	return strings.Join(serving, "\n\n")
}

func TestCloseEndsDelaysAndLeavesNothingRunning(t *testing.T) {
	s := start(t, Options{})
	inject(t, s, faults.Rule{Do: faults.Delay, Delay: faults.Duration(time.Hour), Kind: "GET /v3"})
	ended := make(chan error)
	go func() {
		_, _, err := send(t, "GET", s.AuthURL(), "")
		ended <- err
	}()
	idle, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", s.Address()) // a connection in advance, as clients make them
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := idle.Close(); err != nil {
			t.Error(err)
		}
	})
	for s.Ledger().Count("GET /v3") == 0 {
		time.Sleep(time.Millisecond)
	}
	begun := time.Now()
	closeNow(t, s)
	if took := time.Since(begun); took > 4*time.Second {
		t.Errorf("closing took %s", took)
	}
	if err := <-ended; !errors.Is(err, io.EOF) {
		t.Errorf("the delayed request ended with %v", err)
	}
	// net/http counts a connection as closed an instant before its goroutine ends.
	left := goroutines(t)
	for deadline := time.Now().Add(5 * time.Second); left != "" && time.Now().Before(deadline); left = goroutines(t) {
		time.Sleep(time.Millisecond)
	}
	if left != "" {
		t.Errorf("still running:\n%s", left)
	}
	select {
	case <-s.Done():
	default:
		t.Error("it is not done")
	}
}

// One that is accepted while the listener closes would be waited for like those that came before.
func TestAConnectionThatComesDuringCloseIsClosed(t *testing.T) {
	s := start(t, Options{})
	s.closeFresh()
	server, client := net.Pipe()
	s.trackFresh(server, http.StateNew)
	if _, err := client.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("it is open: %v", err)
	}
	closeNow(t, s)
}

func TestCloseCutsOffWhoDoesNotEnd(t *testing.T) {
	entered, release := make(chan bool, 10), make(chan bool)
	s, err := New(Options{Now: func() time.Time {
		entered <- true
		<-release
		return time.Now()
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() {
		_, _, err := send(t, "GET", s.AuthURL(), "")
		ended <- err
	}()
	<-entered
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	if err := <-ended; err == nil {
		t.Error("the request was answered")
	}
	close(release)
	closeNow(t, s) // a second time: nothing is left to do
}

func TestNewAndStartRefuse(t *testing.T) {
	if _, err := New(Options{BuildTime: -1}); err == nil || !strings.Contains(err.Error(), "BuildTime") {
		t.Errorf("a negative build time: %v", err)
	}
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, listen := range []string{":0", "0.0.0.0:0", "[::]:0", "192.0.2.1:0", "example.com:0"} {
		if err := s.Start(listen); !errors.Is(err, ErrRemote) {
			t.Errorf("listening on %q: %v", listen, err)
		}
	}
	if err := s.Start("127.0.0.1:99999"); err == nil {
		t.Error("there is no such port")
	}
	if err := s.Start("localhost:0"); err != nil {
		t.Error(err)
	}
	t.Cleanup(func() { closeNow(t, s) })
	if err := s.Start("127.0.0.1:0"); err == nil {
		t.Error("it was started twice")
	}
	remote, err := New(Options{AllowRemote: true})
	if err != nil {
		t.Fatal(err)
	}
	// An address for documentation, which no machine has: allowed, and yet nothing listens.
	if err := remote.Start("192.0.2.1:0"); err == nil || errors.Is(err, ErrRemote) {
		t.Errorf("with leave: %v", err)
	}
}

func TestEnvLeadsClientsHere(t *testing.T) {
	s := start(t, Options{})
	want := []string{
		"OS_AUTH_URL=" + s.URL() + "/v3", "OS_USERNAME=demo", "OS_PASSWORD=demo", "OS_PROJECT_NAME=demo",
		"OS_USER_DOMAIN_NAME=Default", "OS_PROJECT_DOMAIN_NAME=Default", "OS_REGION_NAME=RegionOne", "OS_IDENTITY_API_VERSION=3",
	}
	if diff := cmp.Diff(want, s.Env()); diff != "" {
		t.Error(diff)
	}
	env := map[string]string{}
	for _, variable := range s.Env() {
		name, value, _ := strings.Cut(variable, "=")
		env[name] = value
	}
	_, err := openstack.AuthenticatedClient(t.Context(), gophercloud.AuthOptions{
		IdentityEndpoint: env["OS_AUTH_URL"], Username: env["OS_USERNAME"], Password: env["OS_PASSWORD"], DomainName: env["OS_USER_DOMAIN_NAME"],
		Scope: &gophercloud.AuthScope{ProjectName: env["OS_PROJECT_NAME"], DomainName: env["OS_PROJECT_DOMAIN_NAME"]},
	})
	if err != nil {
		t.Error(err)
	}
}
