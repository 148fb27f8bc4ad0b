package ledger

import (
	"bytes"
	"encoding/json"
	"strings"
)

// maxKept is the largest body in bytes that is kept.
const maxKept = 64 << 10

// redacted replaces a secret.
const redacted = "(redacted)"

// redact returns a JSON body without its secrets, and nil for anything else: what cannot be parsed cannot be redacted.
func redact(body []byte) json.RawMessage {
	if len(body) == 0 || len(body) > maxKept {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil || d.More() {
		return nil
	}
	clean, err := json.Marshal(conceal(v, false))
	if err != nil {
		return nil
	}
	return clean
}

// conceal replaces the values of names that mean secrets, and if all is set every value.
//
// In a request for a token, password and application_credential are objects that contain more than the secret, whereas everything under
// token is secret.
func conceal(v any, all bool) any {
	switch v := v.(type) {
	case map[string]any:
		for name, value := range v {
			_, object := value.(map[string]any)
			v[name] = conceal(value, all || isSecret(name) && (!object || strings.EqualFold(name, "token")))
		}
		return v
	case []any:
		for i := range v {
			v[i] = conceal(v[i], all)
		}
		return v
	case nil, bool:
		return v
	}
	if all {
		return redacted
	}
	return v
}

func isSecret(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"password", "passwd", "adminpass", "secret"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	return name == "token" // but not num_tokens
}
