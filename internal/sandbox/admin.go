package sandbox

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/faults"
	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// newAdmin serves what stands under /sandbox/.
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
	guard := crossSite{http.NewCrossOriginProtection()}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if why := guard.refuses(r); why != "" {
			writeAdminError(w, http.StatusForbidden, why)
			return
		}
		mux.ServeHTTP(w, r)
	})
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
	_ = json.NewEncoder(w).Encode(body) // fails only where the caller has gone
}
