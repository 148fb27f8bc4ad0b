package topology

import "fmt"

// SameRelease reports whether two versions have the same major version, as the datastore counts them: two numbers for MySQL and MariaDB,
// such as 5.7, one for all others. Versions without a known number count as the same.
func (d Datastore) SameRelease(other Datastore) bool {
	return d.compareRelease(other) == 0
}

// OlderRelease reports whether the major version is known and is below another's.
func (d Datastore) OlderRelease(other Datastore) bool {
	return d.compareRelease(other) < 0
}

func (d Datastore) compareRelease(other Datastore) int {
	major, minor, ok := d.Number()
	otherMajor, otherMinor, known := other.Number()
	switch {
	case !ok || !known:
		return 0
	case major != otherMajor:
		return major - otherMajor
	case d.Type == "mysql" || d.Type == "mariadb":
		return minor - otherMinor
	}
	return 0
}

// MixedReleases returns the advice if a member's major version differs from that of its set or cluster, otherwise "".
func MixedReleases(member, cluster Datastore) string {
	if member.SameRelease(cluster) {
		return ""
	}
	return fmt.Sprintf("the version is %s, and members have %s: use different major versions in one cluster only during a rolling upgrade", member.Version, cluster.Version)
}
