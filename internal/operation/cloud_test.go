package operation

import (
	"net/http"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/openstack/openstacktest"
)

// cloud is a cloud whose requests each test answers itself.
type cloud struct{ *openstacktest.Cloud }

func newCloud(t *testing.T, serve http.HandlerFunc) *cloud {
	t.Helper()
	return &cloud{openstacktest.New(t, serve)}
}

var refuse = openstacktest.Refuse

// connect returns a client of the cloud, without retries; change may alter its options.
func (c *cloud) connect(t *testing.T, change ...func(*Options)) *Client {
	t.Helper()
	options := Options{Options: openstack.Options{Region: "one", Auth: c.Auth()}}
	for _, f := range change {
		f(&options)
	}
	client, err := Connect(options)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestClientsOfAnEndpointAreOne(t *testing.T) {
	for _, own := range []string{"one", ""} {
		client := newCloud(t, openstacktest.ShowInstance).connect(t, func(o *Options) { o.Region = own })
		in := func(c *Client, region string) *Client {
			t.Helper()
			r, err := c.InRegion(t.Context(), region)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		two := in(client, "two")
		if two == client || two != in(client, "two") {
			t.Error("another region has no client of its own, or several")
		}
		for _, c := range []*Client{client, two} {
			if in(c, "") != client || in(c, "one") != client {
				t.Errorf("with the provider's region %q, the region one has several clients", own)
			}
		}
		if two.Region() != "two" || client.Region() != "one" || client.Session() == two.Session() || client.Registry() != two.Registry() {
			t.Errorf("regions are %q and %q, endpoints %q and %q", two.Region(), client.Region(), client.Session(), two.Session())
		}
	}
}

func TestRegionsThatAreNamedFirstAndByTheProviderAreOneClient(t *testing.T) {
	client := newCloud(t, openstacktest.ShowInstance).connect(t, func(o *Options) { o.Region = "" })
	named, err := client.InRegion(t.Context(), "one")
	if err != nil {
		t.Fatal(err)
	}
	unset, err := client.InRegion(t.Context(), "")
	if err != nil || named != unset {
		t.Errorf("two clients of one endpoint: %v", err)
	}
}
