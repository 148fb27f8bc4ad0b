package topology

import "fmt"

// Difference returns the changes needed for a member to have the wanted settings. A setting that the server does not show is unknown, so
// it must be sent; one that is shown and equal need not be.
func (m MongoDB) Difference(wanted MemberSettings) MemberSettings {
	return MemberSettings{
		Priority:   unlessEqual(wanted.Priority, m.Priority),
		Hidden:     unlessEqual(wanted.Hidden, m.Hidden),
		SlaveDelay: unlessEqual(wanted.SlaveDelay, m.SlaveDelay),
		Votes:      unlessEqual(wanted.Votes, m.Votes),
		Hostname:   unlessEqual(wanted.Hostname, m.Hostname),
	}
}

// Merge combines two changes of one member. It returns an error if they contradict each other.
func (s MemberSettings) Merge(other MemberSettings) (MemberSettings, error) {
	values := s.Values()
	for name, theirs := range other.Values() {
		if ours, both := values[name]; both && ours != theirs {
			return s, fmt.Errorf("%s cannot be %v and %v", name, ours, theirs)
		}
	}
	return MongoDB{}.Apply(s).Apply(other).Settings(), nil
}

// unlessEqual returns wanted, or nil if it equals the present value.
func unlessEqual[T comparable](wanted, have *T) *T {
	if wanted != nil && have != nil && *wanted == *have {
		return nil
	}
	return wanted
}

// Settings returns the member's settings as the server shows them; those it does not show are nil.
func (m MongoDB) Settings() MemberSettings { return m.settings() }

// Shows reports whether the server shows all of these settings, so that they can be compared; the contract leaves open which ones it shows
// (topology API, section 3).
func (m MongoDB) Shows(s MemberSettings) bool {
	return shown(s.Priority, m.Priority) && shown(s.Hidden, m.Hidden) && shown(s.SlaveDelay, m.SlaveDelay) &&
		shown(s.Votes, m.Votes) && shown(s.Hostname, m.Hostname)
}

func shown[T any](asked, have *T) bool { return asked == nil || have != nil }
