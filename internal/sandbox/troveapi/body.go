package troveapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxBody is the maximum number of bytes read from a request.
const maxBody = 1 << 20

// raw reads a request's body.
func raw(r *http.Request) ([]byte, error) {
	text, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	if err != nil {
		return nil, newWebError(http.StatusBadRequest, "The body could not be read<br /><br />\n\n\n")
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if len(text) > 0 && (err == nil && kind != "application/json" || err != nil && r.Header.Get("Content-Type") != "") {
		return nil, newWebError(http.StatusUnsupportedMediaType, "The request media type "+kind+" is not supported by this server.\n<br /><br />\n")
	}
	return text, nil
}

// object is a JSON object whose fields have not been decoded.
type object map[string]json.RawMessage

// fields returns the object that a body has under a name, which must be the only one unless lenient.
func fields(r *http.Request, name string, lenient bool) (object, error) {
	body, err := whole(r)
	if err != nil {
		return nil, err
	}
	inner, ok := body[name]
	if !ok {
		return nil, invalid("Validation error: '%s' is a required property", name)
	}
	if err := body.only("body", lenient, name); err != nil {
		return nil, err
	}
	var f object
	if json.Unmarshal(inner, &f) != nil || f == nil {
		return nil, invalid("Validation error: %s is not of type 'object'", name)
	}
	return f, nil
}

// whole reads a body that is one JSON object.
func whole(r *http.Request) (object, error) {
	text, err := raw(r)
	if err != nil {
		return nil, err
	}
	if !json.Valid(text) && len(bytes.TrimSpace(text)) > 0 {
		return nil, newWebError(http.StatusBadRequest, "Malformed request body<br /><br />\n\n\n")
	}
	var body object
	if json.Unmarshal(text, &body) != nil || body == nil {
		return nil, invalid("Validation error: the body is not of type 'object'")
	}
	return body, nil
}

// only refuses fields other than those, or drops them if the server is lenient.
func (f object) only(of string, lenient bool, known ...string) error {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if slices.Contains(known, name) {
			continue
		}
		if !lenient {
			return invalid("Validation error: %s Additional properties are not allowed ('%s' was unexpected)", of, name)
		}
		delete(f, name)
	}
	return nil
}

// has reports whether a field is present, even as null.
func (f object) has(name string) bool {
	_, ok := f[name]
	return ok
}

// decode decodes the fields into a struct; unknown nested fields are refused, including known ones in another case.
func (f object) decode(of string, into any) error {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if field := miscased(name, f[name]); field != "" {
			return invalid("Validation error: %s unknown field %q", of, field)
		}
	}
	text, err := json.Marshal(f)
	if err != nil {
		return newWebError(http.StatusBadRequest, "Malformed request body<br /><br />\n\n\n")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	d.UseNumber()
	err = d.Decode(into)
	var wrongType *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrongType):
		path := strings.ReplaceAll(wrongType.Field, ".", "']['")
		return invalid("Validation error: %s['%s'] cannot be a JSON %s", of, path, wrongType.Value)
	default:
		text := strings.TrimPrefix(err.Error(), "json: ")
		if !strings.HasPrefix(text, "[") {
			text = " " + text
		}
		return invalid("Validation error: %s%s", of, text)
	}
}

// mixedCase are the fields that the API does not write in lower case.
var mixedCase = []string{"flavorRef", "restorePoint", "backupRef"}

// miscased returns a field's name, or a nested one, that is not in the case in which the API writes it and that encoding/json would accept;
// "" if there is none. Names below values are those of the database.
func miscased(name string, value json.RawMessage) string {
	if !slices.Contains(mixedCase, name) && name != strings.ToLower(name) {
		return name
	}
	var fields object
	var elements []json.RawMessage
	switch {
	case name == "values":
	case json.Unmarshal(value, &fields) == nil:
		for _, inner := range slices.Sorted(maps.Keys(fields)) {
			if field := miscased(inner, fields[inner]); field != "" {
				return field
			}
		}
	case json.Unmarshal(value, &elements) == nil:
		for _, e := range elements {
			if field := miscased("", e); field != "" {
				return field
			}
		}
	}
	return ""
}

// text is a string that Trove also accepts as a number.
type text string

// UnmarshalJSON implements json.Unmarshaler.
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	if json.Unmarshal(data, &s) == nil {
		*t = text(s)
		return nil
	}
	if _, err := strconv.ParseInt(string(data), 10, 64); err != nil {
		return errors.New(string(data) + " is neither a string nor an integer")
	}
	*t = text(data)
	return nil
}

// size is a number of GB that Trove also accepts as a string.
type size int64

// UnmarshalJSON implements json.Unmarshaler.
func (s *size) UnmarshalJSON(data []byte) error {
	n, err := strconv.ParseInt(strings.Trim(string(data), `"`), 10, 64)
	if err != nil || n < 1 {
		text := fmt.Sprintf("['volume']['size'] %s is not valid under any of the given schemas", data)
		if err == nil {
			text += fmt.Sprintf("; %s is less than the minimum of 1; %s is not of type 'string'", data, data)
		}
		return errors.New(text)
	}
	*s = size(n)
	return nil
}
