// Package secret has a type for values that must not be printed by accident.
//
// A [Value] keeps its string where no fmt verb, logger, encoder or walk by
// reflection finds it. [Value.Reveal] gives it back, as an ordinary string that is
// no longer looked after. A dump of the process's memory shows it all the same.
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

var (
	errMarshal   = errors.New("secret: a secret is not encoded unasked; call Reveal and encode the string")
	errUnmarshal = errors.New("secret: the value is neither a JSON string nor null")
)

// Value is a string that is not printed: a closure holds it. The zero Value is
// the empty string. Values are compared with [Value.Equal].
type Value struct {
	reveal func() string
}

// New returns a Value that holds s.
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

// IsZero tells whether the string is empty.
func (v Value) IsZero() bool { return v.reveal == nil }

// Equal tells whether both hold the same string, in a time that depends on their
// lengths alone.
func (v Value) Equal(other Value) bool {
	return subtle.ConstantTimeCompare([]byte(v.Reveal()), []byte(other.Reveal())) == 1
}

// Format writes "[redacted]", whatever the verb and its flags.
func (v Value) Format(state fmt.State, _ rune) { _, _ = io.WriteString(state, redacted) }

// String returns "[redacted]".
func (v Value) String() string { return redacted }

// GoString returns "[redacted]".
func (v Value) GoString() string { return redacted }

// LogValue returns "[redacted]".
func (v Value) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON fails, unless the string is empty: a file that says "[redacted]" in
// place of a secret that is shown only once would have lost it.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.IsZero() {
		return []byte(`""`), nil
	}
	return nil, errMarshal
}

// MarshalText fails as MarshalJSON does, for encoders of other formats.
func (v Value) MarshalText() ([]byte, error) {
	if v.IsZero() {
		return nil, nil
	}
	return nil, errMarshal
}

// UnmarshalJSON takes a string, or null for the zero Value. Its error does not
// quote the data.
func (v *Value) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return errUnmarshal
	}
	*v = New(s)
	return nil
}
