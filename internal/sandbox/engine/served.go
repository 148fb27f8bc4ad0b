package engine

import "strings"

// Served says what runs as the instances of a datastore.
type Served struct {
	Datastore string
	// Version is what really serves it; the zero Version where it is simulated, and Why says why.
	Version Version
	Why     string
}

// Version is a version of a program, such as redis-server 7.0.15, which is offered under the name redis-7.0.
type Version struct{ Program, Number, Name string }

// NewVersion is a version of a program that serves a datastore, with the name that takes so many parts of its number: of 7.0.15 and 2, redis-7.0.
func NewVersion(program, number, datastore string, parts int) Version {
	all := strings.Split(number, ".")
	return Version{Program: program, Number: number, Name: datastore + "-" + strings.Join(all[:min(parts, len(all))], ".")}
}

// String is such as "redis-server 7.0.15".
func (v Version) String() string { return v.Program + " " + v.Number }

// String is a line for people.
func (s Served) String() string {
	if s.Version == (Version{}) {
		return s.Datastore + ": simulated" + s.Why
	}
	return s.Datastore + ": " + s.Version.String()
}
