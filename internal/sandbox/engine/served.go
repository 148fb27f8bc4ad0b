package engine

import "strings"

// Served says what runs as the instances of a datastore.
type Served struct {
	Datastore string
	// Version is the program that serves it; if it is simulated, Version is the zero Version and Why says why.
	Version Version
	Why     string
}

// Version is a version of a program, such as redis-server 7.0.15, which is offered under the name redis-7.0.
type Version struct{ Program, Number, Name string }

// NewVersion returns a version of a program that serves a datastore, with a name made of the first parts of its number: for 7.0.15 and 2,
// redis-7.0.
func NewVersion(program, number, datastore string, parts int) Version {
	all := strings.Split(number, ".")
	return Version{Program: program, Number: number, Name: datastore + "-" + strings.Join(all[:min(parts, len(all))], ".")}
}

// String returns text such as "redis-server 7.0.15".
func (v Version) String() string { return v.Program + " " + v.Number }

// String returns a line of text for users.
func (s Served) String() string {
	if s.Version == (Version{}) {
		return s.Datastore + ": simulated" + s.Why
	}
	return s.Datastore + ": " + s.Version.String()
}
