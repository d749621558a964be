// Package bench compares this client with Cloudflare's official one and with a baseline.
// It is a separate module, to keep the official client out of users' module graphs.
package bench

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"runtime/metrics"
	"testing"
	"time"
)

// operations are the measured calls, each with its expected result.
var operations = []struct {
	name string
	call func(client, context.Context) (any, error)
	want string // JSON; empty if the call must fail
}{
	{"List1000", func(c client, ctx context.Context) (any, error) {
		tokens := 0
		err := c.list(ctx, 50, func(_ string, policies int) {
			if policies == 2 {
				tokens++
			}
		})
		return tokens, err
	}, "1000"},
	{"Get", func(c client, ctx context.Context) (any, error) { return c.get(ctx, tokenID) }, tokenJSON},
	{"Create", client.create, createdJSON},
	{"Verify", client.verify, verificationJSON},
	{"NotFound", func(c client, ctx context.Context) (any, error) { return c.get(ctx, unknownID) }, ""},
	{"PermissionGroups392", client.groups, groupsJSON},
}

func BenchmarkInMemory(b *testing.B) { measure(b, inMemory(b, &api{tokens: 1000})) }

func BenchmarkLoopback(b *testing.B) { measure(b, loopback(b)) }

// BenchmarkLatency50ms lists tokens over a network on which a round trip takes 50 ms.
func BenchmarkLatency50ms(b *testing.B) {
	clients := inMemory(b, latency{&api{tokens: 500}, 50 * time.Millisecond})
	b.Run("List500", func(b *testing.B) {
		compare(b, clients, func(c client) error { return c.list(b.Context(), 50, func(string, int) {}) })
	})
}

// measure runs each operation with each client.
func measure(b *testing.B, clients []client) {
	b.Helper()
	for _, op := range operations {
		b.Run(op.name, func(b *testing.B) {
			compare(b, clients, func(c client) error {
				if _, err := op.call(c, b.Context()); (err != nil) != (op.want == "") {
					return fmt.Errorf("error = %w", err)
				}
				return nil
			})
		})
	}
}

// compare makes a call with each client in turn, so anything that slows the machine down
// affects all clients.
func compare(b *testing.B, clients []client, call func(client) error) {
	b.Helper()
	for _, c := range clients {
		b.Run("client="+c.name(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := call(c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkAll reads 100,000 tokens in lists of different lengths, and measures the time
// per token and the largest heap on the way.
func BenchmarkAll(b *testing.B) {
	const total = 100_000
	for _, length := range []int{1_000, 10_000, total} {
		b.Run(fmt.Sprintf("tokens=%d", length), func(b *testing.B) {
			client := inMemory(b, &api{tokens: length})[2]
			heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
			peak := uint64(0)
			runtime.GC()
			for b.Loop() {
				n := 0
				for range total / length {
					err := client.list(b.Context(), 0, func(string, int) {
						if n++; n%50 == 0 {
							metrics.Read(heap)
							peak = max(peak, heap[0].Value.Uint64())
						}
					})
					if err != nil {
						b.Fatal(err)
					}
				}
				if n != total {
					b.Fatalf("All returned %d tokens, want %d", n, total)
				}
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/total, "ns/token")
			b.ReportMetric(float64(peak), "peak-heap-B")
		})
	}
}

// latency delays the responses of another transport.
type latency struct {
	next http.RoundTripper
	time time.Duration
}

func (l latency) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(l.time)
	return l.next.RoundTrip(req)
}

func inMemory(tb testing.TB, transport http.RoundTripper) []client {
	tb.Helper()
	return newClients(tb, "https://api.example.com/client/v4", &http.Client{Transport: transport})
}

func loopback(tb testing.TB) []client {
	tb.Helper()
	server := httptest.NewServer(&api{tokens: 1000})
	tb.Cleanup(server.Close)
	return newClients(tb, server.URL+"/client/v4", server.Client())
}
