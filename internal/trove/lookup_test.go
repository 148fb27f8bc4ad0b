package trove

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/opentrove/terraform-provider-trove/internal/openstack"
	"github.com/opentrove/terraform-provider-trove/internal/openstack/openstacktest"
)

const (
	mysqlID  = "0b3e1d5a-5f0e-4c53-9d3c-3f1e6b6a0001"
	oldID    = "0b3e1d5a-5f0e-4c53-9d3c-3f1e6b6a0057"
	newID    = "0b3e1d5a-5f0e-4c53-9d3c-3f1e6b6a0080"
	newerID  = "0b3e1d5a-5f0e-4c53-9d3c-3f1e6b6a0081"
	retired  = "0b3e1d5a-5f0e-4c53-9d3c-3f1e6b6a0055"
	mongoID  = "0b3e1d5a-5f0e-4c53-9d3c-3f1e6b6a0002"
	strayID  = "0b3e1d5a-5f0e-4c53-9d3c-3f1e6b6a0099"
	tiny     = "db.tiny"
	ofTwo    = "db.twice"
	misnamed = "1" // the name of flavor 9, and the id of db.tiny
)

// offering is a client of a server that offers this.
func offering(t *testing.T) *Client {
	t.Helper()
	return connect(t, func(w http.ResponseWriter, r *http.Request) {
		offered := map[string]any{"flavors": []map[string]string{
			{"str_id": "9", "name": misnamed}, {"str_id": "1", "name": tiny}, {"str_id": "2", "name": ofTwo}, {"str_id": "3", "name": ofTwo},
		}}
		if strings.HasSuffix(r.URL.Path, "/datastores") {
			offered = map[string]any{"datastores": []OfferedDatastore{
				{ID: mysqlID, Name: "mysql", DefaultVersion: newerID, Versions: []OfferedVersion{
					{ID: oldID, Name: "5.7", Number: "5.7.44"}, {ID: newID, Name: "8.0", Number: "8.0.40"}, {ID: newerID, Name: "8.0", Number: "8.0.41"},
				}},
				{ID: mongoID, Name: "mongodb", Versions: []OfferedVersion{{ID: retired, Name: "7.0"}}},
			}}
		}
		if err := json.NewEncoder(w).Encode(offered); err != nil {
			t.Error(err)
		}
	})
}

func TestAFlavorIsFoundByIDOrByName(t *testing.T) {
	tests := map[string]struct {
		text, id string
		err      error
	}{
		"by its id":                        {"2", "2", nil},
		"by its name":                      {tiny, "1", nil},
		"an id goes before a name":         {misnamed, "1", nil},
		"neither":                          {"db.tin", "", &UnknownError{What: "flavor", Name: "db.tin", Offered: []string{misnamed, tiny, ofTwo, ofTwo}, IDs: []string{"9", "1", "2", "3"}}},
		"the name of two":                  {ofTwo, "", &SharedNameError{What: "flavor", Name: ofTwo, IDs: []string{"2", "3"}}},
		"names are told apart by the case": {"DB.TINY", "", &UnknownError{What: "flavor", Name: "DB.TINY", Offered: []string{misnamed, tiny, ofTwo, ofTwo}, IDs: []string{"9", "1", "2", "3"}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := offering(t).Flavor(t.Context(), tt.text)
			if diff := cmp.Diff(tt.err, err); diff != "" || f.ID != tt.id {
				t.Errorf("got flavor %q, want %q; error (-want +got): %s", f.ID, tt.id, diff)
			}
		})
	}
}

