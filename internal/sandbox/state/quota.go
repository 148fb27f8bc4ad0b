package state

import "net/http"

// Quota is the quota of a project. 0 means the default, a negative number means no limit.
type Quota struct {
	Instances int
	// VolumeGB limits all volumes together, MaxVolumeGB each of them.
	VolumeGB    int64
	MaxVolumeGB int64
	Backups     int
	RAM         int64 // MB, of all instances together; the sandbox does not count it
}

func (q Quota) withDefaults() Quota {
	if q.Instances == 0 {
		q.Instances = 100
	}
	if q.VolumeGB == 0 {
		q.VolumeGB = 10_000
	}
	if q.MaxVolumeGB == 0 {
		q.MaxVolumeGB = 1_000
	}
	if q.Backups == 0 {
		q.Backups = 50
	}
	if q.RAM == 0 {
		q.RAM = -1
	}
	return q
}

// QuotaUse is how much of a resource a project may use, and how much it uses. The names are Trove's.
type QuotaUse struct {
	Resource     string
	InUse, Limit int64
}

// Quotas returns how much a project may use and how much it uses.
func (s *State) Quotas(project string) []QuotaUse {
	defer s.enter()()
	p := s.project(project)
	instances, volumeGB := p.usage()
	return []QuotaUse{
		{"instances", int64(instances), int64(p.quota.Instances)}, {"volumes", volumeGB, p.quota.VolumeGB},
		{"backups", int64(len(p.backups)), int64(p.quota.Backups)}, {"ram", 0, p.quota.RAM},
	}
}

// ChangeQuotas sets the named quotas of a project; -1 means no limit. As in Trove, quotas before one that is refused are changed all the
// same.
func (s *State) ChangeQuotas(project string, limits []QuotaUse) error {
	defer s.enter()()
	q := &s.project(project).quota
	for _, l := range limits {
		if l.Limit < -1 {
			return refuse(http.StatusInternalServerError, "instanceFault", "Quota limit '%d' for '%s' is too small - must be at least '-1'.", l.Limit, l.Resource)
		}
		switch l.Resource {
		case "instances":
			q.Instances = int(l.Limit)
		case "volumes":
			q.VolumeGB = l.Limit
		case "backups":
			q.Backups = int(l.Limit)
		case "ram":
			q.RAM = l.Limit
		default:
			return notFound("Unknown quota resources %s.", l.Resource)
		}
	}
	return nil
}

// Quota returns the quota of the project.
func (s *State) Quota(project string) Quota {
	defer s.enter()()
	return s.project(project).quota
}

// SetQuota sets the quota of the project; it keeps what it already uses.
func (s *State) SetQuota(project string, q Quota) {
	defer s.enter()()
	s.project(project).quota = q.withDefaults()
}

// Usage returns how many instances a project has and the total size of their volumes in GB.
func (s *State) Usage(project string) (instances int, volumeGB int64) {
	defer s.enter()()
	return s.project(project).usage()
}

func (p *project) usage() (instances int, volumeGB int64) {
	for _, i := range p.instances {
		if i.phase != deleting { // Trove releases the quota when it accepts a deletion
			instances++
			volumeGB += i.volume
		}
	}
	return instances, volumeGB
}

// checkQuota refuses what would exceed the project's quota: this many more instances and GB. Trove sends no Retry-After with it.
func (p *project) checkQuota(instances int, volumeGB int64) error {
	haveInstances, haveGB := p.usage()
	switch {
	case instances > 0 && p.quota.Instances >= 0 && haveInstances+instances > p.quota.Instances:
		return overLimit("Quota exceeded for resources: ['instances'].")
	case volumeGB > 0 && p.quota.VolumeGB >= 0 && haveGB+volumeGB > p.quota.VolumeGB:
		return overLimit("Quota exceeded for resources: ['volumes'].")
	}
	return nil
}

func (p *project) checkVolumeSize(gb int64) error {
	if p.quota.MaxVolumeGB >= 0 && gb > p.quota.MaxVolumeGB {
		return overLimit("Volume 'size' cannot exceed maximum of %d GB, %d cannot be accepted.", p.quota.MaxVolumeGB, gb)
	}
	return nil
}
