package cftokens_test

import (
	"fmt"
	"math"
	"net/http"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestList_OddResultInfo checks that totals are read one by one, whatever their form.
func TestList_OddResultInfo(t *testing.T) {
	t.Parallel()
	all := cftokens.ResultInfo{Page: 1, PerPage: 20, Count: 20, TotalCount: 45, TotalPages: 3}
	for _, tt := range []struct {
		info string
		want cftokens.ResultInfo
	}{
		{`{"page":1,"per_page":20,"count":20,"total_count":45,"total_pages":3}`, all},
		{`{"page":1.0,"per_page":20.0,"count":2e1,"total_count":45.0,"total_pages":3.0}`, all},
		{`{"page":"1","per_page":"20","count":" 20","total_count":"45.0","total_pages":"3"}`, all},
		{`{"page":1,"per_page":20,"count":20,"total_count":"45","total_pages":3}`, all},
		{`{"page":1,"per_page":20,"total_count":1e30,"total_pages":3}`, cftokens.ResultInfo{Page: 1, PerPage: 20, TotalPages: 3}},
		{`{"page":1,"per_page":20,"total_count":99999999999999999999,"total_pages":3}`, cftokens.ResultInfo{Page: 1, PerPage: 20, TotalPages: 3}},
		{`{"page":1,"per_page":"many","total_count":45}`, cftokens.ResultInfo{Page: 1, TotalCount: 45}},
		{`{"page":null,"per_page":{"a":1},"total_count":[45],"total_pages":3}`, cftokens.ResultInfo{TotalPages: 3}},
		{`{"page":1,"per_page":20,"total_count":45.5}`, cftokens.ResultInfo{Page: 1, PerPage: 20}},
		{`{"page":-1,"per_page":"-20","total_count":-1e30}`, cftokens.ResultInfo{Page: -1, PerPage: -20}},
		{`{"page":1,"per_page":"NaN","total_count":"Inf","total_pages":""}`, cftokens.ResultInfo{Page: 1}},
		{`[]`, cftokens.ResultInfo{}},
		{`[{"total_count":1}]`, cftokens.ResultInfo{}},
		{`null`, cftokens.ResultInfo{}},
		{`false`, cftokens.ResultInfo{}},
		{`7`, cftokens.ResultInfo{}},
		{`""`, cftokens.ResultInfo{}},
		{`{}`, cftokens.ResultInfo{}},
	} {
		t.Run(tt.info, func(t *testing.T) {
			t.Parallel()
			api := lister(45, 20, func(int, int) string { return tt.info })
			client := newClient(t, api)
			page, err := client.List(t.Context(), cftokens.ListOptions{PerPage: 20})
			if err != nil {
				t.Fatalf("List() error = %v", err)
			}
			if len(page.Items) != 20 || page.Info != tt.want {
				t.Errorf("List() = %d items, %+v; want 20 items, %+v", len(page.Items), page.Info, tt.want)
			}
			if next, more := page.Next(); next != 2 || !more {
				t.Errorf("Next() = %d, %v; want page 2", next, more)
			}
			groups, err := client.ListPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{})
			if err != nil {
				t.Fatalf("ListPermissionGroups() error = %v", err)
			}
			if len(groups.Items) != 20 || groups.Info != tt.want {
				t.Errorf("ListPermissionGroups() = %d items, %+v; want 20 items, %+v", len(groups.Items), groups.Info, tt.want)
			}
			got, err := collect(t.Context(), client, cftokens.ListOptions{})
			if err != nil || len(got) != 45 {
				t.Errorf("All() returned %d tokens, %v; want 45", len(got), err)
			}
		})
	}
}

