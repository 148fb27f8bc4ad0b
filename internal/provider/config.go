package provider

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/operation"
	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

// resolver finds each setting in the first level that has it.
type resolver struct {
	levels []level // the level that takes precedence is first
	getenv func(string) string
	diags  diag.Diagnostics
}

// resolve completes the provider block from the environment and from clouds.yaml. Its diagnostics name the attribute to set, and the
// alternatives.
func resolve(config level, getenv func(string) string) (operation.Options, diag.Diagnostics) {
	r := &resolver{getenv: getenv, levels: []level{config, environment(getenv)}}
	r.diags.Append(contradictions(config)...)
	r.addCloud()
	if r.diags.HasError() {
		return operation.Options{}, r.diags
	}
	options := operation.Options{
		Options: openstack.Options{
			Auth:             r.auth(),
			Region:           r.text("region"),
			Availability:     r.availability(),
			EndpointOverride: r.url("endpoint_override"),
			TLS:              r.tls(),
			MaxRetries:       r.retries(),
			RequestTimeout:   r.duration("request_timeout", duration{minRequestTimeout, maxRequestTimeout}, openstack.DefaultRequestTimeout),
			From:             r.origins(),
		},
		TopologyAPI:    r.topologyAPI(),
		ReconfigWindow: r.duration("reconfig_window", duration{0, maxReconfigWindow}, defaultReconfigWindow),
	}
	return options, r.diags
}

// addCloud adds the entry of clouds.yaml after the environment, but before it if the provider block names the entry: whoever writes that
// means that cloud, whatever variables happen to be set.
func (r *resolver) addCloud() {
	name, from := r.find("cloud")
	if name == "" {
		return
	}
	file, err := readCloud(name, r.getenv)
	if err != nil {
		hint := "Fix it there: YAML is sensitive to indentation, and values with special characters must be quoted."
		var unknown *noCloudError
		switch {
		case errors.As(err, &unknown):
			hint = "Check cloud (OS_CLOUD)."
		case errors.Is(err, fs.ErrNotExist):
			hint = "Check cloud (OS_CLOUD), or set OS_CLIENT_CONFIG_FILE to the path of clouds.yaml."
		}
		r.fail("cloud", "Unable to read the cloud's entry in clouds.yaml", sentence(err.Error())+" "+hint)
		return
	}
	config, env := r.levels[0], r.levels[1]
	if from.name == config.name {
		r.levels = []level{config, file, env}
	} else {
		r.levels = []level{config, env, file}
	}
}

// find returns a setting and the level that it comes from; "" if none has it.
func (r *resolver) find(name string) (string, level) {
	for _, l := range r.levels {
		if l.has(name) {
			return l.values[name], l
		}
	}
	return "", level{}
}

// origins says where each setting comes from that may make authentication fail.
func (r *resolver) origins() map[string]string {
	from := map[string]string{}
	for _, name := range []string{
		"auth_url", "username", "user_id", "password", "project_name", "project_id", "token", "application_credential_id", "application_credential_name",
		"application_credential_secret", "region", "endpoint_type", "endpoint_override", "cacert_file", "cert", "key",
	} {
		if value, l := r.find(name); value != "" {
			from[name] = l.name
		}
	}
	return from
}

func (r *resolver) text(name string) string {
	value, _ := r.find(name)
	return value
}

// either returns two settings that are alternatives, of which at most one is set: the first level that has any of them decides, so that one
// level's id is not combined with another's name. If a level has both, the id is used, since it is more exact.
func (r *resolver) either(id, name string) (idValue, nameValue string) {
	for _, l := range r.levels {
		switch {
		case l.has(id):
			return l.values[id], ""
		case l.has(name):
			return "", l.values[name]
		}
	}
	return "", ""
}

func (r *resolver) fail(name, summary, detail string) {
	r.diags.AddAttributeError(path.Root(name), summary, detail)
}

// missing reports that a setting is not set anywhere.
func (r *resolver) missing(name, why string) {
	r.fail(name, "Missing "+name, fmt.Sprintf("%s Set %s in the provider block, or %s in the environment, or %s in the entry of clouds.yaml that cloud (or OS_CLOUD) names.",
		why, name, strings.Join(variables[name], " or "), fileKey(name)))
}

// invalid reports a value from outside the provider block, where no validator has checked it.
func (r *resolver) invalid(name string, from level, rule string) {
	r.fail(name, "Invalid "+name, fmt.Sprintf("%s %s. It comes from %s.", name, rule, from.describe(name)))
}

// fileKey is the key of a setting in an entry of clouds.yaml.
func fileKey(name string) string {
	switch name {
	case "region":
		return "region_name"
	case "cacert_file":
		return "cacert"
	case "endpoint_type":
		return "interface"
	case "endpoint_override":
		return "database_endpoint_override"
	case "cert", "key":
		return name
	}
	return "auth." + name
}

