package resource_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/resource"
	"github.com/google/go-cmp/cmp"
)

const id = "00112233445566778899aabbccddeeff"

func TestOf(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		rs   []resource.Resource
		want string
	}{
		{"nothing", nil, `{}`},
		{"account", []resource.Resource{resource.Account(id)}, `{"com.cloudflare.api.account.` + id + `":"*"}`},
		{"all accounts", []resource.Resource{resource.AllAccounts()}, `{"com.cloudflare.api.account.*":"*"}`},
		{"zone", []resource.Resource{resource.Zone(id)}, `{"com.cloudflare.api.account.zone.` + id + `":"*"}`},
		{"all zones", []resource.Resource{resource.AllZones()}, `{"com.cloudflare.api.account.zone.*":"*"}`},
		{"zones in an account", []resource.Resource{resource.ZonesIn(id)}, `{"com.cloudflare.api.account.` + id + `":{"com.cloudflare.api.account.zone.*":"*"}}`},
		{"user", []resource.Resource{resource.User(id)}, `{"com.cloudflare.api.user.` + id + `":"*"}`},
		{"R2 bucket", []resource.Resource{resource.R2Bucket(id, "eu", "b")}, `{"com.cloudflare.edge.r2.bucket.` + id + `_eu_b":"*"}`},
		{"R2 bucket without a jurisdiction", []resource.Resource{resource.R2Bucket(id, "", "b")}, `{"com.cloudflare.edge.r2.bucket.` + id + `_default_b":"*"}`},
		{"R2 buckets in an account", []resource.Resource{resource.R2BucketsIn(id)}, `{"com.cloudflare.api.account.` + id + `":{"com.cloudflare.edge.r2.bucket.*":"*"}}`},
		{"other name", []resource.Resource{resource.Key("a.b")}, `{"a.b":"*"}`},
		{"other nested names", []resource.Resource{resource.Key("a.b", "c", "d")}, `{"a.b":{"c":"*","d":"*"}}`},
		{"several", []resource.Resource{resource.Zone("a"), resource.Zone("b"), resource.Zone("a")}, `{"com.cloudflare.api.account.zone.a":"*","com.cloudflare.api.account.zone.b":"*"}`},
		{"nested in the same", []resource.Resource{resource.ZonesIn("a"), resource.R2BucketsIn("a")}, `{"com.cloudflare.api.account.a":{"com.cloudflare.api.account.zone.*":"*","com.cloudflare.edge.r2.bucket.*":"*"}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := json.Marshal(resource.Of(tt.rs...))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, string(got)); diff != "" {
				t.Errorf("JSON (-want +got):\n%s", diff)
			}
		})
	}
}

func TestOfDoesNotChangeItsArguments(t *testing.T) {
	t.Parallel()
	zones := resource.ZonesIn("a")
	resource.Of(zones, resource.R2BucketsIn("a"))
	if got := len(resource.Of(zones)["com.cloudflare.api.account.a"].Nested()); got != 1 {
		t.Errorf("the resource now has %d nested names, want 1", got)
	}
}

func TestUnusable(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		m    resource.Map
		want string
	}{
		{"empty account", resource.Of(resource.Account("")), "Account: id is empty"},
		{"empty zone", resource.Of(resource.Zone("")), "Zone: id is empty"},
		{"all zones by accident", resource.Of(resource.Zone("*")), "Zone: id holds *"},
		{"white space", resource.Of(resource.User(" a")), "User: id holds white space"},
		{"control character", resource.Of(resource.ZonesIn("a\x7f")), "ZonesIn: id holds white space or control"},
		{"nested in an empty account", resource.Of(resource.R2BucketsIn("")), "R2BucketsIn: id is empty"},
		{"bucket without an account", resource.Of(resource.R2Bucket("", "", "b")), "R2Bucket: account id is empty"},
		{"bucket without a name", resource.Of(resource.R2Bucket("a", "", "")), "R2Bucket: bucket is empty"},
		{"odd jurisdiction", resource.Of(resource.R2Bucket("a", "*", "b")), "R2Bucket: jurisdiction holds *"},
		{"empty name", resource.Of(resource.Key("")), "Key: a name is empty"},
		{"empty nested name", resource.Of(resource.Key("a", "")), "Key: a name is empty"},
		{"whole and nested", resource.Of(resource.Account("a"), resource.ZonesIn("a")), "com.cloudflare.api.account.a is named both as a whole"},
		{"nested and whole", resource.Of(resource.ZonesIn("a"), resource.Account("a"), resource.ZonesIn("a")), "com.cloudflare.api.account.a is named both as a whole"},
		{"unusable after usable", resource.Of(resource.Key("com.cloudflare.api.user."), resource.User("")), "User: id is empty"},
		{"zero value", resource.Map{"a": {}}, "names no permission"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := json.Marshal(tt.m)
			if err == nil || !strings.Contains(err.Error(), "resource: "+tt.want) && !strings.Contains(err.Error(), "resource: the value "+tt.want) {
				t.Errorf("got error %v, want one that says %q", err, tt.want)
			}
			for _, v := range tt.m {
				if !strings.Contains(v.String(), tt.want) {
					t.Errorf("String gives %q", v)
				}
			}
		})
	}
}

func TestValueForms(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, json, str string
		nested          map[string]string
	}{
		{name: "permission", json: `"*"`, str: "*"},
		{name: "empty permission", json: `""`, str: ""},
		{name: "escapes", json: `"a\"b"`, str: `a"b`},
		{name: "nested", json: `{"b":"*","a":"*"}`, str: `{"a":"*","b":"*"}`, nested: map[string]string{"a": "*", "b": "*"}},
		{name: "empty object", json: `{}`, str: `{}`, nested: map[string]string{}},
		{name: "null", json: `null`, str: `null`},
		{name: "boolean", json: `true`, str: `true`},
		{name: "number as it is written", json: `12345678901234567890.10`, str: `12345678901234567890.10`},
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

func TestNestedIsACopy(t *testing.T) {
	t.Parallel()
	v := resource.Of(resource.ZonesIn("a"))["com.cloudflare.api.account.a"]
	v.Nested()["more"] = "*"
	if len(v.Nested()) != 1 {
		t.Error("a change of what Nested returned changed the value")
	}
}

func TestUnmarshalMap(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{`[]`, `"*"`, `1`} {
		var m resource.Map
		if err := json.Unmarshal([]byte(bad), &m); err == nil {
			t.Errorf("%s was taken for resources", bad)
		}
	}
	var v resource.Value
	if err := v.UnmarshalJSON(nil); err == nil {
		t.Error("no JSON at all was taken for a value")
	}
}

func TestEqual(t *testing.T) {
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
	var was, is any
	if err := json.Unmarshal(data, &was); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(encoded, &is); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(was, is); diff != "" {
		t.Errorf("JSON (-was +is):\n%s", diff)
	}
}

func FuzzMap(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, `{"a":"*"}`, `{"a":{"b":"*"}}`, `{"a":{},"b":"*","c":{"d":"*"}}`, `{"a":[1,{"b":null}]}`, `{"a":1e3}`, `{"a":["<&>"]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var any any
		if json.Unmarshal(data, &any) != nil {
			return
		}
		checkStable(t, data)
	})
}

func ExampleOf() {
	m := resource.Of(resource.ZonesIn(id), resource.Zone("ffeeddccbbaa99887766554433221100"))
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
	// Output:
	// {
	//   "com.cloudflare.api.account.00112233445566778899aabbccddeeff": {
	//     "com.cloudflare.api.account.zone.*": "*"
	//   },
	//   "com.cloudflare.api.account.zone.ffeeddccbbaa99887766554433221100": "*"
	// }
}
