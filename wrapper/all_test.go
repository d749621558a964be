package cftokens_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// collect returns the names of all tokens.
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
	nothing := fixed("")
	count := func(keys ...string) func(int, int) string {
		return func(_, count int) string {
			info := map[string]int{}
			for _, key := range keys {
				info[key] = count
			}
			text, _ := json.Marshal(info)
			return string(text)
		}
	}
	onPage := func(number int, info string) func(int, int) string {
		return func(page, _ int) string {
			if page == number {
				return info
			}
			return ""
		}
	}
	for _, tt := range []struct {
		name        string
		total, size int
		info        func(page, count int) string
		requests    int
	}{
		{name: "no tokens", size: 50, info: totals(0, 50), requests: 1},
		{name: "one token", total: 1, size: 50, info: totals(1, 50), requests: 1},
		{name: "one page", total: 50, size: 50, info: totals(50, 50), requests: 1},
		{name: "two pages", total: 51, size: 50, info: totals(51, 50), requests: 2},
		{name: "twenty pages", total: 1000, size: 50, info: totals(1000, 50), requests: 20},
		{name: "smaller pages than requested", total: 45, size: 20, info: totals(45, 20), requests: 3},
		{name: "no result_info, short page", total: 49, size: 50, info: nothing, requests: 2},
		{name: "no result_info, capped pages", total: 45, size: 20, info: nothing, requests: 4},
		{name: "total_count is that of the page", total: 45, size: 20, info: count("total_count"), requests: 4},
		{name: "total_count is that of the page, as is per_page", total: 45, size: 20, info: count("per_page", "total_count"), requests: 4},
		{name: "totals are those of the page", total: 45, size: 20, info: func(_, count int) string {
			return fmt.Sprintf(`{"page":1,"per_page":20,"count":%[1]d,"total_count":%[1]d,"total_pages":1}`, count)
		}, requests: 4},
		{name: "total_count is that of a short page", total: 7, size: 20, info: fixed(`{"per_page":20,"total_count":7}`), requests: 1},
		{name: "totals on the first page alone", total: 145, size: 50, info: onPage(1, `{"per_page":50,"total_count":145}`), requests: 3},
		{name: "totals on the second page alone", total: 145, size: 50, info: onPage(2, `{"per_page":50,"total_count":145}`), requests: 3},
		{name: "hidden tokens are counted", total: 42, size: 20, info: fixed(`{"per_page":20,"total_count":45,"total_pages":3}`), requests: 3},
		{name: "no result_info, full page", total: 50, size: 50, info: nothing, requests: 2},
		{name: "no result_info, no tokens", size: 50, info: nothing, requests: 1},
		{name: "result_info is null", total: 51, size: 50, info: fixed("null"), requests: 3},
		{name: "empty result_info", total: 51, size: 50, info: fixed("{}"), requests: 3},
		{name: "total_pages is always 1", total: 45, size: 20, info: fixed(`{"total_pages":1}`), requests: 4},
		{name: "total_pages alone", total: 100, size: 50, info: fixed(`{"total_pages":2}`), requests: 2},
		{name: "total_count alone", total: 100, size: 50, info: fixed(`{"total_count":100}`), requests: 2},
		{name: "page is 0", total: 100, size: 50, info: fixed(`{"page":0,"per_page":50,"total_count":100,"total_pages":2}`), requests: 2},
		{name: "smaller pages without totals", total: 45, size: 20, info: fixed(`{"per_page":20}`), requests: 4},
		{name: "total of the documented example", total: 1, size: 20, info: fixed(`{"count":1,"page":1,"per_page":20,"total_count":2000}`), requests: 5},
		{name: "contradictory totals, total_pages too low", total: 100, size: 50, info: fixed(`{"per_page":50,"total_count":100,"total_pages":1}`), requests: 2},
		{name: "contradictory totals, total_count too low", total: 100, size: 50, info: fixed(`{"per_page":50,"total_count":1,"total_pages":2}`), requests: 2},
		{name: "negative numbers", total: 51, size: 50, info: fixed(`{"page":-1,"per_page":-50,"count":-1,"total_count":-1,"total_pages":-1}`), requests: 3},
		{name: "totals of no real list", total: 51, size: 50, info: fixed(`{"per_page":9000000000,"total_count":9000000000,"total_pages":9000000000}`), requests: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := lister(tt.total, tt.size, tt.info)
			got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{})
			if err != nil {
				t.Fatalf("All() error = %v", err)
			}
			if len(got) != tt.total {
				t.Fatalf("All() returned %d tokens, want %d", len(got), tt.total)
			}
			if last := tt.total - 1; last >= 0 && got[last] != fmt.Sprintf("token %d", last) {
				t.Errorf("All() returned %q last, want token %d", got[last], last)
			}
			api.checkRequests(t, "All()", tt.requests)
			for _, req := range api.requests {
				if got := req.URL.Query().Get("per_page"); got != "50" {
					t.Errorf("All() sent per_page=%s, want 50", got)
				}
			}
		})
	}
}

