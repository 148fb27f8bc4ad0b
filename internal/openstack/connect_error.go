package openstack

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gophercloud/gophercloud/v2"
)

// Stage is the stage at which connecting to the database service failed.
type Stage string

// The stages, in order.
const (
	StageConfiguration Stage = "configuration" // the provider block is incomplete or contradicts itself
	StageUnknown       Stage = "unknown"       // the provider block has values that are known only after apply
	StageReach         Stage = "reach"         // no connection to the identity service
	StageTLS           Stage = "tls"           // the identity service's certificate is not trusted, or ours is not
	StageIdentity      Stage = "identity"      // what answers is not an identity service, or it is unavailable
	StageCredentials   Stage = "credentials"   // the credentials were refused
	StageCatalog       Stage = "catalog"       // the catalog has no such database endpoint
)

// ConnectError says why the database service could not be reached, and what to check. With StageCredentials it matches ErrUnauthenticated.
//
// It unwraps to the cause only if a context ended: an identity service's 404 must not be taken as a missing instance.
type ConnectError struct {
	Stage   Stage
	Problem string
	Hint    string // what to check; names the attributes and the OS_* variables
	Err     error  // the cause, nil if there is only Problem
	// Temporary says that trying again later may help.
	Temporary bool
	// Wanted is a name that was not found among those Offered; "" if the problem is not a name.
	Wanted  string
	Offered []string
}

func (e *ConnectError) Error() string {
	text := e.Problem
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		text = strings.TrimSuffix(text, ".") + ". " + e.Hint
	}
	return text
}

// Is makes refused credentials match ErrUnauthenticated.
func (e *ConnectError) Is(target error) bool {
	return target == ErrUnauthenticated && e.Stage == StageCredentials
}

func (e *ConnectError) Unwrap() error {
	if errors.Is(e.Err, context.Canceled) || errors.Is(e.Err, context.DeadlineExceeded) {
		return e.Err
	}
	return nil
}

