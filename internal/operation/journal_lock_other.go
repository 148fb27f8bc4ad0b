//go:build !unix

package operation

import "os"

// lock is not supported here.
func lock(*os.File) error { return nil }

// locked is not supported here: of two concurrent runs that create instances of one name, the second is told of the first one's.
func locked(string) bool { return false }
