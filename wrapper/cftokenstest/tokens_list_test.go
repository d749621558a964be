package cftokenstest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// list returns the names of the tokens on a page, and its result_info.
func (f *fake) list(path string) (names []string, info any) {
	f.t.Helper()
	r := f.do("GET", path, "")
	var tokens []token
	r.ok(&tokens)
	for _, token := range tokens {
		names = append(names, token.Name)
	}
	return names, parse(f.t, r.body).(map[string]any)["result_info"]
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
		if _, err := f.PutAccountToken(fmt.Appendf(nil, `{"name":"%d"}`, i)); err != nil {
			t.Fatal(err)
		}
	}
	const all = "0 1 2 3 4 5 6 7 8 9 10 11"
	for _, tt := range []struct {
		query, names                string
		page, perPage, pages, count int
	}{
		{"", all, 1, 20, 1, 12},
		{"?page=2&per_page=5", "5 6 7 8 9", 2, 5, 3, 5},
		{"?page=3&per_page=5", "10 11", 3, 5, 3, 2},
		{"?page=2147483647&per_page=50", "", 2147483647, 50, 1, 0},
		{"?page=2.0&per_page=6.0", "6 7 8 9 10 11", 2, 6, 2, 6},
		{"?per_page=100&page=2", "", 2, 100, 1, 0},
		{"?direction=desc&page=2&per_page=5", "6 5 4 3 2", 2, 5, 3, 5},
		{"?direction=asc&per_page=50&unknown=1", all, 1, 50, 1, 12},
	} {
		names, info := f.list("/accounts/" + f.AccountID + "/tokens" + tt.query)
		if got := strings.Join(names, " "); got != tt.names {
			t.Errorf("names with the query %q = %q, want %q", tt.query, got, tt.names)
		}
		want := fmt.Sprintf(`{"page":%d,"per_page":%d,"total_pages":%d,"count":%d,"total_count":12}`, tt.page, tt.perPage, tt.pages, tt.count)
		if diff := cmp.Diff(parse(t, want), info); diff != "" {
			t.Errorf("result_info with the query %q (-want +got):\n%s", tt.query, diff)
		}
	}
}

func TestList_Expired(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.put("active", `,"expires_on":"2099-01-01T00:00:00Z"`)
	expired := f.put("expired", `,"expires_on":"2020-01-01T00:00:00Z"`)
	f.put("set to expired", `,"status":"expired"`)
	f.put("disabled", `,"status":"disabled"`)
	for query, want := range map[string][]string{
		"":                                      {ownName, "active", "disabled"},
		"?include_expired=false&direction=desc": {"disabled", "active", ownName},
		"?include_expired=true":                 {ownName, "active", "expired", "set to expired", "disabled"},
	} {
		got, _ := f.list("/user/tokens" + query)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("tokens with the query %q (-want +got):\n%s", query, diff)
		}
	}
	f.do("PUT", "/user/tokens/"+expired, `{"name":"renewed","expires_on":null,"policies":`+policies(zoneRead)+`}`).ok(nil)
	if got, _ := f.list("/user/tokens"); !slices.Contains(got, "renewed") {
		t.Errorf("tokens = %q, want the renewed one too", got)
	}
	if n := len(f.Tokens()); n != 4 {
		t.Errorf("Tokens() has %d tokens, want 4", n)
	}
}
