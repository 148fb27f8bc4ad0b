package faults

import (
	"cmp"
	"errors"
)

// InstanceFate returns what happens to an instance that is being created: it ends in ERROR with this message, or it hangs in BUILD, or
// neither.
func (f *Faults) InstanceFate(projectID, name string) (failure string, hangs bool) {
	project := f.hooks.ProjectName(projectID)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Do != InstanceError && rule.Do != InstanceHang {
			continue
		}
		if !named(rule.Project, projectID, project) || !named(rule.Instance, "", name) || !rule.due() {
			continue
		}
		if rule.Do == InstanceHang {
			return "", true
		}
		return cmp.Or(rule.Message, "No valid host was found. (fault of the sandbox)"), false
	}
	return "", false
}

// ActionFate returns why an accepted action on an instance is to fail, and nil if it is to succeed. Actions have the names that the Action
// of a Rule takes, and a rule names the instance by its id or its name.
func (f *Faults) ActionFate(action, projectID, id, name string) error {
	project := f.hooks.ProjectName(projectID)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Do != ActionError || !fits(rule.Action, action) {
			continue
		}
		if named(rule.Project, projectID, project) && named(rule.Instance, id, name) && rule.due() {
			return errors.New(cmp.Or(rule.Message, "The action failed. (fault of the sandbox)"))
		}
	}
	return nil
}
