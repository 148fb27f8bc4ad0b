package troveapi

import (
	"cmp"
	"encoding/pem"
	"net/http"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

func (a *API) sslRoutes() {
	a.on("GET /instances/{id}/ssl", a.offered(a.state.OffersSSL, a.showSSL))
	a.on("POST /instances/{id}/ssl", a.offered(a.state.OffersSSL, a.changeSSL))
}

// offered answers as if there were no such route if this server does not offer it.
func (a *API) offered(is func() bool, h handler) handler {
	return func(r *http.Request) (int, any, error) {
		if !is() {
			return 0, nil, errNoRoute
		}
		return h(r)
	}
}

func (a *API) showSSL(r *http.Request) (int, any, error) {
	ssl, ok, err := a.state.SSL(project(r), id(r))
	shown := map[string]any{"status": "off", "mode": cmp.Or(ssl.Mode, "builtin")}
	switch cn := ssl.CommonName(); {
	case !ok:
		shown["status"] = "not implemented"
	case cn != "":
		certificate := map[string]any{"cn": cn, "expire_at": "2036-02-10T09:06:25.000000", "san": nil}
		if r.URL.Query().Get("include_certificate") == "true" {
			block := pem.Block{Type: "CERTIFICATE", Bytes: []byte("of " + ssl.Container)} // nobody reads it
			certificate["payload"] = string(pem.EncodeToMemory(&block))
		}
		shown["status"], shown["certificate"] = "on", certificate
	}
	return http.StatusOK, map[string]any{"ssl": shown}, err
}

func (a *API) changeSSL(r *http.Request) (int, any, error) {
	f, err := fields(r, "ssl", false)
	if err != nil {
		return 0, nil, err
	}
	var b struct {
		Enable    bool   `json:"enable"`
		Disable   bool   `json:"disable"`
		Rollback  bool   `json:"rollback"`
		Mode      string `json:"mode"`
		Container string `json:"container_ref"`
		Password  string `json:"password_ref"`
	}
	if err := f.decode("ssl", &b); err != nil {
		return 0, nil, err
	}
	request := state.SSLRequest{Enable: b.Enable, Disable: b.Disable, Rollback: b.Rollback, Password: b.Password}
	if b.Enable {
		request.SSL = state.SSL{Mode: cmp.Or(b.Mode, "basic"), Container: b.Container}
	}
	restart, now, err := a.state.ChangeSSL(project(r), id(r), request)
	result := map[string]any{"restart_required": restart}
	if b.Rollback {
		result["status"], result["mode"] = "off", nil
		if now.Mode != "" {
			result["status"], result["mode"] = "on", now.Mode
		}
	}
	return http.StatusOK, map[string]any{"ssl": result}, err
}
