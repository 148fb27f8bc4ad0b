// Package guestrules checks names of databases and users, hosts and passwords as Trove does, in pure functions, so that a plan and the
// sandbox refuse the same things. Up to release 22 Trove's API applies MySQL's rules; since 23 it refuses little but reserved names, and
// the datastore's guest agent checks the rest, whose refusals are not reported.
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
	MaxUserName     = 32 // MySQL since 5.7.8; MariaDB allows more
	OldMaxUserName  = 16 // Trove's own rules for MySQL and MariaDB, up to release 26
	MaxPassword     = 255

	maxPostgreSQLName = 63 // databases and users
)

// AnyHost is the host of users who may connect from anywhere.
const AnyHost = "%"

// postgreSQL is the only datastore type with rules of its own. All others that have databases and users are like MySQL.
const postgreSQL = "postgresql"

// Names that Trove reserves by default, on every datastore, and additionally on PostgreSQL.
var (
	reservedDatabases = []string{"mysql", "information_schema", "performance_schema", "sys"}
	reservedUsers     = []string{"os_admin", "root"}

	reservedOnPostgreSQL      = []string{"os_admin", "postgres", "template0", "template1"}
	reservedUsersOnPostgreSQL = []string{"postgres"}
)

var (
	databaseName = regexp.MustCompile(`^[A-Za-z0-9_-]+[\t\n\v\f\r ?#@]*[A-Za-z0-9_-]+$`)
	host         = regexp.MustCompile(`^%?[\w().]*%?$`)
	address      = regexp.MustCompile(`^[0-9%]{1,3}(\.[0-9%]{1,3}){0,3}$`)
	alphanumeric = regexp.MustCompile(`[0-9a-zA-Z]`)
)

// CheckDatabaseName refuses a name that no database of this datastore type can have; with an unknown type "", one that none of any type
// can.
func CheckDatabaseName(datastore, name string) error {
	return check(datastore, name, checkMySQLDatabase, checkPostgreSQLDatabase)
}

// CheckUserName refuses a name that no user of this datastore type can have; with an unknown type "", one that none of any type can.
func CheckUserName(datastore, name string) error {
	return check(datastore, name, checkMySQLUser, checkPostgreSQLUser)
}

// CheckPassword refuses a password that Trove does not accept for this datastore type; with an unknown type "", one that it accepts for
// none. The error does not contain it.
func CheckPassword(datastore, password string) error {
	return check(datastore, password, checkMySQLPassword, checkPostgreSQLPassword)
}

// OfAny is a rule for a value if the datastore is unknown.
func OfAny(rule func(datastore, value string) error) func(string) error {
	return func(value string) error { return rule("", value) }
}

// check applies the rule of a datastore type. If the type is unknown, the error is the one for MySQL.
func check(datastore, value string, mysql, postgresql func(string) error) error {
	switch {
	case datastore == "":
		if postgresql(value) == nil {
			return nil
		}
		return mysql(value)
	case IsPostgreSQL(datastore):
		return postgresql(value)
	}
	return mysql(value)
}

// IsPostgreSQL reports whether a datastore type has PostgreSQL's rules. Its users have no hosts.
func IsPostgreSQL(datastore string) bool { return strings.EqualFold(datastore, postgreSQL) }

func checkMySQLDatabase(name string) error {
	switch {
	case utf8.RuneCountInString(name) > MaxDatabaseName:
		return refuse("Schema name '%s' is too long. Max length = %d.", name, MaxDatabaseName)
	case !databaseName.MatchString(name) || !alphanumeric.MatchString(name) || !printable(name):
		return refuse("'%s' is not a valid schema name.", name)
	}
	return CheckReservedDatabase(name)
}

func checkPostgreSQLDatabase(name string) error {
	switch {
	case utf8.RuneCountInString(name) > maxPostgreSQLName:
		return refuse("Schema name '%s' is too long. Max length = %d.", name, maxPostgreSQLName)
	case utf8.RuneCountInString(name) < 2 || !plain(name):
		return refuse("'%s' is not a valid schema name.", name)
	case slices.Contains(reservedOnPostgreSQL, name):
		return refuse("Database name \"%s\" is reserved on PostgreSQL: %s.", name, quoted(reservedOnPostgreSQL))
	}
	return CheckReservedDatabase(name)
}

// CheckReservedDatabase refuses the names that Trove reserves on every datastore.
func CheckReservedDatabase(name string) error {
	if slices.Contains(reservedDatabases, name) {
		return refuse("Database name \"%s\" is on the reserved list: %s.", name, quoted(reservedDatabases))
	}
	return nil
}

