package topology

import (
	"regexp"
	"strconv"
	"strings"
)

// Datastore is the type of an instance's datastore and the name of its version: {"mysql", "mysql-5.7"}. An empty string means unknown;
// rules that need it are then left to the server.
type Datastore struct {
	Type    string
	Version string
}

var versionNumber = regexp.MustCompile(`(\d+)(?:\.(\d+))?`)

// Number parses the major and minor number in the version's name: mysql-5.7, 5.7 and 5.7.44 all give 5, 7. ok is false if the name
// contains no number.
func (d Datastore) Number() (major, minor int, ok bool) {
	m := versionNumber.FindStringSubmatch(d.Version)
	if m == nil {
		return 0, 0, false
	}
	major, err := strconv.Atoi(m[1])
	if err != nil {
		return 0, 0, false
	}
	if m[2] != "" {
		if minor, err = strconv.Atoi(m[2]); err != nil {
			return 0, 0, false
		}
	}
	return major, minor, true
}

// older reports whether the version is known and is below major.minor.
func (d Datastore) older(major, minor int) bool {
	a, b, ok := d.Number()
	return ok && (a < major || a == major && b < minor)
}

// IsTokuMX reports whether this is a TokuMX version of datastore mongodb, which cannot be in one replica set with MongoDB.
func (d Datastore) IsTokuMX() bool {
	return d.Type == "mongodb" && strings.HasPrefix(strings.ToLower(d.Version), "tokumx")
}
