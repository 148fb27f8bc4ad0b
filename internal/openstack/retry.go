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

// Waits before a request is sent again, if the server names none.
const (
	minBackoff = 500 * time.Millisecond
	maxBackoff = 30 * time.Second
)

// maxRetryAfter is the longest Retry-After that is waited for; with a longer one the refusal is the answer.
const maxRetryAfter = 5 * time.Minute

// idempotent says that sending the request twice leaves what sending it once would.
//
// That holds for PUT and PATCH on Trove too, although some of them start work: each sets one attribute to a value that
// stands in the request. A repetition of one that was carried out finds the value set, or is refused with 422 while the
// work goes on or with 400 once a replica is detached; it never does the work to something else. POST is
// creation, resize, restart, promote and topology action: twice is once too often.
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
	case http.StatusRequestEntityTooLarge: // Trove's rate limit; without Retry-After it is the quota
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

// endsWithin says that the context's deadline comes before the wait is over: then the refusal tells more than the
// deadline would.
func endsWithin(ctx context.Context, wait time.Duration) bool {
	deadline, has := ctx.Deadline()
	return has && time.Until(deadline) <= wait
}

// permanent says that trying again is of no use: no such host, no trust in the certificate, no TLS at all.
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

// isAlert says that one side broke the TLS connection off with an alert. crypto/tls has no type for that, but it names
// the side in the operation.
func isAlert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error")
}

// backoff implements retryablehttp.Backoff: as long as the server asks, else doubling with each attempt. Some of it is
// left to chance, lest those that were refused together come back together.
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

// retryAfter reads how long a server asks to wait, in seconds or as a date. It is at least a second: a server that says
// 0 or a time gone by must not be asked without a pause.
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
