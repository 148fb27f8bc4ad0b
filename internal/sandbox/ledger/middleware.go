package ledger

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// RequestIDHeader is the header of an answer that has the request's id, as in OpenStack's services.
const RequestIDHeader = "X-Openstack-Request-Id"

// maxBody is the largest request in bytes that the sandbox reads.
const maxBody = 1 << 20

// Middleware enters requests into a ledger.
type Middleware struct {
	Ledger *Ledger
	// Kind returns the kind of a request with this body; "" keeps it out of the ledger.
	Kind func(r *http.Request, body []byte) string
	// Now is the clock.
	Now func() time.Time
	// Done is called with every request that has been served, including those that are kept out of the ledger.
	Done func(context.Context, Request)
}

// Wrap returns a handler that enters requests and then passes them on to next, whose context has the Entry.
func (m Middleware) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		id := "req-" + uuid.NewString()
		w.Header().Set(RequestIDHeader, id)
		received := m.Now()
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		request := &Request{ID: id, Received: received, Method: r.Method, Path: r.URL.Path, Body: redact(body), Kind: m.Kind(r, body)}
		if request.Kind != "" {
			m.Ledger.enter(request)
		}
		answer := &answer{ResponseWriter: w}
		defer func() {
			done := m.Ledger.change(request, func(q *Request) {
				if q.Status == 0 {
					q.Status = answer.status
				}
				q.Took = m.Now().Sub(received)
			})
			m.Done(ctx, done)
		}()
		var large *http.MaxBytesError
		switch {
		case errors.As(err, &large):
			http.Error(answer, "the request is larger than the sandbox reads", http.StatusRequestEntityTooLarge)
			return
		case err != nil: // the caller has gone before it had sent everything
			panic(http.ErrAbortHandler)
		}
		entered := r.WithContext(context.WithValue(ctx, entryKey{}, &Entry{ledger: m.Ledger, request: request, body: body}))
		entered.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(answer, entered)
	})
}

type entryKey struct{}

// Entry is the record of a request while it is handled.
type Entry struct {
	ledger  *Ledger
	request *Request
	body    []byte
}

// From returns the entry of the request that is being served, or nil outside of Middleware.
func From(ctx context.Context) *Entry {
	e, _ := ctx.Value(entryKey{}).(*Entry)
	return e
}

// Kind returns the request's kind.
func (e *Entry) Kind() string { return e.request.Kind }

// Body returns the request's body as it was received. It must not be changed.
func (e *Entry) Body() []byte { return e.body }

// Identify notes by name the project and user of the request.
func (e *Entry) Identify(project, user string) {
	e.ledger.change(e.request, func(r *Request) { r.Project, r.User = project, user })
}

// Lose notes that the answer, which had this status (0 if there was none), is not sent to the caller.
func (e *Entry) Lose(status int) {
	e.ledger.change(e.request, func(r *Request) { r.Lost, r.Status = true, status })
}

// answer notes the status of the answer.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
