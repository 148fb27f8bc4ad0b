package sandbox

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/identity"
)

func TestKindIsMethodRouteAndOperation(t *testing.T) {
	s := start(t, Options{})
	project := "/v1.0/" + identity.DemoProjectID
	const id = "/instances/015abf3d-539f-4667-a69b-1f1fb2b33c00"
	for _, tt := range []struct{ method, path, body, want string }{
		{"POST", project + "/instances", `{}`, "POST /instances"},
		{"GET", project + "/instances?limit=3", "", "GET /instances"},
		{"GET", project + id, "", "GET /instances/{id}"},
		{"DELETE", project + id, "", "DELETE /instances/{id}"},
		{"POST", project + id + "/action", `{"restart": {}}`, "POST /instances/{id}/action restart"},
		{"POST", project + id + "/action", `{"resize": {"flavorRef": "2"}}`, "POST /instances/{id}/action resize"},
		{"POST", project + id + "/action", `{"resize": {"volume": {"size": 2}}}`, "POST /instances/{id}/action resize_volume"},
		{"POST", project + id + "/action", `{"promote_to_replica_source": {}}`, "POST /instances/{id}/action promote_to_replica_source"},
		{"POST", project + id + "/action", `{"a": {}, "b": {}}`, "POST /instances/{id}/action"},
		{"POST", project + id + "/action", `{"GET /": {}}`, "POST /instances/{id}/action"},
		{"POST", project + id + "/action", `[`, "POST /instances/{id}/action"},
		{
			"POST", project + id + "/topology/action", `{"mongodb": {"update_members": {"members": [{"id": "x", "priority": 2}]}}}`,
			"POST /instances/{id}/topology/action mongodb.update_members",
		},
		{"POST", project + id + "/topology/action", `{"mysql": {"promote": {"id": "x"}}}`, "POST /instances/{id}/topology/action mysql.promote"},
		{"POST", project + id + "/topology/action", `{"mysql": {"explode": {}}}`, "POST /instances/{id}/topology/action"},
		{"GET", project + id + "/nonsense", "", "GET " + id + "/nonsense (unknown route)"},
		{"GET", project, "", "GET " + project + " (unknown route)"},
		{"PUT", project + "/instances", "", "PUT /instances (unknown route)"},
		{"GET", project + "/datastores/mysql/versions", "", "GET /datastores/{datastore}/versions"},
		{"GET", project + "/datastores/versions/x/parameters", "", "GET /datastores/versions/{version}/parameters"},
		{"GET", "/v1.0", "", "GET /v1.0 (unknown route)"},
		{"GET", "/", "", "GET /"},
		{"GET", "/v3", "", "GET /v3"},
		{"GET", "/v3/", "", "GET /v3/"},
		{"POST", "/v3/auth/tokens", `{}`, "POST /v3/auth/tokens"},
		{"HEAD", "/v3/auth/tokens", "", "HEAD /v3/auth/tokens"},
		{"GET", "/v3/users", "", "GET /v3/users (unknown route)"},
	} {
		s.Ledger().Reset()
		r := httptest.NewRequestWithContext(t.Context(), tt.method, tt.path, strings.NewReader(tt.body))
		s.Handler().ServeHTTP(httptest.NewRecorder(), r)
		if n := s.Ledger().Count(tt.want); n != 1 {
			t.Errorf("%s %s %s is counted as %v, want %q", tt.method, tt.path, tt.body, s.Ledger().Counts(), tt.want)
		}
	}
}
