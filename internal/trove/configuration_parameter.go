package trove

import (
	"context"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// Types of parameters. Trove's own lists contain others as well, which it cannot set itself.
const (
	TypeBoolean = "boolean"
	TypeInteger = "integer"
	TypeFloat   = "float"
	TypeString  = "string"
)

// Parameter is a parameter that configuration groups for a datastore version may set.
type Parameter struct {
	Name            string      `json:"name"`
	Type            string      `json:"type"`
	Min             json.Number `json:"min"` // "" if there is no bound
	Max             json.Number `json:"max"`
	RestartRequired bool        `json:"restart_required"` // it takes effect only when the database starts
}

// Parameters lists the parameters that configuration groups for a datastore version may set; it asks once. It is empty if the datastore
// has no configuration groups.
func (c *Client) Parameters(ctx context.Context, v *DatastoreVersion) ([]Parameter, error) {
	return c.parameters.of(v.ID).get(ctx, func(ctx context.Context) ([]Parameter, error) {
		op := fmt.Sprintf("list the parameters of %s %s", v.DatastoreName, v.Name)
		all, _, err := list[Parameter](ctx, c, op, "configuration-parameters", nil, "datastores", v.DatastoreID, "versions", v.ID, "parameters")
		return all, err
	})
}

// Value converts text to what the API expects for this parameter: a bool, a string or a json.Number. The error says what the parameter
// accepts; its text continues after the parameter's name.
func (p Parameter) Value(written string) (any, error) {
	switch p.Type {
	case TypeString:
		return written, nil
	case TypeBoolean:
		if on, ok := boolean(written); ok {
			return on, nil
		}
		return nil, fmt.Errorf("must be true or false, not %q", written)
	case TypeInteger:
		n, ok := new(big.Int).SetString(written, 10)
		if on, isWord := boolean(written); !ok && isWord && p.Max == "1" {
			n, ok = new(big.Int), true
			if on {
				n.SetInt64(1)
			}
		}
		if !ok {
			return nil, fmt.Errorf("must be an integer%s, not %q", p.bounds(), written)
		}
		return json.Number(n.String()), p.within(new(big.Rat).SetInt(n), written)
	case TypeFloat:
		// Trove's own check accepts 1.0 as a float and refuses 1.
		number, ok := new(big.Rat).SetString(written)
		if _, err := strconv.ParseFloat(written, 64); err != nil || !ok {
			return nil, fmt.Errorf("must be a number%s, not %q", p.bounds(), written)
		}
		text := strings.TrimPrefix(written, "+")
		if !json.Valid([]byte(text)) {
			f, _ := number.Float64()
			text = strconv.FormatFloat(f, 'g', -1, 64)
		}
		if !strings.ContainsAny(text, ".eE") {
			text += ".0"
		}
		return json.Number(text), p.within(number, written)
	}
	return nil, fmt.Errorf("has the type %q, whose values Trove cannot set", p.Type)
}

// bounds says which numbers the parameter accepts, with a leading space; "" if it accepts all.
func (p Parameter) bounds() string {
	switch {
	case p.Min != "" && p.Max != "":
		return fmt.Sprintf(" from %s to %s", p.Min, p.Max)
	case p.Min != "":
		return fmt.Sprintf(" of at least %s", p.Min)
	case p.Max != "":
		return fmt.Sprintf(" of at most %s", p.Max)
	}
	return ""
}

func (p Parameter) within(n *big.Rat, written string) error {
	low, hasLow := new(big.Rat).SetString(p.Min.String())
	high, hasHigh := new(big.Rat).SetString(p.Max.String())
	if hasLow && n.Cmp(low) < 0 || hasHigh && n.Cmp(high) > 0 {
		kind := "an integer"
		if p.Type == TypeFloat {
			kind = "a number"
		}
		return fmt.Errorf("must be %s%s, not %s", kind, p.bounds(), written)
	}
	return nil
}

// Masked is what Trove shows in place of a value if the parameter's name looks like that of a secret, such as innodb_ft_max_token_size.
const Masked = "***"

// Text converts a value of the API to text: true, 200, 1.5, or the string itself.
func Text(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case bool:
		return strconv.FormatBool(v)
	case json.Number:
		return v.String()
	}
	return fmt.Sprint(value)
}

// SameValue reports whether a value that the server shows equals the written one, whatever type the server gives it: it shows an integer
// that was set to true as 1. A masked value is taken as equal.
func SameValue(shown any, written string) bool {
	have := Text(shown)
	if have == written || have == Masked {
		return true
	}
	if _, isText := shown.(string); isText {
		return false
	}
	if a, ok := new(big.Rat).SetString(have); ok {
		if b, ok := new(big.Rat).SetString(written); ok {
			return a.Cmp(b) == 0
		}
	}
	a, isBoolean := boolean(have)
	b, wasBoolean := boolean(written)
	return isBoolean && wasBoolean && a == b
}

// boolean parses the ways in which databases and people write booleans.
func boolean(written string) (on, ok bool) {
	switch strings.ToLower(written) {
	case "true", "on", "yes", "1":
		return true, true
	case "false", "off", "no", "0":
		return false, true
	}
	return false, false
}