func checkMySQLUser(name string) error {
	switch {
	case utf8.RuneCountInString(name) > MaxUserName:
		return refuse("User name '%s' is too long. Max length = %d.", name, MaxUserName)
	case !plain(name):
		return refuse("'%s' is not a valid user name.", name)
	}
	return CheckReservedUser(name)
}

func checkPostgreSQLUser(name string) error {
	switch {
	case utf8.RuneCountInString(name) > maxPostgreSQLName:
		return refuse("User name '%s' is too long. Max length = %d.", name, maxPostgreSQLName)
	case !plain(name):
		return refuse("'%s' is not a valid user name.", name)
	case slices.Contains(reservedUsersOnPostgreSQL, name):
		return refuse("User name \"%s\" is reserved on PostgreSQL: %s.", name, quoted(reservedUsersOnPostgreSQL))
	}
	return CheckReservedUser(name)
}

// CheckReservedUser refuses the names that Trove reserves on every datastore.
func CheckReservedUser(name string) error {
	if slices.Contains(reservedUsers, name) {
		return refuse("User name \"%s\" is on the reserved list: %s.", name, quoted(reservedUsers))
	}
	return nil
}

// IsLongUserName reports whether a user name is too long for Trove's own rules for this datastore type, although the database accepts it.
func IsLongUserName(datastore, name string) bool {
	return !IsPostgreSQL(datastore) && utf8.RuneCountInString(name) > OldMaxUserName
}

// CheckHost refuses what cannot be a host on any Trove. A host that passes may still not be an address: see IsAddress.
func CheckHost(h string) error {
	if h == "" || !host.MatchString(h) {
		return refuse("'%s' is not a valid hostname.", h)
	}
	return nil
}

// IsAddress reports whether a host is an IPv4 address, or the beginning of one, with % for any part. Trove accepts no other hosts unless
// its operators have set hostname_require_valid_ip to false.
func IsAddress(h string) bool {
	if !address.MatchString(h) {
		return false
	}
	for part := range strings.SplitSeq(h, ".") {
		if n, err := strconv.Atoi(strings.ReplaceAll(part, "%", "1")); err != nil || n > 255 {
			return false // Trove treats % as 1
		}
	}
	return true
}

func checkMySQLPassword(password string) error {
	if err := checkAnyPassword(password); err != nil {
		return err
	}
	if !plain(password) {
		return errors.New("it begins or ends with a space, or has one of ' \" ; ` , / \\ or a character that cannot be printed")
	}
	return nil
}

func checkPostgreSQLPassword(password string) error {
	if err := checkAnyPassword(password); err != nil {
		return err
	}
	if strings.ContainsAny(password, `'"\`) || !printable(password) {
		return errors.New("it has one of ' \" \\ or a character that cannot be printed")
	}
	return nil
}

func checkAnyPassword(password string) error {
	switch {
	case password == "":
		return errors.New("it is empty")
	case utf8.RuneCountInString(password) > MaxPassword:
		return fmt.Errorf("it is longer than %d characters", MaxPassword)
	case !alphanumeric.MatchString(password):
		return errors.New("it has neither a letter of the English alphabet nor a digit")
	}
	return nil
}

// MaxContainer is the maximum length in characters of a Swift container name in Trove.
const MaxContainer = 255

// CheckContainer refuses a Swift container name that Trove does not accept: it becomes part of a command of the guest agent.
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

// plain reports whether a name or password contains nothing that Trove refuses.
func plain(s string) bool {
	return alphanumeric.MatchString(s) && !strings.ContainsAny(s, "'\";`,/\\") && strings.TrimSpace(s) == s && printable(s)
}

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}

// refuse returns a refusal in Trove's own words.
func refuse(format string, args ...any) error { return errors.New(fmt.Sprintf(format, args...)) } //nolint:staticcheck // a format that is no literal here

func quoted(names []string) string { return "['" + strings.Join(names, "', '") + "']" }

// likeMySQL are the datastores that are like MySQL. Every release of Trove supports their databases and users, and their guest agents
// rename users, keeping passwords and rights.
var likeMySQL = []string{"mysql", "mariadb", "percona", "pxc"}

// IsLikeMySQL reports whether a datastore type is like MySQL: its users can be renamed and given another host. PostgreSQL, whose databases
// and users Trove supports since release 23, has no hosts, and loses a password stored as MD5 when the user is renamed.
func IsLikeMySQL(datastore string) bool {
	return slices.Contains(likeMySQL, strings.ToLower(datastore))
}

// IsReserved reports whether a database of that name is reserved by Trove.
func IsReserved(database string) bool { return slices.Contains(reservedDatabases, database) }
