package instancebase

import (
	"cmp"
	"fmt"
	"slices"
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
		if s := likeness(written, name); s > score {
			best, score = name, s
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf(" Did you mean %q?", best)
}

// mostListed is how many of what the server offers a message lists.
const mostListed = 12

// offers says what the server offers, with a space before it, and what may have been meant. Of a long list it is what is most
// like what was written.
func offers(e *trove.UnknownError) string {
	names := slices.Clone(e.Offered)
	more := ""
	if n := len(names) - mostListed; n > 0 {
		slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(likeness(e.Name, b), likeness(e.Name, a)) })
		names, more = names[:mostListed], fmt.Sprintf(", and %d more", n)
	}
	if len(names) == 0 {
		names = []string{"none"}
	}
	return fmt.Sprintf("%s It has: %s%s.", DidYouMean(e.Name, slices.Concat(e.Offered, e.IDs)), strings.Join(names, ", "), more)
}

// likeness is 1 for the same name, but for the case, and 0 for one that has nothing in common.
func likeness(a, b string) float64 {
	return levenshtein.Similarity(strings.ToLower(a), strings.ToLower(b), nil)
}

// UnknownItemDetail is a diagnostic's text for what the server does not offer, with what it offers.
func UnknownItemDetail(e *trove.UnknownError) string {
	name := ""
	if e.Name != "" {
		name = fmt.Sprintf(" %q", e.Name)
	}
	return fmt.Sprintf("The server has no %s%s.%s", e.What, name, offers(e))
}
