package state

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/opentrove/terraform-provider-trove/internal/topology"
)

// Configuration is a configuration group as the API shows it. Values hold strings, booleans and json.Numbers.
type Configuration struct {
	ID, Name         string
	Description      *string
	Version          Version
	Values           map[string]any
	Created, Updated time.Time
	InstanceCount    int
}

// configuration is a group. Its values are replaced, never changed in place.
type configuration struct {
	id, name         string
	order            int
	description      *string
	version          Version
	values           map[string]any
	created, updated time.Time
}

// shownConfiguration returns the group with these values, except those that Trove treats as secrets.
func (p *project) shownConfiguration(c *configuration, values map[string]any) Configuration {
	shown := map[string]any{}
	for name, value := range values {
		if secret(name) {
			value = "***"
		}
		shown[name] = value
	}
	return Configuration{
		ID: c.id, Name: c.name, Description: c.description, Version: c.version, Values: shown,
		Created: c.created, Updated: c.updated, InstanceCount: len(p.configured(c)),
	}
}

// secret reports whether Trove treats a parameter as secret because of a word in its name.
func secret(name string) bool {
	return slices.ContainsFunc([]string{"password", "secret", "token"}, func(word string) bool { return strings.Contains(strings.ToLower(name), word) })
}

// stored returns a group's values in the types of its parameters, as Trove reads them back from its database.
func (s *State) stored(c *configuration) map[string]any {
	values := maps.Clone(c.values)
	for _, p := range s.Parameters(c.version) {
		if on, isBool := values[p.Name].(bool); isBool && p.Type == "integer" {
			values[p.Name] = json.Number("0")
			if on {
				values[p.Name] = json.Number("1")
			}
		}
	}
	return values
}

// configured lists the instances that a group is attached to.
func (p *project) configured(c *configuration) []*instance {
	return slices.DeleteFunc(p.all(), func(i *instance) bool { return i.configuration != c })
}

func (p *project) findConfiguration(id string) (*configuration, error) {
	if c := p.configurations[id]; c != nil {
		return c, nil
	}
	return nil, notFound("Configuration group with ID %s could not be found.", id)
}

// configurationFor is findConfiguration for a creation, which may omit the group.
func (p *project) configurationFor(id string) (*configuration, error) {
	if id == "" {
		return nil, nil
	}
	return p.findConfiguration(id)
}

