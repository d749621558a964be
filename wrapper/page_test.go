package cftokens_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// lister answers lists of total tokens, size at most a page, with what info says
// of them.
func lister(total, size int, info func(page, count int) string) *fakeTransport {
	return &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		query := req.URL.Query()
		page := max(number(query, "page"), 1)
		size := size
		if asked := number(query, "per_page"); asked > 0 {
			size = min(size, asked)
		}
		var items []string
		for i := (page - 1) * size; i < min(page*size, total); i++ {
			items = append(items, fmt.Sprintf(`{"id":"%032d","name":"token %d"}`, i, i))
		}
		body := `{"success":true,"errors":[],"messages":[],"result":[` + strings.Join(items, ",") + `]`
		if extra := info(page, len(items)); extra != "" {
			body += `,"result_info":` + extra
		}
		return response(http.StatusOK, body+"}"), nil
	}}
}

func number(query url.Values, key string) int {
	n, _ := strconv.Atoi(query.Get(key))
	return n
}

func collect(ctx context.Context, client *cftokens.Client, opts cftokens.ListOptions) (names []string, err error) {
	for token, err := range client.All(ctx, opts) {
		if err != nil {
			return names, err
		}
		names = append(names, token.Name)
	}
	return names, nil
}

func TestAll(t *testing.T) {
	t.Parallel()
	honest := func(total, size int) func(int, int) string {
		return func(page, count int) string {
			return fmt.Sprintf(`{"page":%d,"per_page":%d,"count":%d,"total_count":%d,"total_pages":%d}`, page, size, count, total, (total+size-1)/size)
		}
	}
	nothing := func(int, int) string { return "" }
	fixed := func(info string) func(int, int) string { return func(int, int) string { return info } }
	for _, tt := range []struct {
		name        string
		total, size int
		info        func(page, count int) string
		requests    int
	}{
		{name: "no tokens", size: 50, info: honest(0, 50), requests: 1},
		{name: "one token", total: 1, size: 50, info: honest(1, 50), requests: 1},
		{name: "one page", total: 50, size: 50, info: honest(50, 50), requests: 1},
		{name: "two pages", total: 51, size: 50, info: honest(51, 50), requests: 2},
		{name: "twenty pages", total: 1000, size: 50, info: honest(1000, 50), requests: 20},
		{name: "smaller pages than asked for", total: 45, size: 20, info: honest(45, 20), requests: 3},
		{name: "no result_info, short page", total: 49, size: 50, info: nothing, requests: 1},
		{name: "no result_info, full page", total: 50, size: 50, info: nothing, requests: 2},
		{name: "no result_info, no tokens", size: 50, info: nothing, requests: 1},
		{name: "null for result_info", total: 51, size: 50, info: fixed("null"), requests: 2},
		{name: "empty result_info", total: 51, size: 50, info: fixed("{}"), requests: 2},
		{name: "total_pages alone", total: 100, size: 50, info: fixed(`{"total_pages":2}`), requests: 2},
		{name: "total_count alone", total: 100, size: 50, info: fixed(`{"total_count":100}`), requests: 2},
		{name: "page is 0", total: 100, size: 50, info: fixed(`{"page":0,"per_page":50,"total_count":100,"total_pages":2}`), requests: 2},
		{name: "smaller pages without totals", total: 45, size: 20, info: fixed(`{"per_page":20}`), requests: 3},
		{name: "total of the documented example", total: 1, size: 20, info: fixed(`{"count":1,"page":1,"per_page":20,"total_count":2000}`), requests: 2},
		{name: "totals that disagree, pages too few", total: 100, size: 50, info: fixed(`{"per_page":50,"total_count":100,"total_pages":1}`), requests: 2},
		{name: "totals that disagree, count too low", total: 100, size: 50, info: fixed(`{"per_page":50,"total_count":1,"total_pages":2}`), requests: 2},
		{name: "negative numbers", total: 51, size: 50, info: fixed(`{"page":-1,"per_page":-50,"count":-1,"total_count":-1,"total_pages":-1}`), requests: 2},
		{name: "totals beyond all bounds", total: 51, size: 50, info: fixed(`{"per_page":9223372036854775807,"total_count":9223372036854775807,"total_pages":9223372036854775807}`), requests: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := lister(tt.total, tt.size, tt.info)
			got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != tt.total || tt.total > 0 && got[tt.total-1] != fmt.Sprintf("token %d", tt.total-1) {
				t.Errorf("%d tokens, want %d", len(got), tt.total)
			}
			if len(api.requests) != tt.requests {
				t.Errorf("%d requests, want %d", len(api.requests), tt.requests)
			}
			for _, req := range api.requests {
				if req.URL.Query().Get("per_page") != "50" {
					t.Errorf("asked for %s", req.URL.RawQuery)
				}
			}
		})
	}
}

func TestAll_StartPage(t *testing.T) {
	t.Parallel()
	api := lister(25, 10, func(int, int) string { return `{"total_count":25,"per_page":10}` })
	got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{Page: 2, PerPage: 10, Direction: cftokens.DirectionAsc, IncludeExpired: true})
	if err != nil || len(got) != 15 || got[0] != "token 10" {
		t.Errorf("%v, %v", got, err)
	}
	for i, req := range api.requests {
		want := url.Values{"page": {strconv.Itoa(i + 2)}, "per_page": {"10"}, "direction": {"asc"}, "include_expired": {"true"}}
		if diff := cmp.Diff(want, req.URL.Query()); diff != "" {
			t.Errorf("query of request %d (-want +got):\n%s", i+1, diff)
		}
	}
}

