package faults

import (
	"errors"
	"fmt"
	"time"
)

// Effect is what a rule does.
type Effect string

// The effects on requests.
const (
	LoseAnswer   Effect = "lose_answer"   // the work is done, then the connection is dropped instead of an answer
	Drop         Effect = "drop"          // the connection is dropped before any work
	Status       Effect = "status"        // an error is answered, before the work or after it
	Delay        Effect = "delay"         // the request waits before its work, or its answer after it
	ExpireTokens Effect = "expire_tokens" // all tokens expire as the request comes in
)

// The effects on instances.
const (
	InstanceError Effect = "instance_error" // the next instance of that name ends in ERROR instead of ACTIVE
	InstanceHang  Effect = "instance_hang"  // the next instance of that name stays in BUILD
	ActionError   Effect = "action_error"   // the next such action on that instance fails in the background
)

// Duration is a time.Duration that is text in JSON, such as "1.5s".
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	*d = Duration(v)
	return err
}

// Rule is a fault to inject; the package's own documentation says what the fields mean together.
type Rule struct {
	Do Effect `json:"do"`

	Kind     string `json:"kind,omitempty"`     // of requests, as in the ledger; a * at the end makes it a prefix
	Instance string `json:"instance,omitempty"` // name or id
	Project  string `json:"project,omitempty"`  // name or id
	Action   string `json:"action,omitempty"`   // of ActionError, such as mysql.promote or resize; a * at the end makes it a prefix

	After int `json:"after,omitempty"` // how many matches are skipped first
	Times int `json:"times,omitempty"` // how often it fires; 0 means once, Always without end

	Status     int      `json:"status,omitempty"`      // of Status: 400 to 599
	RetryAfter *int     `json:"retry_after,omitempty"` // of Status, in seconds; nil sends no such header
	Message    string   `json:"message,omitempty"`     // of Status, InstanceError and ActionError
	AfterWork  bool     `json:"after_work,omitempty"`  // of Status and Delay
	Delay      Duration `json:"delay,omitempty"`       // of Delay
}

// onRequests reports whether the rule is about requests, not instances.
func (r Rule) onRequests() bool {
	switch r.Do {
	case LoseAnswer, Drop, Status, Delay, ExpireTokens:
		return true
	default:
		return false
	}
}

// check refuses fields that have no meaning for the rule's effect, so that a mistake does not go unnoticed.
func (r Rule) check() error {
	switch r.Do {
	case LoseAnswer, Drop, Status, Delay, ExpireTokens, InstanceError, InstanceHang, ActionError:
	case "":
		return errors.New("do is missing: it says what is to happen, such as lose_answer")
	default:
		return fmt.Errorf("do has no effect %q", r.Do)
	}
	only := func(given bool, field string, effects ...Effect) error {
		for _, e := range effects {
			given = given && r.Do != e
		}
		if given {
			return fmt.Errorf("%s means nothing to %s", field, r.Do)
		}
		return nil
	}
	err := errors.Join(
		only(r.Kind != "", "kind", LoseAnswer, Drop, Status, Delay, ExpireTokens),
		only(r.Action != "", "action", ActionError),
		only(r.Status != 0, "status", Status),
		only(r.RetryAfter != nil, "retry_after", Status),
		only(r.Message != "", "message", Status, InstanceError, ActionError),
		only(r.AfterWork, "after_work", Status, Delay),
		only(r.Delay != 0, "delay", Delay),
	)
	switch {
	case err != nil:
		return err
	case r.After < 0:
		return fmt.Errorf("after is %d; it cannot be below 0", r.After)
	case r.Times < Always:
		return fmt.Errorf("times is %d; it is a number, or -1 for always", r.Times)
	case r.Do == Status && (r.Status < 400 || r.Status > 599):
		return fmt.Errorf("status is %d; it must be an error, 400 to 599", r.Status)
	case r.RetryAfter != nil && *r.RetryAfter < 0:
		return fmt.Errorf("retry_after is %d; it cannot be below 0", *r.RetryAfter)
	case r.Do == Delay && r.Delay <= 0:
		return fmt.Errorf("delay is %s; it must be above 0", time.Duration(r.Delay))
	}
	return nil
}
