package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/page"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// newAdmin returns the handler of everything under /sandbox/.
func (s *Sandbox) newAdmin() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sandbox/health", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /sandbox/ledger", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, struct {
			Requests  map[string]int `json:"requests"`
			Instances []state.Record `json:"instances"`
		}{s.ledger.Counts(), s.state.History()})
	})
	mux.HandleFunc("DELETE /sandbox/ledger", func(w http.ResponseWriter, _ *http.Request) {
		s.ledger.Reset()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string][]faults.Injected{"faults": s.faults.List()})
	})
	mux.HandleFunc("POST /sandbox/faults", s.injectFault)
	mux.HandleFunc("DELETE /sandbox/faults", func(w http.ResponseWriter, _ *http.Request) {
		s.faults.Clear()
		w.WriteHeader(http.StatusNoContent)
	})
	mux.Handle("GET /sandbox/", page.New(s.overview, s.streams))
	guard := crossSite{http.NewCrossOriginProtection()}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := guard.refuses(r); why != "" {
			writeAdminError(w, http.StatusForbidden, why)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// shownRequests is how many of the last requests the page shows.
const shownRequests = 25

// overview returns what the page shows.
func (s *Sandbox) overview() page.Snapshot {
	shown := page.Snapshot{Served: []string{}, Groups: []page.Group{}, Requests: []page.Request{}}
	for _, served := range s.opts.Served {
		shown.Served = append(shown.Served, served.String())
	}
	for _, g := range s.state.Groups() {
		first := g.Instances[0]
		group := page.Group{ID: first.ID, Title: first.Name, Project: identity.ProjectName(g.ProjectID), Diagram: topology.Mermaid(g.View), Instances: []page.Instance{}}
		for _, m := range g.View.Members {
			if m.Cluster() != "" {
				group.Title = m.Cluster()
			}
		}
		for _, i := range g.Instances {
			line := page.Instance{ID: i.ID, Name: i.Name, Status: i.Status, Datastore: i.Version.Name, Server: "simulated"}
			if len(i.Addresses) > 0 {
				line.Address = i.Addresses[0].Address
			}
			if i.Fault != nil {
				line.Fault = i.Fault.Message
			}
			if i.Status == state.StatusActive && i.OperatingStatus == state.OperatingError {
				line.Status, line.Fault = "ERROR", "The database does not answer."
			}
			if o, runs := g.Observed[i.ID]; runs {
				line.Server, line.Role = fmt.Sprintf("%s %s", o.Program, o.Version), o.Role
				line.Address = net.JoinHostPort(o.Address, strconv.Itoa(o.Port))
			}
			group.Instances = append(group.Instances, line)
		}
		shown.Groups = append(shown.Groups, group)
	}
	for _, n := range s.ledger.Counts() {
		shown.Asked += n
	}
	for _, r := range s.ledger.Last(shownRequests) {
		shown.Requests = append(shown.Requests, page.Request{At: r.Received.Format(time.TimeOnly), User: r.User, Kind: r.Kind, Status: r.Status})
	}
	return shown
}

// injectFault serves POST /sandbox/faults.
func (s *Sandbox) injectFault(w http.ResponseWriter, r *http.Request) {
	var rule faults.Rule
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(&rule); err != nil {
		writeAdminError(w, http.StatusBadRequest, "this is not the JSON of a fault: "+err.Error())
		return
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		writeAdminError(w, http.StatusBadRequest, "one fault at a time")
		return
	}
	id, err := s.faults.Add(rule)
	if err != nil {
		writeAdminError(w, http.StatusBadRequest, err.Error())
		return
	}
	writeJSON(w, http.StatusCreated, map[string]int{"id": id})
}

func writeAdminError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails only if the caller has gone
}
