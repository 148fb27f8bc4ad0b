package acctest

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// FaultProxy stands between the provider and a sandbox, on the loopback interface, and spoils what Fault says. Its Cloud leads
// through it, by the catalog too; what somebody else does by Ask goes round it, so that what it has heard is the provider's.
type FaultProxy struct {
	*Cloud // whose account leads through the proxy

	sandbox http.Handler
	direct  *Account
	url     string
	closed  chan struct{}

	mu     sync.Mutex
	faults []*Fault
	heard  []*Heard
	stir   chan struct{} // closed and made anew with each request and each answer

	signIn      sync.Once
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

func (a *Answer) send(w http.ResponseWriter) {
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
		again.Body = io.NopCloser(bytes.NewReader(body))
		recorder := httptest.NewRecorder()
		p.sandbox.ServeHTTP(recorder, again)
		return &Answer{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.Bytes()}
	})
	heard := &Heard{Method: r.Method, Path: where, Query: r.URL.RawQuery, Body: string(body)}
	do := p.enter(heard)
	sent := &noting{ResponseWriter: w}
	defer func() { p.leave(heard, sent.status) }()
	if do == nil {
		work().send(sent)
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

// LoseBefore drops the connection in place of the work.
func LoseBefore(http.ResponseWriter, *http.Request, func() *Answer) { panic(http.ErrAbortHandler) }

// LoseAfter drops the connection in place of the answer.
func LoseAfter(_ http.ResponseWriter, _ *http.Request, work func() *Answer) {
	work()
	panic(http.ErrAbortHandler)
}

// ResetInBody drops the connection in the middle of the answer's body.
func ResetInBody(w http.ResponseWriter, _ *http.Request, work func() *Answer) {
	a := work()
	maps.Copy(w.Header(), a.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body[:len(a.Body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// CutJSON answers with the first half of the body, as if that were all.
func CutJSON(w http.ResponseWriter, _ *http.Request, work func() *Answer) {
	a := work()
	a.Body = a.Body[:len(a.Body)/2]
	a.send(w)
}

// HTML answers 200 with a page, as a proxy that is misled does, and without the work.
func HTML(w http.ResponseWriter, _ *http.Request, _ func() *Answer) {
	w.Header().Set("Content-Type", "text/html")
	_, _ = io.WriteString(w, "<html><body><h1>It works!</h1></body></html>")
}

// Status answers with a status in Trove's form, without the work; retryAfter "" sends none.
func Status(status int, fault, message, retryAfter string) Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() *Answer) {
		refuse(w, status, fault, message, retryAfter)
	}
}

// StatusAfter is Status after the work.
func StatusAfter(status int, fault, message string) Effect {
	return func(w http.ResponseWriter, _ *http.Request, work func() *Answer) {
		work()
		refuse(w, status, fault, message, "")
	}
}

func refuse(w http.ResponseWriter, status int, fault, message, retryAfter string) {
	w.Header().Set("Content-Type", "application/json")
	if retryAfter != "" {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{fault: map[string]any{"code": status, "message": message}})
}

// Delay does the work after a while.
func Delay(d time.Duration) Effect {
	return func(w http.ResponseWriter, r *http.Request, work func() *Answer) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			work().send(w)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
}

// After does the work when a wait has ended; the wait gets the request's context.
func After(wait func(context.Context)) Effect {
	return func(w http.ResponseWriter, r *http.Request, work func() *Answer) {
		wait(r.Context())
		work().send(w)
	}
}

// Hang never answers, until the caller goes.
func Hang(_ http.ResponseWriter, r *http.Request, _ func() *Answer) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// Body answers 200 with this in place of the body, after the work.
func Body(text string) Effect {
	return func(w http.ResponseWriter, _ *http.Request, work func() *Answer) {
		a := work()
		a.Status, a.Body = http.StatusOK, []byte(text)
		a.send(w)
	}
}

// Rewrite answers with what change makes of the answer.
func Rewrite(change func(*Answer)) Effect {
	return func(w http.ResponseWriter, _ *http.Request, work func() *Answer) {
		a := work()
		change(a)
		a.send(w)
	}
}

// RewriteJSON answers with what change makes of the answer's JSON; what is no JSON is left as it is.
func RewriteJSON(change func(map[string]any)) Effect {
	return Rewrite(func(a *Answer) {
		if body := a.JSON(); body != nil {
			change(body)
			a.Body, _ = json.Marshal(body) // it was JSON
		}
	})
}

// Instances applies change to the instance of an answer, or to each in a list of them.
func Instances(change func(map[string]any)) Effect {
	return RewriteJSON(func(body map[string]any) {
		if one, ok := body["instance"].(map[string]any); ok {
			change(one)
		}
		all, _ := body["instances"].([]any)
		for _, i := range all {
			if one, ok := i.(map[string]any); ok {
				change(one)
			}
		}
	})
}

// Repeat answers 200 with head, body so many times, joined by commas, and tail: for answers that are too large.
func Repeat(head, body, tail string, times int) Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() *Answer) {
		w.Header().Set("Content-Type", "application/json")
		if repeat(w, head, body, tail, times) != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// Bomb is Repeat, compressed.
func Bomb(head, body, tail string, times int) Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() *Answer) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		if repeat(z, head, body, tail, times) != nil || z.Close() != nil {
			panic(http.ErrAbortHandler)
		}
	}
}

