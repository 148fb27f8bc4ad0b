package chaos

import (
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/acctest"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
)

// fault is one that a seed has chosen: of requests, or of what becomes of instances.
type fault struct {
	kind string
	acctest.Fault
	rule faults.Rule

	spoils   *acctest.Fault // once it is armed
	injected int            // the id of the rule
}

func (f *fault) String() string {
	if f.rule.Do != "" {
		return fmt.Sprintf("%s of %s%s after %d, times %d", f.kind, f.rule.Action, f.rule.Instance, f.rule.After, f.rule.Times)
	}
	return fmt.Sprintf("%s of %s %s after %d, times %d", f.kind, f.Method, f.Path, f.After, f.Times)
}

// target is a request that a fault may meet.
type target struct{ method, path string }

var (
	anything = target{"", ""}
	creation = target{"POST", "/instances"}
	targets  = []target{
		anything, anything, creation, creation, creation, {"GET", "/instances"}, {"GET", "/instances/detail"}, {"GET", "/instances/*"}, {"GET", "/instances/*"},
		{"DELETE", "/instances/*"}, {"DELETE", "/instances/*"}, {"POST", "/instances/*/action"}, {"POST", "/instances/*/topology/action"},
		{"POST", "/instances/*/topology/action"}, {"GET", "/instances/*/topology"}, {"PUT", "/instances/*"}, {"PATCH", "/instances/*"},
		{"POST", "/instances/*/*"}, {"GET", "/instances/*/*"}, {"DELETE", "/instances/*/*/*"}, {"POST", "/v3/auth/tokens"},
		{"POST", "/configurations"}, {"POST", "/backups"}, {"GET", "/configurations/*"}, {"GET", "/backups/*"}, {"DELETE", "/*/*"},
	}
)

func status(code int, retryAfter string) acctest.Effect {
	return acctest.Status(code, "fault", http.StatusText(code), retryAfter)
}

func statusAfter(code int, retryAfter string) acctest.Effect {
	return after(status(code, retryAfter))
}

// contentType answers with another content type; "" is none at all.
func contentType(is string) acctest.Effect {
	return acctest.Rewrite(func(a *acctest.Answer) {
		a.Header = a.Header.Clone()
		a.Header["Content-Type"] = nil // an empty list, so that the server does not guess one
		if is != "" {
			a.Header.Set("Content-Type", is)
		}
	})
}

// page answers with HTML, of this status, before the work or after it.
func page(code int, after bool) acctest.Effect {
	return func(w http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
		if after {
			work()
		}
		if code == http.StatusOK {
			acctest.HTML(w, r, work)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, "<html><body><h1>Bad gateway</h1></body></html>") // fails only where the caller has gone
	}
}

// slowBody sends the answer in pieces.
func slowBody(w http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
	a := work()
	maps.Copy(w.Header(), a.Header)
	w.Header().Del("Content-Length")
	w.WriteHeader(a.Status)
	for body := a.Body; len(body) > 0; {
		n := min(len(body), 1+len(a.Body)/3)
		_, _ = w.Write(body[:n]) // fails only where the caller has gone
		body = body[n:]
		http.NewResponseController(w).Flush() //nolint:errcheck // likewise
		select {
		case <-time.After(100 * time.Millisecond):
		case <-r.Context().Done():
			panic(http.ErrAbortHandler)
		}
	}
}

func redirect(w http.ResponseWriter, r *http.Request, _ func() *acctest.Answer) {
	http.Redirect(w, r, "http://127.0.0.1:1/elsewhere", http.StatusFound)
}

// hollow answers in the form that was asked for, with nothing in it.
func hollow(w http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
	acctest.Rewrite(func(a *acctest.Answer) {
		body := a.JSON()
		for name, v := range body {
			switch v := v.(type) {
			case []any:
				body[name] = []any{}
			case map[string]any:
				for inner, of := range v {
					v[inner] = nil
					if _, ok := of.([]any); ok {
						v[inner] = []any{}
					}
				}
			}
		}
		if body != nil {
			a.Body = []byte(encode(body))
		}
	})(w, r, work)
}

func after(effect acctest.Effect) acctest.Effect {
	return func(w http.ResponseWriter, r *http.Request, work func() *acctest.Answer) {
		work()
		effect(w, r, work)
	}
}

