package provider

import (
	"fmt"
	"slices"
	"strings"
)

// variables are the environment variables of each setting; the first one takes precedence.
var variables = map[string][]string{
	"auth_url":                      {"OS_AUTH_URL"},
	"username":                      {"OS_USERNAME"},
	"user_id":                       {"OS_USER_ID", "OS_USERID"},
	"password":                      {"OS_PASSWORD"},
	"project_name":                  {"OS_PROJECT_NAME", "OS_TENANT_NAME"},
	"project_id":                    {"OS_PROJECT_ID", "OS_TENANT_ID"},
	"user_domain_name":              {"OS_USER_DOMAIN_NAME"},
	"user_domain_id":                {"OS_USER_DOMAIN_ID"},
	"project_domain_name":           {"OS_PROJECT_DOMAIN_NAME"},
	"project_domain_id":             {"OS_PROJECT_DOMAIN_ID"},
	"application_credential_id":     {"OS_APPLICATION_CREDENTIAL_ID"},
	"application_credential_name":   {"OS_APPLICATION_CREDENTIAL_NAME"},
	"application_credential_secret": {"OS_APPLICATION_CREDENTIAL_SECRET"},
	"token":                         {"OS_TOKEN", "OS_AUTH_TOKEN"},
	"cloud":                         {"OS_CLOUD"},
	"region":                        {"OS_REGION_NAME"},
	"endpoint_type":                 {"OS_INTERFACE", "OS_ENDPOINT_TYPE"},
	"endpoint_override":             {"OS_DATABASE_ENDPOINT_OVERRIDE"},
	"cacert_file":                   {"OS_CACERT"},
	"cert":                          {"OS_CERT"},
	"key":                           {"OS_KEY"},
	"insecure":                      {"OS_INSECURE"},
	"max_retries":                   {"TROVE_MAX_RETRIES"},
	"request_timeout":               {"TROVE_REQUEST_TIMEOUT"},
	"reconfig_window":               {"TROVE_RECONFIG_WINDOW"},
	"topology_api":                  {"TROVE_TOPOLOGY_API"},

	// These have no attribute.
	"auth_type":      {"OS_AUTH_TYPE"},
	"domain_name":    {"OS_DOMAIN_NAME"},
	"domain_id":      {"OS_DOMAIN_ID"},
	"default_domain": {"OS_DEFAULT_DOMAIN"},
}

// level is one source of settings: the provider block, the environment or an entry of clouds.yaml.
type level struct {
	name      string // for messages
	variables bool   // it is the environment
	values    map[string]string
}

// environment is the level of the OS_* variables.
func environment(getenv func(string) string) level {
	l := level{name: "the environment", variables: true, values: map[string]string{}}
	for name, names := range variables {
		for _, variable := range slices.Backward(names) {
			l.set(name, getenv(variable))
		}
	}
	l.shareDomain()
	return l
}

// describe names the level, and the variables if it is the environment.
func (l level) describe(name string) string {
	if l.variables {
		return l.name + " (" + strings.Join(variables[name], " or ") + ")"
	}
	return l.name
}

// set sets a value; an empty one counts as not set.
func (l level) set(name, value string) {
	if value != "" {
		l.values[name] = value
	}
}

func (l level) has(name string) bool { return l.values[name] != "" }

// shareDomain uses a domain that is neither the user's nor the project's for both, if they have none.
func (l level) shareDomain() {
	for _, of := range []string{"user", "project"} {
		if !l.has(of+"_domain_id") && !l.has(of+"_domain_name") {
			l.set(of+"_domain_id", l.values["domain_id"])
			l.set(of+"_domain_name", l.values["domain_name"])
		}
	}
}

// The ways to authenticate.
const (
	byPassword              = "password"
	byApplicationCredential = "application credential"
	byToken                 = "token"
)

// method returns how this level wants to authenticate, "" if it does not say.
func (l level) method() (string, error) {
	var found []string
	if l.has("password") {
		found = append(found, byPassword)
	}
	if l.has("application_credential_id") || l.has("application_credential_name") || l.has("application_credential_secret") {
		found = append(found, byApplicationCredential)
	}
	if l.has("token") {
		found = append(found, byToken)
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1 && l.has("auth_type"):
		return l.authType()
	case len(found) > 1:
		return "", fmt.Errorf("%s says how to authenticate in more than one way: by %s. Omit all but one, or choose one with OS_AUTH_TYPE "+
			"(auth_type in clouds.yaml): v3password, v3applicationcredential or v3token", l.name, strings.Join(found, " and by "))
	case l.has("username") || l.has("user_id"):
		// Whoever names a user means that user, and not the application credential of another level.
		return byPassword, nil
	}
	return "", nil
}

// authType reads the name of a way to authenticate as OpenStack's own tools write it.
func (l level) authType() (string, error) {
	switch strings.TrimPrefix(l.values["auth_type"], "v3") {
	case "password":
		return byPassword, nil
	case "applicationcredential":
		return byApplicationCredential, nil
	case "token":
		return byToken, nil
	}
	return "", fmt.Errorf("the auth_type %q of %s is not supported: use v3password, v3applicationcredential or v3token", l.values["auth_type"], l.name)
}
