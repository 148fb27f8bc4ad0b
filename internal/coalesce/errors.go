package coalesce

import (
	"fmt"
	"strings"
)

// ConflictError is what Submit returns immediately if the caller's change of a member contradicts one that is waiting to be sent. The
// caller has not joined the round, which is sent as if it had never asked.
type ConflictError struct {
	Key, Member string
	// Err is the error returned by Options.Merge.
	Err error
}

func (e *ConflictError) Error() string {
	return fmt.Sprintf("%s: the change of %s contradicts one that is waiting to be sent: %v", e.Key, e.Member, e.Err)
}

// Unwrap returns the error returned by Options.Merge.
func (e *ConflictError) Unwrap() error { return e.Err }

// WithdrawnError is what Submit returns if the caller's context ended before its round was sent: the change was not and will not be sent.
type WithdrawnError struct {
	Key string
	// Members are the members that this caller wanted to change, sorted.
	Members []string
	// Err is the context's error.
	Err error
}

func (e *WithdrawnError) Error() string {
	return fmt.Sprintf("%s: the change of %s was withdrawn before it was sent: %v", e.Key, strings.Join(e.Members, ", "), e.Err)
}

// Unwrap returns the context's error.
func (e *WithdrawnError) Unwrap() error { return e.Err }

// InFlightError is what Submit returns if a context ended while the round was being sent: the caller's, or the round's at the last
// caller's deadline. The change may have been made.
type InFlightError struct {
	Key string
	// Round counts the sends for the key, from 1.
	Round int
	// Members are the members that the round changes, sorted.
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
	// Members are the members that the round was to change, sorted.
	Members []string
	// Err is the error returned by Options.Send.
	Err error
}

func (e *RoundError) Error() string {
	return fmt.Sprintf("%s: the change of %s, sent as one, failed: %v", e.Key, strings.Join(e.Members, ", "), e.Err)
}

// Unwrap returns the error returned by Options.Send.
func (e *RoundError) Unwrap() error { return e.Err }
