package resource

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
)

// Value is what a policy names for a resource: a permission, or permissions on
// resources nested in it. A form that is neither is kept, and written back as the
// same JSON. The zero Value is none of these and cannot be encoded.
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
		return "[" + v.why().Error() + "]"
	}
	return string(text)
}

// Nested returns a copy of the permissions on nested resources by name, and nil
// where v is of another form.
func (v Value) Nested() map[string]string { return maps.Clone(v.nested) }

// Equal tells whether both are of the same form and say the same.
func (v Value) Equal(w Value) bool {
	return v.kind == w.kind && v.text == w.text && maps.Equal(v.nested, w.nested)
}

// Err tells why v cannot be encoded, and so cannot be sent; nil where it can.
func (v Value) Err() error {
	if v.kind == none {
		return v.why()
	}
	return nil
}

func (v Value) why() error {
	if v.text == "" {
		return errors.New("resource: the value names no permission")
	}
	return fmt.Errorf("resource: %s", v.text)
}

// MarshalJSON encodes the form that v has. It fails for the zero Value and for one
// that was made of an unusable id or of contradicting resources; the error says
// which.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.kind {
	case permission:
		return json.Marshal(v.text)
	case nested:
		return json.Marshal(v.nested)
	case other:
		return []byte(v.text), nil
	default:
		return nil, v.why()
	}
}

// UnmarshalJSON takes any JSON value, null included, which it keeps as any other.
func (v *Value) UnmarshalJSON(data []byte) error {
	*v = Value{}
	switch {
	case string(data) == `"*"`: // what nearly every value is
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
		if json.Unmarshal(data, &entries) == nil && noneNil(entries) {
			v.kind, v.nested = nested, make(map[string]string, len(entries))
			for name, p := range entries {
				v.nested[name] = *p
			}
			return nil
		}
	}
	// As encoding/json would write it, so that it stays the same when it is read again.
	var compact, text bytes.Buffer
	if err := json.Compact(&compact, data); err != nil {
		return fmt.Errorf("resource: %w", err)
	}
	json.HTMLEscape(&text, compact.Bytes())
	v.kind, v.text = other, text.String()
	return nil
}

func noneNil(entries map[string]*string) bool {
	for _, p := range entries {
		if p == nil {
			return false
		}
	}
	return true
}
