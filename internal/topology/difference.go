package topology

import "fmt"

// Difference is what has to change for a member to have the wanted settings. What the server does not show is not known,
// so it has to be sent; what is shown and equal has not.
func (m MongoDB) Difference(wanted MemberSettings) MemberSettings {
	return MemberSettings{
		Priority:   unlessEqual(wanted.Priority, m.Priority),
		Hidden:     unlessEqual(wanted.Hidden, m.Hidden),
		SlaveDelay: unlessEqual(wanted.SlaveDelay, m.SlaveDelay),
		Votes:      unlessEqual(wanted.Votes, m.Votes),
		Hostname:   unlessEqual(wanted.Hostname, m.Hostname),
	}
}

// Merge is what two changes of one member come to together. It returns an error if they contradict each other.
func (s MemberSettings) Merge(other MemberSettings) (MemberSettings, error) {
	values := s.Values()
	for name, theirs := range other.Values() {
		if ours, both := values[name]; both && ours != theirs {
			return s, fmt.Errorf("%s cannot be %v and %v", name, ours, theirs)
		}
	}
	return MongoDB{}.Apply(s).Apply(other).Settings(), nil
}

// unlessEqual is wanted, or nil if that is what there is.
func unlessEqual[T comparable](wanted, have *T) *T {
	if wanted != nil && have != nil && *wanted == *have {
		return nil
	}
	return wanted
}

// Settings are the member's settings as the server shows them; what it does not show is nil.
func (m MongoDB) Settings() MemberSettings { return m.settings() }

// Shows says whether the server shows every one of these settings, so that they can be compared; the contract leaves open
// which it does (topology API, section 3).
func (m MongoDB) Shows(s MemberSettings) bool {
	return shown(s.Priority, m.Priority) && shown(s.Hidden, m.Hidden) && shown(s.SlaveDelay, m.SlaveDelay) &&
		shown(s.Votes, m.Votes) && shown(s.Hostname, m.Hostname)
}

func shown[T any](asked, have *T) bool { return asked == nil || have != nil }
