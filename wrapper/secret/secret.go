// Package secret provides a type for strings that must not be printed by accident.
//
// A [Value] hides its string from fmt, slog, encoders and reflection. [Value.Reveal]
// returns it as an ordinary string, which is not protected. Nor are Values protected
// against memory dumps.
package secret

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "[redacted]"

// A Value is a string that is redacted when it is printed, logged or encoded. The zero
// Value is the empty string. Compare Values with [Value.Equal].
type Value struct {
	reveal func() string // a closure, because reflection cannot look into it
}

// New returns a Value that contains s.
func New(s string) Value {
	if s == "" {
		return Value{}
	}
	return Value{reveal: func() string { return s }}
}

// Reveal returns the string.
func (v Value) Reveal() string {
	if v.reveal == nil {
		return ""
	}
	return v.reveal()
}

// IsZero reports whether the string is empty.
func (v Value) IsZero() bool { return v.reveal == nil }

// Equal reports whether v and other contain the same string. The time it takes depends
// only on their lengths.
func (v Value) Equal(other Value) bool {
	return subtle.ConstantTimeCompare([]byte(v.Reveal()), []byte(other.Reveal())) == 1
}

// Format implements [fmt.Formatter]. It writes "[redacted]" for every verb and flag.
func (v Value) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// String returns "[redacted]".
func (v Value) String() string { return redacted }

// GoString returns "[redacted]".
func (v Value) GoString() string { return redacted }

// LogValue returns "[redacted]".
func (v Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON returns an error unless the string is empty. "[redacted]" in a file would be a
// lost secret.
func (v Value) MarshalJSON() ([]byte, error) { return v.marshal(`""`) }

// MarshalText is like MarshalJSON, for encoders of other text formats.
func (v Value) MarshalText() ([]byte, error) { return v.marshal("") }

// MarshalBinary is like MarshalJSON, for encoders of binary formats such as gob and CBOR.
func (v Value) MarshalBinary() ([]byte, error) { return v.marshal("") }

// MarshalBSON is like MarshalJSON. An empty string becomes an empty document.
func (v Value) MarshalBSON() ([]byte, error) { return v.marshal("\x05\x00\x00\x00\x00") }

func (v Value) marshal(empty string) ([]byte, error) {
	if v.IsZero() {
		return []byte(empty), nil
	}
	return nil, errors.New("secret: refusing to marshal a secret; call Reveal and marshal the string")
}

// UnmarshalJSON implements [json.Unmarshaler]. It accepts a string, or null for the zero
// Value. Its error does not quote the data.
func (v *Value) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return errors.New("secret: the value is neither a JSON string nor null")
	}
	*v = New(s)
	return nil
}

// UnmarshalBinary implements [encoding.BinaryUnmarshaler]. Some encoders do not call
// MarshalBinary without it.
func (v *Value) UnmarshalBinary(data []byte) error {
	*v = New(string(data))
	return nil
}
