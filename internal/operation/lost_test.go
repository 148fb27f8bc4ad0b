package operation

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
)

func TestCreateLooksForAnInstanceWhoseAnswerSaysTooLittle(t *testing.T) {
	for name, answer := range map[string]string{
		"no id":        `{"instance": {"name": "orders"}}`,
		"no instance":  `{}`,
		"no JSON":      `<html>Accepted</html>`,
		"another code": "202",
	} {
		t.Run(name, func(t *testing.T) {
			whole := fmt.Sprintf(`{"id": "i1", "name": "orders", "status": "BUILD", "created": %q}`, time.Now().UTC().Format("2006-01-02T15:04:05"))
			server := &scriptedTrove{scripts: map[string][]string{
				"POST ":      {answer},
				"GET detail": {`{"instances": [` + whole + `]}`},
				"GET i1":     {`{"instance": ` + whole + `}`},
			}}
			client := newCloud(t, server.ServeHTTP).connect(t, func(o *Options) { o.Clock = &quickClock{now: time.Now()} })
			i, err := client.Create(t.Context(), trove.CreateRequest{Name: "orders"})
			if err != nil || i.ID != "i1" {
				t.Errorf("got %v, %v, want i1", i, err)
			}
			if n := len(slices.DeleteFunc(server.seen, func(p string) bool { return p != "POST " })); n != 1 {
				t.Errorf("%d creations were sent", n)
			}
		})
	}
}

func TestCreateWhoseSecondRequestIsRefusedForTheFirstAdoptsThat(t *testing.T) {
	// The server is slow: it makes the instance only after the search has found none, and refuses the second for it.
	whole := fmt.Sprintf(`{"id": "i1", "name": "orders", "status": "BUILD", "created": %q}`, time.Now().UTC().Format("2006-01-02T15:04:05"))
	for _, refusal := range []string{"409", "413", "422", "500"} {
		t.Run(refusal, func(t *testing.T) {
			server := &scriptedTrove{scripts: map[string][]string{
				"POST ":      {"500", refusal},
				"GET detail": {`{"instances": []}`},
				"GET i1":     {`{"instance": ` + whole + `}`},
			}}
			posts := 0
			client := newCloud(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					if posts++; posts == 2 {
						server.scripts["GET detail"] = []string{`{"instances": [` + whole + `]}`}
					}
				}
				server.ServeHTTP(w, r)
			}).connect(t, func(o *Options) { o.Clock = &quickClock{now: time.Now()} })
			i, err := client.Create(t.Context(), trove.CreateRequest{Name: "orders"})
			if err != nil || i.ID != "i1" {
				t.Errorf("got %v, %v, want i1", i, err)
			}
			if posts != 2 {
				t.Errorf("%d creations were sent", posts)
			}
		})
	}
}
