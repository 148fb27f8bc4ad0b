package trove

import (
	"context"
	"encoding/json"
	"net/http"
)

// ManagedParameter is a parameter of configuration groups as administrators define it. An integer has two bounds, a string none.
type ManagedParameter struct {
	Name, Type      string
	Min, Max        json.Number
	RestartRequired bool
}

// UnmarshalJSON reads what the server shows, which omits a bound of 0.
func (p *ManagedParameter) UnmarshalJSON(text []byte) error {
	var shown struct {
		Name            string      `json:"name"`
		Type            string      `json:"type"`
		Min             json.Number `json:"min_size"`
		Max             json.Number `json:"max_size"`
		RestartRequired bool        `json:"restart_required"`
	}
	if err := json.Unmarshal(text, &shown); err != nil {
		return err
	}
	if shown.Type == TypeInteger {
		for _, bound := range []*json.Number{&shown.Min, &shown.Max} {
			if *bound == "" {
				*bound = "0"
			}
		}
	}
	*p = ManagedParameter{Name: shown.Name, Type: shown.Type, Min: shown.Min, Max: shown.Max, RestartRequired: shown.RestartRequired}
	return nil
}

// MarshalJSON writes what the server accepts.
func (p ManagedParameter) MarshalJSON() ([]byte, error) {
	body := map[string]any{"name": p.Name, "data_type": p.Type, "restart_required": 0}
	if p.RestartRequired {
		body["restart_required"] = 1
	}
	if p.Type == TypeInteger {
		body["min_size"], body["max_size"] = p.Min, p.Max
	}
	return json.Marshal(body)
}

// managedParameters is the path of the parameters of a version, or of something below it.
func managedParameters(version string, below ...string) []string {
	return append([]string{management, "datastores", "versions", version, "parameters"}, below...)
}

// ManagedParameters lists the parameters of a version. Only administrators may do so.
func (c *Client) ManagedParameters(ctx context.Context, version string) ([]ManagedParameter, error) {
	all, _, err := list[ManagedParameter](ctx, c, "list the parameters of datastore version "+version, "configuration-parameters", nil, managedParameters(version)...)
	return all, err
}

// PostManagedParameter creates a parameter. The server refuses one that exists.
func (c *Client) PostManagedParameter(ctx context.Context, version string, p ManagedParameter) error {
	defer c.forgetParameters(version)
	return c.send(ctx, "create parameter "+p.Name+" of datastore version "+version, http.MethodPost, parameterBody(p), managedParameters(version)...)
}

// PutManagedParameter changes a parameter. It may be sent again.
func (c *Client) PutManagedParameter(ctx context.Context, version string, p ManagedParameter) error {
	defer c.forgetParameters(version)
	return c.send(ctx, "change parameter "+p.Name+" of datastore version "+version, http.MethodPut, parameterBody(p), managedParameters(version, p.Name)...)
}

// DeleteManagedParameter deletes a parameter. The server answers 400 if there is none.
func (c *Client) DeleteManagedParameter(ctx context.Context, version, name string) error {
	defer c.forgetParameters(version)
	return c.send(ctx, "delete parameter "+name+" of datastore version "+version, http.MethodDelete, nil, managedParameters(version, name)...)
}

func parameterBody(p ManagedParameter) any { return map[string]any{"configuration-parameter": p} }

// forgetParameters drops the cached parameters of a version.
func (c *Client) forgetParameters(version string) {
	known := c.parameters.of(version)
	known.invalidate(known.times())
}