func TestAll_StartPage(t *testing.T) {
	t.Parallel()
	api := lister(25, 10, func(int, int) string { return `{"total_count":25,"per_page":10}` })
	got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{Page: 2, PerPage: 10, Direction: cftokens.DirectionAsc, IncludeExpired: true})
	if err != nil {
		t.Fatalf("All() error = %v", err)
	}
	if len(got) != 15 || got[0] != "token 10" {
		t.Errorf("All() returned %q, want 15 tokens from token 10 on", got)
	}
	api.checkRequests(t, "All()", 2)
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
				t.Fatalf("All() error = %v", err)
			}
			n++
		}
		if n != 120 {
			t.Errorf("All() returned %d tokens, want 120", n)
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
				t.Fatalf("All() error = %v", err)
			}
			if n++; n == stop {
				break
			}
		}
	}
	api.checkRequests(t, "All(), twice left on the first page,", 2)
}

func TestAll_RepeatedPage(t *testing.T) {
	t.Parallel()
	for name, result := range map[string]string{
		"the same page again": `[{"id":"a"},{"id":"b"}]`,
		"tokens without IDs":  `[{"name":"a"}]`,
	} {
		api := respond(http.StatusOK, `{"success":true,"errors":[],"result":`+result+`,"result_info":{"total_count":1000000,"total_pages":100000}}`)
		got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{})
		_ = asError[*cftokens.DecodeError](t, name+": All()", err)
		checkError(t, name+": All()", err, nil, "page 2 of the list repeats page 1")
		if n := len(api.requests); n > 5 {
			t.Errorf("%s: All() sent %d requests, want at most 5", name, n)
		}
		if len(got) == 0 {
			t.Errorf("%s: All() returned no tokens, want the first page", name)
		}
	}
}

// TestAll_Unpaged checks a response with more items than were requested.
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
	if err != nil || len(got) != 120 {
		t.Errorf("All() returned %d tokens, %v; want 120", len(got), err)
	}
	api.checkRequests(t, "All()", 1)
}

func TestAll_Error(t *testing.T) {
	t.Parallel()
	pages := lister(120, 50, func(int, int) string { return `{"total_count":120,"per_page":50}` })
	api := &fakeTransport{handle: func(n int, req *http.Request) (*http.Response, error) {
		if number(req.URL.Query(), "page") == 2 {
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
			t.Errorf("All() yielded %v, %v; want nil, ErrForbidden", token, err)
		default:
			errs++
		}
	}
	if tokens != 50 || errs != 1 {
		t.Errorf("All() yielded %d tokens and %d errors, want 50 and 1", tokens, errs)
	}
	// The error may cancel the request of the third page before it is sent.
	if n := len(api.requests); n < 2 || n > 3 {
		t.Errorf("All() sent %d requests, want 2 or 3", n)
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
	checkError(t, "All()", last, context.Canceled, "")
	if n != 51 {
		t.Errorf("All() yielded %d times, want 50 tokens and an error", n)
	}
	api.checkRequests(t, "All()", 1)
}