func TestAll_Reused(t *testing.T) {
	t.Parallel()
	api := lister(120, 50, func(int, int) string { return `{"total_count":120,"per_page":50}` })
	all := newClient(t, api).All(t.Context(), cftokens.ListOptions{})
	for range 2 {
		n := 0
		for _, err := range all {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 120 {
			t.Errorf("%d tokens, want 120", n)
		}
	}
}

func TestAll_Break(t *testing.T) {
	t.Parallel()
	api := lister(120, 50, func(int, int) string { return `{"total_count":120,"per_page":50}` })
	for _, stop := range []int{1, 50} {
		n := 0
		for _, err := range newClient(t, api).All(t.Context(), cftokens.ListOptions{}) {
			if err != nil {
				t.Fatal(err)
			}
			if n++; n == stop {
				break
			}
		}
	}
	if len(api.requests) != 2 {
		t.Errorf("%d requests for two loops that end on their first page", len(api.requests))
	}
}

func TestAll_RepeatedPage(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]string{
		"the same page again": `[{"id":"a"},{"id":"b"}]`,
		"tokens without ids":  `[{"name":"a"}]`,
	} {
		api := respond(http.StatusOK, `{"success":true,"errors":[],"result":`+result+`,"result_info":{"total_count":1000000,"total_pages":100000}}`)
		got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{})
		var decodeErr *cftokens.DecodeError
		if !errors.As(err, &decodeErr) || !strings.Contains(err.Error(), "repeats page 1") {
			t.Errorf("%s: %v", name, err)
		}
		if len(api.requests) != 2 || len(got) == 0 {
			t.Errorf("%s: %d requests, %d tokens", name, len(api.requests), len(got))
		}
	}
}

// TestAll_Unpaged: the answer holds more than was asked for.
func TestAll_Unpaged(t *testing.T) {
	t.Parallel()
	items := make([]map[string]string, 120)
	for i := range items {
		items[i] = map[string]string{"id": strconv.Itoa(i), "name": strconv.Itoa(i)}
	}
	result, err := json.Marshal(items)
	if err != nil {
		t.Fatal(err)
	}
	api := respond(http.StatusOK, success(string(result)))
	got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{})
	if err != nil || len(got) != 120 || len(api.requests) != 1 {
		t.Errorf("%d tokens, %d requests, %v", len(got), len(api.requests), err)
	}
}

func TestAll_Error(t *testing.T) {
	t.Parallel()
	pages := lister(120, 50, func(int, int) string { return `{"total_count":120,"per_page":50}` })
	api := &fakeTransport{handle: func(n int, req *http.Request) (*http.Response, error) {
		if n == 2 {
			return response(http.StatusForbidden, apiError("9109", "no")), nil
		}
		return pages.handle(n, req)
	}}
	var tokens, errs int
	for token, err := range newClient(t, api).All(t.Context(), cftokens.ListOptions{}) {
		switch {
		case err == nil:
			tokens++
		case token != nil || !errors.Is(err, cftokens.ErrForbidden):
			t.Errorf("got %v with %v", token, err)
		default:
			errs++
		}
	}
	if tokens != 50 || errs != 1 || len(api.requests) != 2 {
		t.Errorf("%d tokens, %d errors, %d requests", tokens, errs, len(api.requests))
	}
}

func TestAll_Canceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	api := lister(120, 50, func(int, int) string { return `{"total_count":120,"per_page":50}` })
	var last error
	n := 0
	for _, err := range newClient(t, api).All(ctx, cftokens.ListOptions{}) {
		if n++; n == 50 {
			cancel()
		}
		last = err
	}
	if !errors.Is(last, context.Canceled) || n != 51 || len(api.requests) != 1 {
		t.Errorf("%d steps, %d requests, %v", n, len(api.requests), last)
	}
}

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
			t.Fatal(err)
		}
		if want := (cftokens.ResultInfo{Page: len(got) + 1, PerPage: 5, Count: len(page.Items), TotalCount: 12, TotalPages: 3}); page.Info != want {
			t.Errorf("info %+v, want %+v", page.Info, want)
		}
		got = append(got, len(page.Items))
		opts.Page, more = page.Next()
	}
	if diff := cmp.Diff([]int{5, 5, 2}, got); diff != "" {
		t.Errorf("items on the pages (-want +got):\n%s", diff)
	}
	if next, more := (&cftokens.Page[cftokens.Token]{}).Next(); next != 0 || more {
		t.Errorf("an empty page is followed by page %d", next)
	}
	made := &cftokens.Page[int]{Items: []int{1}, Info: cftokens.ResultInfo{Page: 4, TotalPages: 9}}
	if next, more := made.Next(); next != 5 || !more {
		t.Errorf("page 4 of 9 is followed by %d, %v", next, more)
	}
}

func TestAllPermissionGroups(t *testing.T) {
	t.Parallel()
	api := lister(392, 50, func(int, int) string { return `{"total_count":392,"per_page":50}` })
	n := 0
	for group, err := range newClient(t, api).AllPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{Name: "x", Scope: cftokens.ScopeUser}) {
		if err != nil {
			t.Fatal(err)
		}
		if group.Name != fmt.Sprintf("token %d", n) {
			t.Errorf("group %d is %q", n, group.Name)
		}
		n++
	}
	if n != 392 || len(api.requests) != 8 || api.requests[7].URL.Query().Get("name") != "x" || api.requests[7].URL.Query().Get("scope") != "com.cloudflare.api.user" {
		t.Errorf("%d groups in %d requests, the last %s", n, len(api.requests), api.requests[7].URL.RawQuery)
	}
}
