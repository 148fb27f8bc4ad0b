package provider

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// hunter stands in every setting that is one, and in no message.
const hunter = "hunter2"

// fakeCloud answers as Keystone and Trove do; a test changes what it answers.
type fakeCloud struct {
	*httptest.Server
	keystone, trove http.HandlerFunc
	catalog         string
}

// endpoints is a catalog with database endpoints: interface and region of each.
func endpoints(base string, all ...[2]string) string {
	var list []string
	for _, e := range all {
		list = append(list, fmt.Sprintf(`{"interface": %q, "region": %q, "region_id": %q, "url": "%s/v1.0/p1"}`, e[0], e[1], e[1], base))
	}
	return fmt.Sprintf(`[{"type": "identity", "endpoints": []}, {"type": "database", "endpoints": [%s]}]`, strings.Join(list, ", "))
}

func newFakeCloud(t *testing.T, start func(*httptest.Server)) *fakeCloud {
	t.Helper()
	c := &fakeCloud{}
	c.trove = answer(200, `{"instances": []}`)
	c.keystone = func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Subject-Token", "a-token")
		w.WriteHeader(201)
		_, _ = fmt.Fprintf(w, `{"token": {"project": {"id": "p1"}, "catalog": %s}}`, c.catalog)
	}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch {
		case strings.HasPrefix(r.URL.Path, "/v3/auth/tokens"):
			c.keystone(w, r)
		case strings.HasPrefix(r.URL.Path, "/v1.0/p1"):
			c.trove(w, r)
		default:
			w.WriteHeader(404)
			_, _ = io.WriteString(w, "<html>Not Found</html>")
		}
	}))
	c.Config.ErrorLog = log.New(io.Discard, "", 0) // failing handshakes
	start(c.Server)
	t.Cleanup(c.Close)
	c.catalog = endpoints(c.URL, [2]string{"public", "RegionOne"}, [2]string{"internal", "RegionOne"}, [2]string{"public", "RegionTwo"})
	return c
}

// answer always answers the same, with these headers: name, value, name, value.
func answer(code int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}
}

// diagnosed configures the provider and reads something, and returns all that it says.
func diagnosed(t *testing.T, config, env set) []*tfprotov6.Diagnostic {
	t.Helper()
	server, err := providerserver.NewProtocol6WithError(&troveProvider{version: "test", getenv: env.getenv})()
	if err != nil {
		t.Fatal(err)
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	block := filled(t, schemas.Provider, config)
	valid, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: block})
	if err != nil {
		t.Fatal(err)
	}
	if len(valid.Diagnostics) > 0 {
		return valid.Diagnostics
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: block})
	if err != nil {
		t.Fatal(err)
	}
	if len(configured.Diagnostics) > 0 {
		return configured.Diagnostics
	}
	read, err := server.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{
		TypeName: "trove_instances", Config: filled(t, schemas.DataSourceSchemas["trove_instances"], nil),
	})
	if err != nil {
		t.Fatal(err)
	}
	return read.Diagnostics
}

// filled is a block in which these attributes are set.
func filled(t *testing.T, schema *tfprotov6.Schema, values set) *tfprotov6.DynamicValue {
	t.Helper()
	object, ok := schema.ValueType().(tftypes.Object)
	if !ok {
		t.Fatal("the schema is no object")
	}
	all := map[string]tftypes.Value{}
	for name, typ := range object.AttributeTypes {
		all[name] = tftypes.NewValue(typ, nil)
		if v, ok := values[name]; ok {
			all[name] = tftypes.NewValue(tftypes.String, v)
		}
	}
	dynamic, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, all))
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

// certified serves a certificate that is trusted but for what the change makes of it; its authority is in cacert_file.
func certified(change func(*x509.Certificate)) func(*httptest.Server) {
	return func(s *httptest.Server) {
		der, key := selfSigned(change)
		s.TLS = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
		s.StartTLS()
	}
}

// certificateOf is the certificate alone.
func certificateOf(change func(*x509.Certificate)) []byte {
	der, _ := selfSigned(change)
	return der
}

// selfSigned makes a certificate for 127.0.0.1, which is its own authority, and its key.
func selfSigned(change func(*x509.Certificate)) ([]byte, *ecdsa.PrivateKey) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	change(template)
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		panic(err)
	}
	return der, key
}

// trust makes the certificate the one authority.
func trust(der []byte) func(*testing.T, *fakeCloud, set) {
	return func(_ *testing.T, _ *fakeCloud, env set) {
		env["OS_CACERT"] = string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	}
}

const requiresAuthentication = `{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`

