package topology

import "testing"

func TestNumberReadsTheVersionsName(t *testing.T) {
	type number struct {
		major, minor int
		ok           bool
	}
	for version, want := range map[string]number{
		"mysql-5.7":                    {5, 7, true},
		"5.7":                          {5, 7, true},
		"5.7.44":                       {5, 7, true},
		"mysql-8.0":                    {8, 0, true},
		"8":                            {8, 0, true},
		"mariadb-10.11":                {10, 11, true},
		"redis-2.8.6":                  {2, 8, true},
		"redis-3.0.0-beta1":            {3, 0, true},
		"tokumx-2.0.1":                 {2, 0, true},
		"7-alpine":                     {7, 0, true},
		"":                             {},
		"latest":                       {},
		"99999999999999999999":         {}, // beyond int
		"mysql-5.99999999999999999999": {},
	} {
		t.Run(version, func(t *testing.T) {
			var got number
			got.major, got.minor, got.ok = Datastore{Version: version}.Number()
			if got != want {
				t.Errorf("Number is %+v, want %+v", got, want)
			}
		})
	}
}

func TestMultiSourceFromMySQL57AndMariaDB10(t *testing.T) {
	for ds, want := range map[Datastore]bool{
		{"mysql", "mysql-5.5"}:       false,
		{"mysql", "mysql-5.6"}:       false,
		{"mysql", "mysql-5.7"}:       true,
		{"mysql", "mysql-5.10"}:      true,
		{"mysql", "mysql-8.0"}:       true,
		{"mysql", "8"}:               true,
		{"mariadb", "mariadb-5.5"}:   false,
		{"mariadb", "mariadb-9.9"}:   false,
		{"mariadb", "mariadb-10.0"}:  true,
		{"mariadb", "mariadb-10.11"}: true,
		{"mysql", ""}:                true, // not known: for the server to say
		{"mariadb", "latest"}:        true,
		{"", ""}:                     true,
	} {
		if got := ds.MultiSource(); got != want {
			t.Errorf("MultiSource of %+v is %v", ds, got)
		}
	}
}

func TestIsTokuMX(t *testing.T) {
	for ds, want := range map[Datastore]bool{
		{"mongodb", "tokumx-2.0.1"}:  true,
		{"mongodb", "TokuMX-1.5"}:    true,
		{"mongodb", "mongodb-2.0.4"}: false,
		{"mongodb", ""}:              false,
		{"mysql", "tokumx-2.0.1"}:    false,
	} {
		if got := ds.IsTokuMX(); got != want {
			t.Errorf("IsTokuMX of %+v is %v", ds, got)
		}
	}
}