// checkValues refuses values that a group for that version must not have.
func (s *State) checkValues(v Version, values map[string]any) error {
	if !datastoreOf(v).Configurable {
		return unprocessable("Configuration groups are not supported for this datastore: %s %s", v.DatastoreName, v.Name)
	}
	if !s.opts.Upstream {
		lower := map[string]any{}
		for name, value := range values {
			lower[strings.ToLower(name)] = value
		}
		if err := topology.CheckConfiguration(v.DatastoreName, lower).Err(); err != nil {
			return unprocessable("%s", err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		p, err := s.parameterFor(v, name)
		if err != nil {
			return err
		}
		if err := p.checkValue(values[name]); err != nil {
			return err
		}
	}
	return nil
}

// needRestart reports whether one of the values takes effect only when the database starts.
func (s *State) needRestart(v Version, values map[string]any) bool {
	for name := range values {
		if p, err := s.parameterFor(v, name); err == nil && p.RestartRequired {
			return true
		}
	}
	return false
}

// CreateConfiguration makes a configuration group.
func (s *State) CreateConfiguration(project, name string, description *string, ds DatastoreRef, values map[string]any) (Configuration, error) {
	defer s.enter()()
	v, err := s.versionFor(ds.Type, ds.Version)
	if err != nil {
		return Configuration{}, err
	}
	if err := s.checkValues(v, values); err != nil {
		return Configuration{}, err
	}
	p := s.project(project)
	c := &configuration{
		id: newID(), order: s.order(), name: name, description: description, version: v, values: maps.Clone(values),
		created: s.clock, updated: s.clock,
	}
	p.configurations[c.id] = c
	return p.shownConfiguration(c, c.values), nil
}

// Configuration returns one group.
func (s *State) Configuration(project, id string) (Configuration, error) {
	defer s.enter()()
	p := s.project(project)
	c, err := p.findConfiguration(id)
	if err != nil {
		return Configuration{}, err
	}
	return p.shownConfiguration(c, s.stored(c)), nil
}

// Configurations lists a page of the groups, as Instances does.
func (s *State) Configurations(project, marker string, limit int) (page []Configuration, next string) {
	defer s.enter()()
	p := s.project(project)
	all := slices.SortedFunc(maps.Values(p.configurations), func(a, b *configuration) int { return strings.Compare(a.id, b.id) })
	selected, next := paged(all, marker, limit, func(c *configuration) string { return c.id })
	slices.SortFunc(selected, func(a, b *configuration) int { return cmp.Compare(a.order, b.order) })
	for _, c := range selected {
		page = append(page, p.shownConfiguration(c, s.stored(c)))
	}
	return page, next
}

// ConfiguredInstances lists the instances that a group is attached to.
func (s *State) ConfiguredInstances(project, id string) ([]Instance, error) {
	defer s.enter()()
	p := s.project(project)
	c, err := p.findConfiguration(id)
	if err != nil {
		return nil, err
	}
	list := []Instance{}
	for _, i := range p.configured(c) {
		list = append(list, s.snapshot(i))
	}
	return list, nil
}

// MergeConfiguration is PATCH: it changes the given values and keeps the others.
func (s *State) MergeConfiguration(project, id string, values map[string]any) error {
	return s.changeConfiguration(project, id, values, func(c *configuration) {
		merged := maps.Clone(c.values)
		maps.Copy(merged, values)
		c.values = merged
	})
}

// ReplaceConfiguration is PUT: it replaces all values by the given ones. Nil keeps name and description.
func (s *State) ReplaceConfiguration(project, id string, name, description *string, values map[string]any) error {
	return s.changeConfiguration(project, id, values, func(c *configuration) {
		if name != nil {
			c.name = *name
		}
		if description != nil {
			c.description = description
		}
		c.values = maps.Clone(values)
		if c.values == nil {
			c.values = map[string]any{}
		}
	})
}

// changeConfiguration changes a group and the instances that it is attached to. As in Trove, if one of them is building, the request is
// refused after the group has changed, and an instance waits for a restart if any of the group's values needs one, whether it has changed
// or not.
func (s *State) changeConfiguration(project, id string, values map[string]any, change func(*configuration)) error {
	defer s.enter()()
	p := s.project(project)
	c, err := p.findConfiguration(id)
	if err != nil {
		return err
	}
	if err := s.checkValues(c.version, values); err != nil {
		return err
	}
	change(c)
	c.updated = s.clock
	for _, i := range p.configured(c) {
		if i.phase == building {
			return unprocessable("Instance %s is not ready.", i.id)
		}
		i.updated, i.restartRequired = s.clock, s.needRestart(c.version, c.values)
		s.configure(i, false)
		s.refresh(i)
	}
	return nil
}

// DeleteConfiguration deletes a group that is not attached to any instance.
func (s *State) DeleteConfiguration(project, id string) error {
	defer s.enter()()
	p := s.project(project)
	c, err := p.findConfiguration(id)
	if err != nil {
		return err
	}
	if len(p.configured(c)) > 0 {
		return badRequest("A configuration group cannot be deleted if it is associated with one or more non-terminated instances. " +
			"Detach the configuration group from all non-terminated instances and please try again.")
	}
	delete(p.configurations, id)
	return nil
}

// setConfiguration attaches a group to an instance, or with "" detaches its group.
func (s *State) setConfiguration(i *instance, id string) error {
	c := i.project.configurations[id]
	status, _ := i.status()
	if i.task != nil {
		status = i.task.name
	}
	switch {
	case i.phase == building:
		return i.idle()
	case id == "" && i.configuration == nil:
		return nil
	case id != "" && i.configuration != nil:
		return badRequest("Instance %s already has a Configuration Group attached: %s.", i.id, i.configuration.id)
	case i.idle() != nil || i.restartRequired:
		return badRequest("The operation you have requested cannot be executed because the instance status is currently: %s.", status)
	case id != "" && c == nil:
		return notFound("Configuration group id: %s could not be found.", id)
	case c != nil && c.version.ID != i.version.ID:
		return badRequest("Datastore Version on Configuration Group %s does not match the Datastore Version on the Instance %s.", c.version.ID, i.version.ID)
	}
	changed := c
	if changed == nil {
		changed = i.configuration
	}
	followers, err := s.configuredWith(i, c)
	if err != nil {
		return err
	}
	for _, f := range append(followers, i) {
		f.configuration, f.updated = c, s.clock
		f.restartRequired = s.needRestart(changed.version, changed.values)
		s.configure(f, false)
		s.refresh(f)
	}
	return nil
}

// configuredWith returns the replicas whose group changes with that of their source: in Trove 26, those without a group get it, and those
// with the same group lose it. All replicas must be idle.
func (s *State) configuredWith(i *instance, c *configuration) (followers []*instance, err error) {
	if !s.Since(26) {
		return nil, nil
	}
	for _, r := range i.project.replicas(i) {
		if status, _ := r.status(); r.idle() != nil || r.restartRequired {
			return nil, badRequest("The operation you have requested cannot be executed because the instance status is currently: %s.", status)
		}
		if c != nil && r.configuration == nil || c == nil && r.configuration == i.configuration {
			followers = append(followers, r)
		}
	}
	return followers, nil
}
