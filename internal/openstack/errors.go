package openstack

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/gophercloud/gophercloud/v2"
)

// The meaning of a server's refusal, by its status code: errors.Is(err, ErrNotFound) and so on hold for an *Error.
var (
	ErrBadRequest      = errors.New("the request was refused as invalid")                  // 400
	ErrUnauthenticated = errors.New("the credentials were refused")                        // 401 while authenticating
	ErrForbidden       = errors.New("not allowed")                                         // 403; 401 with a fresh token
	ErrNotFound        = errors.New("not found")                                           // 404 itemNotFound
	ErrConflict        = errors.New("in conflict with another change")                     // 409
	ErrOverQuota       = errors.New("over quota")                                          // 413 without Retry-After
	ErrRateLimited     = errors.New("too many requests")                                   // 429; 413 with Retry-After
	ErrNotReady        = errors.New("not in a state in which the request can be accepted") // 422
	ErrUnavailable     = errors.New("the service is unavailable")                          // 5xx except 501
	ErrForeign         = errors.New("not an answer of Trove")                              // 3xx; 404 in another form than Trove's; not JSON
	ErrUnreachable     = errors.New("the database endpoint could not be reached")          // no request reached it
	ErrUnbounded       = errors.New("the answer is too large")                             // many MB, or a list that does not end
)

// faultNotFound is Trove's name for a missing object. Proxies, web servers and Keystone use other names with a 404.
const faultNotFound = "itemNotFound"

// Error is the answer of a server that refused a request.
type Error struct {
	Op         string        // what was attempted, such as "create instance db1"
	Method     string        // of the request
	URL        string        // of the request: only the path
	Code       int           // HTTP status
	Fault      string        // the server's name for the error, such as itemNotFound; "" if it gave none
	Message    string        // the server's message, on one line
	RequestID  string        // lets operators find the request in their logs
	RetryAfter time.Duration // how long the server asked to wait, at least a second; 0 if it did not ask
	// Unrecognized says of a 401 that the server rejects the token, rather than what was asked.
	Unrecognized bool
	// MultiFactor says of a 401 that Keystone requires another factor.
	MultiFactor bool
}

