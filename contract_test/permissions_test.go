package contract_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// unrelatedGroup is a permission group that allows no operation.
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

// TestFake_Permissions calls every operation with user tokens and account tokens that have
// a single permission group, and checks that the fake accepts or denies the call as
// x-api-token-group says.
func TestFake_Permissions(t *testing.T) {
	t.Parallel()
	v := strict(t)
	documented := operations(v.doc)
	names := map[string]bool{unrelatedGroup: true}
	for _, id := range sorted(documented) {
		for _, name := range permissionGroups(t, documented[id]) {
			if name == unrelatedGroup {
				t.Fatalf("%s needs %q, which must be a group that no operation needs: change unrelatedGroup in contract_test/permissions_test.go", id, name)
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
				f.checkPermission(op, permissionGroups(t, documented[op.ID]), credential, name, owner)
				cells++
			}
		}
	}
	t.Logf("%d combinations of %d operations, %d permission groups, and user and account tokens", cells, len(gen.Operations), len(names))
}

// withGroup stores a token with one permission group and returns its value.
func (f *fake) withGroup(name, owner string) (value string) {
	f.t.Helper()
	client, err := f.NewClient()
	if err != nil {
		f.t.Fatal(err)
	}
	page, err := client.ListPermissionGroups(f.t.Context(), cftokens.PermissionGroupOptions{Name: name})
	if err != nil {
		f.t.Fatal(err)
	}
	if len(page.Items) == 0 || len(page.Items[0].Scopes) == 0 {
		f.t.Fatalf("the fake has no permission group %q with a scope, which openapi.yaml uses: add it to wrapper/cftokenstest/permission_groups.tsv", name)
	}
	group := page.Items[0]
	resource := string(group.Scopes[0]) + "." + f.AccountID // for a user or a zone, any ID works
	return f.store(owner, map[string]any{"name": name, "policies": []any{map[string]any{
		"id": f.AccountID, "effect": "allow", "permission_groups": []any{map[string]any{"id": group.ID}}, "resources": map[string]any{resource: "*"},
	}}})
}

// checkPermission calls an operation with a token that has one group. Any response that
// does not deny the call counts as accepted, because a token may lack the groups that it
// tries to grant.
func (f *fake) checkPermission(op *gen.Operation, groups []string, credential, name, owner string) {
	f.t.Helper()
	want, reason := 0, "openapi.yaml lists the group in x-api-token-group"
	switch {
	case len(groups) == 0 && familyOf(op) == owner:
		reason = "openapi.yaml has no x-api-token-group"
	case len(groups) == 0:
		want, reason = http.StatusUnauthorized, "openapi.yaml (securitySchemes) says that only tokens of the operation's own kind are accepted"
	case owner == ofAccount && familyOf(op) == ofUser:
		want, reason = http.StatusForbidden, "openapi.yaml (securitySchemes) says that an account token is denied under /user/tokens"
	case !slices.Contains(groups, name):
		want, reason = http.StatusForbidden, "openapi.yaml does not list the group in x-api-token-group"
	}
	r := request{credential: credential, body: f.bodies(op)[0].value}
	if strings.Contains(op.Path, "{token_id}") {
		r.tokenID, _ = f.create(familyOf(op))
	}
	e := f.call(op, r)
	expected := "the call to be accepted"
	if want != 0 {
		expected = fmt.Sprintf("status %d", want)
	}
	denied := e.Response.Status == http.StatusUnauthorized || e.Response.Status == http.StatusForbidden
	if e.Response.Status >= 500 || denied != (want != 0) || denied && e.Response.Status != want {
		f.t.Errorf("%s with the %s token that has only the permission group %q: %s, want %s, because %s: see %s and %s",
			op.ID, owner, name, e.failure(), expected, reason, located("hasPermission"), located("authorize"))
	}
}
