package guestrules

import (
	"strings"
	"testing"
)

// The tables are what a released Trove took and refused.

func TestDatabaseNames(t *testing.T) {
	expect(t, func(name string) error { return CheckDatabaseName("mysql", name) },
		[]string{"aa", "a-b_c", "a b", "a@b", "a?b", "os_admin", strings.Repeat("a", 64)},
		[]string{"", "a", "x.y", "ü1", "--", "a/b", "mysql", "information_schema", "performance_schema", "sys", strings.Repeat("a", 65)})
	expect(t, func(name string) error { return CheckDatabaseName("PostgreSQL", name) },
		[]string{"aa", "a b", "x.y", "ü1", strings.Repeat("a", 63)},
		[]string{"", "a", "--", "a/b", `a"b`, " ab", "mysql", "sys", "postgres", "os_admin", "template1", strings.Repeat("a", 64)})
	expect(t, func(name string) error { return CheckDatabaseName("", name) },
		[]string{"aa", "x.y", strings.Repeat("a", 64)},
		[]string{"", "a", "--", "a/b", "mysql", strings.Repeat("a", 65)})
}

func TestUserNames(t *testing.T) {
	expect(t, func(name string) error { return CheckUserName("mariadb", name) },
		[]string{"u", "postgres", "a.b", "a@b", "a b", "a%b", "a.json", strings.Repeat("u", 32)},
		[]string{"", "-", "%", "ü", "a/b", "a'b", "a`b", " a", "a ", "a\x00b", "root", "os_admin", strings.Repeat("u", 33)})
	expect(t, func(name string) error { return CheckUserName("postgresql", name) },
		[]string{"u", "a.b", "a@b", strings.Repeat("u", 63)},
		[]string{"", "-", "a'b", `a"b`, " a", "root", "os_admin", "postgres", strings.Repeat("u", 64)})
	expect(t, func(name string) error { return CheckUserName("", name) }, []string{"postgres", strings.Repeat("u", 63)}, []string{"", "root", strings.Repeat("u", 64)})
}

func TestLongUserNames(t *testing.T) {
	for _, tt := range []struct {
		datastore string
		length    int
		want      bool
	}{{"mysql", 16, false}, {"mysql", 17, true}, {"", 17, true}, {"postgresql", 17, false}} {
		if got := IsLongUserName(tt.datastore, strings.Repeat("u", tt.length)); got != tt.want {
			t.Errorf("%d characters on %q: %t, want %t", tt.length, tt.datastore, got, tt.want)
		}
	}
}

func TestHosts(t *testing.T) {
	expect(t, CheckHost,
		[]string{"%", "%%", "10.0.0.1", "10.0.0.%", "192.168.%", "localhost", "h.example.org"},
		[]string{"", "10.0.0.0/24", "::1", "fe80::%", "a@b", "a-b", "1%1"})
	for host, is := range map[string]bool{"%": true, "10.0.0.1": true, "10.0.0.%": true, "192.168.%": true, "localhost": false, "db%": false} {
		if IsAddress(host) != is {
			t.Errorf("%q is an address: %t, want %t", host, !is, is)
		}
	}
}

func TestPasswords(t *testing.T) {
	bad := []string{"", "a'b", "a;b", " ab", "ab ", `p\w`, "ü", "p,w", "p/w", `p"w`, "%%", "@@", "a\nb", strings.Repeat("p", 256)}
	mysql := func(password string) error { return CheckPassword("mysql", password) }
	expect(t, mysql, []string{"pw", "a b", "päss1", "p%w", strings.Repeat("p", 255)}, bad)
	for _, password := range bad {
		if err := mysql(password); len(password) > 2 && strings.Contains(err.Error(), password) {
			t.Errorf("the error quotes the password: %v", err)
		}
	}
}

func TestPasswordsOfPostgreSQL(t *testing.T) {
	expect(t, func(password string) error { return CheckPassword("postgresql", password) },
		[]string{"pw", "p,w", "p/w", " ab"}, []string{"", "a'b", `p\w`, "%%", strings.Repeat("p", 256)})
	expect(t, func(password string) error { return CheckPassword("", password) }, []string{"p,w"}, []string{"", "a'b"})
}

func TestLikeMySQL(t *testing.T) {
	for datastore, want := range map[string]bool{"mysql": true, "MariaDB": true, "percona": true, "pxc": true, "postgresql": false, "mongodb": false, "": false} {
		if IsLikeMySQL(datastore) != want {
			t.Errorf("%q is like MySQL: %t, want %t", datastore, !want, want)
		}
	}
}

func expect(t *testing.T, rule func(string) error, good, bad []string) {
	t.Helper()
	for _, s := range good {
		if err := rule(s); err != nil {
			t.Errorf("%q is refused: %v", s, err)
		}
	}
	for _, s := range bad {
		if rule(s) == nil {
			t.Errorf("%q passes", s)
		}
	}
}