// Error reads "create instance db1: 422 unprocessableEntity: Instance x is not ready. (request req-...)".
func (e *Error) Error() string {
	var b strings.Builder
	if e.Op != "" {
		b.WriteString(e.Op + ": ")
	}
	name := e.Fault
	if name == "" {
		name = http.StatusText(e.Code)
	}
	fmt.Fprintf(&b, "%d %s", e.Code, name)
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Is makes an Error match the sentinel of its status code.
func (e *Error) Is(target error) bool { return target == e.kind() }

func (e *Error) kind() error {
	switch {
	case e.Code == http.StatusBadRequest:
		return ErrBadRequest
	case e.Code == http.StatusForbidden, e.Code == http.StatusUnauthorized:
		// Requests with an expired token have been sent again with a new one by now, and Trove uses 401 for what it forbids, such as a
		// replica of a replica.
		return ErrForbidden
	case e.Code == http.StatusNotFound && e.Fault == faultNotFound:
		return ErrNotFound
	case e.Code == http.StatusNotFound, e.Code/100 == 3:
		return ErrForeign // it says nothing about what Trove has
	case e.Code == http.StatusConflict:
		return ErrConflict
	case e.Code == http.StatusRequestEntityTooLarge && e.RetryAfter == 0:
		return ErrOverQuota
	case e.Code == http.StatusRequestEntityTooLarge, e.Code == http.StatusTooManyRequests:
		return ErrRateLimited
	case e.Code == http.StatusUnprocessableEntity:
		return ErrNotReady
	case e.Code >= 500 && e.Code != http.StatusNotImplemented:
		return ErrUnavailable
	}
	return nil
}

// garbledError says that a request succeeded by its status, but that the answer could not be read, or is not what was asked for.
type garbledError struct {
	reading bool // the request changes nothing
	err     error
}

func (e *garbledError) Error() string {
	var syntax *json.SyntaxError
	switch {
	case e.reading && errors.As(e.err, &syntax):
		return "the server's answer could not be read: " + e.err.Error()
	case e.reading:
		return "the server's answer is not of what was asked: " + e.err.Error()
	}
	return "the server accepted the request, but its answer could not be read: " + e.err.Error()
}

func (e *garbledError) Unwrap() error { return e.err }

// Is makes an answer that is not JSON match ErrForeign.
func (e *garbledError) Is(target error) bool {
	var syntax *json.SyntaxError
	return target == ErrForeign && errors.As(e.err, &syntax)
}

// OutcomeUnknown reports whether a request may have taken effect although no valid answer came: after the request was written the
// connection broke or the time ran out, the answer was garbled, or the server failed (5xx, except 501, and 503 with Retry-After). It is
// false if the request surely had no effect: the server could not be reached, or it refused.
func OutcomeUnknown(err error) bool {
	var (
		answer *Error
		lost   *transportError
	)
	switch {
	case errors.As(err, &answer):
		if answer.Code == http.StatusServiceUnavailable && answer.RetryAfter > 0 {
			return false
		}
		// gophercloud treats an unexpected success status as a refusal.
		return errors.Is(answer, ErrUnavailable) || answer.Code/100 == 2
	case errors.As(err, &lost):
		return lost.written
	}
	return false
}

// fault turns an error of gophercloud into one of this package, with op before its text: an *Error for a server's refusal, otherwise an
// error that wraps the cause. It returns nil for nil.
func fault(op string, err error) error {
	if err == nil {
		return nil
	}
	var (
		unexpected gophercloud.ErrUnexpectedResponseCode
		connect    *ConnectError
		lost       *transportError
	)
	switch {
	case errors.As(err, &connect):
		return fmt.Errorf("%s: %w", op, connect)
	case errors.As(err, &lost):
		return fmt.Errorf("%s: %w", op, lost)
	case errors.As(err, &unexpected):
		return answerError(op, unexpected)
	}
	// The URL that the HTTP client puts before an error is the placeholder.
	var request *url.Error
	if errors.As(err, &request) {
		err = request.Err
	}
	return fmt.Errorf("%s: %w", op, err)
}

// answerError reads a server's refusal.
func answerError(op string, e gophercloud.ErrUnexpectedResponseCode) *Error {
	result := &Error{Op: op, Method: e.Method, URL: e.URL, Code: e.Actual}
	if u, err := url.Parse(e.URL); err == nil {
		result.URL = u.Path
	}
	result.Fault, result.Message = refusal(e.Body)
	result.RequestID = requestID(e.ResponseHeader)
	result.Unrecognized = e.Actual == http.StatusUnauthorized && strings.HasPrefix(e.ResponseHeader.Get("WWW-Authenticate"), "Keystone ")
	result.MultiFactor = e.Actual == http.StatusUnauthorized && e.ResponseHeader.Get("Openstack-Auth-Receipt") != ""
	if to := e.ResponseHeader.Get("Location"); to != "" && e.Actual/100 == 3 {
		result.Message = "the server redirects to " + to + ", which is not followed"
	}
	result.RetryAfter, _ = retryAfter(e.ResponseHeader, time.Now())
	return result
}

// requestID returns the id under which the server logged the request, "" if it gives none.
func requestID(h http.Header) string {
	if id := h.Get("X-Openstack-Request-Id"); id != "" {
		return id
	}
	return h.Get("X-Compute-Request-Id")
}

// tags matches the HTML tags around a message.
var tags = regexp.MustCompile(`<[^>]*>`)

// Limits in bytes of what is shown of a refusal: the server's message, and text that is not JSON, such as a proxy's error page.
const (
	maxMessage = 2000
	maxPage    = 300
	maxName    = 100
)

// refusal finds the error's name and text in a body. Trove has {"itemNotFound": {"code", "message"}} and, from the
// layers beneath it, {"message", "code": "403 Forbidden", "title"}; Keystone has {"error": {"code", "title", "message"}};
// proxies have HTML or nothing.
func refusal(body []byte) (name, message string) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return "", plain(string(body), maxPage)
	}
	var flat struct{ Message, Title string }
	if json.Unmarshal(body, &flat) == nil && flat.Message != "" {
		return plain(flat.Title, maxName), plain(flat.Message, maxMessage)
	}
	for _, key := range slices.Sorted(maps.Keys(members)) {
		var inner struct{ Message, Title, Details string }
		if json.Unmarshal(members[key], &inner) != nil || inner.Message == "" {
			continue
		}
		if inner.Title != "" {
			key = inner.Title
		}
		return plain(key, maxName), plain(inner.Message+" "+inner.Details, maxMessage) // for the rate limit, the numbers are in the details
	}
	return "", ""
}

// plain puts a message on one line of a limited number of bytes plus an ellipsis, without HTML and terminal control characters.
func plain(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, tags.ReplaceAllString(s, " "))
	s = strings.ToValidUTF8(strings.Join(strings.Fields(s), " "), "")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "..."
	}
	return s
}
