package troveapi

import (
	"net/http"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func (a *API) logRoutes() {
	a.on("GET /instances/{id}/log", func(r *http.Request) (int, any, error) {
		all, err := a.state.Logs(project(r), id(r))
		bodies := []logBody{}
		for _, l := range all {
			bodies = append(bodies, shownLog(l))
		}
		return http.StatusOK, map[string]any{"logs": bodies}, err
	})
	a.on("POST /instances/{id}/log", a.changeLog)
}

type logBody struct {
	Name      string `json:"name"`
	Type      string `json:"type"`
	Status    string `json:"status"`
	Published int64  `json:"published"`
	Pending   int64  `json:"pending"`
	Container string `json:"container"`
	Prefix    string `json:"prefix"`
	Metafile  string `json:"metafile"`
}

// shownLog is a log as a guest agent shows it: a missing location is shown as None.
func shownLog(l state.Log) logBody {
	b := logBody(l)
	if b.Container == "" {
		b.Container, b.Prefix = "None", "None"
	}
	return b
}

func (a *API) changeLog(r *http.Request) (int, any, error) {
	f, err := whole(r)
	if err != nil {
		return 0, nil, err
	}
	var b struct {
		Name    string `json:"name"`
		Enable  int    `json:"enable"`
		Disable int    `json:"disable"`
		Publish int    `json:"publish"`
	}
	if err := f.decode("body", &b); err != nil {
		return 0, nil, err
	}
	if b.Name == "" {
		return 0, nil, invalid("Validation error: 'name' is a required property")
	}
	l, err := a.state.ChangeLog(project(r), id(r), state.LogRequest{Name: b.Name, Enable: b.Enable == 1, Disable: b.Disable == 1, Publish: b.Publish == 1})
	return http.StatusOK, map[string]any{"log": shownLog(l)}, err
}
