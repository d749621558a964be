package secret_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

const leak = "MUST-NOT-LEAK" // must not be in any output

type nested struct {
	Value    secret.Value
	Pointer  *secret.Value
	List     []secret.Value
	Map      map[string]secret.Value
	Any      any
	internal secret.Value
}

// values returns values that contain leak.
func values() map[string]any {
	v := secret.New(leak)
	return map[string]any{
		"value":   v,
		"pointer": &v,
		"slice":   []secret.Value{v},
		"map":     map[string]secret.Value{"k": v},
		"struct":  nested{Value: v, Pointer: &v, List: []secret.Value{v}, Map: map[string]secret.Value{"k": v}, Any: v, internal: v},
		"any":     []any{v, &v},
	}
}

// checkHidden checks that text does not contain leak, in any encoding.
func checkHidden(t *testing.T, what, text string) {
	t.Helper()
	for _, form := range []string{leak, fmt.Sprintf("%x", leak), fmt.Sprintf("%X", leak), fmt.Sprintf("%d", []byte(leak))} {
		if strings.Contains(text, form) {
			t.Errorf("%s contains the secret: %s", what, text)
		}
	}
}

func TestValue_Format(t *testing.T) {
	t.Parallel()
	for name, v := range values() {
		for _, flag := range []string{"", "+", "#", " ", "0", "-", "20", ".3", "+#", "[1]"} {
			for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
				format := "%" + flag + string(verb)
				checkHidden(t, name+" with "+format, fmt.Sprintf(format, v))
			}
		}
		checkHidden(t, name+" with Sprint", fmt.Sprint(v))
		checkHidden(t, name+" in an error", fmt.Errorf("failed: %v", v).Error())
		checkHidden(t, name+" in joined errors", errors.Join(fmt.Errorf("a: %+v", v), fmt.Errorf("b: %#v", v)).Error())
	}
	const redacted = "[redacted]"
	for _, format := range []string{"%s", "%v", "%+v", "%#v", "%q", "%d", "%x"} {
		if got := fmt.Sprintf(format, secret.New(leak)); got != redacted {
			t.Errorf("Sprintf(%q) = %s, want %s", format, got, redacted)
		}
	}
	for name, got := range map[string]string{
		"String()":                   secret.New(leak).String(),
		"GoString()":                 secret.New(leak).GoString(),
		"String() of the zero value": secret.Value{}.String(),
	} {
		if got != redacted {
			t.Errorf("%s = %s, want %s", name, got, redacted)
		}
	}
}

func FuzzFormat(f *testing.F) {
	for _, format := range []string{"%v", "%+v", "%#v", "%s %d", "%x", "%[1]*v", "%!", "%08.3q"} {
		f.Add(format)
	}
	f.Fuzz(func(t *testing.T, format string) {
		if strings.Contains(format, leak) {
			return
		}
		for name, v := range values() {
			checkHidden(t, name, fmt.Sprintf(format, v, v))
		}
	})
}

func TestValue_Log(t *testing.T) {
	t.Parallel()
	for name, v := range values() {
		var buf bytes.Buffer
		options := &slog.HandlerOptions{Level: slog.LevelDebug}
		for _, handler := range []slog.Handler{slog.NewTextHandler(&buf, options), slog.NewJSONHandler(&buf, options)} {
			log := slog.New(handler)
			log.Debug("m", "v", v)
			log.With("w", v).WithGroup("g").Info("m", slog.Any("a", v))
		}
		checkHidden(t, name+" in a log", buf.String())
	}
	var buf bytes.Buffer
	slog.New(slog.NewTextHandler(&buf, nil)).Info("m", "v", secret.New(leak))
	if want := "v=[redacted]"; !strings.Contains(buf.String(), want) {
		t.Errorf("log = %q, want it to contain %q", buf.String(), want)
	}
}