// TestAll_CappedPageSize checks that no token is lost if pages have fewer items than were
// requested, whatever result_info says.
func TestAll_CappedPageSize(t *testing.T) {
	t.Parallel()
	const size = 20
	for name, info := range map[string]string{
		"total_count alone":                   `{"total_count":%d}`,
		"the right per_page":                  `{"per_page":20,"total_count":%d}`,
		"per_page as requested":               `{"per_page":50,"total_count":%d}`,
		"larger per_page":                     `{"per_page":1000,"total_count":%d}`,
		"smaller per_page":                    `{"per_page":5,"total_count":%d}`,
		"page that is always 1":               `{"page":1,"total_count":%d}`,
		"page of another page":                `{"page":9,"per_page":20,"total_count":%d}`,
		"everything, per_page as requested":   `{"page":1,"per_page":50,"count":50,"total_count":%d,"total_pages":1}`,
		"per_page as requested, no page left": `{"per_page":50,"total_count":%d,"total_pages":1}`,
	} {
		for _, total := range []int{19, 20, 21, 40, 41, 45, 60, 65, 90, 100} {
			for first := range 4 {
				t.Run(fmt.Sprintf("%s/%d tokens from page %d", name, total, first), func(t *testing.T) {
					t.Parallel()
					api := lister(total, size, func(int, int) string { return fmt.Sprintf(info, total) })
					got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{Page: first})
					skipped := size * (max(first, 1) - 1)
					if want := max(total-skipped, 0); err != nil || len(got) != want {
						t.Errorf("All() returned %d tokens, %v; want %d", len(got), err, want)
					}
					most := max(total-skipped, 0)/size + 2
					if name == "smaller per_page" && first > 1 {
						most += 3 // on a short page, nothing contradicts it
					}
					if len(api.requests) > most {
						t.Errorf("All() sent %d requests, want at most %d", len(api.requests), most)
					}
					var n int
					opts := cftokens.ListOptions{Page: first, PerPage: 50}
					for more := true; more; {
						page, err := newClient(t, api).List(t.Context(), opts)
						if err != nil {
							t.Fatalf("List() error = %v", err)
						}
						n += len(page.Items)
						opts.Page, more = page.Next()
					}
					if want := max(total-skipped, 0); n != want {
						t.Errorf("List() and Next() returned %d tokens, want %d", n, want)
					}
				})
			}
		}
	}
}

func TestPage_Next(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		page    int // requested
		perPage int
		count   int
		info    string
		next    int
	}{
		{name: "neither PerPage nor totals", count: 20},
		{name: "neither PerPage nor totals, page 3", page: 3, count: 1},
		{name: "neither PerPage nor totals, empty", page: 3},
		{name: "per_page without totals, full", count: 20, info: `{"per_page":20}`, next: 2},
		{name: "PerPage without totals, full", page: 2, perPage: 20, count: 20, next: 3},
		{name: "PerPage without totals, short", page: 2, perPage: 20, count: 19},
		{name: "PerPage without totals, too many", perPage: 20, count: 21},
		{name: "per_page without totals, short", count: 19, info: `{"per_page":20}`},
		{name: "result_info with another page", page: 2, perPage: 20, count: 20, info: `{"page":7,"per_page":20,"total_count":60}`, next: 3},
		{name: "result_info with the first page", page: 3, perPage: 20, count: 20, info: `{"page":1,"per_page":20,"total_count":60,"total_pages":3}`},
		{name: "result_info with page 0", perPage: 20, count: 20, info: `{"page":0,"per_page":20,"total_count":21}`, next: 2},
		{name: "result_info with a negative page", perPage: 20, count: 20, info: `{"page":-5,"per_page":20,"total_count":20}`},
		{name: "capped, and a total that would fit full pages", page: 2, perPage: 50, count: 20, info: `{"total_count":70}`, next: 3},
		{name: "last page, short", page: 3, perPage: 20, count: 5, info: `{"page":3,"per_page":20,"total_count":45}`},
		{name: "the only page of total_pages, short", count: 5, info: `{"per_page":20,"total_pages":1}`},
		{name: "total_count of a page along with total_pages", page: 3, count: 1, info: `{"per_page":5,"total_count":1,"total_pages":3}`},
		{name: "last page of total_pages", page: 3, perPage: 20, count: 5, info: `{"page":3,"total_pages":3}`},
		{name: "more pages than total_count has", page: 1, perPage: 20, count: 20, info: `{"total_count":20,"total_pages":2}`, next: 2},
		{name: "beyond the last page, the same as page 1", page: 11, perPage: 50, count: 40, info: `{"page":1,"per_page":50,"total_count":413,"total_pages":9}`},
		{name: "page number that cannot be followed", page: math.MaxInt, perPage: 20, count: 20},
		{name: "page number that cannot be followed, with totals", page: math.MaxInt, perPage: 20, count: 20, info: fmt.Sprintf(`{"total_count":%[1]d,"total_pages":%[1]d}`, math.MaxInt)},
		{name: "empty page before the last", page: 2, perPage: 20, info: `{"page":2,"per_page":20,"total_count":100,"total_pages":5}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			items := ""
			for i := range tt.count {
				items += fmt.Sprintf(`,{"id":"%d"}`, i)
			}
			body := `{"success":true,"result":[` + items[min(len(items), 1):] + `]`
			if tt.info != "" {
				body += `,"result_info":` + tt.info
			}
			page, err := newClient(t, respond(http.StatusOK, body+"}")).List(t.Context(), cftokens.ListOptions{Page: tt.page, PerPage: tt.perPage})
			if err != nil {
				t.Fatalf("List() error = %v", err)
			}
			if next, more := page.Next(); next != tt.next || more != (tt.next > 0) {
				t.Errorf("Next() = %d, %v; want %d", next, more, tt.next)
			}
		})
	}
}
