package cftokens_test

import (
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestList_Pages(t *testing.T) {
	t.Parallel()
	api := lister(12, 5, func(page, count int) string {
		return fmt.Sprintf(`{"page":%d,"per_page":5,"count":%d,"total_count":12,"total_pages":3}`, page, count)
	})
	client := newClient(t, api)
	var got []int
	opts := cftokens.ListOptions{PerPage: 5}
	for more := true; more; {
		page, err := client.List(t.Context(), opts)
		if err != nil {
			t.Fatalf("List() error = %v", err)
		}
		if want := (cftokens.ResultInfo{Page: len(got) + 1, PerPage: 5, Count: len(page.Items), TotalCount: 12, TotalPages: 3}); page.Info != want {
			t.Errorf("Info = %+v, want %+v", page.Info, want)
		}
		got = append(got, len(page.Items))
		opts.Page, more = page.Next()
	}
	if diff := cmp.Diff([]int{5, 5, 2}, got); diff != "" {
		t.Errorf("items per page (-want +got):\n%s", diff)
	}
	if next, more := (&cftokens.Page[cftokens.Token]{}).Next(); next != 0 || more {
		t.Errorf("Next() of an empty page = %d, %v; want 0, false", next, more)
	}
	for page, want := range map[int]int{4: 5, 0: 2, -3: 2, 9: 0, math.MaxInt: 0} {
		literal := &cftokens.Page[int]{Items: []int{1}, Info: cftokens.ResultInfo{Page: page, TotalPages: 9}}
		if next, more := literal.Next(); next != want || more != (want > 0) {
			t.Errorf("Next() of page %d of 9 = %d, %v; want %d", page, next, more, want)
		}
	}
}

func TestAllPermissionGroups(t *testing.T) {
	t.Parallel()
	api := lister(392, 50, func(int, int) string { return `{"total_count":392,"per_page":50}` })
	n := 0
	for group, err := range newClient(t, api).AllPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{Name: "x", Scope: cftokens.ScopeUser}) {
		if err != nil {
			t.Fatalf("AllPermissionGroups() error = %v", err)
		}
		if want := fmt.Sprintf("token %d", n); group.Name != want {
			t.Errorf("AllPermissionGroups() yielded %q, want %q", group.Name, want)
		}
		n++
	}
	if n != 392 {
		t.Errorf("AllPermissionGroups() yielded %d groups, want 392", n)
	}
	api.checkRequests(t, "AllPermissionGroups()", 8)
	slices.SortFunc(api.requests, func(a, b *http.Request) int {
		return number(a.URL.Query(), "page") - number(b.URL.Query(), "page")
	})
	want := url.Values{"page": {"8"}, "per_page": {"50"}, "name": {"x"}, "scope": {"com.cloudflare.api.user"}}
	if diff := cmp.Diff(want, api.requests[len(api.requests)-1].URL.Query()); diff != "" {
		t.Errorf("query of the last request (-want +got):\n%s", diff)
	}
}
