package troveapi

import (
	"net/http"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// topologyBody is a topology that has its buckets even if there are none, so that the server is not mistaken for one that does not list
// them.
type topologyBody struct {
	topology.View
	Buckets []topology.Bucket `json:"buckets,omitzero"`
}

// topologyRoutes are the routes that released Trove does not have.
func (a *API) topologyRoutes() {
	if a.state.Upstream() {
		return
	}
	a.on("GET /instances/{id}/topology", func(r *http.Request) (int, any, error) {
		view, err := a.state.View(project(r), id(r))
		return http.StatusOK, map[string]any{"topology": topologyBody{view, view.Buckets}}, err
	})
	a.on("POST /instances/{id}/topology/action", func(r *http.Request) (int, any, error) {
		body, err := raw(r)
		if err != nil {
			return 0, nil, err
		}
		action, err := topology.DecodeAction(body)
		if err != nil {
			return 0, nil, invalid("%s", err)
		}
		return done(a.state.Act(project(r), id(r), action))
	})
}
