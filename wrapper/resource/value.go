package resource

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"
)

// A Value is the value of a resource in a policy: a permission, or permissions on
// resources nested in it. Any other JSON is preserved. The zero Value is invalid and
// cannot be encoded.
type Value struct {
	json    string // as encoding/json writes it; empty if the Value is invalid
	problem string // why it is invalid
}

// all is the value of nearly every resource.
var all = Value{json: `"*"`}

// valueOf returns the Value of what encoding/json can encode.
func valueOf(v any) Value {
	text, _ := json.Marshal(v)
	return Value{json: string(text)}
}

// String returns the permission, or the JSON of any other form.
func (v Value) String() string {
	switch {
	case v.json == "":
		return "[" + v.Err().Error() + "]"
	case !strings.HasPrefix(v.json, `"`):
		return v.json
	}
	var permission string
	_ = json.Unmarshal([]byte(v.json), &permission)
	return permission
}

// Nested returns the permissions on nested resources by name, or nil if v has another form.
func (v Value) Nested() (permissions map[string]string) {
	if !strings.HasPrefix(v.json, "{") || json.Unmarshal([]byte(v.json), &permissions) != nil {
		return nil
	}
	return permissions
}

// Equal reports whether v and w have the same form and contents.
func (v Value) Equal(w Value) bool { return v == w }

// Err returns the error of encoding v, or nil if v is valid.
func (v Value) Err() error {
	if v.json != "" {
		return nil
	}
	return errors.New("resource: " + cmp.Or(v.problem, "empty permission"))
}

// MarshalJSON implements [json.Marshaler]. It returns an error for the zero Value, and
// for a Value created from an invalid ID or from conflicting resources.
func (v Value) MarshalJSON() ([]byte, error) { return []byte(v.json), v.Err() }

// UnmarshalJSON implements [json.Unmarshaler]. It accepts any JSON value, including null.
// If the value is not valid UTF-8, which encoding/json would replace, v is invalid.
func (v *Value) UnmarshalJSON(data []byte) error {
	*v = Value{}
	switch {
	case string(data) == all.json: // without a decoder, because lists have many
		*v = all
		return nil
	case !utf8.Valid(data):
		v.problem = "value is not valid UTF-8"
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber() // without a loss of precision
	var decoded any
	if !json.Valid(data) || decoder.Decode(&decoded) != nil {
		return errors.New("resource: value is not valid JSON")
	}
	*v = valueOf(decoded)
	return nil
}
