package provider

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// set is a level or an environment by its names.
type set map[string]string

func (s set) getenv(name string) string { return s[name] }

func block(values set) level {
	return level{name: "the provider block", values: values}
}

// inFiles writes the files into a directory of their own and points the environment at its clouds.yaml.
func (s set) inFiles(t *testing.T, files set) set {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	with := set{"OS_CLIENT_CONFIG_FILE": filepath.Join(dir, "clouds.yaml")}
	for k, v := range s {
		with[k] = v
	}
	return with
}

const cloudsYAML = `
clouds:
  full:
    auth:
      auth_url: https://file.example.com/v3
      username: filer
      password: in-file
      project_name: file-project
      user_domain_name: FileUsers
      project_domain_name: FileProjects
    region_name: file-region
    interface: internal
    verify: false
    database_endpoint_override: https://file.example.com:8779/v1.0/%(project_id)s
  credential:
    auth_type: v3applicationcredential
    auth:
      auth_url: https://file.example.com/v3
      application_credential_id: a1
      application_credential_secret: in-file
      username: left-over
      password: left-over
  both:
    auth:
      auth_url: https://file.example.com/v3
      application_credential_id: a1
      application_credential_secret: in-file
      password: left-over
  oidc:
    auth_type: v3oidcpassword
    auth: {auth_url: "https://file.example.com/v3", username: u, password: p, token: t}
  nothing: {}
`

var (
	fromFile = gophercloud.AuthOptions{
		IdentityEndpoint: "https://file.example.com/v3", Username: "filer", Password: "in-file", DomainName: "FileUsers",
		Scope: &gophercloud.AuthScope{ProjectName: "file-project", DomainName: "FileProjects"},
	}
	openrc = set{
		"OS_AUTH_URL": "https://env.example.com/v3", "OS_USERNAME": "envy", "OS_PASSWORD": "in-env",
		"OS_PROJECT_NAME": "env-project", "OS_USER_DOMAIN_NAME": "EnvUsers", "OS_PROJECT_DOMAIN_ID": "env-projects",
	}
	fromEnv = gophercloud.AuthOptions{
		IdentityEndpoint: "https://env.example.com/v3", Username: "envy", Password: "in-env", DomainName: "EnvUsers",
		Scope: &gophercloud.AuthScope{ProjectName: "env-project", DomainID: "env-projects"},
	}
)

func (s set) with(more set) set {
	all := set{}
	for _, from := range []set{s, more} {
		for k, v := range from {
			all[k] = v
		}
	}
	return all
}

