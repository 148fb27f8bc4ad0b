package acctest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strings"
	"sync"
	"testing"
)

// FaultProxy stands between the provider and a sandbox, on the loopback interface, and spoils what Fault says. Its Cloud leads
// through it, by the catalog too; what somebody else does by Ask goes round it, so that what it has heard is the provider's.
type FaultProxy struct {
	*Cloud // whose account leads through the proxy

	// Before hears of every request before anything is done for it. It is set before the first one.
	Before func(Heard)
	// Deliver changes the body of a request on its way to the sandbox. It is set before the first one; nil changes none.
	Deliver func(body []byte) []byte

	sandbox http.Handler
	direct  *Account
	url     string
	closed  chan struct{}

	mu     sync.Mutex
	faults []*Fault
	heard  []*Heard
	stir   chan struct{} // closed and made anew with each request and each answer

	signIn      sync.Mutex
	base, token string // of Trove in the sandbox itself
}

// Heard is one request as it came to a FaultProxy.
type Heard struct {
	Method   string
	Path     string // as sent, still escaped; below the project where it is for Trove
	Query    string
	Body     string
	Answered int // the status that was sent; 0 while there is none, or where none was
}

// Fault says which requests are spoilt, and how. A request is spoilt by the first fault that fits and is due.
type Fault struct {
	// Method and Path say which: "" is any. Path is a pattern of path.Match below the project, such as /instances/*, and for
	// Keystone the whole path. Body is a part of the request's body, "" for any.
	Method, Path, Body string
	// After is how many that fit are let through first, Times how many are spoilt then: 0 is one, Always all.
	After, Times int
	// Do is what happens.
	Do Effect

	matched, fired int
}

// Always is the Fault.Times that spoils whatever fits.
const Always = -1

// Effect answers a request that is spoilt, whose body is to be had by its GetBody. work lets the sandbox do it and returns its
// answer.
type Effect func(w http.ResponseWriter, r *http.Request, work func() *Answer)

// Answer is what the sandbox answered.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON is the body as JSON, nil where it is none.
func (a *Answer) JSON() map[string]any {
	var body map[string]any
	if json.Unmarshal(a.Body, &body) != nil {
		return nil
	}
	return body
}

// Send passes it on.
func (a *Answer) Send(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.Header)
	w.Header().Del("Content-Length")
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // fails only where the caller has gone
}

// NewFaultProxy starts a sandbox and a proxy before it, which live as long as the test.
func NewFaultProxy(t *testing.T, cloud *Cloud) *FaultProxy {
	t.Helper()
	p := &FaultProxy{sandbox: cloud.Handler(), direct: cloud.Account, stir: make(chan struct{}), closed: make(chan struct{})}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	t.Cleanup(sync.OnceFunc(func() { close(p.closed) })) // before the server is closed, which waits for its requests
	p.url = server.URL
	through := *cloud.Account
	through.IdentityURL = server.URL + "/v3"
	p.Cloud = &Cloud{Sandbox: cloud.Sandbox, Account: NewAccount(t, through)}
	return p
}

// Spoil adds a fault.
func (p *FaultProxy) Spoil(f Fault) *Fault {
	if f.Times == 0 {
		f.Times = 1
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
	return &f
}

// Mend takes all faults away.
func (p *FaultProxy) Mend() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = nil
}

// Fired is how often a fault has happened.
func (p *FaultProxy) Fired(f *Fault) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return f.fired
}

// Forget empties what the proxy has heard.
func (p *FaultProxy) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = nil
}

// Requests are what the proxy has heard, in the order of arrival.
func (p *FaultProxy) Requests() []Heard {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]Heard, len(p.heard))
	for n, h := range p.heard {
		all[n] = *h
	}
	return all
}

// Count is how many requests have come that fit; the arguments are those of a Fault.
func (p *FaultProxy) Count(method, pattern, body string) int {
	n := 0
	for _, h := range p.Requests() {
		if fits(&Fault{Method: method, Path: pattern, Body: body}, h) {
			n++
		}
	}
	return n
}

