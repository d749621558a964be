package cftokens_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestTypes_JSONTags checks that every field in types.gen.go has the same JSON tag as in
// gen, which uses the generator's own template.
func TestTypes_JSONTags(t *testing.T) {
	t.Parallel()
	for public, generated := range map[reflect.Type]reflect.Type{
		reflect.TypeFor[cftokens.Token]():              reflect.TypeFor[gen.Token](),
		reflect.TypeFor[cftokens.CreatedToken]():       reflect.TypeFor[gen.CreatedToken](),
		reflect.TypeFor[cftokens.TokenCreate]():        reflect.TypeFor[gen.TokenCreate](),
		reflect.TypeFor[cftokens.TokenUpdate]():        reflect.TypeFor[gen.TokenUpdate](),
		reflect.TypeFor[cftokens.Policy]():             reflect.TypeFor[gen.Policy](),
		reflect.TypeFor[cftokens.PermissionGroupRef](): reflect.TypeFor[gen.PermissionGroupRef](),
		reflect.TypeFor[cftokens.PermissionGroup]():    reflect.TypeFor[gen.PermissionGroup](),
		reflect.TypeFor[cftokens.Condition]():          reflect.TypeFor[gen.Condition](),
		reflect.TypeFor[cftokens.RequestIP]():          reflect.TypeFor[gen.RequestIP](),
		reflect.TypeFor[cftokens.Verification]():       reflect.TypeFor[gen.Verification](),
		reflect.TypeFor[cftokens.ResultInfo]():         reflect.TypeFor[gen.ResultInfo](),
	} {
		if diff := cmp.Diff(tags(generated), tags(public)); diff != "" {
			t.Errorf("JSON tags of %v (-gen +public):\n%s", public, diff)
		}
		for i := range public.NumField() {
			if f := public.Field(i); strings.HasPrefix(f.Type.String(), "nullable.") && strings.Contains(f.Tag.Get("json"), "omitempty") {
				t.Errorf("%v.%s has omitempty, with which encoding/json/v2 omits null; add x-omitempty: false in openapi.yaml", public, f.Name)
			}
		}
	}
}

func tags(t reflect.Type) map[string]string {
	tags := map[string]string{}
	for i := range t.NumField() {
		tags[t.Field(i).Name] = t.Field(i).Tag.Get("json")
	}
	return tags
}
