package identity

import (
	"encoding/json"
	"net/http"
)

// failure is why a request is refused.
type failure struct {
	status  int
	message string
}

// unauthenticated does not say what is wrong, as in Keystone.
var unauthenticated = &failure{http.StatusUnauthorized, "The request you have made requires authentication."}

// missing says in Keystone's words that a part of a request is missing.
func missing(what, where string) *failure {
	return malformed("Expecting to find " + what + " in " + where + ".")
}

func malformed(why string) *failure {
	return &failure{http.StatusBadRequest, why + " The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error."}
}

func (f *failure) write(w http.ResponseWriter, r *http.Request) {
	if f.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Keystone uri="`+base(r)+`"`)
	}
	WriteError(w, f.status, f.message)
}

// WriteError answers with an error in Keystone's form.
func WriteError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]any{"error": map[string]any{"code": status, "message": message, "title": http.StatusText(status)}})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // fails only if the caller has gone
}
