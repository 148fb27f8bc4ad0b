// Package guestrules holds what Trove takes as names of databases and users, as hosts and as passwords: pure functions, so
// that a plan and the sandbox refuse the same things. Up to release 22 Trove's API judges by MySQL's rules; since 23 it refuses little but
// reserved names, and the guest agent of the datastore judges, of whose refusals nobody hears.
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
	MaxUserName     = 32 // of MySQL since 5.7.8; MariaDB takes more
	OldMaxUserName  = 16 // of Trove's own rules for MySQL and MariaDB, up to release 26
	MaxPassword     = 255

	maxPostgreSQLName = 63 // of databases and of users
)

// AnyHost is the host of users who may come from anywhere.
const AnyHost = "%"

// postgreSQL is the type of datastore whose rules are its own. All others that have databases and users are of MySQL's kind.
const postgreSQL = "postgresql"

// What Trove keeps to itself in its default configuration, on every datastore, and on PostgreSQL besides.
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

// CheckDatabaseName refuses a name that no database of this type of datastore can be given; of "", which is not known, one that none can.
func CheckDatabaseName(datastore, name string) error {
	return check(datastore, name, checkMySQLDatabase, checkPostgreSQLDatabase)
}

// CheckUserName refuses a name that no user of this type of datastore can be given; of "", which is not known, one that none can.
func CheckUserName(datastore, name string) error {
	return check(datastore, name, checkMySQLUser, checkPostgreSQLUser)
}

// CheckPassword refuses a password that Trove does not take for this type of datastore; of "", which is not known, one that it takes for none.
// The error does not hold it.
func CheckPassword(datastore, password string) error {
	return check(datastore, password, checkMySQLPassword, checkPostgreSQLPassword)
}

// OfAny is a rule for a value of a datastore that is not known.
func OfAny(rule func(datastore, value string) error) func(string) error {
	return func(value string) error { return rule("", value) }
}

// check applies the rule of a type of datastore. If the type is not known, the error is that of MySQL's kind.
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

// IsPostgreSQL says that a type of datastore has PostgreSQL's rules. Its users have no hosts.
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

// CheckReservedDatabase refuses the names that Trove keeps to itself on every datastore.
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

// CheckReservedUser refuses the names that Trove keeps to itself on every datastore.
func CheckReservedUser(name string) error {
	if slices.Contains(reservedUsers, name) {
		return refuse("User name \"%s\" is on the reserved list: %s.", name, quoted(reservedUsers))
	}
	return nil
}

// IsLongUserName says that a user name is longer than Trove's own rules for this type of datastore allow, although the database itself takes it.
func IsLongUserName(datastore, name string) bool {
	return !IsPostgreSQL(datastore) && utf8.RuneCountInString(name) > OldMaxUserName
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

// likeMySQL are the datastores of MySQL's kind. Every release of Trove serves their databases and users, and their guest agents rename users,
// with their passwords and rights.
var likeMySQL = []string{"mysql", "mariadb", "percona", "pxc"}

// IsLikeMySQL says that a type of datastore is of MySQL's kind: its users can be given another name and another host. PostgreSQL, whose databases
// and users Trove serves since release 23, has no hosts, and drops a password that is stored as MD5 with the name.
func IsLikeMySQL(datastore string) bool {
	return slices.Contains(likeMySQL, strings.ToLower(datastore))
}

// IsReserved says that a database of that name is Trove's own.
func IsReserved(database string) bool { return slices.Contains(reservedDatabases, database) }