func plain(s *httptest.Server)  { s.Start() }
func secure(s *httptest.Server) { s.StartTLS() }

// Each way in which signing in, or finding the service, fails says what is wrong, where the setting came from and what to do.
func TestEachAuthenticationFailureReadsClearly(t *testing.T) {
	t.Parallel()
	openrc := set{"OS_USERNAME": "demo", "OS_PASSWORD": hunter, "OS_PROJECT_NAME": "shop", "TROVE_MAX_RETRIES": "0", "TROVE_REQUEST_TIMEOUT": "1m"}
	credential := set{"OS_APPLICATION_CREDENTIAL_ID": "a1", "OS_APPLICATION_CREDENTIAL_SECRET": hunter, "TROVE_MAX_RETRIES": "0"}
	type test struct {
		block, env set
		start      func(*httptest.Server)
		spoil      func(*testing.T, *fakeCloud, set)
		want       []string
	}
	keystone := func(h http.HandlerFunc) func(*testing.T, *fakeCloud, set) {
		return func(_ *testing.T, c *fakeCloud, _ set) { c.keystone = h }
	}
	serviced := func(h http.HandlerFunc) func(*testing.T, *fakeCloud, set) {
		return func(_ *testing.T, c *fakeCloud, _ set) { c.trove = h }
	}
	url := func(change func(string) string) func(*testing.T, *fakeCloud, set) {
		return func(_ *testing.T, c *fakeCloud, env set) { env["OS_AUTH_URL"] = change(c.URL) }
	}
	write := func(file, text string) func(*testing.T, *fakeCloud, set) {
		return func(t *testing.T, _ *fakeCloud, env set) {
			if err := os.WriteFile(filepath.Join(filepath.Dir(env["OS_CLIENT_CONFIG_FILE"]), file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	catalog := func(entries func(c *fakeCloud) string, more set) func(*testing.T, *fakeCloud, set) {
		return func(_ *testing.T, c *fakeCloud, env set) {
			c.catalog = entries(c)
			maps.Copy(env, more)
		}
	}
	asItIs := func(c *fakeCloud) string { return c.catalog }
	elsewhere := func(base string) func(*fakeCloud) string {
		return func(*fakeCloud) string { return endpoints(base, [2]string{"public", "RegionOne"}) }
	}
	for name, tt := range map[string]test{
		// Credentials.
		"a wrong password": {
			env: openrc, spoil: keystone(answer(401, requiresAuthentication)),
			want: []string{"Unable to connect to Trove", "refused the password of user demo (domain default) for project shop (domain default)", "401", "Check username, password and " +
				"user_domain_name (OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME)", "has a role in project_name", "Keystone does not say which",
				"In use: auth_url, username, password, project_name from the environment."},
		},
		"a wrong password in secure.yaml, and the rest from elsewhere": {
			block: set{"cloud": "full", "project_name": "shop"}, env: set{"TROVE_MAX_RETRIES": "0"},
			spoil: func(t *testing.T, c *fakeCloud, env set) {
				c.keystone = answer(401, requiresAuthentication)
				write("clouds.yaml", fmt.Sprintf("clouds:\n  full:\n    auth: {auth_url: '%s/v3', username: demo, user_domain_name: Corp}\n", c.URL))(t, c, env)
				write("secure.yaml", "clouds:\n  full:\n    auth: {password: hunter2}\n")(t, c, env)
			},
			want: []string{"user demo (domain Corp) for project shop (domain Corp)", `auth_url, username, password from cloud "full" of`, "clouds.yaml and secure.yaml; project_name from the provider block."},
		},
		"a user without a role": {
			env: openrc, spoil: keystone(answer(403, `{"error": {"code": 403, "title": "Forbidden", "message": "You are not authorized."}}`)),
			want: []string{"refused the password of user demo", "403", "has a role in project_name"},
		},
		"a second factor": {
			env: openrc, spoil: keystone(answer(401, `{"receipt": {"methods": ["password"]}, "required_auth_methods": [["totp", "password"]]}`, "Openstack-Auth-Receipt", "hunter2")),
			want: []string{"requires a further factor from user demo", "multi-factor", "openstack application credential create", "OS_APPLICATION_CREDENTIAL_ID"},
		},
		"an application credential that expired": {
			env: credential, spoil: keystone(answer(401, requiresAuthentication)),
			want: []string{"refused application credential a1", "has expired or was deleted", "application_credential_secret from the environment."},
		},
		"an application credential that was revoked": {
			env: credential, spoil: keystone(answer(404, `{"error": {"code": 404, "title": "Not Found", "message": "Could not find Application Credential: a1."}}`)),
			want: []string{"refused application credential a1", "Could not find", "was deleted"},
		},
		"an application credential by name": {
			env:   set{"OS_APPLICATION_CREDENTIAL_NAME": "ci", "OS_APPLICATION_CREDENTIAL_SECRET": hunter, "OS_USER_ID": "u1", "TROVE_MAX_RETRIES": "0"},
			spoil: keystone(answer(401, requiresAuthentication)),
			want:  []string{"refused application credential ci of user u1", "application_credential_name, application_credential_secret, user_id from the environment."},
		},
		"a token that expired": {
			env: set{"OS_TOKEN": hunter, "TROVE_MAX_RETRIES": "0"}, spoil: keystone(answer(404, `{"error": {"code": 404, "title": "Not Found", "message": "Failed to validate token"}}`)),
			want: []string{"refused the token", "a token is not renewed", "token from the environment."},
		},
		"a token for another project": {
			env: set{"OS_TOKEN": hunter, "OS_PROJECT_NAME": "shop", "TROVE_MAX_RETRIES": "0"}, spoil: keystone(answer(401, requiresAuthentication)),
			want: []string{"refused the token for project shop", "token, project_name from the environment."},
		},
		"a token without a project": {
			env: set{"OS_TOKEN": hunter, "TROVE_MAX_RETRIES": "0"}, spoil: keystone(answer(200, `{"token": {}}`)),
			want: []string{"no service catalog", "it has no project", "OS_PROJECT_NAME"},
		},

		// The URL of Keystone, and the way there.
		"version 2.0":              {env: openrc, spoil: url(func(u string) string { return u + "/v2.0" }), want: []string{"ends in /v2.0", "auth_url (OS_AUTH_URL) must end in /v3"}},
		"a path that is not there": {env: openrc, spoil: url(func(u string) string { return u + "/keystone/v3" }), want: []string{"/keystone/v3 does not know Keystone's way", "404", "auth_url from the environment."}},
		"the root of a web server": {env: openrc, spoil: url(func(u string) string { return u }), want: []string{"does not know Keystone's way", "such as https://cloud.example.com:5000/v3"}},
		"a web page":               {env: openrc, spoil: keystone(answer(200, "<html>Welcome to nginx!</html>")), want: []string{"does not know Keystone's way", "Welcome to nginx!", "Check auth_url (OS_AUTH_URL"}},
		"multiple choices":         {env: openrc, spoil: keystone(answer(300, `{"versions": {"values": []}}`)), want: []string{"300 Multiple Choices", "Check auth_url (OS_AUTH_URL"}},
		"no such host":             {env: openrc, spoil: url(func(string) string { return "https://keystone.invalid/v3" }), want: []string{"identity service at https://keystone.invalid/v3", "Check auth_url (OS_AUTH_URL"}},
		"nobody listens":           {env: openrc, spoil: url(func(string) string { return "http://127.0.0.1:1/v3" }), want: []string{"no answer from the identity service at http://127.0.0.1:1/v3", "connection refused", "HTTPS_PROXY", "auth_url from the environment."}},
		"no answer in time": {
			env: openrc.with(set{"TROVE_REQUEST_TIMEOUT": "1s"}),
			spoil: keystone(func(_ http.ResponseWriter, r *http.Request) {
				if _, err := io.Copy(io.Discard, r.Body); err == nil { // without that the server would not see the client go
					<-r.Context().Done()
				}
			}),
			want: []string{"no answer from the identity service", "no answer within request_timeout (1s)", "whether this machine can reach it"},
		},
		"too many requests": {env: openrc, spoil: keystone(answer(429, "slow down", "Retry-After", "3")), want: []string{"limits the rate of requests", "429", "Wait a little", "max_retries"}},
		"Keystone is down":  {env: openrc, spoil: keystone(answer(503, "<html>Service Unavailable</html>")), want: []string{"is unavailable", "503", "Try again later"}},

		// TLS.
		"https where there is http": {env: openrc, spoil: url(func(u string) string { return strings.Replace(u, "http:", "https:", 1) + "/v3" }), want: []string{"does not speak TLS", "begin with http:// and not https://"}},
		"http where there is https": {env: openrc, start: secure, spoil: url(func(u string) string { return strings.Replace(u, "https:", "http:", 1) + "/v3" }), want: []string{"does not accept plain HTTP", "begin with https:// and not http://"}},
		"an authority that nobody knows": {
			env: openrc, start: secure, spoil: func(_ *testing.T, _ *fakeCloud, env set) { delete(env, "OS_CACERT") },
			want: []string{"is not trusted", "Set cacert_file to the cloud's certificate authority (OS_CACERT, or cacert in clouds.yaml)"},
		},
		"another authority": {env: openrc, start: secure, spoil: trust(certificateOf(func(*x509.Certificate) {})), want: []string{"is not trusted", "cacert_file from the environment."}},
		"a certificate that expired": {
			env: openrc, start: certified(func(c *x509.Certificate) { c.NotAfter = time.Now().Add(-time.Hour) }),
			want: []string{"has expired, or is not valid yet", "the clock of this machine", "renew"},
		},
		"a certificate for another host": {
			env: openrc, start: certified(func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(10, 0, 0, 1)} }),
			want: []string{"is for another host", "10.0.0.1", "Check auth_url"},
		},
		"a client certificate is wanted": {
			env: openrc.with(set{"OS_INSECURE": "true"}), start: func(s *httptest.Server) { s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert}; s.StartTLS() },
			want: []string{"aborted the TLS handshake", "It may require a client certificate", "OS_CERT and OS_KEY"},
		},

		// The catalog.
		"no database service": {
			env: openrc, spoil: catalog(func(*fakeCloud) string {
				return `[{"type": "identity", "endpoints": []}, {"type": "compute", "endpoints": []}]`
			}, nil),
			want: []string{"no database service (Trove) for this project; it has compute, identity", "whether the cloud offers Trove", "OS_DATABASE_ENDPOINT_OVERRIDE"},
		},
		"another region": {
			env: openrc, spoil: catalog(asItIs, set{"OS_REGION_NAME": "regionone"}),
			want: []string{"no database service (Trove) in region regionone; it has one in RegionOne, RegionTwo", "Check region (OS_REGION_NAME", "region from the environment.", `Did you mean "RegionOne"?`},
		},
		"another kind of endpoint": {
			env: openrc, spoil: catalog(asItIs, set{"OS_REGION_NAME": "RegionOne", "OS_INTERFACE": "admin"}),
			want: []string{"no admin endpoint", "in region RegionOne; it has internal, public", "Check endpoint_type (OS_INTERFACE", "endpoint_type from the environment."},
		},

		// clouds.yaml.
		"no file":                   {env: set{"OS_CLOUD": "full", "OS_CLIENT_CONFIG_FILE": "/nowhere/clouds.yaml"}, want: []string{"/nowhere/clouds.yaml", "set OS_CLIENT_CONFIG_FILE to the path of clouds.yaml"}},
		"no such entry":             {env: set{"OS_CLOUD": "ful"}, want: []string{`has no cloud "ful", it has both, credential, full, nothing, oidc.`, `Did you mean "full"?`, "Check cloud (OS_CLOUD)."}},
		"a file that is no YAML":    {env: set{"OS_CLOUD": "full"}, spoil: write("clouds.yaml", "clouds:\n  full:\n    auth:\n      password: 'hunter2\n"), want: []string{"clouds.yaml is not valid", "line 5", "Fix it there"}},
		"an entry of another form":  {env: set{"OS_CLOUD": "full"}, spoil: write("clouds.yaml", "clouds:\n  full:\n    auth: hunter2\n"), want: []string{`cloud "full" of`, "line 3: cannot unmarshal !!str (a value).", "Fix it there"}},
		"a secure.yaml that is bad": {env: set{"OS_CLOUD": "full"}, spoil: write("secure.yaml", "clouds:\n  full: [hunter2\n"), want: []string{"secure.yaml is not valid", "Fix it there"}},

		// Settings.
		"nothing at all":                     {want: []string{"Missing credentials", "No credentials are set", "OS_PASSWORD", "OS_CLOUD"}},
		"no password":                        {env: set{"OS_USERNAME": "demo", "OS_PROJECT_NAME": "shop"}, want: []string{"Missing password", "A user is set in the environment, but no password", "OS_PASSWORD"}},
		"two ways in the provider block":     {block: set{"token": hunter, "password": hunter}, want: []string{"token and password cannot be set together", "omit the others"}},
		"two ways in the environment":        {env: openrc.with(set{"OS_TOKEN": hunter}), want: []string{"by password and by token", "OS_AUTH_TYPE"}},
		"a URL that is none":                 {env: openrc.with(set{"OS_AUTH_URL": "cloud:5000"}), want: []string{"Invalid auth_url", "begins with http:// or https://", "the environment (OS_AUTH_URL)"}},
		"an override that is no URL":         {env: openrc.with(set{"OS_DATABASE_ENDPOINT_OVERRIDE": "trove:8779"}), want: []string{"Invalid endpoint_override", "OS_DATABASE_ENDPOINT_OVERRIDE"}},
		"an authority that cannot be read":   {env: openrc.with(set{"OS_CACERT": "/nowhere/ca.pem"}), want: []string{"cacert_file", "OS_CACERT", "no such file"}},
		"a way to sign in that is not known": {block: set{"cloud": "oidc"}, want: []string{`"v3oidcpassword"`, "use v3password, v3applicationcredential or v3token"}},

		// Trove itself.
		"Trove does not know the token": {
			env: openrc, spoil: serviced(answer(401, requiresAuthentication, "WWW-Authenticate", `Keystone uri="https://cloud.example.com:5000"`)),
			want: []string{"Unable to list database instances", "401", "Keystone has just issued that token", "[keystone_authtoken]"},
		},
		"Trove forbids by 401": {
			env: openrc, spoil: serviced(answer(401, `{"unauthorized": {"code": 401, "message": "User does not have admin privileges."}}`)),
			want: []string{"User does not have admin privileges", "The credentials are valid", "roles of the user"},
		},
		"Trove forbids by 403": {
			env: openrc, spoil: serviced(answer(403, `{"forbidden": {"code": 403, "message": "Policy does not allow instance:index to be performed."}}`)),
			want: []string{"Policy does not allow", "roles of the user", "endpoint_override, if set, ends in the id of that project"},
		},
		"an override with another path": {
			env: openrc, spoil: func(_ *testing.T, c *fakeCloud, env set) { env["OS_DATABASE_ENDPOINT_OVERRIDE"] = c.URL + "/v1.0" },
			want: []string{"404", "This is not an answer of Trove", "OS_DATABASE_ENDPOINT_OVERRIDE", "/v1.0/%(project_id)s"},
		},
		"an override with another project": {
			env: openrc, spoil: serviced(answer(404, `{"itemNotFound": {"code": 404, "message": "The resource could not be found."}}`)),
			want: []string{"404 itemNotFound", "OS_DATABASE_ENDPOINT_OVERRIDE", "/v1.0/%(project_id)s"},
		},
		"a web page for Trove":     {env: openrc, spoil: serviced(answer(200, "<html>Welcome!</html>")), want: []string{"could not be read", "another service may respond at the database endpoint"}},
		"a redirection for Trove":  {env: openrc, spoil: serviced(answer(302, "", "Location", "https://cloud.example.com/login")), want: []string{"redirects to https://cloud.example.com/login", "another service may respond at the database endpoint"}},
		"nobody listens for Trove": {env: openrc, spoil: catalog(elsewhere("http://127.0.0.1:1"), nil), want: []string{"127.0.0.1:1", "connection refused", "the database endpoint, and not the identity service", "endpoint_type (OS_INTERFACE)"}},
		"no such host for Trove":   {env: openrc, spoil: catalog(elsewhere("http://trove.invalid"), nil), want: []string{"trove.invalid", "the database endpoint, and not the identity service", "openstack catalog show database"}},
		"another authority of Trove": {env: openrc, spoil: func(t *testing.T, c *fakeCloud, _ set) {
			c.catalog = endpoints(newFakeCloud(t, secure).URL, [2]string{"public", "RegionOne"})
		}, want: []string{"certificate", "the database endpoint", "cacert_file (OS_CACERT)"}},
		"Trove limits the rate": {env: openrc, spoil: serviced(answer(429, `{"overLimit": {"code": 413, "message": "slow"}}`)), want: []string{"429", "lower -parallelism", "max_retries"}},
		"Trove is down":         {env: openrc, spoil: serviced(answer(503, "<html>unavailable")), want: []string{"503", "try again later"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := tt.start
			if start == nil {
				start = plain
			}
			c := newFakeCloud(t, start)
			env := set{"OS_AUTH_URL": c.URL + "/v3"}.with(tt.env.inFiles(t, set{"clouds.yaml": cloudsYAML})).with(tt.env)
			if c.TLS != nil && env["OS_INSECURE"] == "" {
				trust(c.TLS.Certificates[0].Certificate[0])(t, c, env)
			}
			if tt.spoil != nil {
				tt.spoil(t, c, env)
			}
			told := diagnosed(t, tt.block, env)
			if len(told) != 1 || told[0].Severity != tfprotov6.DiagnosticSeverityError {
				t.Fatalf("not one error: %+v", told)
			}
			text := told[0].Summary + "\n" + told[0].Detail
			for _, part := range tt.want {
				if !strings.Contains(strings.ToLower(text), strings.ToLower(part)) {
					t.Errorf("%q is not in:\n%s", part, text)
				}
			}
			if strings.Contains(text, hunter) {
				t.Errorf("a secret is in:\n%s", text)
			}
		})
	}
}
