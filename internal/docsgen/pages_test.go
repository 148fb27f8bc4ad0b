package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

// pages are the Markdown files that users and contributors read, relative to the root.
func pages(t *testing.T) (all []string) {
	t.Helper()
	for _, of := range []string{"*.md", "internal/*.md", "internal/adr/*.md"} {
		found, err := fs.Glob(os.DirFS(root), of)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %d pages, %v", of, len(found), err)
		}
		all = append(all, found...)
	}
	err := fs.WalkDir(os.DirFS(root), "docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".md") {
			all = append(all, path)
		}
		return err
	})
	if err != nil || len(all) < 40 {
		t.Fatalf("%d pages, %v", len(all), err)
	}
	return all
}

var (
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	named   = regexp.MustCompile(`<a id="([^"]+)">`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// prose is a page without its code, in which links are no links.
func prose(t *testing.T, page string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, page))
	if err != nil {
		t.Fatal(err)
	}
	return fenced.ReplaceAllString(string(text), "")
}

// anchors are what a link into a page may name.
func anchors(text string) (all []string) {
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		all = append(all, strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-"))
	}
	for _, m := range named.FindAllStringSubmatch(text, -1) {
		all = append(all, m[1])
	}
	return all
}

func TestNoLinkIsDead(t *testing.T) {
	links := 0
	for _, page := range pages(t) {
		for _, m := range link.FindAllStringSubmatch(prose(t, page), -1) {
			target, anchor, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			if target != "" {
				target = filepath.Join(filepath.Dir(page), target)
			} else {
				target = page
			}
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
				continue
			}
			if anchor != "" && !slices.Contains(anchors(prose(t, target)), anchor) {
				t.Errorf("%s links to %s, and there is no such heading; there are %v", page, m[1], anchors(prose(t, target)))
			}
		}
	}
	if links == 0 {
		t.Error("no links were found")
	}
}

// Whoever opens the first page finds all others from there.
func TestIndexNamesEveryPage(t *testing.T) {
	index := prose(t, "docs/index.md")
	for _, page := range pages(t) {
		name, ok := strings.CutPrefix(page, "docs/")
		if ok && name != "index.md" && !strings.Contains(index, "("+name+")") {
			t.Errorf("docs/index.md has no link to %s", name)
		}
	}
}