func TestFlavorAsWritten(t *testing.T) {
	tests := map[string]struct{ written, shown, want string }{
		"nothing was written":                   {"", "1", "1"},
		"the same id":                           {"7", "7", "7"},
		"its name":                              {tiny, "1", tiny},
		"the name of another":                   {tiny, "2", "2"},
		"the id of another":                     {"1", "2", "2"},
		"a name that it shares with another":    {ofTwo, "3", ofTwo},
		"a name that is another's id":           {misnamed, "9", "9"},
		"a name that is offered no more":        {"db.old", "1", "1"},
		"a flavor that is offered no more":      {tiny, "7", "7"},
		"both are offered no more":              {"db.old", "7", "db.old"},
		"another id that is offered no more":    {"7", "1", "1"},
		"from one id that is gone to the other": {"7", "8", "7"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := offering(t).FlavorAsWritten(t.Context(), tt.written, tt.shown)
			if err != nil || got != tt.want {
				t.Errorf("got %q (%v), want %q", got, err, tt.want)
			}
		})
	}
}

func TestSameFlavor(t *testing.T) {
	tests := map[string]struct {
		a, b string
		want bool
	}{
		"id and name":                    {"1", tiny, true},
		"name and id":                    {tiny, "1", true},
		"two flavors":                    {"2", tiny, false},
		"a shared name":                  {ofTwo, "3", true},
		"what is not offered is nothing": {"db.old", "7", false},
		"the very same":                  {"db.old", "db.old", true},
		"an id goes before a name":       {misnamed, "9", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := offering(t).SameFlavor(t.Context(), tt.a, tt.b)
			if err != nil || got != tt.want {
				t.Errorf("got %t (%v), want %t", got, err, tt.want)
			}
		})
	}
}

func TestADatastoreVersionIsFoundByIDOrByName(t *testing.T) {
	tests := map[string]struct {
		datastore, version string
		id                 string
		err                error
	}{
		"by names":                     {"mysql", "5.7", oldID, nil},
		"by ids":                       {mysqlID, oldID, oldID, nil},
		"the default":                  {"mysql", "", newerID, nil},
		"without default":              {"mongodb", "", "", &UnknownError{What: "default version of mongodb", Offered: []string{"7.0"}, IDs: []string{retired}}},
		"of two of the name by its id": {"mysql", newID, newID, nil},
		"two of the name":              {"mysql", "8.0", "", &SharedNameError{What: "version of mysql", Name: "8.0", IDs: []string{newID, newerID}}},
		"another datastore's":          {"mysql", retired, "", &UnknownError{What: "version of mysql", Name: retired, Offered: []string{"5.7", "8.0", "8.0"}, IDs: []string{oldID, newID, newerID}}},
		"an unknown datastore":         {"mysq", "5.7", "", &UnknownError{What: "datastore", Name: "mysq", Offered: []string{"mysql", "mongodb"}, IDs: []string{mysqlID, mongoID}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := offering(t).DatastoreVersion(t.Context(), tt.datastore, tt.version)
			if diff := cmp.Diff(tt.err, err); diff != "" {
				t.Errorf("error (-want +got): %s", diff)
			}
			if v == nil && tt.id != "" || v != nil && v.ID != tt.id {
				t.Errorf("got %v, want version %q", v, tt.id)
			}
		})
	}
}

func TestDatastoreAsWritten(t *testing.T) {
	shown := Datastore{Type: "mysql", Version: "5.7"}
	tests := map[string]struct{ written, want Datastore }{
		"nothing was written":             {Datastore{}, shown},
		"names":                           {shown, shown},
		"another name":                    {Datastore{Type: "mysql", Version: "8.0"}, shown},
		"ids":                             {Datastore{Type: mysqlID, Version: oldID}, Datastore{Type: mysqlID, Version: oldID}},
		"the id of another version":       {Datastore{Type: "mysql", Version: newID}, shown},
		"the id of another datastore":     {Datastore{Type: mongoID, Version: "5.7"}, shown},
		"the id of another's version":     {Datastore{Type: "mysql", Version: retired}, Datastore{Type: "mysql", Version: retired}},
		"an id that is offered no more":   {Datastore{Type: "mysql", Version: strayID}, Datastore{Type: "mysql", Version: strayID}},
		"a datastore offered no more":     {Datastore{Type: strayID, Version: "5.7"}, Datastore{Type: strayID, Version: "5.7"}},
		"only the type is written by id":  {Datastore{Type: mysqlID, Version: ""}, Datastore{Type: mysqlID, Version: "5.7"}},
		"a name, and the type another id": {Datastore{Type: mysqlID, Version: "8.0"}, Datastore{Type: mysqlID, Version: "5.7"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := offering(t).DatastoreAsWritten(t.Context(), tt.written, shown)
			if err != nil || got != tt.want {
				t.Errorf("got %v (%v), want %v", got, err, tt.want)
			}
		})
	}
}

