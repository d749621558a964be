package cftokenstest_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestPermissionGroups(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const path = "/user/tokens/permission_groups"
	type group struct {
		ID, Name, Description string
		Scopes                []string
	}
	var groups []group
	f.do("GET", path, "").ok(&groups)
	for _, query := range []string{"?per_page=50", "?page=2", "?page=0&per_page=x"} {
		f.do("GET", path+query, "").want(200, f.do("GET", path, "").body)
	}
	if len(groups) < 300 {
		t.Errorf("%d groups, want 300 or more", len(groups))
	}
	ids, keys, names := map[string]bool{}, map[string]bool{}, map[string]int{}
	for _, g := range groups {
		if !idShape.MatchString(g.ID) {
			t.Errorf("group %+v has an ID that does not match %v", g, idShape)
		}
		if len(g.Scopes) != 1 {
			t.Errorf("group %+v has %d scopes, want 1", g, len(g.Scopes))
		}
		if !strings.HasPrefix(g.Description, "Grants ") {
			t.Errorf("group %+v has a description that does not begin with Grants", g)
		}
		ids[g.ID], keys[g.Name+g.Scopes[0]] = true, true
		names[g.Name]++
	}
	for what, n := range map[string]int{"IDs": len(ids), "names by scope": len(keys)} {
		if n != len(groups) {
			t.Errorf("%d different %s, want %d", n, what, len(groups))
		}
	}
	for _, name := range []string{"Logs Read", "Access: Apps and Policies Read"} {
		if n := names[name]; n != 2 {
			t.Errorf("%d groups are named %q, want 2", n, name)
		}
	}

	const account, zone, user = "com.cloudflare.api.account", "com.cloudflare.api.account.zone", "com.cloudflare.api.user"
	for _, want := range []group{
		{ID: zoneRead, Name: "Zone Read", Scopes: []string{zone}},
		{ID: "82e64a83756745bbbb1c9c2701bf816b", Name: "DNS Read", Scopes: []string{zone}},
		{ID: dnsWrite, Name: "DNS Write", Scopes: []string{zone}},
		{ID: billingRead, Name: "Billing Read", Scopes: []string{account}},
		{ID: "9d24387c6e8544e2bc4024a03991339f", Name: "Load Balancing: Monitors and Pools Read", Scopes: []string{account}},
		{ID: "d2a1802cc9a34e30852f8b33869b2f3c", Name: "Load Balancing: Monitors and Pools Write", Scopes: []string{account}},
		{ID: "8b47d2786a534c08a1f94ee8f9f599ef", Name: "Workers KV Storage Read", Scopes: []string{account}},
		{ID: "f7f0eda5697f475c90846e879bab8666", Name: "Workers KV Storage Write", Scopes: []string{account}},
		{ID: "1a71c399035b4950a1bd1466bbe4f420", Name: "Workers Scripts Read", Scopes: []string{account}},
		{ID: "e086da7e2179491d91ee5f35b3ca210a", Name: "Workers Scripts Write", Scopes: []string{account}},
		{ID: tokensRead, Name: "API Tokens Read", Scopes: []string{user}},
		{ID: tokensWrite, Name: "API Tokens Write", Scopes: []string{user}},
	} {
		var got []group
		f.do("GET", path+"?name="+url.QueryEscape(want.Name)+"&scope="+want.Scopes[0], "").ok(&got)
		if len(got) == 1 {
			want.Description = got[0].Description
		}
		if diff := cmp.Diff([]group{want}, got); diff != "" {
			t.Errorf("groups named %q (-want +got):\n%s", want.Name, diff)
		}
	}
}

func TestPermissionGroups_Filters(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, tt := range []struct {
		name, query string
		count       int
	}{
		{"name in two scopes", "name=Logs+Read", 2},
		{"name and scope", "name=Logs%20Read&scope=com.cloudflare.api.account", 1},
		{"scope", "scope=com.cloudflare.edge.r2.bucket", 2},
		{"unknown name", "name=Nope", 0},
		{"unknown scope", "scope=com.cloudflare.api", 0},
		{"part of a name", "name=Logs", 0},
		{"different case", "name=logs+read", 0},
		{"encoded twice", "name=Logs%2520Read", 0},
		{"empty", "name=", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []struct{ Name string }
			f.do("GET", "/user/tokens/permission_groups?"+tt.query, "").ok(&got)
			if got == nil || len(got) != tt.count {
				t.Errorf("groups = %+v, want a list of %d", got, tt.count)
			}
		})
	}
}

// TestPermissionGroups_Account checks that an account has all groups but those of the user's
// scope.
func TestPermissionGroups_Account(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	type group struct {
		Name   string
		Scopes []string
	}
	lists := map[string][]group{}
	for _, owner := range f.owners() {
		var groups []group
		f.do("GET", owner.path+"/permission_groups", "").ok(&groups)
		lists[owner.name] = groups
	}
	want := slices.DeleteFunc(lists["user"], func(g group) bool { return slices.Contains(g.Scopes, "com.cloudflare.api.user") })
	if diff := cmp.Diff(want, lists["account"]); diff != "" {
		t.Errorf("groups of the account (-want +got):\n%s", diff)
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
	if n := len(newFake(t).groups("Teapots Write")); n != 0 {
		t.Errorf("another server has %d of the groups, want none", n)
	}
}

// groups returns the permission groups with a name.
func (f *fake) groups(name string) (groups []any) {
	f.t.Helper()
	f.do("GET", "/user/tokens/permission_groups?name="+url.QueryEscape(name), "").ok(&groups)
	return groups
}
