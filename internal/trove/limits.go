package trove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Limits are the project's quotas and rate limits. Released Trove does not show how much is used.
type Limits struct {
	// The quotas: instances, GB of all volumes together, backups, and MB of memory. nil means that the server does not show it, a negative
	// number that there is no limit.
	Instances, VolumeGB, Backups, RAM *int64

	Rates []RateLimit
}

// RateLimit is how often requests with one method may be sent.
type RateLimit struct {
	Verb      string `json:"verb"` // the HTTP method, such as GET
	URI       string `json:"uri"`  // the paths it applies to
	Unit      string `json:"unit"` // such as MINUTE
	Value     int64  `json:"value"`
	Remaining int64  `json:"remaining"` // at the time of the answer
}

// absolute is the verb under which the server shows the quotas, in the same list as the rate limits.
const absolute = "ABSOLUTE"

// UnmarshalJSON implements json.Unmarshaler for the server's list.
func (l *Limits) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		return err
	}
	for n, item := range list {
		var rate RateLimit
		var quotas struct {
			Verb      string `json:"verb"`
			Instances *int64 `json:"max_instances"`
			Volumes   *int64 `json:"max_volumes"`
			Backups   *int64 `json:"max_backups"`
			RAM       *int64 `json:"max_ram"`
		}
		if err := json.Unmarshal(item, &quotas); err != nil {
			return fmt.Errorf("limit %d: %w", n, err)
		}
		if quotas.Verb == absolute {
			l.Instances, l.VolumeGB, l.Backups, l.RAM = quotas.Instances, quotas.Volumes, quotas.Backups, quotas.RAM
			continue
		}
		if err := json.Unmarshal(item, &rate); err != nil {
			return fmt.Errorf("limit %d: %w", n, err)
		}
		l.Rates = append(l.Rates, rate)
	}
	return nil
}

// Limits returns the limits of the project.
func (c *Client) Limits(ctx context.Context) (*Limits, error) {
	type envelope struct {
		Limits *Limits `json:"limits"`
	}
	body, err := get(ctx, c, "read the limits of the project", func(e envelope) error {
		if e.Limits == nil {
			return errors.New("it holds no limits")
		}
		return nil
	}, "limits")
	return body.Limits, orNotOffered("limits", err)
}
