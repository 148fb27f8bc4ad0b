package coalesce

import (
	"fmt"
	"strings"
)

// ConflictError is what Submit returns at once to a caller whose change of a member contradicts one that is waiting to be
// sent. The caller has not joined, and what was there before it goes out as if it had never asked.
type ConflictError struct {
	Key, Member string
	// Err is what Options.Merge said.
	Err error
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s: the change of %s contradicts one that is waiting to be sent: %v", e.Key, e.Member, e.Err)
}

// Unwrap returns what Options.Merge said.
func (e *ConflictError) Unwrap() error { return e.Err }

// WithdrawnError is what Submit returns to a caller whose context ended before its round was sent: the change is in no
// send, past or future.
type WithdrawnError struct {
	Key string
	// Members are those that this caller wanted to change, in order.
	Members []string
	// Err is the context's error.
	Err error
}

func (e *WithdrawnError) Error() string {
	return fmt.Sprintf("%s: the change of %s was withdrawn before it was sent: %v", e.Key, strings.Join(e.Members, ", "), e.Err)
}

// Unwrap returns the context's error.
func (e *WithdrawnError) Unwrap() error { return e.Err }

// InFlightError is what Submit returns when a context ended while the round was being sent, the caller's or, at the last
// caller's deadline, the round's: the change may have landed.
type InFlightError struct {
	Key string
	// Round counts the sends for the key, from 1.
	Round int
	// Members are those that the round changes, in order.
	Members []string
	// Err wraps the context's error.
	Err error
}

func (e *InFlightError) Error() string {
	return fmt.Sprintf("%s: the wait for the change of %s ended while it was under way, so it may have landed: %v",
		e.Key, strings.Join(e.Members, ", "), e.Err)
}

// Unwrap returns the error that wraps the context's.
func (e *InFlightError) Unwrap() error { return e.Err }

// RoundError is what Submit returns to every caller of a round whose send failed.
type RoundError struct {
	Key string
	// Round counts the sends for the key, from 1.
	Round int
	// Members are those that the round was to change, in order.
	Members []string
	// Err is what Options.Send returned.
	Err error
}

func (e *RoundError) Error() string {
	return fmt.Sprintf("%s: the change of %s, sent as one, failed: %v", e.Key, strings.Join(e.Members, ", "), e.Err)
}

// Unwrap returns what Options.Send returned.
func (e *RoundError) Unwrap() error { return e.Err }
