package acctest

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

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
	if err := http.NewResponseController(w).Flush(); err != nil {
		panic(err)
	}
	panic(http.ErrAbortHandler)
}

// CutJSON answers with the first half of the body, as if that were all.
func CutJSON(w http.ResponseWriter, _ *http.Request, work func() *Answer) {
	a := work()
	a.Body = a.Body[:len(a.Body)/2]
	a.Send(w)
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
	body, err := json.Marshal(map[string]any{fault: map[string]any{"code": status, "message": message}})
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(body)
}

// Delay does the work after a while.
func Delay(d time.Duration) Effect {
	return func(w http.ResponseWriter, r *http.Request, work func() *Answer) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			work().Send(w)
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
}

// After does the work when a wait has ended; the wait gets the request's context.
func After(wait func(context.Context)) Effect {
	return func(w http.ResponseWriter, r *http.Request, work func() *Answer) {
		wait(r.Context())
		work().Send(w)
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
		a.Send(w)
	}
}

// Rewrite answers with what change makes of the answer.
func Rewrite(change func(*Answer)) Effect {
	return func(w http.ResponseWriter, _ *http.Request, work func() *Answer) {
		a := work()
		change(a)
		a.Send(w)
	}
}

// RewriteJSON answers with what change makes of the answer's JSON; what is no JSON is left as it is.
func RewriteJSON(change func(map[string]any)) Effect {
	return Rewrite(func(a *Answer) {
		if body := a.JSON(); body != nil {
			change(body)
			text, err := json.Marshal(body)
			if err != nil {
				panic(err)
			}
			a.Body = text
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
	a := p.ask(t, method, path, body)
	if a.Status == http.StatusUnauthorized { // the tokens have expired
		p.signIn.Lock()
		p.token = ""
		p.signIn.Unlock()
		a = p.ask(t, method, path, body)
	}
	return a
}

func (p *FaultProxy) ask(t *testing.T, method, path, body string) *Answer {
	t.Helper()
	base, token := p.signedIn(t)
	r := httptest.NewRequestWithContext(context.WithoutCancel(t.Context()), method, base+path, strings.NewReader(body))
	r.Header.Set("X-Auth-Token", token)
	r.Header.Set("Content-Type", "application/json")
	recorder := httptest.NewRecorder()
	p.server().ServeHTTP(recorder, r)
	return &Answer{Status: recorder.Code, Header: recorder.Header(), Body: recorder.Body.Bytes()}
}

// signedIn is where Trove is in the sandbox itself, and a token for it.
func (p *FaultProxy) signedIn(t *testing.T) (base, token string) {
	t.Helper()
	p.signIn.Lock()
	defer p.signIn.Unlock()
	if p.token == "" {
		p.base, p.token = p.direct.Endpoint(t)
	}
	return p.base, p.token
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

// Twice delivers the request a second time, as a network may, and answers what the first time has brought.
func (p *FaultProxy) Twice(w http.ResponseWriter, r *http.Request, work func() *Answer) {
	a := work()
	again := r.Clone(context.WithoutCancel(r.Context()))
	body, err := r.GetBody()
	if err != nil {
		panic(err)
	}
	again.Body = body
	p.server().ServeHTTP(httptest.NewRecorder(), again)
	a.Send(w)
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
		p.TryAsk(t, http.MethodGet, path, "").Send(w)
	}
}