// Answered is how many requests that fit have got an answer.
func (p *FaultProxy) Answered(method, pattern, body string) int {
	n := 0
	for _, h := range p.Requests() {
		if h.Answered != 0 && fits(&Fault{Method: method, Path: pattern, Body: body}, h) {
			n++
		}
	}
	return n
}

// Await waits until come is true, which is asked anew with each request and each answer. It returns false where ctx ends first.
func (p *FaultProxy) Await(ctx context.Context, come func() bool) bool {
	for {
		p.mu.Lock()
		stir := p.stir
		p.mu.Unlock()
		if come() {
			return true
		}
		select {
		case <-stir:
		case <-ctx.Done():
			return false
		case <-p.closed:
			return false
		}
	}
}

// Restart puts another sandbox, which holds nothing of what was, in the place of the one before. Requests that are under way still
// go to that.
func (p *FaultProxy) Restart(cloud *Cloud) {
	p.signIn.Lock()
	defer p.signIn.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sandbox, p.direct, p.base, p.token = cloud.Handler(), cloud.Account, "", ""
	p.Sandbox = cloud.Sandbox
}

// server is the sandbox behind the proxy.
func (p *FaultProxy) server() http.Handler {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sandbox
}

// ServeHTTP implements http.Handler.
func (p *FaultProxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	where := r.URL.EscapedPath()
	if rest, ok := strings.CutPrefix(where, "/v1.0/"); ok {
		_, rest, _ = strings.Cut(rest, "/")
		where = "/" + rest
	}
	r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil } // for effects
	work := sync.OnceValue(func() *Answer {
		again := r.Clone(context.WithoutCancel(r.Context())) // work that has begun is done, whoever waits for it
		delivered := body
		if p.Deliver != nil {
			delivered = p.Deliver(body)
		}
		again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(delivered)), int64(len(delivered))
		recorder := httptest.NewRecorder()
		p.server().ServeHTTP(recorder, again)
		return &Answer{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.Bytes()}
	})
	heard := &Heard{Method: r.Method, Path: where, Query: r.URL.RawQuery, Body: string(body)}
	do := p.enter(heard)
	if p.Before != nil {
		p.Before(Heard{Method: heard.Method, Path: heard.Path, Query: heard.Query, Body: heard.Body})
	}
	sent := &noting{ResponseWriter: w}
	defer func() { p.leave(heard, sent.status) }()
	if do == nil {
		work().Send(sent)
		return
	}
	do(sent, r, work)
}

// enter notes a request and finds what is to happen to it, nil for nothing.
func (p *FaultProxy) enter(h *Heard) Effect {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = append(p.heard, h)
	p.stirred()
	for _, f := range p.faults {
		if !fits(f, *h) {
			continue
		}
		f.matched++
		if f.matched <= f.After || f.Times != Always && f.fired >= f.Times {
			continue
		}
		f.fired++
		return f.Do
	}
	return nil
}

func (p *FaultProxy) leave(h *Heard, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.Answered = status
	p.stirred()
}

func (p *FaultProxy) stirred() {
	close(p.stir)
	p.stir = make(chan struct{})
}

func fits(f *Fault, h Heard) bool {
	if f.Method != "" && f.Method != h.Method || !strings.Contains(h.Body, f.Body) {
		return false
	}
	if f.Path == "" {
		return true
	}
	ok, err := path.Match(f.Path, h.Path)
	return err == nil && ok
}

// noting remembers the status that was sent.
type noting struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (n *noting) WriteHeader(status int) {
	n.status = status
	n.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (n *noting) Write(b []byte) (int, error) {
	if n.status == 0 {
		n.status = http.StatusOK
	}
	return n.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (n *noting) Unwrap() http.ResponseWriter { return n.ResponseWriter }
