package node

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
)

// similar is how alike a name must be to be suggested: 1 is the same, 0 has nothing in common.
const similar = 0.6

// DidYouMean is a question after the offered name that is most like the one that was written, with a space before it; ""
// where none is like it.
func DidYouMean(written string, offered []string) string {
	best, score := "", similar
	for _, name := range offered {
		if s := levenshtein.Similarity(strings.ToLower(written), strings.ToLower(name), nil); s > score {
			best, score = name, s
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", best)
}
