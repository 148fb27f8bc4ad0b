package openstack

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Pauses before a request is sent again, if the server does not say how long.
const (
	minBackoff = 500 * time.Millisecond
	maxBackoff = 30 * time.Second
)

// maxRetryAfter is the longest Retry-After that is waited for; after a longer one the refusal is returned.
const maxRetryAfter = 5 * time.Minute

// idempotent reports whether sending the request twice has the same effect as sending it once.
//
// That includes PUT and PATCH on Trove, although some of them start work: each sets one attribute to a value in the request. If one is
// repeated after it took effect, the value is already set, or the request is refused with 422 while the work goes on or with 400 once a
// replica is detached; it never affects anything else. POST is creation, resize, restart, promote and topology action, which must not be
// done twice.
func idempotent(req *http.Request) bool {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodPatch, http.MethodDelete:
		return true
	}
	marked, _ := req.Context().Value(repeatableKey{}).(bool)
	return marked
}

// checkRetry implements retryablehttp.CheckRetry.
func checkRetry(ctx context.Context, resp *http.Response, err error) (bool, error) {
	return sendAgain(ctx, resp, err), nil
}

func sendAgain(ctx context.Context, resp *http.Response, err error) bool {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok || ctx.Err() != nil {
		return false
	}
	if err != nil {
		// Without a connection nothing was sent, so any request may be sent again.
		if errors.As(err, new(*garbledError)) {
			return c.reading
		}
		return !permanent(err) && (c.idempotent || !c.connected)
	}
	wait, asked := retryAfter(resp.Header, time.Now())
	var retry bool
	switch resp.StatusCode {
	case http.StatusRequestEntityTooLarge: // Trove's rate limit with Retry-After, its quota without
		retry = asked
	case http.StatusTooManyRequests, http.StatusServiceUnavailable:
		retry = asked || c.idempotent
	default:
		retry = c.idempotent && resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented
	}
	if asked && (wait > maxRetryAfter || endsWithin(ctx, wait)) {
		return false
	}
	if retry {
		c.last = resp.Status
	}
	return retry
}

// endsWithin reports whether the context ends before the pause is over: then the refusal is a better error than the deadline.
func endsWithin(ctx context.Context, wait time.Duration) bool {
	deadline, has := ctx.Deadline()
	return has && time.Until(deadline) <= wait
}

// permanent reports whether trying again is useless: no such host, an untrusted certificate, no TLS at all.
func permanent(err error) bool {
	var (
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		address     *net.AddrError
		endless     *endlessError
	)
	switch {
	case errors.As(err, &dns):
		return dns.IsNotFound
	case errors.As(err, &endless), errors.As(err, &certificate), errors.As(err, &record), errors.As(err, &address), isAlert(err):
		return true
	}
	return errors.Is(err, http.ErrSchemeMismatch)
}

// isAlert reports whether one side ended the TLS connection with an alert. crypto/tls has no exported type for that, but the operation
// names the side.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

// backoff implements retryablehttp.Backoff: as long as the server asks, otherwise doubling with each attempt. Part of it is random, so
// that requests refused together are not repeated together.
func backoff(shortest, longest time.Duration, attempt int, resp *http.Response) time.Duration {
	if resp != nil {
		if wait, asked := retryAfter(resp.Header, time.Now()); asked {
			return wait + rand.N(min(wait/10, time.Second))
		}
	}
	wait := longest
	if attempt < 16 {
		wait = min(shortest<<attempt, longest)
	}
	return wait/2 + rand.N(wait/2)
}

// retryAfter returns how long a server asks to wait, in seconds or as a date. It is at least a second, so that a server that says 0 or a
// past time is not asked without a pause.
func retryAfter(h http.Header, now time.Time) (time.Duration, bool) {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		return max(time.Duration(seconds)*time.Second, time.Second), true
	}
	if at, err := http.ParseTime(value); err == nil {
		return max(at.Sub(now), time.Second), true
	}
	return 0, false
}
