package trove

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// Limits is what the project may use and how often it may ask. Released Trove does not show what is used.
type Limits struct {
	// What the project may use: instances, GB of all volumes together, backups, and MB of memory. nil is what the server does not show,
	// a negative number is no limit.
	Instances, VolumeGB, Backups, RAM *int64

	Rates []RateLimit
}

// RateLimit is how often requests of one method may be sent.
type RateLimit struct {
	Verb      string `json:"verb"` // the method, such as GET
	URI       string `json:"uri"`  // of which paths
	Unit      string `json:"unit"` // such as MINUTE
	Value     int64  `json:"value"`
	Remaining int64  `json:"remaining"` // when the server was asked
}

// absolute is the verb under which the server shows what the project may use, in the one list with the rates.
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

// Limits shows the limits of the project.
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
