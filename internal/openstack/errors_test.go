package openstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gophercloud/gophercloud/v2"
)

func unexpected(code int, body string, header http.Header) gophercloud.ErrUnexpectedResponseCode {
	return gophercloud.ErrUnexpectedResponseCode{
		Method: "POST", URL: placeholder + "instances/7/action?x=secret", Actual: code, Body: []byte(body), ResponseHeader: header,
	}
}

func TestFaultReadsEveryFormOfRefusal(t *testing.T) {
	tests := map[string]struct {
		err  gophercloud.ErrUnexpectedResponseCode
		want Error
		text string
	}{
		"Trove": {
			err:  unexpected(422, `{"unprocessableEntity": {"code": 422, "message": "Instance 7 is not ready."}}`, http.Header{"X-Openstack-Request-Id": {"req-1"}}),
			want: Error{Code: 422, Fault: "unprocessableEntity", Message: "Instance 7 is not ready.", RequestID: "req-1"},
			text: "restart instance 7: 422 unprocessableEntity: Instance 7 is not ready. (request req-1)",
		},
		"the layer beneath Trove": {
			err: unexpected(403, `{"message": "Access was denied to this resource.<br /><br />\nUser with tenant id 3 cannot access this resource.\n\n", "code": "403 Forbidden", "title": "Forbidden"}`,
				http.Header{"X-Compute-Request-Id": {"req-2"}}),
			want: Error{Code: 403, Fault: "Forbidden", Message: "Access was denied to this resource. User with tenant id 3 cannot access this resource.", RequestID: "req-2"},
			text: "restart instance 7: 403 Forbidden: Access was denied to this resource. User with tenant id 3 cannot access this resource. (request req-2)",
		},
		"Keystone's middleware": {
			err:  unexpected(401, `{"error": {"code": 401, "title": "Unauthorized", "message": "The request you have made requires authentication."}}`, nil),
			want: Error{Code: 401, Fault: "Unauthorized", Message: "The request you have made requires authentication."},
			text: "restart instance 7: 401 Unauthorized: The request you have made requires authentication.",
		},
		"the rate limit": {
			err: unexpected(413, `{"overLimit": {"code": 413, "message": "This request was rate-limited.", "details": "Only 6 GET request(s) can be made to * every minute.", "retryAfter": "10"}}`,
				http.Header{"Retry-After": {"10"}}),
			want: Error{Code: 413, Fault: "overLimit", Message: "This request was rate-limited. Only 6 GET request(s) can be made to * every minute.", RetryAfter: 10 * time.Second},
			text: "restart instance 7: 413 overLimit: This request was rate-limited. Only 6 GET request(s) can be made to * every minute.",
		},
		"a proxy's page": {
			err:  unexpected(502, "<html><head><title>502</title></head>\n<body><h1>Bad Gateway</h1></body></html>", nil),
			want: Error{Code: 502, Message: "502 Bad Gateway"},
			text: "restart instance 7: 502 Bad Gateway: 502 Bad Gateway",
		},
		"an endless page": {
			err:  unexpected(500, strings.Repeat("é", 200), nil),
			want: Error{Code: 500, Message: strings.Repeat("é", 150) + "..."},
			text: "restart instance 7: 500 Internal Server Error: " + strings.Repeat("é", 150) + "...",
		},
		"nothing": {
			err:  unexpected(503, "", nil),
			want: Error{Code: 503},
			text: "restart instance 7: 503 Service Unavailable",
		},
		"JSON of no known form": {
			err:  unexpected(500, `[1, 2]`, nil),
			want: Error{Code: 500, Message: "[1, 2]"},
			text: "restart instance 7: 500 Internal Server Error: [1, 2]",
		},
		"a redirection": {
			err:  unexpected(301, "", http.Header{"Location": {"https://elsewhere/"}}),
			want: Error{Code: 301, Message: "the server redirects to https://elsewhere/, which is not followed"},
			text: "restart instance 7: 301 Moved Permanently: the server redirects to https://elsewhere/, which is not followed",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.want.Op, test.want.Method, test.want.URL = "restart instance 7", "POST", "/instances/7/action"
			err := fault("restart instance 7", fmt.Errorf("wrapped by gophercloud: %w", test.err))
			var got *Error
			if !errors.As(err, &got) {
				t.Fatalf("got a %T, want an *Error", err)
			}
			if diff := cmp.Diff(test.want, *got); diff != "" {
				t.Errorf("unexpected error (-want +got):\n%s", diff)
			}
			if err.Error() != test.text {
				t.Errorf("text:\n got %s\nwant %s", err, test.text)
			}
		})
	}
}

func TestFaultOfNothingIsNothing(t *testing.T) {
	if err := fault("read", nil); err != nil {
		t.Errorf("got %v", err)
	}
}

func TestFaultKeepsTheContextsEnd(t *testing.T) {
	for _, end := range []error{context.Canceled, context.DeadlineExceeded} {
		if err := fault("read", &transportError{err: end}); !errors.Is(err, end) {
			t.Errorf("%v is lost in %v", end, err)
		}
		if err := fault("read", end); !errors.Is(err, end) {
			t.Errorf("%v is lost in %v", end, err)
		}
	}
}