// identity returns auth_url for messages, without any secret in it.
func (s *Session) identity() string {
	u, err := url.Parse(s.opts.Auth.IdentityEndpoint)
	if err != nil {
		return "auth_url"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// diagnose says why authentication failed. err may be nil if there was an answer without a token.
func (s *Session) diagnose(err error) *ConnectError {
	var (
		answer *Error
		lost   *transportError
	)
	err = fault("authenticate", err)
	switch {
	case errors.As(err, &answer):
		answer.Op = ""
		s.conceal(answer)
		return s.diagnoseAnswer(answer)
	case errors.As(err, &lost):
		return s.diagnoseTransport(lost)
	case gophercloudInput(err):
		return &ConnectError{
			Stage:   StageConfiguration,
			Problem: "the credentials are incomplete or contradict each other",
			Hint:    s.credentialsHint(),
			Err:     errors.Unwrap(err),
		}
	}
	return &ConnectError{
		Stage:   StageIdentity,
		Problem: "what answers at " + s.identity() + " is not a Keystone identity service",
		Hint:    s.urlHint(),
		Err:     unreadable(err),
	}
}

// withoutSecrets omits a server's message if it quotes a secret that was sent: credentials or the token.
func (s *Session) withoutSecrets(message string) string {
	a := s.opts.Auth
	for _, secret := range []string{a.Password, a.ApplicationCredentialSecret, a.TokenID, a.Passcode, s.token()} {
		if secret != "" && strings.Contains(message, secret) {
			return "(the server's message is omitted, since it quotes a secret)"
		}
	}
	return message
}

// token returns the present token, "" if there is none.
func (s *Session) token() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == nil {
		return ""
	}
	return s.current.token
}

// conceal removes quoted secrets from a server's refusal.
func (s *Session) conceal(answer *Error) {
	answer.Message, answer.Fault, answer.RequestID = s.withoutSecrets(answer.Message), s.withoutSecrets(answer.Fault), s.withoutSecrets(answer.RequestID)
}

func (s *Session) urlHint() string {
	if strings.HasSuffix(strings.TrimSuffix(s.opts.Auth.IdentityEndpoint, "/"), "/v2.0") {
		return "It ends in /v2.0, a version that Keystone no longer has: auth_url (OS_AUTH_URL) must end in /v3" + s.inUse("auth_url")
	}
	return "Check auth_url (OS_AUTH_URL, or auth.auth_url in clouds.yaml): it must be the URL of Keystone, such as https://cloud.example.com:5000/v3" + s.inUse("auth_url")
}

// inUse says where settings come from, as the end of a hint; "" if that is not known.
func (s *Session) inUse(names ...string) string {
	var places []string
	settings := map[string][]string{}
	for _, name := range names {
		from := s.opts.From[name]
		if from == "" {
			continue
		}
		if settings[from] == nil {
			places = append(places, from)
		}
		settings[from] = append(settings[from], name)
	}
	for i, from := range places {
		places[i] = strings.Join(settings[from], ", ") + " from " + from
	}
	if len(places) == 0 {
		return ""
	}
	return ". In use: " + strings.Join(places, "; ")
}

// unreadable replaces decoders' messages, which users do not understand.
func unreadable(err error) error {
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	if err == nil || errors.As(err, &syntax) || errors.As(err, &mismatch) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	if inner := errors.Unwrap(err); inner != nil {
		return inner // without the op
	}
	return err
}

func (s *Session) diagnoseAnswer(answer *Error) *ConnectError {
	e := &ConnectError{Stage: StageIdentity, Err: answer}
	switch {
	case answer.MultiFactor:
		e.Stage = StageCredentials
		e.Problem = "the identity service at " + s.identity() + " requires a further factor from user " + s.user() + " besides the password (multi-factor authentication)"
		e.Hint = "Terraform cannot provide one: create an application credential (openstack application credential create NAME), and set application_credential_id and " +
			"application_credential_secret (OS_APPLICATION_CREDENTIAL_ID, OS_APPLICATION_CREDENTIAL_SECRET) in place of user and password"
	case answer.Code == http.StatusUnauthorized, answer.Code == http.StatusForbidden,
		// Keystone's message if there is no such application credential or token.
		answer.Code == http.StatusNotFound && answer.Fault != "" && (s.opts.Auth.ApplicationCredentialID != "" || s.opts.Auth.TokenID != ""):
		e.Stage = StageCredentials
		e.Problem = fmt.Sprintf("the identity service at %s refused %s", s.identity(), s.credentials())
		e.Hint = s.credentialsHint()
	case errors.Is(answer, ErrRateLimited):
		e.Problem = "the identity service at " + s.identity() + " limits the rate of requests"
		e.Hint = "Wait a little and apply again, or raise max_retries in the provider block (TROVE_MAX_RETRIES)"
		e.Temporary = true
	case errors.Is(answer, ErrUnavailable):
		e.Problem = "the identity service at " + s.identity() + " is unavailable"
		e.Hint = "Try again later, or ask the operators of the cloud"
		e.Temporary = true
	case answer.Code == http.StatusBadRequest && answer.Fault == "" && strings.HasPrefix(s.opts.Auth.IdentityEndpoint, "http:"):
		e.Stage = StageTLS
		e.Problem = "what answers at " + s.identity() + " does not accept plain HTTP"
		e.Hint = "Check whether auth_url (OS_AUTH_URL) should begin with https:// and not http://" + s.inUse("auth_url")
	case answer.Code == http.StatusBadRequest:
		e.Problem = "the identity service at " + s.identity() + " does not accept the form of the credentials"
		e.Hint = s.credentialsHint()
	default:
		e.Problem = "what answers at " + s.identity() + " does not know Keystone's way to authenticate"
		e.Hint = s.urlHint()
	}
	return e
}

func (s *Session) diagnoseTransport(lost *transportError) *ConnectError {
	var (
		dns         *net.DNSError
		invalid     x509.CertificateInvalidError
		certificate *tls.CertificateVerificationError
		unknown     x509.UnknownAuthorityError
		host        x509.HostnameError
		record      tls.RecordHeaderError
	)
	e := &ConnectError{Stage: StageTLS, Err: lost}
	switch {
	case errors.As(lost, &host):
		e.Problem = "the certificate of the identity service at " + s.identity() + " is for another host"
		e.Hint = s.urlHint()
	case errors.As(lost, &invalid) && invalid.Reason == x509.Expired:
		e.Problem = "the certificate of the identity service at " + s.identity() + " has expired, or is not valid yet"
		e.Hint = "Check the clock of this machine; if it is right, the operators of the cloud must renew the certificate"
	case errors.As(lost, &unknown), errors.As(lost, &certificate):
		e.Problem = "the certificate of the identity service at " + s.identity() + " is not trusted"
		e.Hint = "Set cacert_file to the cloud's certificate authority (OS_CACERT, or cacert in clouds.yaml)" + s.inUse("cacert_file")
	case isAlert(lost):
		e.Problem = "the identity service at " + s.identity() + " aborted the TLS handshake"
		e.Hint = "It may require a client certificate, or another one: set cert and key (OS_CERT and OS_KEY)" + s.inUse("cert", "key")
	case errors.As(lost, &record), errors.Is(lost, http.ErrSchemeMismatch):
		e.Problem = "the identity service at " + s.identity() + " does not speak TLS"
		e.Hint = "Check whether auth_url (OS_AUTH_URL) should begin with http:// and not https://" + s.inUse("auth_url")
	case errors.As(lost, &dns) && dns.IsNotFound:
		e.Stage = StageReach
		e.Problem = "the host of the identity service at " + s.identity() + " does not exist"
		e.Hint = s.urlHint()
	default:
		e.Stage, e.Temporary = StageReach, true
		e.Problem = "no answer from the identity service at " + s.identity()
		e.Hint = "Check auth_url (OS_AUTH_URL), and whether this machine can reach it, if necessary through a proxy (HTTPS_PROXY)" + s.inUse("auth_url")
	}
	return e
}

// credentials describes the credentials and their scope, without secrets.
func (s *Session) credentials() string {
	a := s.opts.Auth
	who := "the password of user " + s.user()
	switch {
	case a.ApplicationCredentialID != "":
		return "application credential " + a.ApplicationCredentialID
	case a.ApplicationCredentialName != "":
		return "application credential " + a.ApplicationCredentialName + " of user " + s.user()
	case a.TokenID != "":
		who = "the token"
	}
	if scope := a.Scope; scope != nil {
		who += " for project " + cmp.Or(scope.ProjectID, ofDomain(scope.ProjectName, scope.DomainID, scope.DomainName))
	}
	return who
}

func (s *Session) user() string {
	a := s.opts.Auth
	return cmp.Or(a.UserID, ofDomain(a.Username, a.DomainID, a.DomainName))
}

// ofDomain returns a name with its domain.
func ofDomain(name, domainID, domainName string) string {
	if domain := cmp.Or(domainName, domainID); domain != "" {
		return name + " (domain " + domain + ")"
	}
	return name
}

const expiryHint = "Check token (OS_TOKEN): it may have expired, and a token is not renewed. A password or an application credential is"

func (s *Session) credentialsHint() string {
	a := s.opts.Auth
	user, project := "username", "project_name"
	if a.UserID != "" {
		user = "user_id"
	}
	if a.Scope != nil && a.Scope.ProjectID != "" {
		project = "project_id"
	}
	switch {
	case a.ApplicationCredentialID != "":
		return "Check application_credential_id and application_credential_secret (OS_APPLICATION_CREDENTIAL_ID, OS_APPLICATION_CREDENTIAL_SECRET), " +
			"and whether the credential has expired or was deleted (openstack application credential list), or its user has lost the role" +
			s.inUse("auth_url", "application_credential_id", "application_credential_secret")
	case a.ApplicationCredentialName != "":
		return "Check application_credential_name, application_credential_secret, username and user_domain_name (OS_APPLICATION_CREDENTIAL_NAME, " +
			"OS_APPLICATION_CREDENTIAL_SECRET, OS_USERNAME, OS_USER_DOMAIN_NAME), and whether the credential has expired or was deleted" +
			s.inUse("auth_url", "application_credential_name", "application_credential_secret", user)
	case a.TokenID != "" && a.Scope == nil:
		return expiryHint + s.inUse("auth_url", "token")
	case a.TokenID != "":
		return expiryHint + s.inUse("auth_url", "token", project)
	}
	return "Check username, password and user_domain_name (OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME), " +
		"and whether the user has a role in project_name of project_domain_name (OS_PROJECT_NAME, OS_PROJECT_DOMAIN_NAME): Keystone does not say which of them is wrong" +
		s.inUse("auth_url", user, "password", project)
}

// gophercloudInput reports whether gophercloud rejected the credentials before it sent anything.
func gophercloudInput(err error) bool {
	var (
		missingPassword gophercloud.ErrMissingPassword
		user            gophercloud.ErrUsernameOrUserID
		domain          gophercloud.ErrDomainIDOrDomainName
		secret          gophercloud.ErrAppCredMissingSecret
		scopeDomain     gophercloud.ErrScopeDomainIDOrDomainName
		scopeAlone      gophercloud.ErrScopeProjectIDAlone
		domainIDUser    gophercloud.ErrDomainIDWithUserID
		domainNameUser  gophercloud.ErrDomainNameWithUserID
		input           gophercloud.ErrMissingInput
	)
	return errors.As(err, &missingPassword) || errors.As(err, &user) || errors.As(err, &domain) || errors.As(err, &secret) ||
		errors.As(err, &scopeDomain) || errors.As(err, &scopeAlone) || errors.As(err, &domainIDUser) || errors.As(err, &domainNameUser) ||
		errors.As(err, &input)
}

// noEndpoint says what the catalog has instead of the wanted endpoint.
func (s *Session) noEndpoint(g *grant, region string) *ConnectError {
	if len(g.catalog.Entries) == 0 {
		return &ConnectError{
			Stage:   StageCatalog,
			Problem: "the token has no service catalog, probably because it has no project",
			Hint:    "Set project_name and project_domain_name, or project_id (OS_PROJECT_NAME, OS_PROJECT_DOMAIN_NAME, OS_PROJECT_ID)" + s.inUse("token"),
		}
	}
	services, regions, kinds := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, entry := range g.catalog.Entries {
		services[entry.Type] = true
		if entry.Type != "database" {
			continue
		}
		for _, e := range entry.Endpoints {
			regions[e.Region] = true
			if region == "" || region == e.Region || region == e.RegionID {
				kinds[e.Interface] = true
			}
		}
	}
	switch {
	case len(regions) == 0:
		return &ConnectError{
			Stage:   StageCatalog,
			Problem: "the cloud's catalog has no database service (Trove) for this project; it has " + list(services),
			Hint:    "Ask the operators whether the cloud offers Trove, or set endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE) to its URL",
		}
	case len(kinds) == 0:
		hint := "Check region (OS_REGION_NAME, or region_name in clouds.yaml)" + s.inUse("region")
		if region != s.opts.Region {
			hint = "Check region of the resource"
		}
		return &ConnectError{
			Stage:   StageCatalog,
			Problem: fmt.Sprintf("the cloud's catalog has no database service (Trove) in region %s; it has one in %s", region, list(regions)),
			Hint:    hint,
			Wanted:  region,
			Offered: slices.Sorted(maps.Keys(regions)),
		}
	}
	where := ""
	if region != "" {
		where = " in region " + region
	}
	return &ConnectError{
		Stage:   StageCatalog,
		Problem: fmt.Sprintf("the cloud's catalog has no %s endpoint of the database service (Trove)%s; it has %s", s.opts.Availability, where, list(kinds)),
		Hint:    "Check endpoint_type (OS_INTERFACE, or interface in clouds.yaml)" + s.inUse("endpoint_type"),
	}
}

func list(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), ", ") }
