package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const troubleshooting = "docs/guides/troubleshooting.md"

// texts are the string constants of the code but for tests, one in a line each, those that are joined by + in one.
func texts(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	err := fs.WalkDir(os.DirFS(root), "internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, path), nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if e, ok := n.(ast.Expr); ok {
				if s := constant(e); s != "" {
					all.WriteString(s + "\n")
					return false
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

// constant is the text of an expression of string literals, "" where it is none; what is joined to them is left out.
func constant(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if s, err := strconv.Unquote(e.Value); err == nil && e.Kind == token.STRING {
			return s
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return constant(e.X) + constant(e.Y)
		}
	}
	return ""
}

// A guide by message is of use only while the messages are the code's.
func TestMessagesOfTheGuideAreTheCodes(t *testing.T) {
	code, quoted := texts(t), 0
	for _, row := range regexp.MustCompile("(?m)^\\| ([^|]*`[^|]*) \\|").FindAllStringSubmatch(prose(t, troubleshooting), -1) {
		for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(row[1], -1) {
			quoted++
			for _, part := range strings.Split(m[1], "...") {
				part = strings.TrimSpace(part)
				verb, made := strings.CutPrefix(part, "Unable to ")
				what, unknown := strings.CutPrefix(part, "Unknown ")
				ambiguous, several := strings.CutPrefix(part, "Ambiguous ")
				switch {
				case strings.Contains(code, part):
				case made && strings.Contains(code, strings.Fields(verb)[0]), unknown && strings.Contains(code, what), several && strings.Contains(code, ambiguous):
					// put together where it is shown
				default:
					t.Errorf("the guide quotes %q, which no message says", part)
				}
			}
		}
	}
	if quoted < 50 {
		t.Errorf("only %d messages were found in the guide", quoted)
	}
}

// Whatever the code shows under a heading of its own is in the guide.
func TestHeadingsOfTheCodeAreInTheGuide(t *testing.T) {
	guide, found := prose(t, troubleshooting), 0
	summary := regexp.MustCompile(`(?:Add(?:Error|Warning)\(|(?:AddAttribute(?:Error|Warning)|NewAttribute(?:Error|Warning)Diagnostic)\([^,]+,\s*|New(?:Error|Warning)Diagnostic\()"([^"]+)"`)
	exempt := regexp.MustCompile(`^(Invalid|Unknown|Ambiguous|Unable to|A|Bucket)\b ?[^ ]*$|^(Unable to|Invalid|Bucket) `) // by their first words
	err := fs.WalkDir(os.DirFS(root), "internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return err
		}
		for _, m := range summary.FindAllStringSubmatch(string(text), -1) {
			found++
			if words := strings.TrimSpace(m[1]); !exempt.MatchString(words) && !strings.Contains(guide, words) {
				t.Errorf("%s: the guide says nothing of %q", path, words)
			}
		}
		return nil
	})
	if err != nil || found < 50 {
		t.Errorf("%d headings, %v", found, err)
	}
}
