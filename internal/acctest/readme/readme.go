// Package readme puts what commands have measured into the README.
package readme

import (
	"fmt"
	"os"
	"strings"
)

// Replace puts a table into a file, between the marks of the command that makes it: <!-- make bench --> and <!-- /make bench -->.
func Replace(file, command, table string) error {
	begin, end := fmt.Sprintf("<!-- %s -->\n", command), fmt.Sprintf("<!-- /%s -->\n", command)
	whole, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, opened := strings.Cut(string(whole), begin)
	_, after, closed := strings.Cut(rest, end)
	if !opened || !closed {
		return fmt.Errorf("%s has no lines %q and %q", file, strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return os.WriteFile(file, []byte(before+begin+table+end+after), 0o600)
}
