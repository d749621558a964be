package cftokens_test

import (
	"fmt"
	"net/http"
	"runtime"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// liveHeap is the size of what is still in use, in KiB.
func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 10
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestAll_Memory ranges over 100,000 tokens and looks at what is in use meanwhile.
func TestAll_Memory(t *testing.T) {
	const total = 100_000
	api := lister(total, 50, func(int, int) string { return fmt.Sprintf(`{"per_page":50,"total_count":%d}`, total) })
	requests := 0
	// Not a itself, which keeps every request.
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		requests++
		return api.handle(requests, req)
	})
	client := newClient(t, api, cftokens.WithHTTPClient(&http.Client{Transport: transport}))
	before := liveHeap()
	peak := before
	n := 0
	for _, err := range client.All(t.Context(), cftokens.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%10_000 == 0 {
			peak = max(peak, liveHeap())
		}
	}
	t.Logf("%d tokens in %d requests, at most %d KiB in use", n, requests, peak-before)
	if n != total || requests != total/50 || peak-before > 32<<10 {
		t.Errorf("%d tokens in %d requests, %d KiB in use; want %d in less than 32 MiB", n, requests, peak-before, total)
	}
}
