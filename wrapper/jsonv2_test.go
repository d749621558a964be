//go:build go1.27

package cftokens_test

import (
	"encoding/json"
	jsonv2 "encoding/json/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oapi-codegen/nullable"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestTypes_JSONv2 checks that encoding/json/v2 encodes types as encoding/json does: its
// omitempty also omits null.
func TestTypes_JSONv2(t *testing.T) {
	t.Parallel()
	var condition cftokens.Condition
	fill(t, &condition)
	null, set := nullable.NewNullNullable[time.Time](), nullable.NewNullableWithValue(time.Unix(1_800_000_000, 0).UTC())
	for name, v := range map[string]any{
		"no condition":        cftokens.Condition{},
		"condition":           condition,
		"nobody":              cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{}}},
		"create":              tokenCreate(),
		"unchanged times":     cftokens.TokenUpdate{Name: "n", Policies: tokenCreate().Policies},
		"cleared times":       cftokens.TokenUpdate{Name: "n", Policies: tokenCreate().Policies, NotBefore: null, ExpiresOn: null},
		"changed times":       cftokens.TokenUpdate{Name: "n", Policies: tokenCreate().Policies, NotBefore: set, ExpiresOn: set},
		"token":               cftokens.Token{ID: tokenID, Policies: []cftokens.Policy{}},
		"group with meta":     cftokens.PermissionGroupRef{ID: "g", Meta: map[string]string{}},
		"group without scope": cftokens.PermissionGroup{ID: "g", Scopes: []cftokens.Scope{}},
	} {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatalf("%s: json.Marshal() error = %v", name, err)
		}
		got, err := jsonv2.Marshal(v)
		if err != nil {
			t.Fatalf("%s: jsonv2.Marshal() error = %v", name, err)
		}
		if diff := cmp.Diff(object(t, string(want)), object(t, string(got))); diff != "" {
			t.Errorf("%s: jsonv2.Marshal() (-json.Marshal() +jsonv2.Marshal()):\n%s", name, diff)
		}
	}
}
