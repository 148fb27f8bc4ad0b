package tfkit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Sentence makes an error's text fit for a diagnostic: a capital in front, a full stop behind.
func Sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	// The name of an attribute stays as users write it.
	if first, _, _ := strings.Cut(s, " "); !strings.Contains(first, "_") {
		s = strings.ToUpper(s[:1]) + s[1:]
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?:") {
		s += "."
	}
	return s
}

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

// mostListed is how many names Offered lists.
const mostListed = 12

// Offered says which names there are, with a space before it, and which may have been meant, of the names and the ids. Of a long list it
// is the names that are most like what was written.
func Offered(written string, names, ids []string) string {
	listed, more := slices.Clone(names), ""
	if n := len(listed) - mostListed; n > 0 {
		slices.SortStableFunc(listed, func(a, b string) int { return cmp.Compare(likeness(written, b), likeness(written, a)) })
		listed, more = listed[:mostListed], fmt.Sprintf(", and %d more", n)
	}
	if len(listed) == 0 {
		listed = []string{"none"}
	}
	return fmt.Sprintf("%s It has: %s%s.", DidYouMean(written, slices.Concat(names, ids)), strings.Join(listed, ", "), more)
}

// likeness is 1 for the same name, but for the case, and 0 for one that has nothing in common.
func likeness(a, b string) float64 {
	return levenshtein.Similarity(strings.ToLower(a), strings.ToLower(b), nil)
}
