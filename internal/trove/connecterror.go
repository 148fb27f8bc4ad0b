package trove

import (
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

// Stage is how far the way to the database service was gone when it ended.
type Stage string

// The stages, in their order.
const (
	StageConfiguration Stage = "configuration" // the provider block is incomplete or contradicts itself
	StageUnknown       Stage = "unknown"       // the provider block holds values that are known only after apply
	StageReach         Stage = "reach"         // no connection to the identity service
	StageTLS           Stage = "tls"           // the identity service's certificate is not trusted, or ours is not
	StageIdentity      Stage = "identity"      // what answers is no identity service, or it is unwell
	StageCredentials   Stage = "credentials"   // the credentials were refused
	StageCatalog       Stage = "catalog"       // the catalog has no such database endpoint
)

// ConnectError says why the way to the database service could not be found, and what to check. With StageCredentials it
// matches ErrUnauthenticated.
//
// It unwraps to the cause only where that is a context's end: an identity service's 404 must not pass for an instance
// that is gone.
type ConnectError struct {
	Stage   Stage
	Problem string
	Hint    string // what to check; names the attributes and the OS_* variables
	Err     error  // the cause, nil where there is none but Problem
	// Temporary says that trying again later may help.
	Temporary bool
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

// identity is auth_url for messages, without anything secret that may stand in it.
func (s *session) identity() string {
	u, err := url.Parse(s.opts.Auth.IdentityEndpoint)
	if err != nil {
		return "auth_url"
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// diagnose says why an authentication failed. err may be nil where there was an answer without a token.
func (s *session) diagnose(err error) *ConnectError {
	var (
		answer *Error
		lost   *transportError
	)
	err = fault("authenticate", err)
	switch {
	case errors.As(err, &answer):
		answer.Op = ""
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
		Hint:    urlHint,
		Err:     unreadable(err),
	}
}

const urlHint = "Check auth_url (OS_AUTH_URL, or auth.auth_url in clouds.yaml): it must be the URL of Keystone, such as https://cloud.example.com:5000/v3"

// unreadable keeps decoders' words out of a message for people.
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

func (s *session) diagnoseAnswer(answer *Error) *ConnectError {
	e := &ConnectError{Stage: StageIdentity, Err: answer}
	switch {
	case answer.Code == http.StatusUnauthorized, answer.Code == http.StatusForbidden,
		// Keystone's way to say that there is no such application credential.
		answer.Code == http.StatusNotFound && answer.Fault != "" && s.opts.Auth.ApplicationCredentialID != "":
		e.Stage = StageCredentials
		e.Problem = fmt.Sprintf("the identity service at %s refused %s", s.identity(), s.credentials())
		e.Hint = s.credentialsHint()
	case errors.Is(answer, ErrUnavailable), errors.Is(answer, ErrRateLimited):
		e.Problem = "the identity service at " + s.identity() + " is unwell"
		e.Hint = "Try again later, or ask the operators of the cloud"
		e.Temporary = true
	case answer.Code == http.StatusBadRequest:
		e.Problem = "the identity service at " + s.identity() + " could not make anything of the credentials"
		e.Hint = s.credentialsHint()
	default:
		e.Problem = "what answers at " + s.identity() + " does not know Keystone's way to authenticate"
		e.Hint = urlHint
	}
	return e
}

func (s *session) diagnoseTransport(lost *transportError) *ConnectError {
	var (
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		unknown     x509.UnknownAuthorityError
		host        x509.HostnameError
		record      tls.RecordHeaderError
	)
	e := &ConnectError{Stage: StageTLS, Err: lost}
	switch {
	case errors.As(lost, &host):
		e.Problem = "the certificate of the identity service at " + s.identity() + " is for another host"
		e.Hint = urlHint
	case errors.As(lost, &unknown), errors.As(lost, &certificate):
		e.Problem = "the certificate of the identity service at " + s.identity() + " is not trusted"
		e.Hint = "Name the cloud's certificate authority in cacert_file (OS_CACERT, or cacert in clouds.yaml)"
	case isAlert(lost):
		e.Problem = "the identity service at " + s.identity() + " broke off the TLS handshake"
		e.Hint = "It may want a client certificate: cert and key (OS_CERT and OS_KEY)"
	case errors.As(lost, &record), errors.Is(lost, http.ErrSchemeMismatch):
		e.Problem = "the identity service at " + s.identity() + " does not speak TLS"
		e.Hint = "Check whether auth_url (OS_AUTH_URL) should begin with http:// and not https://"
	case errors.As(lost, &dns) && dns.IsNotFound:
		e.Stage = StageReach
		e.Problem = "the host of the identity service at " + s.identity() + " does not exist"
		e.Hint = urlHint
	default:
		e.Stage, e.Temporary = StageReach, true
		e.Problem = "no answer from the identity service at " + s.identity()
		e.Hint = "Check auth_url (OS_AUTH_URL), and whether this machine can reach it, through a proxy (HTTPS_PROXY) if it must"
	}
	return e
}

// credentials names who asked, without what is secret.
func (s *session) credentials() string {
	a := s.opts.Auth
	switch {
	case a.ApplicationCredentialID != "":
		return "application credential " + a.ApplicationCredentialID
	case a.ApplicationCredentialName != "":
		return "application credential " + a.ApplicationCredentialName
	case a.TokenID != "":
		return "the token"
	case a.UserID != "":
		return "the password of user " + a.UserID
	}
	return "the password of user " + a.Username
}

func (s *session) credentialsHint() string {
	a := s.opts.Auth
	switch {
	case a.ApplicationCredentialID != "":
		return "Check application_credential_id and application_credential_secret (OS_APPLICATION_CREDENTIAL_ID, OS_APPLICATION_CREDENTIAL_SECRET), " +
			"and whether the credential has expired"
	case a.ApplicationCredentialName != "":
		return "Check application_credential_name, application_credential_secret, username and user_domain_name (OS_APPLICATION_CREDENTIAL_NAME, " +
			"OS_APPLICATION_CREDENTIAL_SECRET, OS_USERNAME, OS_USER_DOMAIN_NAME), and whether the credential has expired"
	case a.TokenID != "":
		return "Check token (OS_TOKEN): it may have expired, and a token is not renewed by itself. A password or an application credential is"
	}
	return "Check username, password and user_domain_name (OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME), " +
		"and whether the user has a role in project_name of project_domain_name (OS_PROJECT_NAME, OS_PROJECT_DOMAIN_NAME)"
}

// gophercloudInput says that gophercloud found the credentials wanting before it sent anything.
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

// noEndpoint says what the catalog has in place of the endpoint that was looked for.
func noEndpoint(g *grant, region string, availability gophercloud.Availability) *ConnectError {
	if len(g.catalog.Entries) == 0 {
		return &ConnectError{
			Stage:   StageCatalog,
			Problem: "the token has no service catalog, as is so where it is for no project",
			Hint:    "Set project_name and project_domain_name, or project_id (OS_PROJECT_NAME, OS_PROJECT_DOMAIN_NAME, OS_PROJECT_ID)",
		}
	}
	services, found := map[string]bool{}, map[string]bool{}
	for _, entry := range g.catalog.Entries {
		services[entry.Type] = true
		if entry.Type != "database" {
			continue
		}
		for _, e := range entry.Endpoints {
			found[fmt.Sprintf("%s in region %s", e.Interface, e.Region)] = true
		}
	}
	if len(found) == 0 {
		return &ConnectError{
			Stage:   StageCatalog,
			Problem: "the cloud's catalog has no database service (Trove) for this project; it has " + list(services),
			Hint:    "Ask the operators whether the cloud offers Trove, or name its URL in endpoint_override (OS_DATABASE_ENDPOINT_OVERRIDE)",
		}
	}
	where := string(availability)
	if region != "" {
		where += " in region " + region
	}
	return &ConnectError{
		Stage:   StageCatalog,
		Problem: fmt.Sprintf("the cloud's catalog has no database endpoint that is %s; it has %s", where, list(found)),
		Hint:    "Check region (OS_REGION_NAME) and endpoint_type (OS_INTERFACE)",
	}
}

func list(set map[string]bool) string { return strings.Join(slices.Sorted(maps.Keys(set)), ", ") }
