package cftokens_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// FuzzAll checks that All ends after at most four pages more than there are, and yields
// tokens in order, whatever result_info says.
func FuzzAll(f *testing.F) {
	f.Add(uint64(1), 120, 50)
	f.Add(uint64(2), 0, 1)
	f.Add(uint64(3), 20, 5)
	f.Fuzz(func(t *testing.T, seed uint64, total, size int) {
		if total < 0 || total > 500 || size < 1 || size > 100 {
			return
		}
		api := lister(total, size, func(page, _ int) string {
			random := rand.New(rand.NewPCG(seed, uint64(page)))
			if random.IntN(4) == 0 {
				return ""
			}
			info := map[string]int{}
			for _, key := range []string{"page", "per_page", "count", "total_count", "total_pages"} {
				if random.IntN(2) == 0 {
					info[key] = random.IntN(2*total+4) - 2
				}
			}
			text, err := json.Marshal(info)
			if err != nil {
				t.Fatal(err)
			}
			return string(text)
		})
		got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{})
		if err != nil {
			t.Fatalf("All() error = %v", err)
		}
		served := min(size, 50)
		if pages := (total + served - 1) / served; len(api.requests) > pages+4 {
			t.Errorf("All() sent %d requests for %d pages", len(api.requests), pages)
		}
		for i, name := range got {
			if want := fmt.Sprintf("token %d", i); name != want {
				t.Fatalf("All() yielded %q, want %q", name, want)
			}
		}
	})
}

// FuzzResultInfo checks that no result_info makes List fail, or makes All lose items or
// never end.
func FuzzResultInfo(f *testing.F) {
	for _, info := range []string{
		`null`, `[]`, `{}`, `false`, `7`, `"x"`, `{"page":1.0}`, `{"page":"1","total_count":"120"}`, `{"per_page":50,"total_count":120}`,
		`{"page":-1,"per_page":-50,"total_count":-1,"total_pages":-1}`, `{"per_page":9223372036854775807,"total_count":9223372036854775807}`, `{"total_pages":1}`,
	} {
		f.Add(info)
	}
	f.Fuzz(func(t *testing.T, info string) {
		if !json.Valid([]byte(info)) {
			return
		}
		const total = 120
		api := lister(total, 50, func(int, int) string { return info })
		client := newClient(t, api)
		page, err := client.List(t.Context(), cftokens.ListOptions{PerPage: 50})
		if err != nil || len(page.Items) != 50 {
			t.Fatalf("result_info %s: List() = %+v, %v; want 50 items", info, page, err)
		}
		if next, more := page.Next(); more && next != 2 {
			t.Errorf("result_info %s: Next() = %d, %v; want 2, or none", info, next, more)
		}
		got, err := collect(t.Context(), client, cftokens.ListOptions{})
		if err != nil || len(api.requests) > 8 {
			t.Errorf("result_info %s: All() error = %v after %d requests, want nil after at most 7", info, err, len(api.requests)-1)
		}
		if page.Info == (cftokens.ResultInfo{}) && len(got) != total {
			t.Errorf("result_info %s: All() returned %d tokens, want %d", info, len(got), total)
		}
	})
}
