package cftokenstest_test

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// page is a page of a list, by the names of its items.
type page struct {
	Names                                   []string
	Page, PerPage, Pages, Count, TotalCount int
}

func (f *fake) page(path string) page {
	f.t.Helper()
	r := f.do("GET", path, "")
	var items []struct{ Name string }
	r.ok(&items)
	if items == nil {
		f.t.Errorf("result is not a list: %s", r.body)
	}
	info, _ := parse(f.t, r.body).(map[string]any)["result_info"].(map[string]any)
	number := func(name string) int {
		n, ok := info[name].(float64)
		if !ok {
			f.t.Errorf("result_info lacks %s: %s", name, r.body)
		}
		return int(n)
	}
	p := page{Page: number("page"), PerPage: number("per_page"), Pages: number("total_pages"), Count: number("count"), TotalCount: number("total_count")}
	for _, item := range items {
		p.Names = append(p.Names, item.Name)
	}
	return p
}

// put stores tokens with a name and other properties.
func (f *fake) put(name, more string) string {
	f.t.Helper()
	id, err := f.PutToken([]byte(`{"name":"` + name + `"` + more + `}`))
	if err != nil {
		f.t.Fatal(err)
	}
	return id
}

func TestList_Pages(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for i := range 12 {
		f.put(strconv.Itoa(i), "")
	}
	for _, tt := range []struct {
		query string
		want  page
	}{
		{"", page{[]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}, 1, 20, 1, 12, 12}},
		{"?page=2&per_page=5", page{[]string{"5", "6", "7", "8", "9"}, 2, 5, 3, 5, 12}},
		{"?page=3&per_page=5", page{[]string{"10", "11"}, 3, 5, 3, 2, 12}},
		{"?page=4&per_page=5", page{nil, 4, 5, 3, 0, 12}},
		{"?page=2147483647&per_page=50", page{nil, 2147483647, 50, 1, 0, 12}},
		{"?page=2.0&per_page=6.0", page{[]string{"6", "7", "8", "9", "10", "11"}, 2, 6, 2, 6, 12}},
		{"?direction=desc&page=2&per_page=5", page{[]string{"6", "5", "4", "3", "2"}, 2, 5, 3, 5, 12}},
		{"?direction=desc&page=3&per_page=5", page{[]string{"1", "0"}, 3, 5, 3, 2, 12}},
		{"?direction=asc&per_page=50&unknown=1", page{[]string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}, 1, 50, 1, 12, 12}},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, f.page("/user/tokens"+tt.query)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestList_Expired(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.put("active", `,"expires_on":"2099-01-01T00:00:00Z"`)
	expired := f.put("expired", `,"expires_on":"2020-01-01T00:00:00Z"`)
	f.put("set to expired", `,"status":"expired"`)
	f.put("disabled", `,"status":"disabled"`)
	for _, tt := range []struct {
		query string
		want  []string
	}{
		{"", []string{"active", "disabled"}},
		{"?include_expired=false&direction=desc", []string{"disabled", "active"}},
		{"?include_expired=true", []string{"active", "expired", "set to expired", "disabled"}},
	} {
		if diff := cmp.Diff(tt.want, f.page("/user/tokens"+tt.query).Names); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.query, diff)
		}
	}
	f.do("PUT", "/user/tokens/"+expired, `{"name":"renewed","expires_on":null,"policies":`+policies(zoneRead)+`}`).ok(nil)
	if got := f.page("/user/tokens").Names; !slices.Contains(got, "renewed") {
		t.Errorf("got %q", got)
	}
	if n := len(f.Tokens()); n != 4 {
		t.Errorf("Tokens returns %d", n)
	}
}

func TestQuery_Invalid(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, tt := range []struct{ path, query, message string }{
		{"/user/tokens", "per_page=4", "per_page must be between 5 and 50"},
		{"/user/tokens", "per_page=51", "per_page must be between 5 and 50"},
		{"/user/tokens", "per_page=x", "per_page must be a whole number"},
		{"/user/tokens", "per_page=5.5", "per_page must be a whole number"},
		{"/user/tokens", "per_page=NaN", "per_page must be a whole number"},
		{"/user/tokens", "page=0", "page must be at least 1"},
		{"/user/tokens", "page=-1", "page must be at least 1"},
		{"/user/tokens", "page=", "page must be a whole number"},
		{"/user/tokens", "direction=", "direction must be one of asc, desc"},
		{"/user/tokens", "direction=up", "direction must be one of asc, desc"},
		{"/user/tokens", "include_expired=1", "include_expired must be one of false, true"},
		{"/user/tokens/permission_groups", "per_page=0", "per_page must be between 1 and 1000"},
		{"/user/tokens/permission_groups", "page=0", "page must be at least 1"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			f.do("GET", tt.path+"?"+tt.query, "").rejected(400, 400, tt.message)
		})
	}
}

func TestPermissionGroups(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const path = "/user/tokens/permission_groups"
	first := f.page(path)
	if first.PerPage != 20 || len(first.Names) != 20 || first.TotalCount < 101 {
		t.Errorf("first page: %+v", first)
	}
	if all := f.page(path + "?per_page=1000"); all.Count != first.TotalCount {
		t.Errorf("%d groups of %d on one page", all.Count, first.TotalCount)
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
		if !idShape.MatchString(g.ID) || len(g.Scopes) != 1 || !strings.HasPrefix(g.Description, "Grants ") {
			t.Errorf("got %+v", g)
		}
		ids[g.ID], keys[g.Name+g.Scopes[0]] = true, true
		names[g.Name]++
	}
	if len(groups) != first.TotalCount || len(ids) != len(groups) || len(keys) != len(groups) {
		t.Errorf("%d groups, %d ids, %d names by scope, want %d each", len(groups), len(ids), len(keys), first.TotalCount)
	}
	if names["Logs Read"] != 2 || names["Access: Apps and Policies Read"] != 2 {
		t.Error("no name has two scopes")
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
		if len(got) != 1 || got[0].ID != want.ID || got[0].Name != want.Name || !cmp.Equal(got[0].Scopes, want.Scopes) {
			t.Errorf("got %+v, want %+v", got, want)
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
		{"other case", "name=logs+read", 0},
		{"encoded twice", "name=Logs%2520Read", 0},
		{"empty", "name=", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := f.page("/user/tokens/permission_groups?" + tt.query); got.Count != tt.count || got.TotalCount != tt.count {
				t.Errorf("got %+v, want %d", got, tt.count)
			}
		})
	}
}

func TestList_ManyTokens(t *testing.T) {
	t.Parallel()
	const n = 10_000
	f := newFake(t)
	for range n {
		if _, err := f.PutToken([]byte(`{}`)); err != nil {
			t.Fatal(err)
		}
	}
	start := time.Now()
	seen := 0
	for p := 1; p <= n/50; p++ {
		seen += f.page(fmt.Sprintf("/user/tokens?per_page=50&page=%d&direction=desc", p)).Count
	}
	if seen != n {
		t.Errorf("%d of %d tokens", seen, n)
	}
	t.Logf("%d tokens in %v", n, time.Since(start))
}
