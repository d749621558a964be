package cftokenstest_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPermissionGroups(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const path = "/user/tokens/permission_groups"
	first := f.page(path)
	if first.PerPage != 20 || len(first.Names) != 20 {
		t.Errorf("first page = %+v, want 20 groups", first)
	}
	if first.TotalCount < 101 {
		t.Errorf("total_count = %d, want more than 100", first.TotalCount)
	}
	if all := f.page(path + "?per_page=1000"); all.Count != first.TotalCount {
		t.Errorf("per_page=1000 returned %d groups, want all %d", all.Count, first.TotalCount)
	}
	type group struct {
		ID, Name, Description string
		Scopes                []string
	}
	var groups []group
	for n := 1; ; n++ {
		var page []group
		f.do("GET", fmt.Sprintf("%s?per_page=50&page=%d", path, n), "").ok(&page)
		if len(page) == 0 {
			break
		}
		groups = append(groups, page...)
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
	for what, n := range map[string]int{"groups": len(groups), "IDs": len(ids), "names by scope": len(keys)} {
		if n != first.TotalCount {
			t.Errorf("%d different %s, want %d", n, what, first.TotalCount)
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
			if got := f.page("/user/tokens/permission_groups?" + tt.query); got.Count != tt.count || got.TotalCount != tt.count {
				t.Errorf("page = %+v, want %d groups in all", got, tt.count)
			}
		})
	}
}
