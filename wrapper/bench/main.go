// Command bench measures this client beside Cloudflare's official one and beside
// the least code that a person would write, and prints what it finds as Markdown:
// ratios of time and memory, requests counted, and what long lists cost. It is a
// module of its own, so that the official client is in nobody's module graph.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func main() {
	testing.Init()
	rounds := flag.Int("rounds", 31, "how often each client is measured, in turn")
	each := flag.String("each", "50ms", "how long each measurement takes")
	flag.Parse()
	if err := flag.Set("test.benchtime", *each); err != nil {
		fail(err)
	}
	ctx := context.Background()
	fmt.Printf("%s, %s/%s, %d CPUs; %s; median of %d rounds\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), versions(), *rounds)
	err := compare(ctx, *rounds)
	if err == nil {
		err = countRequests(ctx)
	}
	if err == nil {
		err = grow(ctx)
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}

// versions tells what the measured modules are.
func versions() string {
	var list []string
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if strings.HasPrefix(m.Path, "github.com/cloudflare/cloudflare-go") {
				list = append(list, m.Path+" "+m.Version)
			}
		}
	}
	return strings.Join(list, ", ")
}

// compare prints the table of ratios.
func compare(ctx context.Context, rounds int) error {
	memory := &api{tokens: 1000}
	inMemory, err := newClients("https://api.example.com/client/v4", &http.Client{Transport: memory})
	if err != nil {
		return err
	}
	server := httptest.NewServer(&api{tokens: 1000})
	defer server.Close()
	loopback, err := newClients(server.URL+"/client/v4", server.Client())
	if err != nil {
		return err
	}
	fmt.Println("| call | time / baseline | bytes / baseline | allocations / baseline | time / cloudflare-go | bytes / cloudflare-go | allocations / cloudflare-go |")
	fmt.Println("|---|---|---|---|---|---|---|")
	for _, over := range []struct {
		name    string
		clients []client
	}{{"in memory", inMemory}, {"loopback", loopback}} {
		for _, r := range rows {
			ours, err := r.ratios(ctx, over.clients, rounds)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", r.name, over.name, err)
			}
			fmt.Printf("| %s, %s | %s | %s |\n", r.name, over.name, ours.toFloor, ours.toOfficial)
		}
	}
	fmt.Println()
	return nil
}

// countRequests prints how many requests a list of so many tokens takes by each
// client's own defaults.
func countRequests(ctx context.Context) error {
	fmt.Println("| tokens in the list | requests of this client | cloudflare-go | baseline |")
	fmt.Println("|---|---|---|---|")
	for _, tokens := range []int{0, 1, 20, 50, 51, 1000} {
		counts, err := requests(ctx, tokens)
		if err != nil {
			return err
		}
		fmt.Printf("| %d | %d | %d | %d |\n", tokens, counts[0], counts[1], counts[2])
	}
	fmt.Println()
	return nil
}

func requests(ctx context.Context, tokens int) ([]int64, error) {
	a := &api{tokens: tokens}
	clients, err := newClients("https://api.example.com/client/v4", &http.Client{Transport: a})
	if err != nil {
		return nil, err
	}
	var counts []int64
	for _, c := range clients {
		a.requests.Store(0)
		got, err := c.list(ctx, 0)
		if err != nil {
			return nil, err
		}
		if got != tokens {
			return nil, fmt.Errorf("%T listed %d tokens of %d: %w", c, got, tokens, errUnexpected)
		}
		counts = append(counts, a.requests.Load())
	}
	return counts, nil
}
