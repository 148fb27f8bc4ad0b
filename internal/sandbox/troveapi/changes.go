package troveapi

import (
	"encoding/json"
	"net/http"

	"github.com/opentrove/terraform-provider-trove/internal/sandbox/state"
)

// updateFields are the fields that PUT and PATCH accept. Their differences are accidental: PATCH refuses access, PUT slave_of.
var updateFields = map[string][]string{
	http.MethodPut:   {"name", "configuration", "access", "replica_of", "datastore_version"},
	http.MethodPatch: {"name", "configuration", "replica_of", "slave_of", "datastore_version"},
}

func (a *API) update(method string) handler {
	return func(r *http.Request) (int, any, error) {
		f, err := fields(r, "instance", a.state.Upstream())
		if err != nil {
			return 0, nil, err
		}
		if err := f.only("instance", false, updateFields[method]...); err != nil {
			return 0, nil, err
		}
		u, err := updateOf(f)
		if err != nil {
			return 0, nil, err
		}
		return done(a.state.Update(project(r), id(r), u))
	}
}

// updateOf reads an update. A field counts if it is present, even as null: that detaches a configuration, and replica_of detaches whatever
// its value.
func updateOf(f object) (u state.Update, err error) {
	u.Detach = f.has("replica_of") || f.has("slave_of")
	delete(f, "replica_of")
	delete(f, "slave_of")
	var b struct {
		Name          *string     `json:"name"`
		Configuration *string     `json:"configuration"`
		Access        *accessBody `json:"access"`
		Version       string      `json:"datastore_version"`
	}
	if err := f.decode("instance", &b); err != nil {
		return u, err
	}
	if b.Name != nil {
		if err := checkName(*b.Name); err != nil {
			return u, err
		}
	}
	if err := b.Access.check(); err != nil {
		return u, err
	}
	u.Name, u.Access, u.Configuration, u.Version = b.Name, b.Access.access(), b.Configuration, b.Version
	switch {
	case b.Configuration != nil && !uuidPattern.MatchString(*b.Configuration):
		return u, invalid("Validation error: instance['configuration'] '%s' is not valid under any of the given schemas; '%s' does not match '%s'; '%s' is not of type 'null'",
			*b.Configuration, *b.Configuration, uuidPattern, *b.Configuration)
	case b.Configuration == nil && f.has("configuration"):
		none := ""
		u.Configuration = &none
	}
	return u, nil
}

// instanceActions are the actions that need no arguments.
func (a *API) instanceActions() map[string]func(project, id string) error {
	return map[string]func(project, id string) error{
		"restart":                   a.state.Restart,
		"promote_to_replica_source": a.state.PromoteToReplicaSource,
		"eject_replica_source":      a.state.EjectReplicaSource,
	}
}

func (a *API) instanceAction(r *http.Request) (int, any, error) {
	body, err := whole(r)
	if err != nil {
		return 0, nil, err
	}
	if len(body) != 1 {
		return 0, nil, invalid("Validation error: exactly one action is expected, %d were given", len(body))
	}
	for name := range body {
		if start, ok := a.instanceActions()[name]; ok {
			return done(start(project(r), id(r)))
		}
	}
	switch {
	case body.has("resize"):
		return done(a.resize(r, body["resize"]))
	case body.has("reset_status"):
		if !CallerFrom(r.Context()).Admin {
			return 0, nil, &state.Error{Code: http.StatusForbidden, Fault: "forbidden", Message: "Policy doesn't allow instance:reset_status to be performed."}
		}
		return done(a.state.ResetStatus(project(r), id(r)))
	}
	return 0, nil, invalid("Validation error: there is no such action")
}

func (a *API) resize(r *http.Request, arguments json.RawMessage) error {
	var f object
	if json.Unmarshal(arguments, &f) != nil {
		return invalid("Validation error: resize is not of type 'object'")
	}
	var b struct {
		FlavorRef *text `json:"flavorRef"`
		Volume    *struct {
			Size *size `json:"size"`
		} `json:"volume"`
	}
	if err := f.decode("resize", &b); err != nil {
		return err
	}
	switch {
	case (b.FlavorRef == nil) == (b.Volume == nil):
		return invalid("Validation error: resize takes either flavorRef or volume")
	case b.FlavorRef != nil:
		return a.state.ResizeFlavor(project(r), id(r), string(*b.FlavorRef))
	case b.Volume.Size == nil:
		return invalid("Validation error: resize['volume'] 'size' is a required property")
	}
	return a.state.ResizeVolume(project(r), id(r), int64(*b.Volume.Size))
}

// configurationTemplate returns the configuration that a server of this kind starts with, without any group.
func (a *API) configurationTemplate(r *http.Request) (int, any, error) {
	i, err := a.state.Instance(project(r), id(r))
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, map[string]any{"instance": map[string]any{"configuration": state.Template(i.Version)}}, nil
}
