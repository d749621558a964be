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

const hush = "EXAMPLE-hush_not_a_secret"

type nested struct {
	Value    secret.Value
	Pointer  *secret.Value
	List     []secret.Value
	Map      map[string]secret.Value
	Any      any
	internal secret.Value
}

func values() map[string]any {
	v := secret.New(hush)
	return map[string]any{
		"value":   v,
		"pointer": &v,
		"slice":   []secret.Value{v},
		"map":     map[string]secret.Value{"k": v},
		"struct":  nested{Value: v, Pointer: &v, List: []secret.Value{v}, Map: map[string]secret.Value{"k": v}, Any: v, internal: v},
		"any":     []any{v, &v},
	}
}

func hides(t *testing.T, what, text string) {
	t.Helper()
	for _, form := range []string{hush, fmt.Sprintf("%x", hush), fmt.Sprintf("%X", hush), fmt.Sprintf("%d", []byte(hush))} {
		if strings.Contains(text, form) {
			t.Errorf("%s shows the secret: %s", what, text)
		}
	}
}

func TestValue_Format(t *testing.T) {
	t.Parallel()
	for name, v := range values() {
		for _, flag := range []string{"", "+", "#", " ", "0", "-", "20", ".3", "+#", "[1]"} {
			for _, verb := range "vTtbcdoOqxXUeEfFgGspw" {
				format := "%" + flag + string(verb)
				hides(t, name+" with "+format, fmt.Sprintf(format, v))
			}
		}
		hides(t, name+" with Sprint", fmt.Sprint(v))
		hides(t, name+" in an error", fmt.Errorf("failed: %v", v).Error())
		hides(t, name+" in joined errors", errors.Join(fmt.Errorf("a: %+v", v), fmt.Errorf("b: %#v", v)).Error())
	}
	if got := fmt.Sprintf("%s|%v|%+v|%#v|%q|%d|%x", secret.New(hush), secret.New(hush), secret.New(hush), secret.New(hush), secret.New(hush), secret.New(hush), secret.New(hush)); got != strings.Repeat("[redacted]|", 6)+"[redacted]" {
		t.Errorf("got %s", got)
	}
	if secret.New(hush).String() != "[redacted]" || secret.New(hush).GoString() != "[redacted]" || (secret.Value{}).String() != "[redacted]" {
		t.Error("String and GoString must say [redacted]")
	}
}

func FuzzFormat(f *testing.F) {
	for _, format := range []string{"%v", "%+v", "%#v", "%s %d", "%x", "%[1]*v", "%!", "%08.3q"} {
		f.Add(format)
	}
	f.Fuzz(func(t *testing.T, format string) {
		if strings.Contains(format, hush) {
			return
		}
		for name, v := range values() {
			hides(t, name, fmt.Sprintf(format, v, v))
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
		hides(t, name+" in a log", buf.String())
	}
	var buf bytes.Buffer
	slog.New(slog.NewTextHandler(&buf, nil)).Info("m", "v", secret.New(hush))
	if !strings.Contains(buf.String(), "v=[redacted]") {
		t.Errorf("log line %q", buf.String())
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
		got, err := encode(struct{ V secret.Value }{secret.New(hush)})
		if err == nil {
			t.Errorf("%s: encoded to %q without an error; the secret would be lost", name, got)
			continue
		}
		hides(t, name, string(got)+err.Error())
		if name == "json" && !strings.Contains(err.Error(), "Reveal") {
			t.Errorf("%s: error %q does not name Reveal", name, err)
		}
	}
	got, err := json.Marshal(struct {
		Zero    secret.Value
		Omitted secret.Value `json:",omitzero"`
	}{})
	if string(got) != `{"Zero":""}` || err != nil {
		t.Errorf("zero values: %s, %v", got, err)
	}
	if text, err := secret.New(hush).MarshalText(); text != nil || err == nil {
		t.Errorf("as text: %q, %v; want an error", text, err)
	}
	if text, err := (secret.Value{}).MarshalText(); len(text) != 0 || err != nil {
		t.Errorf("zero value as text: %q, %v", text, err)
	}
}

func TestValue_UnmarshalJSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, json, want string
		fails            bool
	}{
		{name: "string", json: `"` + hush + `"`, want: hush},
		{name: "escapes", json: `"a\u002db"`, want: "a-b"},
		{name: "empty", json: `""`},
		{name: "null", json: `null`},
		{name: "number", json: `31337`, fails: true},
		{name: "object", json: `{"value":"` + hush + `"}`, fails: true},
		{name: "array", json: `["` + hush + `"]`, fails: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			v := secret.New("before")
			err := json.Unmarshal([]byte(tt.json), &v)
			if tt.fails {
				if err == nil {
					t.Fatal("no error")
				}
				hides(t, "error", err.Error())
				if strings.Contains(err.Error(), "31337") {
					t.Errorf("error %q quotes the data", err)
				}
				return
			}
			if err != nil || v.Reveal() != tt.want {
				t.Errorf("got %q, %v; want %q", v.Reveal(), err, tt.want)
			}
		})
	}
}

func TestValue_Equal(t *testing.T) {
	t.Parallel()
	a, b, zero := secret.New("a"), secret.New("b"), secret.Value{}
	if !a.Equal(secret.New("a")) || a.Equal(b) || a.Equal(zero) || !zero.Equal(secret.New("")) {
		t.Error("Equal does not compare the strings")
	}
	if !zero.IsZero() || a.IsZero() || !secret.New("").IsZero() || zero.Reveal() != "" {
		t.Error("the zero Value is not the empty string")
	}
	// go-cmp finds Equal, and its report is printed by failing tests.
	diff := cmp.Diff(values()["struct"], nested{}, cmp.AllowUnexported(nested{}))
	if !strings.Contains(diff, "internal") {
		t.Errorf("go-cmp takes different secrets for equal: %s", diff)
	}
	hides(t, "go-cmp's report", diff)
	if diff := cmp.Diff([]secret.Value{a, zero}, []secret.Value{secret.New("a"), {}}); diff != "" {
		t.Errorf("go-cmp takes equal secrets for different: %s", diff)
	}
}

func TestValue_Panic(t *testing.T) {
	t.Parallel()
	defer func() { hides(t, "panic", fmt.Sprint(recover())) }()
	panic(fmt.Sprintf("%+v", values()))
}
