package openstack

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"time"

	"github.com/gophercloud/gophercloud/v2"
)

// Limits of a list. A page of a real server holds 20 items by default, and at most 1,000.
const (
	maxItems = 10_000 // of all pages together
	maxPages = 500
)

// List reads a list through all its pages; key is its name in the answer. serverTime is the server's time of day, zero if unknown. A list
// that does not end, for instance because its markers repeat, is an error.
func List[T any](ctx context.Context, e *Endpoint, op, key string, query url.Values, path ...string) (all []T, serverTime time.Time, err error) {
	return ListBy[T](ctx, e, op, key, query, nil, path...)
}

// ListBy is List with a function that returns the marker for the page after an item. Trove escapes the marker in a next link once too
// often, so that a marker with other characters than letters and digits is wrong. nil uses the link's marker.
func ListBy[T any](
	ctx context.Context, e *Endpoint, op, key string, query url.Values, markerOf func(T) string, path ...string,
) (all []T, serverTime time.Time, err error) {
	err = pages(ctx, e, op, key, query, markerOf, func(page []T, at time.Time, _ bool) bool {
		all = append(all, page...)
		if !at.IsZero() {
			serverTime = at
		}
		return true
	}, path...)
	if err != nil {
		return nil, time.Time{}, err
	}
	return all, serverTime, nil
}

// Pages is List page by page: each gets the items of a page, the server's time of day when it was read, and whether there are further
// pages, and reports whether to go on.
func Pages[T any](
	ctx context.Context, e *Endpoint, op, key string, query url.Values, each func(items []T, serverTime time.Time, more bool) bool, path ...string,
) error {
	return pages(ctx, e, op, key, query, nil, each, path...)
}

func pages[T any](
	ctx context.Context, e *Endpoint, op, key string, query url.Values, markerOf func(T) string,
	each func(items []T, serverTime time.Time, more bool) bool, path ...string,
) error {
	seen := map[string]bool{"": true}
	items := 0
	for marker := ""; ; {
		page, next, serverTime, err := Page[T](ctx, e, op, key, query, marker, path...)
		if err != nil {
			return err
		}
		items += len(page)
		marker = next
		if !each(page, serverTime, next != "") {
			return nil
		}
		if marker != "" && markerOf != nil && len(page) > 0 {
			marker = markerOf(page[len(page)-1])
		}
		switch {
		case marker == "":
			return nil
		case items > maxItems:
			return fmt.Errorf("%s: %w", op, &endlessError{fmt.Sprintf("the list has more than %d items", maxItems)})
		case seen[marker]:
			return fmt.Errorf("%s: %w", op, &endlessError{fmt.Sprintf("its pages repeat: the marker %q was returned twice", marker)})
		case len(seen) >= maxPages:
			return fmt.Errorf("%s: %w", op, &endlessError{fmt.Sprintf("the list has more than %d pages", maxPages)})
		}
		seen[marker] = true
	}
}

// Page reads the page of a list that begins at a marker, "" for the first one. next is the marker of the next page, "" if there is none.
// Callers that read all pages must make sure that they end, as List and Pages do.
func Page[T any](ctx context.Context, e *Endpoint, op, key string, query url.Values, marker string, path ...string) (items []T, next string, serverTime time.Time, err error) {
	// The server's own next links say https whatever the endpoint is, so only the marker is used.
	q := maps.Clone(query)
	if q == nil {
		q = url.Values{}
	}
	if marker != "" {
		q.Set("marker", marker)
	}
	var p page[T]
	answer, err := Send(ctx, e, Request[map[string]json.RawMessage]{
		Op: op, Method: http.MethodGet, Path: path, Query: q,
		Check: func(body map[string]json.RawMessage) (err error) {
			p, err = readPage[T](body, key)
			return err
		},
	})
	return p.items, p.next, answer.ServerTime, err
}

// page is one page of a list: its items, and the marker of the next page.
type page[T any] struct {
	items []T
	next  string
}

// identified is an item that is known by its id: a list with one that has none is not believed.
type identified interface{ Identified() bool }

// readPage reads one page. Items are counted before they are decoded, since one of a few bytes can take a thousand in memory.
func readPage[T any](body map[string]json.RawMessage, key string) (page[T], error) {
	raw, ok := body[key]
	if !ok || string(raw) == "null" {
		return page[T]{}, fmt.Errorf("the answer holds no %s", key)
	}
	var items []json.RawMessage
	if err := json.Unmarshal(raw, &items); err != nil {
		return page[T]{}, err
	}
	if len(items) > maxItems {
		return page[T]{}, &endlessError{fmt.Sprintf("a page has %d items", len(items))}
	}
	p := page[T]{items: make([]T, len(items))}
	for i, item := range items {
		if err := decode(item, &p.items[i]); err != nil {
			return page[T]{}, err
		}
		if one, ok := any(&p.items[i]).(identified); ok && !one.Identified() {
			return page[T]{}, fmt.Errorf("an item of %s holds no id", key)
		}
	}
	var links []gophercloud.Link
	if raw, ok := body["links"]; ok {
		if err := json.Unmarshal(raw, &links); err != nil {
			return page[T]{}, err
		}
	}
	p.next = nextMarker(links)
	return p, nil
}

// nextMarker returns the marker in a list's next link; "" if there is no further page.
func nextMarker(links []gophercloud.Link) string {
	for _, l := range links {
		if l.Rel != "next" {
			continue
		}
		if u, err := url.Parse(l.Href); err == nil {
			return u.Query().Get("marker")
		}
	}
	return ""
}

// endlessError says that an answer or a list exceeds the limits. Asking again does not help.
type endlessError struct{ what string }

// Is makes it match ErrUnbounded.
func (e *endlessError) Is(target error) bool { return target == ErrUnbounded }

func (e *endlessError) Error() string { return e.what + ": something is wrong with the server" }
