package troveapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// write answers with JSON. Trove sends the type application/json even if the body is empty.
func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	if body == nil {
		w.WriteHeader(status)
		return
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(fmt.Errorf("an answer that is no JSON: %w", err)) // a bug: bodies consist of plain values
	}
	w.WriteHeader(status)
	w.Write(text) // an error means that the client is gone
}

type fault struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

// refuse answers with an error in Trove's form, or in that of Trove's web library.
func refuse(w http.ResponseWriter, r *http.Request, err error) {
	var webError *webError
	var refusal *state.Error
	switch {
	case errors.As(err, &webError):
		write(w, webError.status, webError)
	case errors.As(err, &refusal):
		if refusal.Code == http.StatusUnauthorized {
			w.Header().Set("WWW-Authenticate", `Keystone uri="http://`+r.Host+`/v3"`)
		}
		write(w, refusal.Code, map[string]fault{refusal.Fault: {refusal.Code, refusal.Message}})
	default:
		panic(err) // a bug: the state returns only *state.Error
	}
}

// webError is an error of Trove's web library, for requests that do not reach Trove itself.
type webError struct {
	status  int
	Message string `json:"message"`
	Code    string `json:"code"`
	Title   string `json:"title"`
}

func (e *webError) Error() string { return e.Message }

func newWebError(status int, message string) *webError {
	title := http.StatusText(status)
	return &webError{status: status, Message: message, Code: fmt.Sprintf("%d %s", status, title), Title: title}
}

func denied(w http.ResponseWriter, project string) {
	e := newWebError(http.StatusForbidden, "Access was denied to this resource.<br /><br />\nUser with tenant id "+project+" cannot access this resource.\n\n")
	write(w, e.status, e)
}

// errNoRoute is the answer to a path that does not exist, or not with that method.
var errNoRoute = &state.Error{Code: http.StatusNotFound, Fault: "itemNotFound", Message: "The resource could not be found."}

func noRoute(w http.ResponseWriter, r *http.Request) { refuse(w, r, errNoRoute) }

// invalid refuses a body because of its form.
func invalid(format string, args ...any) error {
	return &state.Error{Code: http.StatusBadRequest, Fault: "badRequest", Message: fmt.Sprintf(format, args...)}
}

type link struct {
	Href string `json:"href"`
	Rel  string `json:"rel"`
}

// links returns an object's links, which in Trove always start with https.
func links(r *http.Request, path string) []link {
	return []link{
		{fmt.Sprintf("https://%s/v1.0/%s/%s", r.Host, project(r), path), "self"},
		{fmt.Sprintf("https://%s/%s", r.Host, path), "bookmark"},
	}
}

// next adds the link to the next page to a list's body, if there is one. As in Trove, which does not unescape as often, the marker is
// escaped twice.
func next(r *http.Request, body map[string]any, marker string) map[string]any {
	if marker == "" {
		return body
	}
	query := r.URL.Query()
	query.Set("marker", strings.NewReplacer("+", "%20", "%2F", "/").Replace(url.QueryEscape(marker)))
	u := url.URL{Scheme: "https", Host: r.Host, Path: r.URL.Path, RawQuery: query.Encode()}
	body["links"] = []any{map[string]string{"rel": "next", "href": u.String()}}
	return body
}

// page reads limit and marker. Trove answers 500 to a limit that is not a natural number.
func page(r *http.Request) (marker string, limit int, err error) {
	query := r.URL.Query()
	if text := query.Get("limit"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 0 {
			return "", 0, &state.Error{Code: http.StatusInternalServerError, Fault: "instanceFault", Message: "Internal Server Error. The limit is no natural number."}
		}
	}
	return query.Get("marker"), limit, nil
}

// timestamp is a time in Trove's format.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") }
