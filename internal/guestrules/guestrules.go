// Package guestrules holds what Trove takes as names of databases and users, as hosts and as passwords: pure functions, so
// that a plan and the sandbox refuse the same things. The rules are those of released Trove's API, which are the same
// for every datastore that has databases and users, MySQL and MariaDB.
package guestrules

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Lengths in characters.
const (
	MaxDatabaseName = 64
	MaxUserName     = 16
	MaxPassword     = 255
)

// AnyHost is the host of users who may come from anywhere.
const AnyHost = "%"

// What Trove keeps to itself, in its default configuration.
var (
	reservedDatabases = []string{"mysql", "information_schema", "performance_schema", "sys"}
	reservedUsers     = []string{"os_admin", "root"}
)

var (
	databaseName = regexp.MustCompile(`^[A-Za-z0-9_-]+[\t\n\v\f\r ?#@]*[A-Za-z0-9_-]+$`)
	host         = regexp.MustCompile(`^%?[\w().]*%?$`)
	address      = regexp.MustCompile(`^[0-9%]{1,3}(\.[0-9%]{1,3}){0,3}$`)
	alphanumeric = regexp.MustCompile(`[0-9a-zA-Z]`)
)

// CheckDatabaseName refuses a name that no database can be given.
func CheckDatabaseName(name string) error {
	switch {
	case utf8.RuneCountInString(name) > MaxDatabaseName:
		return refuse("Schema name '%s' is too long. Max length = %d.", name, MaxDatabaseName)
	case !databaseName.MatchString(name) || !alphanumeric.MatchString(name) || !printable(name):
		return refuse("'%s' is not a valid schema name.", name)
	case slices.Contains(reservedDatabases, name):
		return refuse("Database name \"%s\" is on the reserved list: %s.", name, quoted(reservedDatabases))
	}
	return nil
}

// CheckUserName refuses a name that no user can be given.
func CheckUserName(name string) error {
	switch {
	case utf8.RuneCountInString(name) > MaxUserName:
		return refuse("User name '%s' is too long. Max length = %d.", name, MaxUserName)
	case !plain(name):
		return refuse("'%s' is not a valid user name.", name)
	case slices.Contains(reservedUsers, name):
		return refuse("User name \"%s\" is on the reserved list: %s.", name, quoted(reservedUsers))
	}
	return nil
}

// CheckHost refuses what cannot be a host on any Trove. A host that passes may still be no address: see IsAddress.
func CheckHost(h string) error {
	if h == "" || !host.MatchString(h) {
		return refuse("'%s' is not a valid hostname.", h)
	}
	return nil
}

// IsAddress says that a host is an IPv4 address, or the beginning of one, with % for any part. Trove takes no other hosts
// unless its operators have set hostname_require_valid_ip to false.
func IsAddress(h string) bool {
	if !address.MatchString(h) {
		return false
	}
	for part := range strings.SplitSeq(h, ".") {
		if n, err := strconv.Atoi(strings.ReplaceAll(part, "%", "1")); err != nil || n > 255 {
			return false // Trove reads % as 1
		}
	}
	return true
}

// CheckPassword refuses a password that Trove does not take. The error does not hold it.
func CheckPassword(password string) error {
	switch {
	case password == "":
		return errors.New("it is empty")
	case utf8.RuneCountInString(password) > MaxPassword:
		return fmt.Errorf("it is longer than %d characters", MaxPassword)
	case !alphanumeric.MatchString(password):
		return errors.New("it has neither a letter of the English alphabet nor a digit")
	case !plain(password):
		return errors.New("it begins or ends with a space, or has one of ' \" ; ` , / \\ or a character that cannot be printed")
	}
	return nil
}

// MaxContainer is how many characters the name of a Swift container may have in Trove.
const MaxContainer = 255

// CheckContainer refuses a name of a Swift container that Trove does not take: it comes into a command of the guest agent.
func CheckContainer(name string) error {
	switch {
	case len(name) > MaxContainer:
		return fmt.Errorf("it is longer than %d characters", MaxContainer)
	case !container.MatchString(name) || !alphanumeric.MatchString(name):
		return errors.New("it has characters other than letters of the English alphabet, digits and _ @ % + = : , . -, or no letter and no digit")
	}
	return nil
}

var container = regexp.MustCompile(`^[0-9A-Za-z_@%+=:,.-]+$`)

// plain says that a name or password has nothing in it that Trove refuses.
func plain(s string) bool {
	return alphanumeric.MatchString(s) && !strings.ContainsAny(s, "'\";`,/\\") && strings.TrimSpace(s) == s && printable(s)
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// refuse puts a refusal in Trove's own words.
func refuse(format string, args ...any) error { return errors.New(fmt.Sprintf(format, args...)) } //nolint:staticcheck // a format that is no literal here

func quoted(names []string) string { return "['" + strings.Join(names, "', '") + "']" }

// renaming are the datastores whose guest agents rename users, with their passwords and rights.
var renaming = []string{"mysql", "mariadb", "percona", "pxc"}

// RenamesUsers says that the users of a type of datastore can be given another name and another host. PostgreSQL, whose users Trove serves
// since release 23, has no hosts, and drops a password that is stored as MD5 with the name.
func RenamesUsers(datastoreType string) bool {
	return slices.Contains(renaming, strings.ToLower(datastoreType))
}

// IsReserved says that a database of that name is Trove's own.
func IsReserved(database string) bool { return slices.Contains(reservedDatabases, database) }
