package trove

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/openstack/openstacktest"
)

func TestServesTopologyByHowUnknownRoutesAreAnswered(t *testing.T) {
	unknown := func(text func(path string) string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			openstacktest.Refuse(w, http.StatusNotFound, text(r.URL.Path))
		}
	}
	onTopology := func(code int, message string, otherwise http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/topology") {
				openstacktest.Refuse(w, code, message)
				return
			}
			otherwise(w, r)
		}
	}
	generic := unknown(func(string) string { return "The resource could not be found." })
	quoting := unknown(func(path string) string { return "There is no " + path + " here." })
	tests := map[string]struct {
		serve http.HandlerFunc
		want  bool
	}{
		"released Trove":                           {generic, false},
		"released Trove that quotes the route":     {quoting, false},
		"the topology API":                         {onTopology(404, "Resource x cannot be found.", generic), true},
		"the topology API of a server that quotes": {onTopology(404, "Resource x cannot be found.", quoting), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			asked := 0
			client := connect(t, func(w http.ResponseWriter, r *http.Request) {
				asked++
				tt.serve(w, r)
			})

			for range 3 {
				got, err := client.ServesTopology(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				if got != tt.want {
					t.Errorf("got %v", got)
				}
			}
			if asked != 2 {
				t.Errorf("the server was asked %d times, want 2", asked)
			}
		})
	}
	t.Run("an answer that says nothing is no answer", func(t *testing.T) {
		broken := true
		client := connect(t, func(w http.ResponseWriter, r *http.Request) {
			if broken {
				openstacktest.Refuse(w, http.StatusInternalServerError, "out of order")
				return
			}
			onTopology(404, "Resource x cannot be found.", generic)(w, r)
		})

		if _, err := client.ServesTopology(t.Context()); !errors.Is(err, openstack.ErrUnavailable) {
			t.Errorf("got %v, want ErrUnavailable", err)
		}
		broken = false
		if got, err := client.ServesTopology(t.Context()); err != nil || !got {
			t.Errorf("after recovery: %v, %v", got, err)
		}
	})
}
