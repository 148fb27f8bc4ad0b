package topology

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// FieldDatastore is the entry in Problem.Fields for the instance's datastore type and version.
const FieldDatastore = "datastore"

// Problem is one broken rule or, with Advice, something valid but unwise.
type Problem struct {
	// Fields are the wire names of the fields that the rule looked at, the faulty one first. A caller that does not know the value of one
	// of them yet drops the problem. If empty, the block as a whole is at fault.
	Fields []string
	// Message names the value and how to fix it.
	Message string
	// Advice marks a warning: the request is valid.
	Advice bool
	// Empty says that a string or a list is "" or missing: a caller that refuses those itself drops the problem.
	Empty bool
}

func problem(format string, args ...any) Problem {
	return Problem{Message: fmt.Sprintf(format, args...)}
}

func advice(format string, args ...any) Problem {
	return Problem{Message: fmt.Sprintf(format, args...), Advice: true}
}

func (p Problem) about(fields ...string) Problem {
	p.Fields = fields
	return p
}

func (p Problem) empty() Problem { return p.emptyIf(true) }

func (p Problem) emptyIf(empty bool) Problem {
	p.Empty = empty
	return p
}

// Problems is everything that a check found, in the order of the rules.
type Problems []Problem

// Err joins the problems that are errors; nil if there are none.
func (ps Problems) Err() error {
	var errs []error
	for _, p := range ps {
		if !p.Advice {
			errs = append(errs, errors.New(p.Message))
		}
	}
	return errors.Join(errs...)
}

// Warnings returns the messages that are only advice.
func (ps Problems) Warnings() []string {
	var out []string
	for _, p := range ps {
		if p.Advice {
			out = append(out, p.Message)
		}
	}
	return out
}

// Errors returns the problems without advice.
func (ps Problems) Errors() Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool { return p.Advice })
}

// Without returns the problems that did not look at any of these fields, whose values are not known yet.
func (ps Problems) Without(unknown ...string) Problems {
	return slices.DeleteFunc(slices.Clone(ps), func(p Problem) bool {
		return slices.ContainsFunc(p.Fields, func(f string) bool { return slices.Contains(unknown, f) })
	})
}

func (ps Problems) String() string {
	var b strings.Builder
	for i, p := range ps {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(p.Message)
	}
	return b.String()
}
