package state

// Quota is what a project may use. 0 means the default, a negative number means no limit.
type Quota struct {
	Instances int
	// VolumeGB bounds all volumes together, MaxVolumeGB each of them.
	VolumeGB    int64
	MaxVolumeGB int64
	Backups     int
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
	return q
}

// Quota tells what the project may use.
func (s *State) Quota(project string) Quota {
	defer s.enter()()
	return s.project(project).quota
}

// SetQuota says what the project may use from now on; what it has already it keeps.
func (s *State) SetQuota(project string, q Quota) {
	defer s.enter()()
	s.project(project).quota = q.withDefaults()
}

// Usage tells how many instances a project has and how many GB their volumes hold together.
func (s *State) Usage(project string) (instances int, volumeGB int64) {
	defer s.enter()()
	return s.project(project).usage()
}

func (p *project) usage() (instances int, volumeGB int64) {
	for _, i := range p.instances {
		if i.phase != deleting { // Trove gives the quota back when it accepts a deletion
			instances++
			volumeGB += i.volume
		}
	}
	return instances, volumeGB
}

// checkQuota refuses what would take the project beyond its quota: so many more instances and GB. Trove sends no
// Retry-After with it.
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
