package tfkit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/agext/levenshtein"
)

// Sentence makes an error's text suitable for a diagnostic: it starts with a capital letter and ends with a period.
func Sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return s
	}
	// An attribute name stays as users write it.
	if first, _, _ := strings.Cut(s, " "); !strings.Contains(first, "_") {
		letter, size := utf8.DecodeRuneInString(s)
		s = string(unicode.ToUpper(letter)) + s[size:]
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?:") {
		s += "."
	}
	return s
}

// mostQuoted is how many bytes of what a user has typed are shown.
const mostQuoted = 200

// Quote quotes what a user has typed, as far as it fits into a message, and without characters that would command a terminal.
func Quote(typed string) string {
	shown, rest := shorten(typed, mostQuoted)
	return strconv.Quote(shown) + rest
}

// mostTold is how many bytes are shown of a text that quotes what a user has typed.
const mostTold = 1000

// Told is such a text, as far as it fits into a message. What it quotes can be printed.
func Told(text string) string {
	shown, rest := shorten(text, mostTold)
	return shown + rest
}

// shorten returns as much of a text as is shown, and an ellipsis if that is not all.
func shorten(text string, most int) (shown, rest string) {
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], ""), "..."
	}
	return text, ""
}

// similar is how similar a name must be to be suggested: 1 means equal, 0 means nothing in common.
const similar = 0.6

// DidYouMean returns a question with the offered name that is most similar to what was written, with a space before it; "" if none is
// similar.
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

// mostListed is the maximum number of names that Offered lists.
const mostListed = 12

// Offered lists the available names, with a space before it, and suggests which of the names and ids may have been meant. Of a long list it
// shows the names most similar to what was written.
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

// likeness is 1 for the same name, ignoring case, and 0 for one that has nothing in common.
func likeness(a, b string) float64 {
	return levenshtein.Similarity(strings.ToLower(a), strings.ToLower(b), nil)
}
