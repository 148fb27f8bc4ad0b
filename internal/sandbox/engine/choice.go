package engine

import (
	"fmt"
	"strings"
)

// Mode says what runs as an instance.
type Mode string

const (
	// Auto is a real database server if its program is installed.
	Auto Mode = "auto"
	// Simulated is no database server.
	Simulated Mode = "simulated"
	// Process is a real database server; without its program the sandbox does not start.
	Process Mode = "process"
)

// Choice is a Mode for each datastore.
type Choice struct {
	Default     Mode
	ByDatastore map[string]Mode
}

// ParseChoice reads a choice such as "auto" or "simulated,redis=process".
func ParseChoice(text string) (Choice, error) {
	c := Choice{Default: Auto, ByDatastore: map[string]Mode{}}
	for part := range strings.SplitSeq(text, ",") {
		datastore, mode, one := strings.Cut(strings.TrimSpace(part), "=")
		if !one {
			datastore, mode = "", datastore
		}
		switch m := Mode(mode); {
		case m != Auto && m != Simulated && m != Process:
			return c, fmt.Errorf("%q is none of %s, %s and %s", mode, Auto, Simulated, Process)
		case one:
			c.ByDatastore[datastore] = m
		default:
			c.Default = m
		}
	}
	return c, nil
}

// Of returns the mode for a datastore.
func (c Choice) Of(datastore string) Mode {
	if m, chosen := c.ByDatastore[datastore]; chosen {
		return m
	}
	return c.Default
}

// SimulatesAll reports whether nothing is run, whatever is installed.
func (c Choice) SimulatesAll() bool {
	for _, m := range c.ByDatastore {
		if m != Simulated {
			return false
		}
	}
	return c.Default == Simulated
}

// Insists reports whether some servers must be real.
func (c Choice) Insists() bool {
	for _, m := range c.ByDatastore {
		if m == Process {
			return true
		}
	}
	return c.Default == Process
}
