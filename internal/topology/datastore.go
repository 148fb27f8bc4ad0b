package topology

import (
	"regexp"
	"strconv"
	"strings"
)

// Datastore is an instance's datastore, as its type and the name of its version: {"mysql", "mysql-5.7"}. An empty
// string means not known; rules that need it are then left to the server.
type Datastore struct {
	Type    string
	Version string
}

var versionNumber = regexp.MustCompile(`(\d+)(?:\.(\d+))?`)

// Number reads major and minor from the version's name: mysql-5.7, 5.7 and 5.7.44 are all 5, 7. ok is false if the
// name holds no number.
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

// older says that the version is known and is below major.minor.
func (d Datastore) older(major, minor int) bool {
	a, b, ok := d.Number()
	return ok && (a < major || a == major && b < minor)
}

// IsTokuMX tells the TokuMX versions of datastore mongodb, which do not mix with MongoDB in one replica set.
func (d Datastore) IsTokuMX() bool {
	return d.Type == "mongodb" && strings.HasPrefix(strings.ToLower(d.Version), "tokumx")
}