// effects are what may become of a request, by the kind of fault.
func (s *seed) effects() map[string][]acctest.Effect {
	return map[string][]acctest.Effect{
		"lost before the work":  {acctest.LoseBefore},
		"lost after the work":   {acctest.LoseAfter},
		"hangs":                 {acctest.Hang, after(acctest.Hang)},
		"reset in the body":     {acctest.ResetInBody},
		"cut JSON":              {acctest.CutJSON},
		"HTML with 200":         {page(200, false), page(200, true)},
		"HTML with 502":         {page(502, false), page(502, true)},
		"empty answer":          {acctest.Body(`{}`), acctest.Body(`null`), acctest.Body(`[]`), acctest.Body(``), hollow, hollow},
		"foreign answer":        {s.foreign},
		"401":                   {status(401, "")},
		"expired tokens":        {s.expire},
		"413":                   {status(413, "")},
		"413 with Retry-After":  {status(413, "1")},
		"429":                   {status(429, "")},
		"429 with Retry-After":  {status(429, "1")},
		"500":                   {status(500, ""), statusAfter(500, "")},
		"500 with Retry-After":  {status(500, "1"), statusAfter(500, "1")},
		"503":                   {status(503, ""), statusAfter(503, "")},
		"503 with Retry-After":  {status(503, "1")}, // before the work alone: it says that there was none
		"504":                   {status(504, ""), statusAfter(504, "")},
		"504 with Retry-After":  {status(504, "1"), statusAfter(504, "1")},
		"slow body":             {slowBody},
		"endless body":          {acctest.Endless(`{"instance": [`, `{}, `), after(acctest.Endless(`{"instances": [`, `{}, `))},
		"redirect":              {redirect},
		"wrong content type":    {contentType("text/html"), contentType("application/octet-stream"), contentType("")},
		"delivered twice":       {s.proxy.Twice},
		"interrupted":           {s.signal((*seed).interrupt, false), s.signal((*seed).interrupt, true)},
		"interrupted twice":     {s.signal((*seed).interruptTwice, false), s.signal((*seed).interruptTwice, true)},
		"provider killed":       {s.signal((*seed).killProvider, false), s.signal((*seed).killProvider, true)},
		"Terraform killed":      {s.signal((*seed).kill, false), s.signal((*seed).kill, true)},
		"only Terraform killed": {s.signal((*seed).killTerraform, false), s.signal((*seed).killTerraform, true)},
		"server restarted empty": {func(w http.ResponseWriter, _ *http.Request, work func() *acctest.Answer) {
			a := work()
			s.restart()
			a.Send(w)
		}},
		"member removed by another": {func(w http.ResponseWriter, _ *http.Request, work func() *acctest.Answer) {
			s.outsider()
			work().Send(w)
		}},
	}
}

// onRequests are the kinds of faults of requests, and onInstances of what becomes of instances, in an order that does not change.
var (
	onRequests = []string{
		"lost before the work", "lost after the work", "hangs", "reset in the body", "cut JSON", "HTML with 200", "HTML with 502", "empty answer",
		"foreign answer", "401", "expired tokens", "413", "413 with Retry-After", "429", "429 with Retry-After", "500",
		"500 with Retry-After", "503", "503 with Retry-After", "504", "504 with Retry-After", "slow body", "endless body", "redirect", "wrong content type", "delivered twice", "interrupted",
		"server restarted empty", "member removed by another",
	}
	onInstances = map[string]faults.Effect{
		"instance in ERROR": faults.InstanceError, "instance hangs in BUILD": faults.InstanceHang, "action fails": faults.ActionError,
	}
	onlyReads = []string{"foreign answer"}                                                                                   // in place of what a change answers it would be another fault: an answer that is a lie
	signals   = []string{"interrupted", "interrupted twice", "provider killed", "Terraform killed", "only Terraform killed"} // between POST and state, where it hurts
	spared    = []int{0, 0, 0, 1, 1, 2, 3, 5, 8, 13}                                                                         // how many requests are let through first
	spoilt    = []int{1, 1, 2, 3, 6}                                                                                         // and how many are spoilt then: with three a request has no attempt left
	rare      = []string{"server restarted empty", "413", "member removed by another"}
)

// chooseFault draws one.
func (s *seed) chooseFault(r *rand.Rand) *fault {
	if r.IntN(6) == 0 {
		kind := pick(r, slices.Sorted(maps.Keys(onInstances)))
		return &fault{kind: kind, rule: faults.Rule{Do: onInstances[kind], After: r.IntN(3), Times: 1 + r.IntN(2)}}
	}
	kind := pick(r, onRequests)
	if slices.Contains(rare, kind) && r.IntN(2) == 0 {
		kind = pick(r, onRequests[:8])
	}
	if s.cli != nil && r.IntN(3) == 0 {
		kind = pick(r, signals)
	}
	to := pick(r, targets)
	switch {
	case slices.Contains(onlyReads, kind):
		to = pick(r, []target{{"GET", "/instances/*"}, {"GET", "/instances/*"}, {"GET", "/instances/*/*"}, {"GET", "/configurations/*"}, {"GET", "/backups/*"}})
	case slices.Contains(signals, kind) && r.IntN(3) > 0:
		to = creation
	case kind == "delivered twice": // but no creation, of which a server that carries it out twice makes two, whatever a client does
		for to.method == "" || to == creation || strings.HasPrefix(to.path, "/configurations") || strings.HasPrefix(to.path, "/backups") {
			to = pick(r, targets)
		}
	}
	return &fault{kind: kind, Fault: acctest.Fault{
		Method: to.method, Path: to.path, After: pick(r, spared), Times: pick(r, spoilt), Do: pick(r, s.effects()[kind]),
	}}
}

// arm lets faults happen from now on.
func (s *seed) arm(all []*fault) {
	s.signals.Lock()
	s.armed = true
	s.signals.Unlock()
	for _, f := range all {
		if f.rule.Do == "" {
			f.spoils = s.proxy.Spoil(f.Fault)
			continue
		}
		id, err := s.cloud().Faults().Add(f.rule)
		if err != nil {
			s.t.Fatal(err)
		}
		f.injected = id
	}
}

// disarm ends all faults, and counts those that have happened.
func (s *seed) disarm(all []*fault) (fired []string) {
	s.signals.Lock()
	s.armed = false
	s.signals.Unlock()
	injected := map[int]int{}
	for _, rule := range s.cloud().Faults().List() {
		injected[rule.ID] = rule.Fired
	}
	for _, f := range all {
		n := injected[f.injected]
		if f.spoils != nil {
			n = s.proxy.Fired(f.spoils)
		}
		if n > 0 {
			fired = append(fired, fmt.Sprintf("%s (%d)", f, n))
			s.fired[f.kind] += n
		}
	}
	s.proxy.Mend()
	s.cloud().Faults().Clear()
	return fired
}
