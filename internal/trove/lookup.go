package trove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// lookupItem is something that the server offers under an id and a name.
type lookupItem interface{ idAndName() (id, name string) }

func (f Flavor) idAndName() (id, name string)           { return f.ID, f.Name }
func (d OfferedDatastore) idAndName() (id, name string) { return d.ID, d.Name }
func (v OfferedVersion) idAndName() (id, name string)   { return v.ID, v.Name }

// candidates are the ids of what a text can mean: of the offer with that id, else of all with that name.
func candidates[O lookupItem](offers []O, text string) (ids []string) {
	for _, o := range offers {
		id, name := o.idAndName()
		switch text {
		case id:
			return []string{id}
		case name:
			ids = append(ids, id)
		}
	}
	return ids
}

// findOne finds the only offer that a text can mean. It returns an *UnknownError or a *SharedNameError if there is not one.
func findOne[O lookupItem](what string, offers []O, text string) (found O, err error) {
	ids := candidates(offers, text)
	if len(ids) > 1 {
		return found, &SharedNameError{What: what, Name: text, IDs: ids}
	}
	unknown := &UnknownError{What: what, Name: text}
	for _, o := range offers {
		id, name := o.idAndName()
		if slices.Contains(ids, id) {
			return o, nil
		}
		unknown.Offered, unknown.IDs = append(unknown.Offered, name), append(unknown.IDs, id)
	}
	return found, unknown
}

// equivalent says whether two texts, each a name or an id, can mean the same. What is not offered means only itself.
func equivalent[O lookupItem](offers []O, a, b string) bool {
	if a == b {
		return true
	}
	other := candidates(offers, b)
	return slices.ContainsFunc(candidates(offers, a), func(id string) bool { return slices.Contains(other, id) })
}

// SharedNameError says that several of what the server offers bear the name that was asked for.
type SharedNameError struct {
	What string // such as "flavor", or "version of mysql"
	Name string
	IDs  []string
}

func (e *SharedNameError) Error() string {
	return fmt.Sprintf("the server has %d with the name %q (%s), with the ids %s", len(e.IDs), e.Name, e.What, strings.Join(e.IDs, ", "))
}

// IsID says that a text is the id of a datastore or a version rather than a name: Trove looks it up as the one or the other
// by whether it is a UUID.
func IsID(text string) bool { return uuid.Validate(text) == nil }
