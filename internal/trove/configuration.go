package trove

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// Values are the settings of a configuration group by parameter: each a bool, a string or a json.Number.
type Values map[string]any

// UnmarshalJSON implements json.Unmarshaler. Numbers keep the server's spelling: some are too large for a float64.
func (v *Values) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode((*map[string]any)(v))
}

// Fits reports whether these are the values that were asked for; a masked value is taken as equal.
func (v Values) Fits(asked Values) bool {
	for name, value := range asked {
		if shown, ok := v[name]; !ok || !SameValue(shown, Text(value)) {
			return false
		}
	}
	return len(v) == len(asked)
}

// Configuration is a configuration group. gophercloud's own type converts every number to float64.
type Configuration struct {
	ID            string  `json:"id"`
	Name          string  `json:"name"`
	Description   *string `json:"description"`
	Created       Time    `json:"created"`
	Updated       Time    `json:"updated"`
	DatastoreName string  `json:"datastore_name"`
	VersionID     string  `json:"datastore_version_id"`
	VersionName   string  `json:"datastore_version_name"`
	Values        Values  `json:"values"`
}

// Identified reports whether the server has named it.
func (g *Configuration) Identified() bool { return g.ID != "" }

// IsFor reports whether the group is for a datastore version. Versions with different numbers may have the same name, and instances show
// only the name.
func (g *Configuration) IsFor(v *DatastoreVersion) bool {
	return v.ID == g.VersionID || v.Name == g.VersionName && v.DatastoreName == g.DatastoreName
}

// ConfigurationRequest describes the wanted configuration group. A description cannot be emptied: "" leaves it as it is.
type ConfigurationRequest struct {
	Name        string     `json:"name"`
	Description string     `json:"description,omitempty"`
	Datastore   *Datastore `json:"datastore,omitempty"` // only at creation
	Values      Values     `json:"values"`
}

// Describes reports whether the description that the server shows is the one asked for.
func (r ConfigurationRequest) Describes(shown *string) bool {
	return shown == nil && r.Description == "" || shown != nil && *shown == r.Description
}

// configurationEnvelope is the JSON object around one group.
type configurationEnvelope struct {
	Configuration *Configuration `json:"configuration"`
}

// Configuration returns a configuration group. It returns ErrNotFound if there is none.
func (c *Client) Configuration(ctx context.Context, id string) (*Configuration, error) {
	body, err := get(ctx, c, "read configuration group "+id, func(e configurationEnvelope) error {
		if e.Configuration == nil {
			return errors.New("it holds no configuration group")
		}
		return isOf("configuration group", e.Configuration.ID, id)
	}, "configurations", id)
	if err != nil {
		return nil, err
	}
	return body.Configuration, nil
}

// PostConfiguration requests a configuration group. It is sent once.
func (c *Client) PostConfiguration(ctx context.Context, r ConfigurationRequest) (*Configuration, error) {
	body, err := post(ctx, c, "create configuration group "+r.Name, map[string]any{"configuration": r}, func(e configurationEnvelope) error {
		if e.Configuration == nil || e.Configuration.ID == "" {
			return errors.New("it holds no id")
		}
		return nil
	}, "configurations")
	if err != nil {
		return nil, err
	}
	return body.Configuration, nil
}

// PutConfigurationGroup changes a group to what the request says, including all of its values, and has the server apply it to the attached
// instances.
func (c *Client) PutConfigurationGroup(ctx context.Context, id string, r ConfigurationRequest) error {
	r.Datastore = nil
	return c.send(ctx, "change configuration group "+id, http.MethodPut, map[string]any{"configuration": r}, "configurations", id)
}

// DeleteConfiguration deletes a group. It returns ErrNotFound if it is gone already, and ErrBadRequest while it is attached.
func (c *Client) DeleteConfiguration(ctx context.Context, id string) error {
	return c.send(ctx, "delete configuration group "+id, http.MethodDelete, nil, "configurations", id)
}

// Configurations lists the project's configuration groups, without their values, which the server does not list.
func (c *Client) Configurations(ctx context.Context) ([]Configuration, error) {
	all, _, err := c.ConfigurationsAt(ctx)
	return all, err
}

// ConfigurationsAt is Configurations with the server's time of day, zero if unknown.
func (c *Client) ConfigurationsAt(ctx context.Context) (all []Configuration, serverTime time.Time, err error) {
	return list[Configuration](ctx, c, "list configuration groups", "configurations", pageSize(), "configurations")
}

// ConfiguredInstances lists the instances that a configuration group is attached to.
func (c *Client) ConfiguredInstances(ctx context.Context, id string) ([]Reference, error) {
	all, _, err := list[Reference](ctx, c, "list the instances of configuration group "+id, "instances", pageSize(), "configurations", id, "instances")
	return all, err
}
