//go:build !unix

package operation

import "os"

// lock is not supported here.
func lock(*os.File) error { return nil }

// locked cannot tell here: of two runs that create instances of one name at the same time, the second is told of the first one's.
func locked(string) bool { return false }
