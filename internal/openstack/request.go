package openstack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// Request is one request to an endpoint, whose answer is decoded into a T.
type Request[T any] struct {
	// Op is the name of the request in messages, such as "read instance 7".
	Op     string
	Method string
	// Path holds the segments below the endpoint. Each is escaped, so that an id can never lead to another path; an empty one is an error.
	Path  []string
	Query url.Values
	// Body is sent as JSON; nil sends none.
	Body any
	// Check reports whether the answer is what was asked for; after an error the answer is ignored, and a GET is sent again. It may be
	// nil.
	Check func(T) error
}

// requestLimit bounds one request with all its repetitions and pauses if the caller sets no deadline, as in a refresh or a plan.
const requestLimit = 10 * time.Minute

// Empty is the answer of requests whose answer has only a status.
type Empty struct{}

// Answer is a server's successful answer.
type Answer[T any] struct {
	Value T
	// ServerTime is the server's time of day, from its Date header; zero if unknown.
	ServerTime time.Time
}

// Send sends a request and reads its answer. Requests that are safe to repeat are sent again if no valid answer comes, and so is a GET
// whose answer cannot be read or is not what was asked for.
//
// A refusal is an *Error. OutcomeUnknown reports whether the request may have taken effect despite an error.
func Send[T any](ctx context.Context, e *Endpoint, r Request[T]) (answer Answer[T], err error) {
	path, err := escape(r.Path)
	if err != nil {
		return answer, fmt.Errorf("%s: %w", r.Op, err)
	}
	if len(r.Query) > 0 {
		path += "?" + r.Query.Encode()
	}
	if _, bounded := ctx.Deadline(); !bounded {
		limited, cancel := context.WithTimeout(ctx, requestLimit)
		defer cancel()
		ctx = limited
	}
	if _, empty := any(answer.Value).(Empty); empty {
		ctx = withDecoder(ctx, noPage)
	} else {
		ctx = withDecoder(ctx, func(body []byte) error {
			var value T
			if err := decode(body, &value); err != nil {
				return err
			}
			if r.Check != nil {
				if err := r.Check(value); err != nil {
					return err
				}
			}
			answer.Value = value
			return nil
		})
	}
	resp, err := e.service.Request(ctx, r.Method, e.service.Endpoint+path, &gophercloud.RequestOpts{
		JSONBody: r.Body, OkCodes: successes(r.Method), KeepResponseBody: true,
	})
	if err != nil {
		var refusal *Error
		if err = fault(r.Op, err); errors.As(err, &refusal) {
			e.session.conceal(refusal)
		}
		return answer, err
	}
	// The transport has read the body and decoded it; this is a copy in memory.
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return answer, fault(r.Op, err)
	}
	if date, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		answer.ServerTime = date
	}
	return answer, fault(r.Op, resp.Body.Close())
}

// noPage decodes answers of which only the status matters. Trove answers such requests with nothing, or with JSON: a page with 200 comes
// from a misconfigured proxy, and says nothing about the outcome.
func noPage(body []byte) error {
	if len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) {
		return errors.New("it is neither empty nor JSON")
	}
	return nil
}

// successes are the success statuses of each method. gophercloud treats any other as a refusal.
func successes(method string) []int {
	if method == http.MethodGet {
		return []int{http.StatusOK}
	}
	return []int{http.StatusOK, http.StatusCreated, http.StatusAccepted, http.StatusNoContent}
}

// escape joins the segments of a path. Dot segments would lead up in the path, and a reader of URLs may undo their escaping, so they are
// refused; so is an empty id, since the path without it names another resource.
func escape(segments []string) (string, error) {
	escaped := make([]string, len(segments))
	for i, s := range segments {
		switch s {
		case "":
			return "", errors.New("the id is empty")
		case ".", "..":
			return "", fmt.Errorf("%q cannot be an id", s)
		}
		escaped[i] = url.PathEscape(s)
	}
	return strings.Join(escaped, "/"), nil
}

// decoderKey marks requests whose answer the transport decodes: if that fails, there is no valid answer, and a GET is sent again.
type decoderKey struct{}

type decoder func(body []byte) error

func withDecoder(ctx context.Context, d decoder) context.Context {
	return context.WithValue(ctx, decoderKey{}, d)
}

// withoutDecoder is for signing in, which happens within another request's context.
func withoutDecoder(ctx context.Context) context.Context {
	return context.WithValue(ctx, decoderKey{}, decoder(nil))
}

// decode reads a JSON document. Servers may write whole numbers as 1.0: if the document cannot be decoded as it is, it is decoded again
// with those written as 1.
func decode(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	if err == nil {
		return nil
	}
	if plain, changed := wholeNumbers(body); changed && json.Unmarshal(plain, into) == nil {
		return nil
	}
	return err
}

// wholeNumbers rewrites whole numbers in a JSON document without their fraction of zeros.
func wholeNumbers(body []byte) (plain []byte, changed bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var out bytes.Buffer
	last := 0
	for {
		token, err := d.Token()
		if err != nil {
			break
		}
		n, ok := token.(json.Number)
		if !ok {
			continue
		}
		whole, zeros, found := strings.Cut(n.String(), ".")
		if !found || strings.Trim(zeros, "0") != "" {
			continue
		}
		end := int(d.InputOffset())
		out.Write(body[last : end-len(n.String())])
		out.WriteString(whole)
		last, changed = end, true
	}
	out.Write(body[last:])
	return out.Bytes(), changed
}