func TestErrorMatchesTheSentinelOfItsStatusAlone(t *testing.T) {
	sentinels := []error{ErrBadRequest, ErrUnauthenticated, ErrForbidden, ErrNotFound, ErrConflict, ErrOverQuota, ErrRateLimited, ErrNotReady, ErrUnavailable}
	tests := []struct {
		code  int
		asked time.Duration
		want  error
	}{
		{302, 0, ErrForeign},
		{400, 0, ErrBadRequest},
		{401, 0, ErrForbidden},
		{403, 0, ErrForbidden},
		{404, 0, ErrNotFound},
		{409, 0, ErrConflict},
		{413, 0, ErrOverQuota},
		{413, time.Second, ErrRateLimited},
		{415, 0, nil},
		{422, 0, ErrNotReady},
		{429, 0, ErrRateLimited},
		{429, time.Second, ErrRateLimited},
		{500, 0, ErrUnavailable},
		{501, 0, nil},
		{502, 0, ErrUnavailable},
		{503, 0, ErrUnavailable},
		{503, time.Second, ErrUnavailable},
		{504, 0, ErrUnavailable},
	}
	sentinels = append(sentinels, ErrForeign)
	for _, test := range tests {
		err := fmt.Errorf("wrapped: %w", &Error{Code: test.code, Fault: faultNotFound, RetryAfter: test.asked, Message: "not found"})
		for _, sentinel := range sentinels {
			if got, want := errors.Is(err, sentinel), errors.Is(test.want, sentinel); got != want {
				t.Errorf("%d with Retry-After %s: is %q: got %t, want %t", test.code, test.asked, sentinel, got, want)
			}
		}
	}
}

// A proxy's 404, or Keystone's, must not take an instance out of the state.
func TestOnlyTrovesOwn404SaysThatSomethingIsGone(t *testing.T) {
	for name, body := range map[string]string{
		"a proxy": "<html>Not Found</html>", "nothing": "", "Keystone": `{"error": {"code": 404, "message": "no", "title": "Not Found"}}`,
		"a web server": `{"message": "no"}`,
	} {
		err := fault("read instance 7", gophercloud.ErrUnexpectedResponseCode{Actual: 404, Body: []byte(body)})
		if errors.Is(err, ErrNotFound) || !errors.Is(err, ErrForeign) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOutcomeUnknown(t *testing.T) {
	var number int
	mismatch := json.Unmarshal([]byte(`"x"`), &number)
	syntax := json.Unmarshal([]byte(`<html>`), &number)
	tests := map[string]struct {
		err  error
		want bool
	}{
		"none":                            {nil, false},
		"a refusal":                       {&Error{Code: 422}, false},
		"over quota":                      {&Error{Code: 413}, false},
		"forbidden":                       {&Error{Code: 401}, false},
		"failed inside":                   {&Error{Code: 500}, true},
		"not implemented":                 {&Error{Code: 501}, false},
		"a proxy gave up":                 {&Error{Code: 504}, true},
		"unavailable":                     {&Error{Code: 503}, true},
		"unavailable for a while":         {&Error{Code: 503, RetryAfter: time.Second}, false},
		"broken after it was sent":        {&transportError{written: true, err: io.EOF}, true},
		"broken before it was sent":       {&transportError{err: io.EOF}, false},
		"canceled while in flight":        {&transportError{written: true, err: context.Canceled}, true},
		"canceled before":                 {context.Canceled, false},
		"a garbled answer":                {&transportError{written: true, err: &garbledError{err: syntax}}, true},
		"an answer of another form":       {&transportError{written: true, err: &garbledError{err: mismatch}}, true},
		"an empty answer":                 {&transportError{written: true, err: &garbledError{err: io.EOF}}, true},
		"no way to authenticate":          {fault("create", &ConnectError{Stage: StageIdentity, Err: &transportError{written: true, err: io.EOF}}), false},
		"identity service is unavailable": {fault("create", &ConnectError{Stage: StageIdentity, Err: &Error{Code: 500}}), false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := OutcomeUnknown(test.err); got != test.want {
				t.Errorf("got %t for %v", got, test.err)
			}
		})
	}
}

func TestRetryAfterIsSecondsOrADateAndNeverNothing(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		wait  time.Duration
		asked bool
	}{
		"":                              {0, false},
		"soon":                          {0, false},
		"-1":                            {0, false},
		"0":                             {time.Second, true},
		"10":                            {10 * time.Second, true},
		" 7 ":                           {7 * time.Second, true},
		"Sun, 22 Nov 2026 12:00:30 GMT": {30 * time.Second, true},
		"Sun, 22 Nov 2026 11:00:00 GMT": {time.Second, true},
	}
	for value, want := range tests {
		wait, asked := retryAfter(http.Header{"Retry-After": {value}}, now)
		if wait != want.wait || asked != want.asked {
			t.Errorf("%q: got %s, %t, want %s, %t", value, wait, asked, want.wait, want.asked)
		}
	}
}