// auth finds out who authenticates where, and how.
func (r *resolver) auth() gophercloud.AuthOptions {
	auth := gophercloud.AuthOptions{IdentityEndpoint: r.url("auth_url")}
	if auth.IdentityEndpoint == "" && !r.diags.HasError() {
		r.missing("auth_url", "The provider requires the URL of the cloud's identity service.")
	}
	method, from, err := r.method()
	if err != nil {
		r.fail("password", "Conflicting credentials", sentence(err.Error()))
		return auth
	}
	switch method {
	case byToken:
		if auth.TokenID = r.text("token"); auth.TokenID == "" {
			r.missing("token", "The authentication must use a token, as "+from.name+" says, but no token is set.")
		}
		auth.Scope = r.project()
	case byApplicationCredential:
		r.applicationCredential(&auth)
	case byPassword:
		r.user(&auth)
		if auth.UserID == "" && auth.Username == "" {
			r.missing("username", "A password is set in "+from.name+", but no user.")
		}
		if auth.Password = r.text("password"); auth.Password == "" {
			r.missing("password", "A user is set in "+from.name+", but no password.")
		}
		if auth.Scope = r.project(); auth.Scope == nil {
			r.missing("project_name", "The provider requires the project of the databases.")
		}
	default:
		r.fail("password", "Missing credentials", "No credentials are set. Set username, password and project_name in the provider block "+
			"(OS_USERNAME, OS_PASSWORD and OS_PROJECT_NAME in the environment), or application_credential_id and application_credential_secret "+
			"(OS_APPLICATION_CREDENTIAL_ID and OS_APPLICATION_CREDENTIAL_SECRET), or token (OS_TOKEN), or set cloud (OS_CLOUD) to an entry of "+
			"clouds.yaml that has them.")
	}
	return auth
}

// method returns how to authenticate, according to the first level that says so.
func (r *resolver) method() (string, level, error) {
	for _, l := range r.levels {
		if method, err := l.method(); method != "" || err != nil {
			return method, l, err
		}
	}
	return "", level{}, nil
}

func (r *resolver) applicationCredential(auth *gophercloud.AuthOptions) {
	auth.ApplicationCredentialID, auth.ApplicationCredentialName = r.either("application_credential_id", "application_credential_name")
	auth.ApplicationCredentialSecret = r.text("application_credential_secret")
	switch {
	case auth.ApplicationCredentialID == "" && auth.ApplicationCredentialName == "":
		r.missing("application_credential_id", "The secret of an application credential is set, but not its id.")
	case auth.ApplicationCredentialSecret == "":
		r.missing("application_credential_secret", "An application credential is set, but not its secret.")
	}
	if auth.ApplicationCredentialName == "" {
		return
	}
	r.user(auth)
	if auth.UserID == "" && auth.Username == "" {
		r.missing("username", "application_credential_name requires the user of the application credential; application_credential_id does not.")
	}
}

// user finds the user, and the domain if the user is given by name and not by id.
func (r *resolver) user(auth *gophercloud.AuthOptions) {
	if auth.UserID, auth.Username = r.either("user_id", "username"); auth.Username == "" {
		return
	}
	auth.DomainID, auth.DomainName = r.either("user_domain_id", "user_domain_name")
	if auth.DomainID == "" && auth.DomainName == "" {
		auth.DomainID = r.defaultDomain()
	}
}

// project finds the project, nil if there is none.
func (r *resolver) project() *gophercloud.AuthScope {
	id, name := r.either("project_id", "project_name")
	if id == "" && name == "" {
		return nil
	}
	scope := &gophercloud.AuthScope{ProjectID: id, ProjectName: name}
	if name == "" {
		return scope
	}
	scope.DomainID, scope.DomainName = r.either("project_domain_id", "project_domain_name")
	if scope.DomainID == "" && scope.DomainName == "" {
		scope.DomainID, scope.DomainName = r.either("user_domain_id", "user_domain_name")
	}
	if scope.DomainID == "" && scope.DomainName == "" {
		scope.DomainID = r.defaultDomain()
	}
	return scope
}

// defaultDomain returns the id of the domain that is used if none is set, as in OpenStack's own tools.
func (r *resolver) defaultDomain() string {
	if id := r.text("default_domain"); id != "" {
		return id
	}
	return "default"
}

func (r *resolver) url(name string) string {
	value, from := r.find(name)
	if value != "" && !(httpURL{}).valid(value) {
		r.invalid(name, from, "must be a URL that begins with http:// or https://")
		return ""
	}
	return value
}

func (r *resolver) availability() gophercloud.Availability {
	value, from := r.find("endpoint_type")
	switch strings.TrimSuffix(value, "URL") {
	case "", "public":
		return gophercloud.AvailabilityPublic
	case "internal":
		return gophercloud.AvailabilityInternal
	case "admin":
		return gophercloud.AvailabilityAdmin
	}
	r.invalid("endpoint_type", from, fmt.Sprintf("must be public, internal or admin, but is %q", value))
	return ""
}

func (r *resolver) retries() int {
	value, from := r.find("max_retries")
	if value == "" {
		return openstack.DefaultMaxRetries
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 || n > mostRetries {
		r.invalid("max_retries", from, fmt.Sprintf("must be a number from 0 to %d, but is %q", mostRetries, value))
	}
	return n
}

func (r *resolver) duration(name string, bounds duration, fallback time.Duration) time.Duration {
	value, from := r.find(name)
	if value == "" {
		return fallback
	}
	d, err := bounds.parse(value)
	if err != nil {
		r.invalid(name, from, err.Error())
	}
	return d
}

func (r *resolver) topologyAPI() trove.TopologyMode {
	value, from := r.find("topology_api")
	switch mode := trove.TopologyMode(value); mode {
	case "":
		return trove.TopologyAuto
	case trove.TopologyAuto, trove.TopologyAlways, trove.TopologyNever:
		return mode
	}
	r.invalid("topology_api", from, fmt.Sprintf("must be auto, always or never, but is %q", value))
	return ""
}

// sentence turns an error's text into a sentence.
func sentence(s string) string {
	// A path stays as it is.
	if first, _, _ := strings.Cut(s, " "); !strings.ContainsAny(first, "/_.") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.HasSuffix(s, ".") && !strings.HasSuffix(s, "?") {
		s += "."
	}
	return s
}
