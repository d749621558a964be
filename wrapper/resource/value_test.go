package resource_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/resource"
)

func TestValue_JSON(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, json, str string
		nested          map[string]string
	}{
		{name: "permission", json: `"*"`, str: "*"},
		{name: "empty permission", json: `""`, str: ""},
		{name: "escapes", json: `"a\"b"`, str: `a"b`},
		{name: "nested", json: `{"b":"*","a":"*"}`, str: `{"a":"*","b":"*"}`, nested: map[string]string{"a": "*", "b": "*"}},
		{name: "nested empty permission", json: `{"b":"","a":"*"}`, str: `{"a":"*","b":""}`, nested: map[string]string{"a": "*", "b": ""}},
		{name: "empty object", json: `{}`, str: `{}`, nested: map[string]string{}},
		{name: "null", json: `null`, str: `null`},
		{name: "boolean", json: `true`, str: `true`},
		{name: "long number", json: `12345678901234567890.10`, str: `12345678901234567890.10`},
		{name: "number beyond float64", json: `1e400`, str: `1e400`},
		{name: "nested number", json: `{"a":[12345678901234567890]}`, str: `{"a":[12345678901234567890]}`},
		{name: "array", json: `[ "*" ]`, str: `["*"]`},
		{name: "mixed object", json: `{"a":"*","b":1}`, str: `{"a":"*","b":1}`},
		{name: "null in an object", json: `{"a":null}`, str: `{"a":null}`, nested: map[string]string{"a": ""}},
		{name: "deeper", json: `{"a":{"b":"*"}}`, str: `{"a":{"b":"*"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var m resource.Map
			if err := json.Unmarshal([]byte(`{"k":`+tt.json+`}`), &m); err != nil {
				t.Fatal(err)
			}
			v := m["k"]
			if v.Err() != nil {
				t.Errorf("Err() = %v, want nil", v.Err())
			}
			if v.String() != tt.str {
				t.Errorf("String() = %q, want %q", v.String(), tt.str)
			}
			if diff := cmp.Diff(tt.nested, v.Nested()); diff != "" {
				t.Errorf("Nested() (-want +got):\n%s", diff)
			}
			checkStable(t, []byte(`{"k":`+tt.json+`}`))
		})
	}
}

func TestValue_NestedCopy(t *testing.T) {
	t.Parallel()
	v := resource.Of(resource.ZonesIn("a"))["com.cloudflare.api.account.a"]
	v.Nested()["more"] = "*"
	if got := len(v.Nested()); got != 1 {
		t.Errorf("Nested() has %d names after a change of its result, want 1", got)
	}
}

func TestMap_UnmarshalInvalid(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{`[]`, `"*"`, `1`} {
		var m resource.Map
		if err := json.Unmarshal([]byte(bad), &m); err == nil {
			t.Errorf("Unmarshal(%s) = %v, want an error", bad, m)
		}
	}
	for _, bad := range []string{``, `"*`, `"*" "*"`, `{"a"`, `[1`} {
		v := resource.Of(resource.Named("a"))["a"]
		if err := v.UnmarshalJSON([]byte(bad)); err == nil || !strings.HasPrefix(err.Error(), "resource: ") {
			t.Errorf("UnmarshalJSON(%q) error = %v, want the prefix resource:", bad, err)
		}
		if text, err := json.Marshal(v); err == nil {
			t.Errorf("Marshal() after UnmarshalJSON(%q) failed = %s, want an error", bad, text)
		}
	}
}

// TestValue_InvalidUTF8 checks that a value that encoding/json would change can be read,
// such as in a response, but not sent.
func TestValue_InvalidUTF8(t *testing.T) {
	t.Parallel()
	const want = "resource: value is not valid UTF-8"
	for _, value := range []string{"\"a\xff\"", "{\"a\xff\":\"*\"}", "{\"a\":\"\xff\"}", "[\"\xff\"]"} {
		var m resource.Map
		if err := json.Unmarshal([]byte(`{"k":`+value+`}`), &m); err != nil {
			t.Errorf("Unmarshal(%q) error = %v", value, err)
		}
		if err := m["k"].Err(); err == nil || err.Error() != want {
			t.Errorf("Err() of %q = %v, want %s", value, err, want)
		}
		if data, err := json.Marshal(m); err == nil {
			t.Errorf("Marshal() of %q = %s, want an error", value, data)
		}
	}
}

func TestValue_Equal(t *testing.T) {
	t.Parallel()
	distinct := []string{`"*"`, `""`, `{}`, `{"a":"*"}`, `{"a":"x"}`, `null`, `1`, `"{}"`}
	for i, a := range distinct {
		for j, b := range distinct {
			var v, w resource.Value
			if err := json.Unmarshal([]byte(a), &v); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal([]byte(b), &w); err != nil {
				t.Fatal(err)
			}
			if got := v.Equal(w); got != (i == j) {
				t.Errorf("%s: Equal(%s) = %v, want %v", a, b, got, i == j)
			}
		}
	}
}

// TestValue_EqualEscapes checks that escapes in JSON make no difference.
func TestValue_EqualEscapes(t *testing.T) {
	t.Parallel()
	for escaped, plain := range map[string]string{`"\u002a"`: `"*"`, `"\/"`: `"/"`, `{"a":"\u002a"}`: `{"a":"*"}`, `{"a":{"b":"\u002a"}}`: `{"a":{"b":"*"}}`} {
		var v, w resource.Value
		if err := errors.Join(json.Unmarshal([]byte(escaped), &v), json.Unmarshal([]byte(plain), &w)); err != nil {
			t.Fatal(err)
		}
		if !v.Equal(w) {
			t.Errorf("%s: Equal(%s) = false, want true", escaped, plain)
		}
	}
}

func TestValue_EqualInvalid(t *testing.T) {
	t.Parallel()
	const key = "" // an invalid resource has no name
	empty := resource.Of(resource.Zone(""))[key]
	for name, tt := range map[string]struct {
		other resource.Value
		want  bool
	}{
		"same error":  {other: resource.Of(resource.Zone(""))[key], want: true},
		"other error": {other: resource.Of(resource.Zone("*"))[key]},
		"zero value":  {},
	} {
		if got := empty.Equal(tt.other); got != tt.want {
			t.Errorf("%s: Equal() = %v, want %v", name, got, tt.want)
		}
	}
}

// checkStable checks that decoding, encoding and decoding again changes nothing.
func checkStable(t *testing.T, data []byte) {
	t.Helper()
	var first, second resource.Map
	if json.Unmarshal(data, &first) != nil || !utf8.Valid(data) {
		return
	}
	encoded, err := json.Marshal(first)
	if err != nil {
		t.Fatalf("Marshal() of a decoded map: error = %v", err)
	}
	if err := json.Unmarshal(encoded, &second); err != nil {
		t.Fatalf("Unmarshal() of an encoded map: error = %v", err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("map decoded again (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(parse(t, data), parse(t, encoded)); diff != "" {
		t.Errorf("JSON encoded again (-want +got):\n%s", diff)
	}
}

// parse decodes numbers as json.Number: as float64, different ones may look equal.
func parse(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("Decode(%s) error = %v", data, err)
	}
	return v
}

func FuzzMap(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"a":"*"}`, `{"a":{"b":"*"}}`, `{"a":{},"b":"*","c":{"d":"*"}}`, `{"a":[1,{"b":null}]}`, `{"a":1e3}`, `{"a":["<&>"]}`, `{"a":1e400,"b":12345678901234567890}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		checkStable(t, data)
	})
}