// Endless answers 200 with head, and then with more until the caller goes.
func Endless(head, more string) Effect {
	chunk := []byte(strings.Repeat(more, 1+4096/len(more)))
	return func(w http.ResponseWriter, _ *http.Request, _ func() *Answer) {
		w.Header().Set("Content-Type", "application/json")
		_, err := io.WriteString(w, head)
		for err == nil {
			_, err = w.Write(chunk)
		}
		panic(http.ErrAbortHandler)
	}
}

func repeat(w io.Writer, head, body, tail string, times int) error {
	if _, err := io.WriteString(w, head+body); err != nil {
		return err
	}
	chunk, per := strings.Repeat(","+body, 1000), 1000
	for left := times - 1; left > 0; left -= per {
		if left < per {
			chunk = strings.Repeat(","+body, left)
		}
		if _, err := io.WriteString(w, chunk); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, tail)
	return err
}

// Ask sends a request of somebody else of the project to the sandbox, past the proxy; path is below the project. An answer of
// 400 or above fails the test.
func (p *FaultProxy) Ask(t *testing.T, method, path, body string) map[string]any {
	t.Helper()
	a := p.TryAsk(t, method, path, body)
	if a.Status >= 400 {
		t.Fatalf("%s %s %s: %d %s", method, path, body, a.Status, a.Body)
	}
	return a.JSON()
}

// TryAsk is Ask with whatever answer.
func (p *FaultProxy) TryAsk(t *testing.T, method, path, body string) *Answer {
	t.Helper()
	p.signIn.Do(func() { p.base, p.token = p.direct.Endpoint(t) })
	r := httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), method, p.base+path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", p.token)
	r.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	p.sandbox.ServeHTTP(recorder, r)
	return &Answer{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.Bytes()}
}

// Settle waits until an instance shows none but ACTIVE, ERROR or nothing, and returns its status; "" where it is gone.
func (p *FaultProxy) Settle(t *testing.T, id string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		a := p.TryAsk(t, http.MethodGet, "/instances/"+id, "")
		if a.Status == http.StatusNotFound {
			return ""
		}
		instance, _ := a.JSON()["instance"].(map[string]any)
		status, _ := instance["status"].(string)
		if status == "ACTIVE" || status == "ERROR" {
			return status
		}
		select {
		case <-ctx.Done():
			t.Errorf("instance %s stays in %s", id, status)
			return status
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// Act submits a topology action of somebody else, through this instance, and waits for it. action is its JSON. An Effect may
// call it.
func (p *FaultProxy) Act(t *testing.T, via, action string) {
	t.Helper()
	if a := p.TryAsk(t, http.MethodPost, "/instances/"+via+"/topology/action", action); a.Status >= 400 {
		t.Errorf("%s: %d %s", action, a.Status, a.Body)
	}
	p.Settle(t, via)
}

// Alive maps the ids of the instances that are not gone to their names.
func (p *FaultProxy) Alive() map[string]string {
	alive := map[string]string{}
	for _, r := range p.State().History() {
		if r.Deleted.IsZero() {
			alive[r.ID] = r.Name
		}
	}
	return alive
}

// String is what the proxy has heard, for messages.
func (p *FaultProxy) String() string {
	var lines []string
	for _, h := range p.Requests() {
		lines = append(lines, fmt.Sprintf("%s %s -> %d %s", h.Method, h.Path, h.Answered, h.Body))
	}
	return strings.Join(lines, "\n")
}

// InsteadOf answers with what the sandbox shows of something else; path is below the project.
func (p *FaultProxy) InsteadOf(t *testing.T, path string) Effect {
	return func(w http.ResponseWriter, _ *http.Request, _ func() *Answer) {
		p.TryAsk(t, http.MethodGet, path, "").send(w)
	}
}
