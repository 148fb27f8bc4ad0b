package provider_test

import (
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// Whatever is typed as the id of an import names a resource, or is refused in one text that fits and quotes it.
func FuzzImportIDs(f *testing.F) {
	for _, id := range []string{
		"5f1b0b5e-0c3a-4c7e-9d0b-8d6a3c1e2f40", "RegionOne/5f1b0b5e-0c3a-4c7e-9d0b-8d6a3c1e2f40", "a/b", "a/b/c", "a/app@%", "a/app@10.0.0.%/x", "", "/", "//", "..", "../x", "a/..", "a b", "%2e%2e",
		"products", "RegionOne/products/a", "a?b=c", "a\nb", "a\x00", strings.Repeat("a", 10000), "a/" + strings.Repeat("b", 10000), strings.Repeat("\x1b", 2000), "a/\x1b[2J@%",
	} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		w := newWorld(t)
		for _, typeName := range w.run.ResourceTypes() {
			imported := w.run.ImportByID(typeName, id)
			if refused := imported.Errors(); len(refused) == 0 && w.run.Exists(imported.Object) {
				t.Errorf("%s %q: nothing is there, and it is imported", typeName, id)
			} else if id != "" && len(refused) > 0 {
				checkRefusedID(t, typeName, id, refused)
			}
		}
	})
}

// checkRefusedID checks the text by which an id is refused, by the provider or by the server.
func checkRefusedID(t *testing.T, typeName, id string, refused []string) {
	t.Helper()
	if len(refused) > 1 {
		t.Errorf("%s %q is refused more than once: %q", typeName, id, refused)
	}
	text := refused[0]
	quoted := strconv.Quote(id)
	if len(id) > 100 {
		quoted = quoted[:50]
	}
	if !strings.HasPrefix(text, "Unable to ") || strings.HasPrefix(text, "Unable to import ") && !strings.Contains(text, quoted) && !strings.Contains(text, id) {
		t.Errorf("%s: %.200q is refused without its words: %.1000q", typeName, id, text)
	}
	if len(text) > 6000 || !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }) {
		t.Errorf("%s: the refusal of %.200q, which has %d bytes, has %d: %.1000q", typeName, id, len(id), len(text), text)
	}
}
