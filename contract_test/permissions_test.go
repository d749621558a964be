package contract_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// unrelatedGroup allows no operation.
const unrelatedGroup = "Zone Read"

// permissionGroups returns the names in an operation's x-api-token-group.
func permissionGroups(t *testing.T, op *openapi3.Operation) (names []string) {
	t.Helper()
	value, ok := op.Extensions["x-api-token-group"]
	if !ok {
		return nil
	}
	list, _ := value.([]any)
	for _, name := range list {
		names = append(names, fmt.Sprint(name))
	}
	if len(names) == 0 {
		t.Errorf("openapi.yaml: x-api-token-group of %s is %v, want a list of names", op.OperationID, value)
	}
	return names
}

// TestFake_Permissions checks every operation with every permission group alone, in a
// token of the user and in one of the account: it is accepted or denied as the document
// says.
func TestFake_Permissions(t *testing.T) {
	t.Parallel()
	v := strict(t)
	documented := operations(v.doc)
	names := map[string]bool{unrelatedGroup: true}
	for _, id := range sorted(documented) {
		for _, name := range permissionGroups(t, documented[id]) {
			if name == unrelatedGroup {
				t.Fatalf("%s needs %q, which is to be the group that nothing needs: name another one in contract_test/permissions_test.go", id, name)
			}
			names[name] = true
		}
	}
	cells := 0
	for _, name := range sorted(names) {
		for _, owner := range []string{ofUser, ofAccount} {
			f := newFake(t, v)
			credential := f.withGroup(name, owner)
			for _, op := range gen.Operations {
				if documented[op.ID] == nil {
					t.Fatalf("openapi.yaml has no operation %s: make generate", op.ID)
				}
				f.checkPermission(op, permissionGroups(t, documented[op.ID]), credential, name, owner)
				cells++
			}
		}
	}
	t.Logf("%d combinations of %d operations, %d permission groups, and tokens of users and accounts", cells, len(gen.Operations), len(names))
}

// withGroup stores a token with one permission group and returns its value.
func (f *fake) withGroup(name, owner string) (value string) {
	f.t.Helper()
	client, err := f.NewClient()
	if err != nil {
		f.t.Fatal(err)
	}
	group, err := client.FindPermissionGroup(f.t.Context(), name, "")
	if errors.Is(err, cftokens.ErrNotFound) || err == nil && len(group.Scopes) == 0 {
		f.t.Fatalf("the fake has no permission group %q with a scope, which openapi.yaml names: add it to wrapper/cftokenstest/permission_groups.tsv", name)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	put := f.PutToken
	if owner == ofAccount {
		put = f.PutAccountToken
	}
	resource := string(group.Scopes[0]) + "." + f.AccountID // of a user or a zone, any ID will do
	id, err := put(json.RawMessage(jsonText(map[string]any{"name": name, "policies": []any{map[string]any{
		"id": f.AccountID, "effect": "allow", "permission_groups": []any{map[string]any{"id": group.ID}}, "resources": map[string]any{resource: "*"},
	}}})))
	if err != nil {
		f.t.Fatal(err)
	}
	secret, _ := f.Value(id)
	return secret.Reveal()
}

// checkPermission calls an operation with a token that has one group. It is accepted if it
// is not denied: what a token may grant to another one is a matter of its own.
func (f *fake) checkPermission(op *gen.Operation, groups []string, credential, name, owner string) {
	f.t.Helper()
	want, reason := 0, "openapi.yaml lists the group in x-api-token-group"
	switch {
	case len(groups) == 0 && familyOf(op) == owner:
		reason = "openapi.yaml lists no group in x-api-token-group, and so needs none"
	case len(groups) == 0:
		want, reason = http.StatusUnauthorized, "openapi.yaml (securitySchemes) says that only tokens of its own kind are accepted"
	case owner == ofAccount && familyOf(op) == ofUser:
		want, reason = http.StatusForbidden, "openapi.yaml (securitySchemes) says that a token of an account is denied under /user/tokens"
	case !slices.Contains(groups, name):
		want, reason = http.StatusForbidden, "openapi.yaml does not list the group in x-api-token-group"
	}
	r := request{credential: credential, body: f.bodies(op)[0].value}
	if strings.Contains(op.Path, "{token_id}") {
		r.tokenID, _ = f.create(familyOf(op))
	}
	e := f.call(op, r)
	expected := "it to be accepted"
	if want != 0 {
		expected = fmt.Sprintf("status %d", want)
	}
	denied := e.Response.Status == http.StatusUnauthorized || e.Response.Status == http.StatusForbidden
	if e.Response.Status >= 500 || denied != (want != 0) || denied && e.Response.Status != want {
		f.t.Errorf("%s with a token of the %s that has only the permission group %q: %s, want %s, because %s: see %s and %s",
			op.ID, owner, name, e.failure(), expected, reason, located("hasPermission"), located("authorize"))
	}
}