func TestSameDatastoreAndVersion(t *testing.T) {
	c := offering(t)
	for name, tt := range map[string]struct {
		a, b Datastore
		want bool
	}{
		"the id and the name":       {Datastore{Type: mysqlID, Version: oldID}, Datastore{Type: "mysql", Version: "5.7"}, true},
		"the name that two share":   {Datastore{Type: "mysql", Version: newID}, Datastore{Type: "mysql", Version: "8.0"}, true},
		"two ids of one name":       {Datastore{Type: "mysql", Version: newID}, Datastore{Type: "mysql", Version: newerID}, false},
		"another version":           {Datastore{Type: "mysql", Version: newID}, Datastore{Type: "mysql", Version: "5.7"}, false},
		"another datastore":         {Datastore{Type: mongoID, Version: retired}, Datastore{Type: "mysql", Version: retired}, false},
		"names that differ by case": {Datastore{Type: "MySQL", Version: "5.7"}, Datastore{Type: "mysql", Version: "5.7"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			types, err := c.SameDatastore(t.Context(), tt.a.Type, tt.b.Type)
			if err != nil {
				t.Fatal(err)
			}
			versions, err := c.SameVersion(t.Context(), tt.b.Type, tt.a.Version, tt.b.Version)
			if err != nil {
				t.Fatal(err)
			}
			if got := types && versions; got != tt.want {
				t.Errorf("datastores the same: %t, versions the same: %t, want %t", types, versions, tt.want)
			}
		})
	}
}

func TestNamesOfDatastoresAreComparedWithoutAList(t *testing.T) {
	c := connect(t, func(w http.ResponseWriter, _ *http.Request) { openstacktest.Refuse(w, http.StatusForbidden, "no list") })
	if same, err := c.SameVersion(t.Context(), "mysql", "5.7", "8.0"); same || err != nil {
		t.Errorf("got %t, %v", same, err)
	}
	if _, err := c.SameVersion(t.Context(), "mysql", "5.7", oldID); !errors.Is(err, openstack.ErrForbidden) {
		t.Errorf("got %v, want that the list is forbidden", err)
	}
	if text, err := c.FlavorAsWritten(t.Context(), "2", "2"); text != "2" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	if _, err := c.FlavorAsWritten(t.Context(), tiny, "2"); !errors.Is(err, openstack.ErrForbidden) {
		t.Errorf("got %v, want that the list is forbidden", err)
	}
}

// An apply may make a flavor, and then an instance that has it.
func TestAFlavorIsFoundThatWasMadeSinceTheListWasRead(t *testing.T) {
	lists := 0
	offered := `{"flavors": [{"str_id": "1", "name": "db.tiny"}]}`
	c := connect(t, func(w http.ResponseWriter, _ *http.Request) {
		lists++
		fmt.Fprint(w, offered)
	})
	find := func(text, want string, wantLists int) {
		t.Helper()
		f, err := c.Flavor(t.Context(), text)
		var unknown *UnknownError
		if f.ID != want || want == "" && !errors.As(err, &unknown) || want != "" && err != nil {
			t.Errorf("%s: got %q (%v), want %q", text, f.ID, err, want)
		}
		if lists != wantLists {
			t.Errorf("%s: %d lists were read, want %d", text, lists, wantLists)
		}
	}
	find("db.new", "", 1) // a list that was read just now need not be read again
	find("db.tiny", "1", 1)
	offered = `{"flavors": [{"str_id": "1", "name": "db.tiny"}, {"str_id": "7", "name": "db.new"}]}`
	find("db.new", "7", 2)
	find("7", "7", 2)
}
