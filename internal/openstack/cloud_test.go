package openstack

import (
	"context"
	"net/http"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/openstack/openstacktest"
)

// cloud is a cloud whose requests each test answers itself.
type cloud struct{ *openstacktest.Cloud }

func newCloud(t *testing.T, serve http.HandlerFunc) *cloud {
	t.Helper()
	return &cloud{openstacktest.New(t, serve)}
}

var (
	showInstance = openstacktest.ShowInstance
	refuse       = openstacktest.Refuse
)

// options are good credentials for the cloud, without retries.
func (c *cloud) options() Options {
	return Options{Region: "one", Auth: c.Auth()}
}

// client reads and makes instances, as far as these tests need that.
type client struct{ *Endpoint }

// shown is an instance as showInstance shows it.
type shown struct{ ID, Name, Status string }

// connect returns a client of the cloud; change may alter its options.
func (c *cloud) connect(t *testing.T, change ...func(*Options)) client {
	t.Helper()
	opts := c.options()
	for _, f := range change {
		f(&opts)
	}
	session, err := NewSession(opts)
	if err != nil {
		t.Fatal(err)
	}
	return client{session.Endpoint("")}
}

// in is the client of another region.
func (c client) in(region string) client { return client{c.session.Endpoint(region)} }

// Instance shows one instance.
func (c client) Instance(ctx context.Context, id string) (shown, error) {
	answer, err := Send(ctx, c.Endpoint, Request[struct{ Instance shown }]{Op: "read instance " + id, Method: http.MethodGet, Path: []string{"instances", id}})
	return answer.Value.Instance, err
}

// post makes an instance.
func (c client) post(ctx context.Context) error {
	_, err := Send(ctx, c.Endpoint, Request[struct{ Instance shown }]{Op: "create instance x", Method: http.MethodPost, Path: []string{"instances"}, Body: map[string]any{"instance": map[string]any{"name": "x"}}})
	return err
}