func TestWhoAuthenticatesAndHow(t *testing.T) {
	const url = "https://cloud.example.com/v3"
	password := func(change func(*gophercloud.AuthOptions)) gophercloud.AuthOptions {
		auth := gophercloud.AuthOptions{
			IdentityEndpoint: url, Username: "u", Password: "p", DomainID: "default",
			Scope: &gophercloud.AuthScope{ProjectName: "demo", DomainID: "default"},
		}
		if change != nil {
			change(&auth)
		}
		return auth
	}
	basic := set{"auth_url": url, "username": "u", "password": "p", "project_name": "demo"}
	tests := map[string]struct {
		block, env set
		want       gophercloud.AuthOptions
	}{
		"the block alone, with the default domain": {block: basic, want: password(nil)},
		"the environment alone":                    {env: openrc, want: fromEnv},
		"the block goes before the environment": {
			block: basic.with(set{"user_domain_id": "ud", "project_domain_name": "PD"}), env: openrc,
			want: password(func(a *gophercloud.AuthOptions) {
				a.DomainID, a.Scope = "ud", &gophercloud.AuthScope{ProjectName: "demo", DomainName: "PD"}
			}),
		},
		"what the block lacks comes from the environment": {
			block: set{"username": "u"}, env: openrc,
			want: gophercloud.AuthOptions{
				IdentityEndpoint: fromEnv.IdentityEndpoint, Username: "u", Password: "in-env", DomainName: "EnvUsers", Scope: fromEnv.Scope,
			},
		},
		"an empty value is none": {block: set{"username": "", "password": ""}, env: openrc, want: fromEnv},
		"ids need no domain": {
			block: set{"auth_url": url, "user_id": "u1", "password": "p", "project_id": "p1"}, env: openrc,
			want: gophercloud.AuthOptions{IdentityEndpoint: url, UserID: "u1", Password: "p", Scope: &gophercloud.AuthScope{ProjectID: "p1"}},
		},
		"a name in the block is not joined with an id of the environment": {
			block: basic, env: set{"OS_USER_ID": "u1", "OS_PROJECT_ID": "p1"}, want: password(nil),
		},
		"Horizon's openrc has the project's id and name": {
			env:  openrc.with(set{"OS_PROJECT_ID": "p1"}),
			want: gophercloud.AuthOptions{IdentityEndpoint: fromEnv.IdentityEndpoint, Username: "envy", Password: "in-env", DomainName: "EnvUsers", Scope: &gophercloud.AuthScope{ProjectID: "p1"}},
		},
		"the old names of the project": {
			block: set{"auth_url": url, "username": "u", "password": "p"}, env: set{"OS_TENANT_NAME": "demo"}, want: password(nil),
		},
		"the new names go before the old ones": {
			block: set{"auth_url": url, "username": "u", "password": "p"}, env: set{"OS_TENANT_NAME": "old", "OS_PROJECT_NAME": "demo"}, want: password(nil),
		},
		"the old name of the project's id": {
			block: set{"auth_url": url, "username": "u", "password": "p"}, env: set{"OS_TENANT_ID": "p1"},
			want: password(func(a *gophercloud.AuthOptions) { a.Scope = &gophercloud.AuthScope{ProjectID: "p1"} }),
		},
		"one domain for user and project": {
			block: basic, env: set{"OS_DOMAIN_NAME": "Corp"},
			want: password(func(a *gophercloud.AuthOptions) {
				a.DomainID, a.DomainName, a.Scope.DomainID, a.Scope.DomainName = "", "Corp", "", "Corp"
			}),
		},
		"the user's domain counts for the project": {
			block: basic.with(set{"user_domain_name": "Corp"}),
			want: password(func(a *gophercloud.AuthOptions) {
				a.DomainID, a.DomainName, a.Scope.DomainID, a.Scope.DomainName = "", "Corp", "", "Corp"
			}),
		},
		"another default domain": {
			block: basic, env: set{"OS_DEFAULT_DOMAIN": "d9"},
			want: password(func(a *gophercloud.AuthOptions) { a.DomainID, a.Scope.DomainID = "d9", "d9" }),
		},
		"an application credential in the block, whatever else is in the environment": {
			block: set{"application_credential_id": "a1", "application_credential_secret": "s"}, env: openrc,
			want: gophercloud.AuthOptions{IdentityEndpoint: fromEnv.IdentityEndpoint, ApplicationCredentialID: "a1", ApplicationCredentialSecret: "s"},
		},
		"its secret in the environment": {
			block: set{"auth_url": url, "application_credential_id": "a1"}, env: set{"OS_APPLICATION_CREDENTIAL_SECRET": "s", "OS_USERNAME": "u"},
			want: gophercloud.AuthOptions{IdentityEndpoint: url, ApplicationCredentialID: "a1", ApplicationCredentialSecret: "s"},
		},
		"an application credential by name": {
			env: set{"OS_AUTH_URL": url, "OS_APPLICATION_CREDENTIAL_NAME": "ci", "OS_APPLICATION_CREDENTIAL_SECRET": "s", "OS_USERNAME": "u", "OS_USER_DOMAIN_NAME": "Corp"},
			want: gophercloud.AuthOptions{
				IdentityEndpoint: url, ApplicationCredentialName: "ci", ApplicationCredentialSecret: "s", Username: "u", DomainName: "Corp",
			},
		},
		"a password in the block goes before an application credential in the environment": {
			block: basic, env: set{"OS_APPLICATION_CREDENTIAL_ID": "a1", "OS_APPLICATION_CREDENTIAL_SECRET": "s"}, want: password(nil),
		},
		"a token, for no other project": {
			block: set{"auth_url": url, "token": "t"}, want: gophercloud.AuthOptions{IdentityEndpoint: url, TokenID: "t"},
		},
		"a token for a project": {
			block: set{"token": "t", "project_id": "p1"}, env: openrc,
			want: gophercloud.AuthOptions{IdentityEndpoint: fromEnv.IdentityEndpoint, TokenID: "t", Scope: &gophercloud.AuthScope{ProjectID: "p1"}},
		},
		"OS_AUTH_TYPE decides between two in the environment": {
			env:  openrc.with(set{"OS_TOKEN": "t", "OS_AUTH_TYPE": "v3password"}),
			want: fromEnv,
		},
		"the cloud that the environment names goes behind the environment": {
			env: set{"OS_CLOUD": "full", "OS_PROJECT_NAME": "env-project", "OS_PROJECT_DOMAIN_ID": "d"},
			want: gophercloud.AuthOptions{
				IdentityEndpoint: fromFile.IdentityEndpoint, Username: "filer", Password: "in-file", DomainName: "FileUsers",
				Scope: &gophercloud.AuthScope{ProjectName: "env-project", DomainID: "d"},
			},
		},
		"the cloud that the block names goes before stray variables": {
			block: set{"cloud": "full"}, env: openrc.with(set{"OS_CLOUD": "nothing", "OS_TOKEN": "t", "OS_USER_ID": "u9"}), want: fromFile,
		},
		"variables still complete the cloud that the block names": {
			block: set{"cloud": "nothing"}, env: openrc, want: fromEnv,
		},
		"the block goes before the cloud that it names": {
			block: set{"cloud": "full", "username": "u", "password": "p"},
			want: gophercloud.AuthOptions{
				IdentityEndpoint: fromFile.IdentityEndpoint, Username: "u", Password: "p", DomainName: "FileUsers", Scope: fromFile.Scope,
			},
		},
		"auth_type in the file decides": {
			block: set{"cloud": "credential"},
			want:  gophercloud.AuthOptions{IdentityEndpoint: fromFile.IdentityEndpoint, ApplicationCredentialID: "a1", ApplicationCredentialSecret: "in-file"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, diags := resolve(block(test.block), test.env.inFiles(t, set{"clouds.yaml": cloudsYAML}).getenv)
			if diags.HasError() {
				t.Fatal(diags)
			}
			if diff := cmp.Diff(test.want, got.Auth); diff != "" {
				t.Errorf("unexpected credentials (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheOtherSettingsAndTheirDefaults(t *testing.T) {
	tests := map[string]struct {
		block, env set
		want       operation.Options
	}{
		"defaults": {
			want: operation.Options{ReconfigWindow: time.Second, TopologyAPI: trove.TopologyAuto, Options: openstack.Options{
				Availability: gophercloud.AvailabilityPublic, MaxRetries: openstack.DefaultMaxRetries, RequestTimeout: time.Minute,
			}},
		},
		"the block": {
			block: set{"region": "r", "endpoint_type": "adminURL", "endpoint_override": "https://t/%(project_id)s", "max_retries": "0", "request_timeout": "90s",
				"reconfig_window": "0s", "topology_api": "never", "insecure": "false"},
			env: set{"OS_REGION_NAME": "e", "OS_INTERFACE": "public", "OS_DATABASE_ENDPOINT_OVERRIDE": "https://e", "OS_INSECURE": "true", "TROVE_MAX_RETRIES": "9",
				"TROVE_REQUEST_TIMEOUT": "9s", "TROVE_RECONFIG_WINDOW": "9s", "TROVE_TOPOLOGY_API": "always"},
			want: operation.Options{ReconfigWindow: 0, TopologyAPI: trove.TopologyNever, Options: openstack.Options{
				Region: "r", Availability: gophercloud.AvailabilityAdmin, EndpointOverride: "https://t/%(project_id)s", RequestTimeout: 90 * time.Second,
			}},
		},
		"the environment": {
			env: set{"OS_REGION_NAME": "e", "OS_ENDPOINT_TYPE": "internalURL", "OS_DATABASE_ENDPOINT_OVERRIDE": "https://e", "OS_INSECURE": "true", "TROVE_MAX_RETRIES": "9",
				"TROVE_REQUEST_TIMEOUT": "9s", "TROVE_RECONFIG_WINDOW": "9s", "TROVE_TOPOLOGY_API": "always"},
			want: operation.Options{ReconfigWindow: 9 * time.Second, TopologyAPI: trove.TopologyAlways, Options: openstack.Options{
				Region: "e", Availability: gophercloud.AvailabilityInternal, EndpointOverride: "https://e", MaxRetries: 9, RequestTimeout: 9 * time.Second,
			}},
		},
		"the file": {
			block: set{"cloud": "full"},
			want: operation.Options{ReconfigWindow: time.Second, TopologyAPI: trove.TopologyAuto, Options: openstack.Options{
				Region: "file-region", Availability: gophercloud.AvailabilityInternal, EndpointOverride: "https://file.example.com:8779/v1.0/%(project_id)s",
				MaxRetries: openstack.DefaultMaxRetries, RequestTimeout: time.Minute,
			}},
		},
	}
	insecure := map[string]bool{"the environment": true, "the file": true}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, diags := resolve(block(test.block), openrc.with(test.env).inFiles(t, set{"clouds.yaml": cloudsYAML}).getenv)
			if diags.HasError() {
				t.Fatal(diags)
			}
			if got.TLS.InsecureSkipVerify != insecure[name] {
				t.Errorf("insecure: got %t", got.TLS.InsecureSkipVerify)
			}
			got.Auth, got.TLS, got.From = gophercloud.AuthOptions{}, nil, nil
			if diff := cmp.Diff(test.want, got, cmp.Comparer(func(a, b func()) bool { return a == nil && b == nil })); diff != "" {
				t.Errorf("unexpected settings (-want +got):\n%s", diff)
			}
		})
	}
}

// wantErrors checks that the diagnostics are one error for each attribute, with all parts of its text.
func wantErrors(t *testing.T, diags diag.Diagnostics, want map[string][]string) {
	t.Helper()
	for _, d := range diags.Errors() {
		at, ok := d.(diag.DiagnosticWithPath)
		if !ok {
			t.Errorf("an error without an attribute: %s: %s", d.Summary(), d.Detail())
			continue
		}
		parts, ok := want[at.Path().String()]
		if !ok {
			t.Errorf("unexpected error for %s: %s", at.Path(), d.Detail())
		}
		delete(want, at.Path().String())
		for _, part := range parts {
			if !strings.Contains(d.Detail(), part) {
				t.Errorf("%q is not in the error for %s: %s", part, at.Path(), d.Detail())
			}
		}
		if strings.Contains(d.Detail(), "hunter2") {
			t.Errorf("a secret is in: %s", d.Detail())
		}
	}
	for attribute := range want {
		t.Errorf("no error for %s", attribute)
	}
}

func TestWhatIsMissingOrWrongIsAnErrorThatSaysWhatWouldDo(t *testing.T) {
	const url = "https://cloud.example.com/v3"
	tests := map[string]struct {
		block, env set
		want       map[string][]string
	}{
		"nothing at all": {
			want: map[string][]string{
				"auth_url": {"Set auth_url in the provider block, or OS_AUTH_URL in the environment, or auth.auth_url in the entry of clouds.yaml that cloud (or OS_CLOUD) names"},
				"password": {"No credentials are set", "OS_PASSWORD", "OS_APPLICATION_CREDENTIAL_ID", "OS_TOKEN", "clouds.yaml"},
			},
		},
		"no password": {
			block: set{"auth_url": url, "username": "u", "project_name": "p"},
			want:  map[string][]string{"password": {"A user is set in the provider block", "OS_PASSWORD", "auth.password"}},
		},
		"a user in the block does not mean the application credential of the environment": {
			block: set{"auth_url": url, "username": "u", "project_name": "p"},
			env:   set{"OS_APPLICATION_CREDENTIAL_ID": "a1", "OS_APPLICATION_CREDENTIAL_SECRET": "hunter2"},
			want:  map[string][]string{"password": {"A user is set in the provider block"}},
		},
		"no user": {
			block: set{"auth_url": url, "project_name": "p"}, env: set{"OS_PASSWORD": "hunter2"},
			want: map[string][]string{"username": {"A password is set in the environment", "OS_USERNAME"}},
		},
		"no project": {
			block: set{"auth_url": url, "username": "u", "password": "hunter2"},
			want:  map[string][]string{"project_name": {"OS_PROJECT_NAME or OS_TENANT_NAME", "auth.project_name"}},
		},
		"no secret": {
			block: set{"auth_url": url, "application_credential_id": "a1"},
			want:  map[string][]string{"application_credential_secret": {"OS_APPLICATION_CREDENTIAL_SECRET"}},
		},
		"no application credential to the secret": {
			block: set{"auth_url": url, "application_credential_secret": "hunter2"},
			want:  map[string][]string{"application_credential_id": {"OS_APPLICATION_CREDENTIAL_ID"}},
		},
		"no user to the application credential's name": {
			block: set{"auth_url": url, "application_credential_name": "ci", "application_credential_secret": "hunter2"},
			want:  map[string][]string{"username": {"application_credential_name", "OS_USERNAME"}},
		},
		"two ways in the environment": {
			env:  openrc.with(set{"OS_TOKEN": "hunter2"}),
			want: map[string][]string{"password": {"The environment says how to authenticate in more than one way: by password and by token", "OS_AUTH_TYPE"}},
		},
		"two ways in the file": {
			block: set{"cloud": "both"},
			want:  map[string][]string{"password": {`Cloud "both" of`, "by password and by application credential"}},
		},
		"a way that is not supported": {
			block: set{"cloud": "oidc"},
			want:  map[string][]string{"password": {`auth_type "v3oidcpassword"`, "not supported"}},
		},
		"no such cloud": {
			block: set{"cloud": "typo"},
			want:  map[string][]string{"cloud": {"clouds.yaml has no cloud \"typo\"", "OS_CLOUD"}},
		},
		"no such file": {
			env:  set{"OS_CLOUD": "full", "OS_CLIENT_CONFIG_FILE": "/nowhere/clouds.yaml"},
			want: map[string][]string{"cloud": {"/nowhere/clouds.yaml", "OS_CLIENT_CONFIG_FILE"}},
		},
		"bad values in the environment": {
			env: openrc.with(set{"OS_AUTH_URL": "cloud:5000", "OS_INTERFACE": "private", "OS_DATABASE_ENDPOINT_OVERRIDE": "trove", "OS_INSECURE": "maybe",
				"TROVE_MAX_RETRIES": "-1", "TROVE_REQUEST_TIMEOUT": "90", "TROVE_RECONFIG_WINDOW": "31s", "TROVE_TOPOLOGY_API": "sometimes"}),
			want: map[string][]string{
				"auth_url": {"begins with http:// or https://", "It comes from the environment (OS_AUTH_URL)"}, "endpoint_type": {"public, internal or admin", "OS_INTERFACE"},
				"endpoint_override": {"OS_DATABASE_ENDPOINT_OVERRIDE"}, "insecure": {"true or false", "OS_INSECURE"}, "max_retries": {"from 0 to 100", "TROVE_MAX_RETRIES"},
				"request_timeout": {`from 1s to 30m, but is "90"`, "TROVE_REQUEST_TIMEOUT"}, "reconfig_window": {"from 0s to 30s", "TROVE_RECONFIG_WINDOW"}, "topology_api": {"auto, always or never", "TROVE_TOPOLOGY_API"},
			},
		},
		"files that are not there": {
			block: set{"cacert_file": "/nowhere/ca.pem", "cert": "/nowhere/cert.pem"}, env: openrc.with(set{"OS_KEY": "hunter2-without-a-PEM-header"}),
			want: map[string][]string{"cacert_file": {"the provider block", "no such file"}, "cert": {"no such file"}, "key": {"OS_KEY", "no such file"}},
		},
		"no certificate in them": {
			block: set{"cacert_file": "-----BEGIN NONSENSE-----", "cert": "-----BEGIN NONSENSE-----", "key": "-----BEGIN NONSENSE-----"}, env: openrc,
			want: map[string][]string{"cacert_file": {"no certificate in PEM form"}, "cert": {"key is not its key"}},
		},
		"a certificate without its key": {block: set{"cert": "-----BEGIN"}, env: openrc, want: map[string][]string{"key": {"OS_KEY", "or key in the entry"}}},
		"a key without its certificate": {block: set{"key": "-----BEGIN"}, env: openrc, want: map[string][]string{"cert": {"OS_CERT"}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			env := test.env.inFiles(t, set{"clouds.yaml": cloudsYAML}).with(test.env)
			_, diags := resolve(block(test.block), env.getenv)
			wantErrors(t, diags, test.want)
		})
	}
}

func TestContradictionsInTheBlockAreErrors(t *testing.T) {
	for _, pair := range exclusive {
		diags := contradictions(block(set{pair.one: "hunter2", pair.other: "hunter2"}))
		wantErrors(t, diags, map[string][]string{path.Root(pair.other).String(): {pair.one, pair.other, pair.why}})
	}
	if diags := contradictions(block(set{"insecure": "true", "cacert_file": "x", "username": "u", "password": "p", "project_id": "p"})); diags.HasError() {
		t.Error(diags)
	}
}
