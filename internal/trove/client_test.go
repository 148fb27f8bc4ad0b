package trove

import (
	"net/http"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/openstack/openstacktest"
)

// connect returns a client of a server that answers so, without retries.
func connect(t testing.TB, serve http.HandlerFunc) *Client {
	t.Helper()
	session, err := openstack.NewSession(openstack.Options{Region: "one", Auth: openstacktest.New(t, serve).Auth()})
	if err != nil {
		t.Fatal(err)
	}
	return New(session.Endpoint(""), TopologyAuto)
}
