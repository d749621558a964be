package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// A Value is the value of a resource in a policy: a permission, or permissions on
// resources nested in it. Any other JSON is preserved as it is. The zero Value is invalid
// and cannot be encoded.
type Value struct {
	kind   kind
	text   string // the permission, the JSON of any other form, or why there is none
	nested map[string]string
}

type kind int

const (
	none kind = iota
	permission
	nested
	other
)

// String returns the permission, or the JSON of any other form.
func (v Value) String() string {
	if v.kind == permission {
		return v.text
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "[" + v.Err().Error() + "]"
	}
	return string(text)
}

// Nested returns a copy of the permissions on nested resources by name, or nil if v has
// another form.
func (v Value) Nested() map[string]string { return maps.Clone(v.nested) }

// Equal reports whether v and w have the same form and contents.
func (v Value) Equal(w Value) bool {
	return v.kind == w.kind && v.text == w.text && maps.Equal(v.nested, w.nested)
}

// Err returns the error of encoding v, or nil if v is valid.
func (v Value) Err() error {
	switch {
	case v.kind != none:
		return nil
	case v.text == "":
		return errors.New("resource: empty permission")
	}
	return fmt.Errorf("resource: %s", v.text)
}

// MarshalJSON implements [json.Marshaler]. It returns an error for the zero Value, and
// for a Value created from an invalid ID or from conflicting resources.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case permission:
		return json.Marshal(v.text)
	case nested:
		return json.Marshal(v.nested)
	case other:
		return []byte(v.text), nil
	default:
		return nil, v.Err()
	}
}

// UnmarshalJSON implements [json.Unmarshaler]. It accepts any JSON value, including null,
// which is preserved like any other. If the value is not valid UTF-8, which encoding/json
// would replace, v is invalid.
func (v *Value) UnmarshalJSON(data []byte) error {
	*v = Value{}
	switch {
	case !utf8.Valid(data):
		*v = unusable("value is not valid UTF-8")
		return nil
	case string(data) == `"*"`: // nearly every value
		v.kind, v.text = permission, everything
		return nil
	case bytes.HasPrefix(data, []byte(`"`)):
		var p string
		if err := json.Unmarshal(data, &p); err != nil {
			return fmt.Errorf("resource: %w", err)
		}
		v.kind, v.text = permission, p
		return nil
	case bytes.HasPrefix(data, []byte("{")):
		var entries map[string]*string
		if json.Unmarshal(data, &entries) == nil && !slices.Contains(slices.Collect(maps.Values(entries)), nil) {
			v.kind, v.nested = nested, make(map[string]string, len(entries))
			for name, p := range entries {
				v.nested[name] = *p
			}
			return nil
		}
	}
	// In the form that encoding/json writes, so that decoding it again gives an equal Value.
	var compact, text bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return fmt.Errorf("resource: %w", err)
	}
	json.HTMLEscape(&text, compact.Bytes())
	v.kind, v.text = other, text.String()
	return nil
}
