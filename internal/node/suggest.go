package node

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/opentrove/terraform-provider-trove/internal/trove"
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

// Unknown is a diagnostic's text for what the server does not offer, with what it offers.
func Unknown(e *trove.UnknownError) string {
	name := ""
	if e.Name != "" {
		name = fmt.Sprintf(" %q", e.Name)
	}
	return fmt.Sprintf("The server has no %s%s.%s It has: %s.", e.What, name, DidYouMean(e.Name, e.Offered), strings.Join(e.Offered, ", "))
}
