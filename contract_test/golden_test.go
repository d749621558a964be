package contract_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// TestGolden compares the wrapper's results with hand-written Go values, at least one for
// each kind of result.
func TestGolden(t *testing.T) {
	t.Parallel()
	at := func(s string) *time.Time {
		parsed, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return &parsed
	}
	token := cftokens.Token{
		ID: "1f0e2d3c4b5a69788796a5b4c3d2e1f0", Name: "readonly token", Status: cftokens.TokenStatusActive,
		IssuedOn: at("2025-03-04T05:06:07Z"), ModifiedOn: at("2025-03-04T05:06:07Z"),
		NotBefore: at("2025-03-04T00:00:00Z"), ExpiresOn: at("2026-03-04T23:59:59Z"),
		Policies: []cftokens.Policy{{
			ID: "a1b2c3d4e5f60718293a4b5c6d7e8f90", Effect: cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "c8fed203ed3043cba015a93ad1616f1f", Name: "Zone Read"}},
			Resources:        resource.Of(resource.Zone("ffeeddccbbaa99887766554433221100")),
		}},
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24", "2001:db8::/32"}, NotIn: []string{"192.0.2.7/32"}}},
	}
	nested := []cftokens.Policy{
		{
			ID: "a1b2c3d4e5f60718293a4b5c6d7e8f90", Effect: cftokens.EffectAllow, PermissionGroups: token.Policies[0].PermissionGroups,
			Resources: resource.Of(resource.ZonesIn("00112233445566778899aabbccddeeff")),
		},
		{
			ID: "b2c3d4e5f60718293a4b5c6d7e8f90a1", Effect: cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "4755a26eedb94da69e1066d98aa820be", Name: "DNS Write"}},
			Resources:        resource.Of(resource.AllZones()),
		},
	}
	never := token
	never.NotBefore, never.ExpiresOn, never.Condition = nil, nil, cftokens.Condition{}
	both := never
	both.Policies = nested
	created := cftokens.CreatedToken{
		Token: cftokens.Token{ID: never.ID, Name: "new", Status: never.Status, IssuedOn: never.IssuedOn, ModifiedOn: never.ModifiedOn, Policies: never.Policies},
		Value: secret.New("EXAMPLE-token_value_not_a_secret_0123456"),
	}
	want := map[string]any{
		"getToken/200_condition.json":        &token,
		"getToken/200_never_used.json":       &never,
		"getToken/200_empty_condition.json":  &never,
		"getToken/200_nested_resources.json": &both,
		"createToken/200_value_of_40.json":   &created,
		"rollToken/200_value_of_40.json":     secret.New("EXAMPLE-token_value_not_a_secret_0123456"),
		"verifyToken/200_active.json":        &cftokens.Verification{ID: token.ID, Status: cftokens.TokenStatusActive},
		"listTokens/200_empty.json":          []cftokens.Token{},
		"listPermissionGroups/200_all_properties.json": []cftokens.PermissionGroup{{
			ID: "82e64a83756745bbbb1c9c2701bf816b", Name: "DNS Read", Description: "Grants read level access to DNS", Category: cftokens.CategoryDNSAndZones,
			Scopes: []cftokens.Scope{cftokens.ScopeAccountZone}, Label: "dns_read", Visibility: "public",
		}},
	}
	for _, e := range recordings(t) {
		golden, ok := want[e.name]
		if !ok {
			continue
		}
		delete(want, e.name)
		r := replay(t, e)
		if r.err != nil {
			t.Errorf("%s: error = %v", e.name, r.err)
		} else if diff := cmp.Diff(golden, r.result); diff != "" {
			t.Errorf("%s (-want +got):\n%s", e.name, diff)
		}
	}
	for name := range want {
		t.Errorf("contract_test/testdata/recordings has no file %s", name)
	}
}
