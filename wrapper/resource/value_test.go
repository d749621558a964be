package resource_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

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
		{name: "number as it is written", json: `12345678901234567890.10`, str: `12345678901234567890.10`},
		{name: "number beyond float64", json: `1e400`, str: `1e400`},
		{name: "number within", json: `{"a":[12345678901234567890]}`, str: `{"a":[12345678901234567890]}`},
		{name: "array", json: `[ "*" ]`, str: `["*"]`},
		{name: "mixed object", json: `{"a":"*","b":1}`, str: `{"a":"*","b":1}`},
		{name: "null in an object", json: `{"a":null}`, str: `{"a":null}`},
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
				t.Errorf("Err gives %v", v.Err())
			}
			if v.String() != tt.str {
				t.Errorf("String gives %q, want %q", v.String(), tt.str)
			}
			if diff := cmp.Diff(tt.nested, v.Nested()); diff != "" {
				t.Errorf("Nested (-want +got):\n%s", diff)
			}
			checkStable(t, []byte(`{"k":`+tt.json+`}`))
		})
	}
}

func TestValue_NestedCopy(t *testing.T) {
	t.Parallel()
	v := resource.Of(resource.ZonesIn("a"))["com.cloudflare.api.account.a"]
	v.Nested()["more"] = "*"
	if len(v.Nested()) != 1 {
		t.Error("a change of what Nested returned changed the value")
	}
}

func TestMap_UnmarshalInvalid(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{`[]`, `"*"`, `1`} {
		var m resource.Map
		if err := json.Unmarshal([]byte(bad), &m); err == nil {
			t.Errorf("%s was taken for resources", bad)
		}
	}
	for _, bad := range []string{``, `"*`, `"*" "*"`, `{"a"`, `[1`} {
		v := resource.Of(resource.Named("a"))["a"]
		if err := v.UnmarshalJSON([]byte(bad)); err == nil || !strings.HasPrefix(err.Error(), "resource: ") {
			t.Errorf("%q: got error %v, want one of this package", bad, err)
		}
		if text, err := json.Marshal(v); err == nil {
			t.Errorf("%q was refused and left a value that is encoded as %s", bad, text)
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
			if v.Equal(w) != (i == j) {
				t.Errorf("%s and %s: Equal gives %v", a, b, v.Equal(w))
			}
		}
	}
}

func TestValue_EqualInvalid(t *testing.T) {
	t.Parallel()
	const key = "com.cloudflare.api.account.zone."
	empty, all := resource.Of(resource.Zone(""))[key], resource.Of(resource.Zone("*"))[key]
	if empty.Equal(all) || empty.Equal(resource.Value{}) || !empty.Equal(resource.Of(resource.Zone(""))[key]) {
		t.Error("Equal does not compare why values are unusable")
	}
}

// checkStable decodes, encodes and decodes again, and compares all three as JSON.
func checkStable(t *testing.T, data []byte) {
	t.Helper()
	var first, second resource.Map
	if json.Unmarshal(data, &first) != nil {
		return
	}
	encoded, err := json.Marshal(first)
	if err != nil {
		t.Fatalf("what was decoded cannot be encoded: %v", err)
	}
	if err := json.Unmarshal(encoded, &second); err != nil {
		t.Fatalf("what was encoded cannot be decoded: %v", err)
	}
	if diff := cmp.Diff(first, second); diff != "" {
		t.Errorf("decoded again it differs (-first +second):\n%s", diff)
	}
	was, is := parse(t, data), parse(t, encoded)
	if diff := cmp.Diff(was, is); diff != "" {
		t.Errorf("JSON (-was +is):\n%s", diff)
	}
}

// parse keeps numbers as they are written: as float64, different ones look equal.
func parse(t *testing.T, data []byte) any {
	t.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", data, err)
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