func TestValue_Marshal(t *testing.T) {
	t.Parallel()
	encoders := map[string]func(any) ([]byte, error){
		"json": json.Marshal,
		"xml":  xml.Marshal,
		"gob": func(v any) ([]byte, error) {
			var buf bytes.Buffer
			err := gob.NewEncoder(&buf).Encode(v)
			return buf.Bytes(), err
		},
	}
	for name, encode := range encoders {
		type document struct{ V secret.Value }
		got, err := encode(document{secret.New(leak)})
		if err == nil {
			t.Errorf("%s: Marshal() = %q, want an error: the secret would be lost", name, got)
			continue
		}
		checkHidden(t, name, string(got)+err.Error())
		if !strings.Contains(err.Error(), "Reveal") {
			t.Errorf("%s: Marshal() error = %v, want it to contain Reveal", name, err)
		}
	}
	got, err := json.Marshal(struct {
		Zero    secret.Value
		Omitted secret.Value `json:",omitzero"`
	}{})
	if want := `{"Zero":""}`; string(got) != want || err != nil {
		t.Errorf("Marshal() of zero values = %s, %v; want %s", got, err, want)
	}
	for name, tt := range map[string]struct {
		marshal func(secret.Value) ([]byte, error)
		zero    string // not nil, which some encoders take for a missing result
	}{
		"MarshalText":   {marshal: secret.Value.MarshalText},
		"MarshalBinary": {marshal: secret.Value.MarshalBinary},
		"MarshalBSON":   {marshal: secret.Value.MarshalBSON, zero: "\x05\x00\x00\x00\x00"},
	} {
		if data, err := tt.marshal(secret.New(leak)); data != nil || err == nil {
			t.Errorf("%s() = %q, %v; want an error", name, data, err)
		}
		if data, err := tt.marshal(secret.Value{}); data == nil || string(data) != tt.zero || err != nil {
			t.Errorf("%s() of the zero value = %#v, %v; want %q", name, data, err, tt.zero)
		}
	}
}

func TestValue_UnmarshalBinary(t *testing.T) {
	t.Parallel()
	for _, want := range []string{leak, ""} {
		v := secret.New("before")
		if err := v.UnmarshalBinary([]byte(want)); err != nil || v.Reveal() != want || v.IsZero() != (want == "") {
			t.Errorf("UnmarshalBinary(%q) = %q, %v; want %q", want, v.Reveal(), err, want)
		}
	}
}

func TestValue_UnmarshalJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, json, want string
		fails            bool
	}{
		{name: "string", json: `"` + leak + `"`, want: leak},
		{name: "escapes", json: `"a\u002db"`, want: "a-b"},
		{name: "empty", json: `""`},
		{name: "null", json: `null`},
		{name: "number", json: `31337`, fails: true},
		{name: "object", json: `{"value":"` + leak + `"}`, fails: true},
		{name: "array", json: `["` + leak + `"]`, fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := secret.New("before")
			err := json.Unmarshal([]byte(tt.json), &v)
			if tt.fails {
				if err == nil {
					t.Fatalf("Unmarshal(%s) error = nil, want one", tt.json)
				}
				checkHidden(t, "Unmarshal() error", err.Error())
				if strings.Contains(err.Error(), "31337") {
					t.Errorf("Unmarshal(%s) error = %v, want it without the data", tt.json, err)
				}
				return
			}
			if err != nil || v.Reveal() != tt.want {
				t.Errorf("Unmarshal(%s) = %q, %v; want %q", tt.json, v.Reveal(), err, tt.want)
			}
		})
	}
}

func TestValue_Equal(t *testing.T) {
	t.Parallel()
	a, b, zero := secret.New("a"), secret.New("b"), secret.Value{}
	for _, tt := range []struct {
		name string
		v, w secret.Value
		want bool
	}{
		{name: "same", v: a, w: secret.New("a"), want: true},
		{name: "different", v: a, w: b},
		{name: "zero", v: a, w: zero},
		{name: "zero and empty", v: zero, w: secret.New(""), want: true},
	} {
		if got := tt.v.Equal(tt.w); got != tt.want {
			t.Errorf("%s: Equal() = %v, want %v", tt.name, got, tt.want)
		}
	}
	for name, tt := range map[string]struct {
		v    secret.Value
		want bool
	}{"zero": {v: zero, want: true}, "empty": {v: secret.New(""), want: true}, "a": {v: a}} {
		if got := tt.v.IsZero(); got != tt.want {
			t.Errorf("%s: IsZero() = %v, want %v", name, got, tt.want)
		}
	}
	if got := zero.Reveal(); got != "" {
		t.Errorf("Reveal() of the zero value = %q, want none", got)
	}
	// go-cmp uses Equal, and failing tests print its report.
	diff := cmp.Diff(values()["struct"], nested{}, cmp.AllowUnexported(nested{}))
	if !strings.Contains(diff, "internal") {
		t.Errorf("Diff() of different secrets = %s, want it to name internal", diff)
	}
	checkHidden(t, "go-cmp's report", diff)
	if diff := cmp.Diff([]secret.Value{a, zero}, []secret.Value{secret.New("a"), {}}); diff != "" {
		t.Errorf("Diff() of equal secrets = %s, want none", diff)
	}
}

func TestValue_Panic(t *testing.T) {
	t.Parallel()
	defer func() { checkHidden(t, "panic", fmt.Sprint(recover())) }()
	panic(fmt.Sprintf("%+v", values()))
}
