package trove

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// lookupItem is something the server offers that has an id and a name.
type lookupItem interface{ idAndName() (id, name string) }

func (f Flavor) idAndName() (id, name string)           { return f.ID, f.Name }
func (d OfferedDatastore) idAndName() (id, name string) { return d.ID, d.Name }
func (v OfferedVersion) idAndName() (id, name string)   { return v.ID, v.Name }

// candidates returns the ids that a text can mean: that of the item with that id, otherwise those of all items with that name.
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

// findOne finds the only item that a text can mean. It returns an *UnknownError if there is none and a *SharedNameError if there are
// several.
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

// equivalent reports whether two texts, each a name or an id, can mean the same. One that is not offered means only itself.
func equivalent[O lookupItem](offers []O, a, b string) bool {
	if a == b {
		return true
	}
	other := candidates(offers, b)
	return slices.ContainsFunc(candidates(offers, a), func(id string) bool { return slices.Contains(other, id) })
}

// SharedNameError says that several of the items that the server offers have the name asked for.
type SharedNameError struct {
	What string // such as "flavor", or "version of mysql"
	Name string
	IDs  []string
}

func (e *SharedNameError) Error() string {
	return fmt.Sprintf("the server has %d with the name %q (%s), with the ids %s", len(e.IDs), e.Name, e.What, strings.Join(e.IDs, ", "))
}

// IsID reports whether a text is the id of a datastore or version rather than its name: Trove takes it as an id if it is a UUID.
func IsID(text string) bool { return uuid.Validate(text) == nil }
