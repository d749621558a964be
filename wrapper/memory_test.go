package cftokens_test

import (
	"fmt"
	"net/http"
	"runtime"
	"sync/atomic"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// liveHeap returns the size of the live heap in KiB.
func liveHeap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc >> 10
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// TestAll_Memory checks the live heap while All yields 100,000 tokens.
func TestAll_Memory(t *testing.T) {
	const total = 100_000
	api := lister(total, 50, func(int, int) string { return fmt.Sprintf(`{"per_page":50,"total_count":%d}`, total) })
	var sent atomic.Int64
	// Not api itself, which records every request.
	transport := roundTripper(func(req *http.Request) (*http.Response, error) {
		return api.handle(int(sent.Add(1)), req)
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
	requests := int(sent.Load())
	t.Logf("%d tokens in %d requests, at most %d KiB in use", n, requests, peak-before)
	if n != total || requests != total/50 {
		t.Errorf("All() yielded %d tokens in %d requests, want %d in %d", n, requests, total, total/50)
	}
	if got := peak - before; got > 32<<10 {
		t.Errorf("All() had %d KiB in use, want at most 32 MiB", got)
	}
}
