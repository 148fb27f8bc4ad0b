package trove

import (
	"net/http"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/openstack/openstacktest"
)

// connect returns a client of a server that answers so, without retries.
func connect(tb testing.TB, serve http.HandlerFunc) *Client {
	tb.Helper()
	session, err := openstack.NewSession(openstack.Options{Region: "one", Auth: openstacktest.New(tb, serve).Auth()})
	if err != nil {
		tb.Fatal(err)
	}
	return New(session.Endpoint(""), TopologyAuto)
}
