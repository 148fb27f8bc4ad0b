package cluster

// Use is how much of a project's quota something uses.
type Use struct{ Instances, VolumeGB, Backups int64 }

func (u Use) plus(o Use) Use {
	return Use{Instances: u.Instances + o.Instances, VolumeGB: u.VolumeGB + o.VolumeGB, Backups: u.Backups + o.Backups}
}

// plannedUse is the total of this plan at one endpoint.
type plannedUse struct {
	of      map[string]Use // by resource
	creates bool
	said    map[string]bool
}

func (p *plans) useAt(session string) *plannedUse {
	if p.uses == nil {
		p.uses = map[string]*plannedUse{}
	}
	if p.uses[session] == nil {
		p.uses[session] = &plannedUse{of: map[string]Use{}, said: map[string]bool{}}
	}
	return p.uses[session]
}

// PlanUse records what a resource uses as a plan leaves it, whether it is to be created or stays. It returns the total of all resources
// planned so far, and whether any of them is to be created. key identifies the resource; Terraform plans one that is replaced twice.
func (r *Registry) PlanUse(session, key string, u Use, create bool) (total Use, creates bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.plans.useAt(session)
	p.of[key] = u
	p.creates = p.creates || create
	for _, u := range p.of {
		total = total.plus(u)
	}
	return total, p.creates
}

// SayOnce reports whether the warning of that name has not been shown for this plan yet.
func (r *Registry) SayOnce(session, what string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.plans.useAt(session)
	first := !p.said[what]
	p.said[what] = true
	return first
}
