package bench

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cloudflare/cloudflare-go/v7/packages/pagination"
	"github.com/cloudflare/cloudflare-go/v7/user"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// TestOperations checks that every client returns everything that the API sent.
func TestOperations(t *testing.T) {
	t.Parallel()
	for transport, clients := range map[string][]client{"in memory": inMemory(t, &api{tokens: 1000}), "loopback": loopback(t)} {
		for _, op := range operations {
			for _, c := range clients {
				name := fmt.Sprintf("%s by %s, %s", op.name, c.name(), transport)
				result, err := op.call(c, t.Context())
				if op.want == "" {
					if err == nil || !strings.Contains(err.Error(), "404") {
						t.Errorf("%s: error = %v, want one with status 404", name, err)
					}
				} else if got, want := decoded(t, result), decoded(t, json.RawMessage(op.want)); err != nil || !contains(got, want) {
					t.Errorf("%s: got %v, %v; want %v", name, got, err, want)
				}
			}
		}
	}
}

// TestList checks that every client lists the same tokens, in order.
func TestList(t *testing.T) {
	t.Parallel()
	want := make([]string, 100)
	for i := range want {
		want[i] = fmt.Sprintf("%032x", i%50)
	}
	want[0], want[50] = fmt.Sprintf("%032d", 1), fmt.Sprintf("%032d", 2)
	for _, c := range inMemory(t, &api{tokens: len(want)}) {
		var got []string
		if err := c.list(t.Context(), 50, func(id string, _ int) { got = append(got, id) }); err != nil || !slices.Equal(got, want) {
			t.Errorf("the list of %s = %q, %v; want %q", c.name(), got, err, want)
		}
	}
}

// TestList_Requests checks how many requests each client sends for a list with its default
// page size.
func TestList_Requests(t *testing.T) {
	t.Parallel()
	for tokens, want := range map[int]map[string]int64{
		0:    {"baseline": 1, "cloudflare-go": 1, "cftokens": 1},
		1:    {"baseline": 1, "cloudflare-go": 2, "cftokens": 1},
		20:   {"baseline": 1, "cloudflare-go": 2, "cftokens": 1},
		50:   {"baseline": 1, "cloudflare-go": 4, "cftokens": 1},
		51:   {"baseline": 2, "cloudflare-go": 4, "cftokens": 2},
		1000: {"baseline": 20, "cloudflare-go": 51, "cftokens": 20},
	} {
		a := &api{tokens: tokens}
		for _, c := range inMemory(t, a) {
			a.requests.Store(0)
			got := 0
			err := c.list(t.Context(), 0, func(string, int) { got++ })
			if requests := a.requests.Load(); err != nil || got != tokens || requests != want[c.name()] {
				t.Errorf("%s listed %d of %d tokens in %d requests, %v; want %d", c.name(), got, tokens, requests, err, want[c.name()])
			}
		}
	}
}

// TestList_RoundTrips checks how many round trips a list of 500 tokens takes, one after
// the other.
func TestList_RoundTrips(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		want := map[string]time.Duration{"baseline": 10, "cloudflare-go": 11, "cftokens": 4}
		for _, c := range inMemory(t, latency{&api{tokens: 500}, time.Second}) {
			start := time.Now()
			if err := c.list(t.Context(), 50, func(string, int) {}); err != nil {
				t.Errorf("%s: error = %v", c.name(), err)
			}
			if got := time.Since(start) / time.Second; got != want[c.name()] {
				t.Errorf("%s took %d round trips, want %d", c.name(), got, want[c.name()])
			}
		}
	})
}

// decoded returns result, or the items of a page, as encoding/json decodes its encoding. A
// secret.Value cannot be encoded, so it is taken out and put back as a string.
func decoded(t *testing.T, result any) (v any) {
	t.Helper()
	var value string
	switch r := result.(type) {
	case *cftokens.CreatedToken:
		value, r.Value = r.Value.Reveal(), secret.Value{}
	case *gen.CreatedToken:
		value, r.Value = r.Value.Reveal(), secret.Value{}
	case *cftokens.Page[cftokens.PermissionGroup]:
		result = r.Items
	case *pagination.SinglePage[user.TokenPermissionGroupListResponse]:
		result = r.Result
	}
	data, err := json.Marshal(result)
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	if err != nil {
		t.Fatal(err)
	}
	if value != "" {
		v.(map[string]any)["value"] = value
	}
	return v
}

// contains reports whether got is want. Objects may have more members: cloudflare-go
// encodes empty ones too.
func contains(got, want any) bool {
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		for key := range want {
			ok = ok && contains(got[key], want[key])
		}
		return ok
	case []any:
		got, ok := got.([]any)
		return ok && slices.EqualFunc(got, want, contains)
	}
	return got == want
}
