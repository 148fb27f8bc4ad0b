package guestrules

import (
	"strings"
	"testing"
)

// The tables are what a released Trove took and refused.

func TestDatabaseNames(t *testing.T) {
	check(t, CheckDatabaseName,
		[]string{"aa", "a-b_c", "a b", "a@b", "a?b", "os_admin", strings.Repeat("a", 64)},
		[]string{"", "a", "x.y", "ü1", "--", "a/b", "mysql", "information_schema", "performance_schema", "sys", strings.Repeat("a", 65)})
}

func TestUserNames(t *testing.T) {
	check(t, CheckUserName,
		[]string{"u", "postgres", "a.b", "a@b", "a b", "a%b", "a.json", strings.Repeat("u", 16)},
		[]string{"", "-", "%", "ü", "a/b", "a'b", "a`b", " a", "a ", "a\x00b", "root", "os_admin", strings.Repeat("u", 17)})
}

func TestHosts(t *testing.T) {
	check(t, CheckHost,
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
	check(t, CheckPassword, []string{"pw", "a b", "päss1", "p%w", strings.Repeat("p", 255)}, bad)
	for _, password := range bad {
		if err := CheckPassword(password); len(password) > 2 && strings.Contains(err.Error(), password) {
			t.Errorf("the error quotes the password: %v", err)
		}
	}
}

func TestRenamesUsers(t *testing.T) {
	for datastore, want := range map[string]bool{"mysql": true, "MariaDB": true, "percona": true, "pxc": true, "postgresql": false, "mongodb": false, "": false} {
		if RenamesUsers(datastore) != want {
			t.Errorf("users of %q are renamed: %t, want %t", datastore, !want, want)
		}
	}
}

func check(t *testing.T, rule func(string) error, good, bad []string) {
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
