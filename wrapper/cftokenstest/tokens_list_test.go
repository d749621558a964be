package cftokenstest_test

import (
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// page is a page of a list, with the names of its items.
type page struct {
	Names                                   []string
	Page, PerPage, Pages, Count, TotalCount int
}

// page returns the page at path.
func (f *fake) page(path string) page {
	f.t.Helper()
	r := f.do("GET", path, "")
	var items []struct{ Name string }
	r.ok(&items)
	if items == nil {
		f.t.Errorf("result = null, want a list: %s", r.body)
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

// ownName is the name of the server's own credential.
const ownName = "credential of the fake API"

// put stores a token. more is appended to its properties.
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
		if _, err := f.PutAccountToken([]byte(`{"name":"` + strconv.Itoa(i) + `"}`)); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		query string
		want  page
	}{
		{"", page{Names: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}, Page: 1, PerPage: 20, Pages: 1, Count: 12, TotalCount: 12}},
		{"?page=2&per_page=5", page{Names: []string{"5", "6", "7", "8", "9"}, Page: 2, PerPage: 5, Pages: 3, Count: 5, TotalCount: 12}},
		{"?page=3&per_page=5", page{Names: []string{"10", "11"}, Page: 3, PerPage: 5, Pages: 3, Count: 2, TotalCount: 12}},
		{"?page=2147483647&per_page=50", page{Page: 2147483647, PerPage: 50, Pages: 1, TotalCount: 12}},
		{"?page=2.0&per_page=6.0", page{Names: []string{"6", "7", "8", "9", "10", "11"}, Page: 2, PerPage: 6, Pages: 2, Count: 6, TotalCount: 12}},
		{"?per_page=100&page=2", page{Page: 2, PerPage: 100, Pages: 1, TotalCount: 12}},
		{"?direction=desc&page=2&per_page=5", page{Names: []string{"6", "5", "4", "3", "2"}, Page: 2, PerPage: 5, Pages: 3, Count: 5, TotalCount: 12}},
		{"?direction=asc&per_page=50&unknown=1", page{Names: []string{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}, Page: 1, PerPage: 50, Pages: 1, Count: 12, TotalCount: 12}},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, f.page("/accounts/"+f.AccountID+"/tokens"+tt.query)); diff != "" {
				t.Errorf("page (-want +got):\n%s", diff)
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
		{"", []string{ownName, "active", "disabled"}},
		{"?include_expired=false&direction=desc", []string{"disabled", "active", ownName}},
		{"?include_expired=true", []string{ownName, "active", "expired", "set to expired", "disabled"}},
	} {
		if diff := cmp.Diff(tt.want, f.page("/user/tokens"+tt.query).Names); diff != "" {
			t.Errorf("tokens with query %q (-want +got):\n%s", tt.query, diff)
		}
	}
	f.do("PUT", "/user/tokens/"+expired, `{"name":"renewed","expires_on":null,"policies":`+policies(zoneRead)+`}`).ok(nil)
	if got := f.page("/user/tokens").Names; !slices.Contains(got, "renewed") {
		t.Errorf("tokens = %q, want the renewed one too", got)
	}
	if n := len(f.Tokens()); n != 4 {
		t.Errorf("Tokens() has %d tokens, want 4", n)
	}
}
