package main

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"runtime/metrics"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// grow prints what a token of a long list costs this client, beside one of a short
// list, and how large the heap becomes meanwhile.
func grow(ctx context.Context) error {
	sizes := []int{1_000, 10_000, 100_000}
	times := make([][]float64, len(sizes))
	peaks := make([]uint64, len(sizes))
	for range 11 {
		for i, size := range sizes {
			elapsed, peak, err := walk(ctx, size, sizes[len(sizes)-1]/size)
			if err != nil {
				return err
			}
			times[i] = append(times[i], float64(elapsed))
			peaks[i] = max(peaks[i], peak)
		}
	}
	fmt.Println("| list of | time per token, to that of 1,000 | peak heap, MiB |")
	fmt.Println("|---|---|---|")
	for i, size := range sizes {
		ratios := make([]float64, len(times[i]))
		for round := range ratios {
			ratios[round] = times[i][round] / times[0][round]
		}
		fmt.Printf("| %d tokens | %.2f | %.1f |\n", size, median(ratios), float64(peaks[i])/(1<<20))
	}
	return nil
}

// walk lists size tokens so many times.
func walk(ctx context.Context, size, times int) (elapsed time.Duration, peak uint64, err error) {
	client, err := cftokens.NewClient(credential, cftokens.WithHTTPClient(&http.Client{Transport: &api{tokens: size}}))
	if err != nil {
		return 0, 0, err
	}
	runtime.GC()
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	started := time.Now()
	for range times {
		n := 0
		for _, err := range client.All(ctx, cftokens.ListOptions{}) {
			if err != nil {
				return 0, 0, err
			}
			if n++; n%50 == 0 {
				metrics.Read(heap)
				peak = max(peak, heap[0].Value.Uint64())
			}
		}
		if n != size {
			return 0, 0, errUnexpected
		}
	}
	return time.Since(started), peak, nil
}
