package cftokens_test

import (
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// publicTypes has the public types by those of gen, which are generated with the
// generator's own template.
var publicTypes = map[reflect.Type]reflect.Type{
	reflect.TypeFor[gen.Token]():              reflect.TypeFor[cftokens.Token](),
	reflect.TypeFor[gen.CreatedToken]():       reflect.TypeFor[cftokens.CreatedToken](),
	reflect.TypeFor[gen.TokenCreate]():        reflect.TypeFor[cftokens.TokenCreate](),
	reflect.TypeFor[gen.TokenUpdate]():        reflect.TypeFor[cftokens.TokenUpdate](),
	reflect.TypeFor[gen.Policy]():             reflect.TypeFor[cftokens.Policy](),
	reflect.TypeFor[gen.PermissionGroupRef](): reflect.TypeFor[cftokens.PermissionGroupRef](),
	reflect.TypeFor[gen.PermissionGroup]():    reflect.TypeFor[cftokens.PermissionGroup](),
	reflect.TypeFor[gen.Condition]():          reflect.TypeFor[cftokens.Condition](),
	reflect.TypeFor[gen.RequestIP]():          reflect.TypeFor[cftokens.RequestIP](),
	reflect.TypeFor[gen.Verification]():       reflect.TypeFor[cftokens.Verification](),
	reflect.TypeFor[gen.ResultInfo]():         reflect.TypeFor[cftokens.ResultInfo](),
}

// TestTypes_JSONTags checks that every field in types.gen.go has the same JSON tag as in
// gen.
func TestTypes_JSONTags(t *testing.T) {
	t.Parallel()
	for generated, public := range publicTypes {
		if diff := cmp.Diff(tags(generated), tags(public)); diff != "" {
			t.Errorf("JSON tags of %v (-gen +public):\n%s", public, diff)
		}
		for f := range public.Fields() {
			if strings.HasPrefix(f.Type.String(), "nullable.") && strings.Contains(f.Tag.Get("json"), "omitempty") {
				t.Errorf("%v.%s has omitempty, with which encoding/json/v2 omits null; add x-omitempty: false in openapi.yaml", public, f.Name)
			}
		}
	}
}

// tags returns the JSON tags of the fields of t, including those of embedded types, but
// not of fields of any type, which the public types leave out.
func tags(t reflect.Type) map[string]string {
	tags := map[string]string{}
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || f.Type.Kind() == reflect.Interface {
			continue
		}
		tags[f.Name] = f.Tag.Get("json")
		if f.Type.Kind() == reflect.Struct {
			tags[f.Name] = strings.Replace(tags[f.Name], ",omitempty", "", 1) // without effect
		}
	}
	return tags
}

// TestTypes_Any checks that no public type has a field of any type, which callers would have
// to convert.
func TestTypes_Any(t *testing.T) {
	t.Parallel()
	for _, public := range publicTypes {
		for _, f := range reflect.VisibleFields(public) {
			if f.Type.Kind() == reflect.Interface {
				t.Errorf("%v.%s is an interface", public, f.Name)
			}
		}
	}
}

// TestToken_Methods checks that Token has no method that CreatedToken, which embeds it,
// would inherit: its value would be missing from the output, or be lost when it is decoded.
func TestToken_Methods(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"MarshalJSON", "UnmarshalJSON", "MarshalJSONTo", "UnmarshalJSONFrom", "MarshalText", "UnmarshalText", "LogValue", "Format", "String", "GoString"} {
		if _, ok := reflect.TypeFor[*cftokens.Token]().MethodByName(method); ok {
			t.Errorf("Token has a method %s, which CreatedToken inherits", method)
		}
	}
	var created cftokens.CreatedToken
	if err := json.Unmarshal([]byte(`{"id":"`+tokenID+`","value":"`+tokenValue+`"}`), &created); err != nil {
		t.Fatal(err)
	}
	checkCreated(t, "Unmarshal()", &created)
}

// TestTypes_Comments checks that comments of types.gen.go are as short as those of other
// files.
func TestTypes_Comments(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("types.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if comment := strings.ReplaceAll(strings.TrimSuffix(line, "\n"), "\t", "    "); strings.HasPrefix(strings.TrimSpace(comment), "// ") && len(comment) > 90 && !strings.Contains(comment, "DO NOT EDIT") {
			t.Errorf("%d columns, want at most 90; break the description in openapi.yaml:\n%s", len(comment), line)
		}
	}
}
