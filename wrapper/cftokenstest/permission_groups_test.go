package cftokenstest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestPermissionGroups checks the catalog. An account has all groups but those of the user's
// scope.
func TestPermissionGroups(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	type group struct {
		ID, Name, Description string
		Scopes                []string
	}
	var ofUser, ofAccount []group
	f.do("GET", "/user/tokens/permission_groups", "").ok(&ofUser)
	f.do("GET", "/accounts/"+f.AccountID+"/tokens/permission_groups", "").ok(&ofAccount)
	names, keys := map[string]string{}, map[string]bool{}
	for _, g := range ofUser {
		if len(g.ID) != 32 || len(g.Scopes) != 1 || !strings.HasPrefix(g.Description, "Grants ") {
			t.Errorf("group %+v, want an ID of 32 digits, one scope, and a description that begins with Grants", g)
		}
		names[g.ID], keys[g.Name+g.Scopes[0]] = g.Name, true
	}
	if len(ofUser) < 300 || len(names) != len(ofUser) || len(keys) != len(ofUser) {
		t.Errorf("%d groups with %d IDs and %d names by scope, want 300 or more of each, all different", len(ofUser), len(names), len(keys))
	}
	for id, want := range map[string]string{zoneRead: "Zone Read", dnsWrite: "DNS Write", billingRead: "Billing Read", tokensRead: "API Tokens Read", tokensWrite: "API Tokens Write"} {
		if names[id] != want {
			t.Errorf("group %s is %q, want %q", id, names[id], want)
		}
	}
	want := slices.DeleteFunc(ofUser, func(g group) bool { return g.Scopes[0] == "com.cloudflare.api.user" })
	if diff := cmp.Diff(want, ofAccount); diff != "" {
		t.Errorf("groups of the account (-want +got):\n%s", diff)
	}
}

func TestPermissionGroups_Filters(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for query, want := range map[string]int{
		"name=Logs+Read": 2, "name=Logs%20Read&scope=com.cloudflare.api.account": 1, "scope=com.cloudflare.edge.r2.bucket": 2,
		"name=Nope": 0, "scope=com.cloudflare.api": 0, "name=Logs": 0, "name=logs+read": 0, "name=Logs%2520Read": 0, "name=": 0,
	} {
		var got []struct{ Name string }
		f.do("GET", "/user/tokens/permission_groups?"+query, "").ok(&got)
		if got == nil || len(got) != want {
			t.Errorf("groups with the query %s = %+v, want a list of %d", query, got, want)
		}
	}
}

// TestWithPermissionGroups adds a group that the catalog lacks, and uses it in a policy.
func TestWithPermissionGroups(t *testing.T) {
	t.Parallel()
	const id = "0123456789abcdef0123456789abcdef"
	f := newFake(t, cftokenstest.WithPermissionGroups(cftokens.PermissionGroup{ID: id, Name: "Teapots Write", Scopes: []cftokens.Scope{cftokens.ScopeAccount}}))
	client, err := f.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	groups, err := client.FindPermissionGroups(t.Context(), cftokens.ScopeAccount, "Teapots Write")
	if diff := cmp.Diff([]cftokens.PermissionGroupRef{{ID: id, Name: "Teapots Write"}}, groups); diff != "" || err != nil {
		t.Errorf("FindPermissionGroups() error = %v (-want +got):\n%s", err, diff)
	}
	if created := f.create(policiesOn(f.onAccount(), id), ""); created.Policies[0].PermissionGroups[0].Name != "Teapots Write" {
		t.Errorf("policies = %+v, want the name of the group", created.Policies)
	}
	f.do("POST", "/user/tokens", `{"name":"n","policies":`+policies(id)+`}`).rejected(400, 1001,
		`Failed common permission check against resources. (Permission group: "Teapots Write")`)
}
