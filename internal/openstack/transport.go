package openstack

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-cleanhttp"
	"github.com/hashicorp/go-retryablehttp"
)

// dialTimeout bounds connecting, so that an address that does not answer is reported soon.
const dialTimeout = 10 * time.Second

// maxAnswer bounds the size of a decompressed answer in bytes; the API's have a few kB, a long list some 100 kB.
const maxAnswer = 4 << 20

// transportError says that a request got no answer.
type transportError struct {
	written  bool   // some attempt may have reached the server and taken effect
	attempts int    // how often it was sent
	last     string // the last answer that was retried, "" if there was none
	err      error
}

func (e *transportError) Error() string {
	text := e.err.Error()
	if e.attempts > 1 {
		text = fmt.Sprintf("%s (attempt %d)", text, e.attempts)
	}
	if e.last != "" {
		text += ", after the answer " + e.last
	}
	return text
}

func (e *transportError) Unwrap() error { return e.err }

// Is makes requests that never reached the server match ErrUnreachable.
func (e *transportError) Is(target error) bool {
	return target == ErrUnreachable && !e.written && !errors.Is(e.err, context.Canceled) && !errors.Is(e.err, context.DeadlineExceeded)
}

// timeoutError says that one attempt took too long. It is not context.DeadlineExceeded: the caller's context has not ended.
type timeoutError struct{ after time.Duration }

func (e *timeoutError) Error() string {
	return fmt.Sprintf("no answer within request_timeout (%s)", e.after)
}

// Timeout implements net.Error.
func (e *timeoutError) Timeout() bool { return true }

// Temporary implements net.Error.
func (e *timeoutError) Temporary() bool { return true }

// call is the state of a request over all its attempts.
type call struct {
	idempotent bool
	reading    bool // it changes nothing, so it can be repeated if the answer cannot be read
	attempts   int
	connected  bool // the last attempt got a connection: it may have taken effect unless the answer says otherwise
	written    bool // some attempt may have taken effect
	last       string
}

type callKey struct{}

// withoutCall is for a request that is sent within another request's context.
func withoutCall(ctx context.Context) context.Context {
	return context.WithValue(ctx, callKey{}, (*call)(nil))
}

// repeatableKey marks POST requests that may be repeated.
type repeatableKey struct{}

// repeatable is for requests that have no further effect if repeated, such as requesting a token.
func repeatable(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatableKey{}, true)
}

// uncanceledKey marks requests that are not aborted.
type uncanceledKey struct{}

// Uncanceled is for a request whose answer must not be lost, such as a creation: when ctx ends, the request is not sent or sent again, but
// an attempt in flight is not aborted. It is bounded by the request timeout.
func Uncanceled(ctx context.Context) context.Context {
	return context.WithValue(ctx, uncanceledKey{}, true)
}

// newTransport sends requests over base as opts say: with retries, each attempt bounded in time and logged.
func newTransport(opts Options, base http.RoundTripper) http.RoundTripper {
	client := retryablehttp.NewClient()
	client.HTTPClient = &http.Client{
		Transport:     &paced{inner: &attempts{base: base, timeout: opts.RequestTimeout, log: opts.Log}, log: opts.Log},
		CheckRedirect: noRedirects,
	}
	client.Logger = nil
	client.RetryMax = opts.MaxRetries
	client.RetryWaitMin, client.RetryWaitMax = minBackoff, maxBackoff
	client.CheckRetry = checkRetry
	client.Backoff = backoff
	client.ErrorHandler = retryablehttp.PassthroughErrorHandler
	return &retrying{inner: &retryablehttp.RoundTripper{Client: client}}
}

// newConnections returns the transport for the connections of all requests.
func newConnections(config *tls.Config) *http.Transport {
	t := cleanhttp.DefaultPooledTransport()
	t.DialContext = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	t.TLSClientConfig = config.Clone()
	return t
}

// noRedirects returns a redirect as the answer: following it could send the token to another host, or turn a POST into a GET.
func noRedirects(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// retrying records what OutcomeUnknown needs to know over all attempts.
type retrying struct{ inner http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (r *retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	c := &call{idempotent: idempotent(req), reading: req.Method == http.MethodGet}
	resp, err := r.inner.RoundTrip(req.WithContext(context.WithValue(req.Context(), callKey{}, c)))
	if err == nil {
		return resp, nil
	}
	return nil, &transportError{written: c.written, attempts: c.attempts, last: c.last, err: err}
}

// attempts sends the attempts of a request one after another, and reads the whole answer: if the connection breaks meanwhile, the attempt
// counts as one without an answer.
type attempts struct {
	base    http.RoundTripper
	timeout time.Duration
	log     func(ctx context.Context, msg string, fields map[string]any)
}

// RoundTrip implements http.RoundTripper.
func (a *attempts) RoundTrip(req *http.Request) (*http.Response, error) {
	c, ok := req.Context().Value(callKey{}).(*call)
	if !ok || c == nil {
		c = &call{}
	}
	c.attempts++
	// Once it has a connection, a request may reach the server, whatever the write reports.
	var connected atomic.Bool
	ctx := httptrace.WithClientTrace(req.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	began := time.Now()
	resp, err := a.send(ctx, req)
	c.connected = connected.Load()
	switch {
	case err != nil:
		c.written = c.written || c.connected
	case resp.StatusCode >= 500:
		_, asked := retryAfter(resp.Header, time.Now())
		refused := resp.StatusCode == http.StatusNotImplemented || resp.StatusCode == http.StatusServiceUnavailable && asked
		c.written = c.written || !refused
	}
	if a.log != nil {
		fields := map[string]any{
			"method": req.Method, "path": req.URL.Path, "attempt": c.attempts, "duration_ms": time.Since(began).Milliseconds(),
		}
		if err != nil {
			fields["error"] = err.Error()
		} else {
			fields["status"], fields["request_id"] = resp.StatusCode, requestID(resp.Header)
		}
		a.log(req.Context(), "OpenStack request", fields)
	}
	return resp, err
}

// send makes one attempt within its time limit.
func (a *attempts) send(ctx context.Context, req *http.Request) (*http.Response, error) {
	if marked, _ := ctx.Value(uncanceledKey{}).(bool); marked {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		ctx = context.WithoutCancel(ctx)
	}
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, a.timeout)
	defer cancel()
	resp, err := a.base.RoundTrip(req.WithContext(ctx))
	if err == nil {
		var body []byte
		body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
		err = errors.Join(err, resp.Body.Close())
		resp.Body = io.NopCloser(bytes.NewReader(body))
		switch d, _ := ctx.Value(decoderKey{}).(decoder); {
		case err != nil:
		case len(body) > maxAnswer:
			err = &endlessError{fmt.Sprintf("an answer of more than %d MB", maxAnswer>>20)}
		case d != nil && resp.StatusCode/100 == 2:
			if err = d(body); err != nil {
				err = &garbledError{reading: req.Method == http.MethodGet, err: err}
			}
		}
	}
	switch {
	case err == nil:
		return resp, nil
	case errors.As(err, new(*garbledError)), errors.As(err, new(*endlessError)):
		return nil, err
	case outer.Err() != nil:
		return nil, outer.Err()
	case ctx.Err() != nil:
		return nil, &timeoutError{after: a.timeout}
	}
	return nil, err
}
