package openstack

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// Time is a time as a server writes it: in any form of RFC 3339, or in UTC without a zone, as in Trove. The zero Time stands for null and
// for an empty string.
type Time time.Time

// layouts are the accepted forms, the most common first. Each also accepts fractions of a second.
var layouts = []string{"2006-01-02T15:04:05", time.RFC3339, "2006-01-02 15:04:05", "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05Z0700"}

// UnmarshalJSON implements json.Unmarshaler.
func (t *Time) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		return nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err != nil {
		return err
	}
	if text == "" {
		return nil
	}
	for _, layout := range layouts {
		if parsed, err := time.Parse(layout, text); err == nil {
			*t = Time(parsed.UTC())
			return nil
		}
	}
	return fmt.Errorf("%q is not a time in RFC 3339 format", text)
}
