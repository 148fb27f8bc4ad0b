package faults

// InstanceFate says what becomes of an instance that is being created: InstanceError with the fault's message,
// InstanceHang, or "" where it is to become ACTIVE.
func (f *Faults) InstanceFate(projectID, name string) (Effect, string) {
	project := f.hooks.ProjectName(projectID)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Do != InstanceError && rule.Do != InstanceHang {
			continue
		}
		if named(rule.Project, projectID, project) && named(rule.Instance, name, name) && rule.due() {
			return rule.Do, orElse(rule.Message, "No valid host was found. (fault of the sandbox)")
		}
	}
	return "", ""
}

// ActionFailure is how an action fails in the background.
type ActionFailure struct {
	Message  string
	Harmless bool // the instance stays as it was; else it ends in ERROR
}

// ActionFate says how an action on an instance is to fail, and nil where it is to succeed. Actions are named as in the
// ledger: mysql.promote, resize.
func (f *Faults) ActionFate(projectID, id, name, action string) *ActionFailure {
	project := f.hooks.ProjectName(projectID)
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, rule := range f.rules {
		if rule.Do != ActionError || !fits(rule.Action, action) {
			continue
		}
		if named(rule.Project, projectID, project) && named(rule.Instance, id, name) && rule.due() {
			return &ActionFailure{Message: orElse(rule.Message, "The action failed. (fault of the sandbox)"), Harmless: rule.Harmless}
		}
	}
	return nil
}

func orElse(message, standard string) string {
	if message == "" {
		return standard
	}
	return message
}
