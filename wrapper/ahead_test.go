package cftokens_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// slowAPI adds latency to the responses of another transport, and records the pages that
// were requested.
type slowAPI struct {
	next        http.RoundTripper
	latency     time.Duration
	stagger     time.Duration // additional latency of each page
	unavailable int           // page that fails

	mu         sync.Mutex
	pages      []int
	open, most int // requests at a time
}

func (s *slowAPI) RoundTrip(req *http.Request) (*http.Response, error) {
	page := max(number(req.URL.Query(), "page"), 1)
	s.mu.Lock()
	s.pages = append(s.pages, page)
	s.open++
	s.most = max(s.most, s.open)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.open--
		s.mu.Unlock()
	}()
	select {
	case <-time.After(s.latency + time.Duration(page)*s.stagger):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if page == s.unavailable {
		return response(http.StatusServiceUnavailable, ""), nil
	}
	return s.next.RoundTrip(req)
}

// requested returns the pages that were requested, in order of their numbers.
func (s *slowAPI) requested() []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(slices.Values(s.pages))
}

func numbers(first, last int) (list []int) {
	for n := first; n <= last; n++ {
		list = append(list, n)
	}
	return list
}

func fixed(info string) func(int, int) string { return func(int, int) string { return info } }

func totals(total, size int) func(int, int) string {
	return func(page, count int) string {
		return fmt.Sprintf(`{"page":%d,"per_page":%d,"count":%d,"total_count":%d,"total_pages":%d}`, page, size, count, total, (total+size-1)/size)
	}
}

// TestAll_Ahead checks how many round trips a list takes, and that only pages that exist
// are requested, at most four at a time.
func TestAll_Ahead(t *testing.T) {
	t.Parallel()
	totalAlone := func(total int) func(int, int) string { return fixed(fmt.Sprintf(`{"total_count":%d}`, total)) }
	for _, tt := range []struct {
		name       string
		total      int
		first      int
		perPage    int // 50 if 0
		size       int // of the server's pages
		info       func(int, int) string
		last       int // page that is requested
		roundTrips time.Duration
	}{
		{name: "500 tokens", total: 500, size: 50, info: totals(500, 50), last: 10, roundTrips: 4},
		{name: "500 tokens, total_count alone", total: 500, size: 50, info: totalAlone(500), last: 10, roundTrips: 4},
		{name: "short pages, as per_page says", total: 45, size: 20, info: totals(45, 20), last: 3, roundTrips: 2},
		{name: "short pages, total_count alone", total: 45, size: 20, info: totalAlone(45), last: 3, roundTrips: 2},
		{name: "one page", total: 50, size: 50, info: totals(50, 50), last: 1, roundTrips: 1},
		{name: "from the middle", total: 500, first: 8, size: 50, info: totals(500, 50), last: 10, roundTrips: 2},
		{name: "from the middle, total_count alone", total: 500, first: 8, size: 50, info: totalAlone(500), last: 10, roundTrips: 2},
		{name: "from a short last page", total: 45, first: 3, perPage: 20, size: 20, info: totals(45, 20), last: 3, roundTrips: 1},
		{name: "from a short last page, total_count alone", total: 445, first: 9, size: 50, info: totalAlone(445), last: 10, roundTrips: 2},
		{name: "from beyond the end", total: 45, first: 9, size: 20, info: totals(45, 20), last: 9, roundTrips: 1},
		{name: "no totals", total: 120, size: 50, info: fixed(""), last: 4, roundTrips: 4},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := &slowAPI{next: lister(tt.total, tt.size, tt.info), latency: 50 * time.Millisecond}
				client := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: api}))
				start := time.Now()
				got, err := collect(t.Context(), client, cftokens.ListOptions{Page: tt.first, PerPage: tt.perPage})
				skipped := tt.size * (max(tt.first, 1) - 1)
				var want []string
				for i := skipped; i < tt.total; i++ {
					want = append(want, fmt.Sprintf("token %d", i))
				}
				if diff := gocmp.Diff(want, got); diff != "" || err != nil {
					t.Errorf("All() error = %v (-want +got):\n%s", err, diff)
				}
				if got := time.Since(start); got != tt.roundTrips*api.latency {
					t.Errorf("All() took %v, want %d round trips of %v", got, tt.roundTrips, api.latency)
				}
				if diff := gocmp.Diff(numbers(max(tt.first, 1), tt.last), api.requested()); diff != "" {
					t.Errorf("All() requested pages (-want +got):\n%s", diff)
				}
				if api.most > 4 {
					t.Errorf("All() sent %d requests at a time, want at most 4", api.most)
				}
			})
		})
	}
}

// TestAll_AheadStops checks that no request and no log line is left when an iteration ends
// early, and that the tokens before a failed page are yielded.
func TestAll_AheadStops(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		stop        int           // token at which the caller stops
		panics      bool          // instead of leaving the loop
		timeout     time.Duration // of the context
		unavailable int           // page that fails
		yielded     int
		last        int // page that may be requested
		failed      int // attempts in the log
		err         error
	}{
		{name: "within the first page", stop: 1, yielded: 1, last: 1},
		{name: "at the end of the first page", stop: 50, yielded: 50, last: 1},
		{name: "within the second page", stop: 51, yielded: 51, last: 5},
		{name: "at the end of the second page", stop: 100, yielded: 100, last: 5},
		{name: "panic within the third page", stop: 101, panics: true, yielded: 101, last: 6},
		{name: "timeout during the first request", timeout: 25 * time.Millisecond, last: 1, failed: 1, err: context.DeadlineExceeded},
		{name: "timeout during requests", timeout: 75 * time.Millisecond, yielded: 50, last: 5, failed: 4, err: context.DeadlineExceeded},
		{name: "second page fails", unavailable: 2, yielded: 50, last: 5, failed: 1, err: cftokens.ErrServer},
		{name: "fourth page fails", unavailable: 4, yielded: 150, last: 7, failed: 1, err: cftokens.ErrServer},
		{name: "last page fails", unavailable: 10, yielded: 450, last: 10, failed: 1, err: cftokens.ErrServer},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				api := &slowAPI{next: lister(500, 50, totals(500, 50)), latency: 50 * time.Millisecond, stagger: time.Millisecond, unavailable: tt.unavailable}
				client := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: api}), cftokens.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
				ctx, cancel := context.WithTimeout(t.Context(), cmp.Or(tt.timeout, time.Hour))
				defer cancel()
				yielded := 0
				var last error
				func() {
					defer func() { _ = recover() }()
					for _, err := range client.All(ctx, cftokens.ListOptions{}) {
						if last = err; err != nil {
							continue
						}
						if yielded++; yielded == tt.stop && tt.panics {
							panic("of the caller")
						} else if yielded == tt.stop {
							return
						}
					}
				}()
				if api.open != 0 {
					t.Errorf("All() left %d requests", api.open)
				}
				if got := strings.Count(log.String(), "request failed"); got != tt.failed {
					t.Errorf("All() logged %d failed attempts, want %d:\n%s", got, tt.failed, &log)
				}
				if !errors.Is(last, tt.err) || (last == nil) != (tt.err == nil) {
					t.Errorf("All() error = %v, want %v", last, tt.err)
				}
				if yielded != tt.yielded {
					t.Errorf("All() yielded %d tokens, want %d", yielded, tt.yielded)
				}
				if got := api.requested(); got[len(got)-1] > tt.last {
					t.Errorf("All() requested pages %v, want none after %d", got, tt.last)
				}
			})
		})
	}
}

// TestAll_Goroutines checks that no goroutine is left, also if the transport ends one, as
// t.FailNow does.
func TestAll_Goroutines(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	pages := lister(500, 50, totals(500, 50))
	for _, odd := range []int{11, 1, 2, 4} {
		transport := roundTripper(func(req *http.Request) (*http.Response, error) {
			if max(number(req.URL.Query(), "page"), 1) == odd {
				runtime.Goexit()
			}
			return pages.RoundTrip(req)
		})
		yielded := make(chan int)
		go func() {
			n := 0
			defer func() { yielded <- n }()
			for _, err := range newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: transport})).All(t.Context(), cftokens.ListOptions{}) {
				if err != nil {
					return
				}
				if n++; n == 160 {
					return
				}
			}
		}()
		want := min(160, 50*(odd-1))
		if n := <-yielded; n != want {
			t.Errorf("All() yielded %d tokens with a transport that exits on page %d, want %d", n, odd, want)
		}
	}
}

// TestAll_EmptyPages checks pages that are empty although totals promise more.
func TestAll_EmptyPages(t *testing.T) {
	t.Parallel()
	empty := func(numbers ...int) func(int) bool {
		return func(page int) bool { return slices.Contains(numbers, page) }
	}
	from := func(number int) func(int) bool { return func(page int) bool { return page >= number } }
	for _, tt := range []struct {
		name     string
		total    int
		info     func(int, int) string
		empty    func(page int) bool
		want     int // tokens
		requests int
		problem  string // with IncludeExpired
	}{
		{name: "first page", total: 145, info: totals(145, 20), empty: empty(1), want: 125, requests: 8},
		{name: "first page, total_count alone", total: 45, info: fixed(`{"total_count":45}`), empty: empty(1), want: 25, requests: 4},
		{name: "first page, total_pages alone", total: 45, info: fixed(`{"total_pages":3}`), empty: empty(1), want: 25, requests: 3},
		{name: "page in the middle", total: 145, info: totals(145, 20), empty: empty(4), want: 125, requests: 8},
		{name: "three pages", total: 145, info: totals(145, 20), empty: empty(2, 4, 5), want: 85, requests: 8},
		{name: "four pages in a row", total: 145, info: totals(145, 20), empty: empty(3, 4, 5, 6), want: 40, requests: 6, problem: "page 6 of the list is empty"},
		{name: "last page", total: 145, info: totals(145, 20), empty: empty(8), want: 140, requests: 8, problem: "page 8 of the list is empty"},
		{name: "the only page", total: 7, info: totals(7, 20), empty: empty(1), requests: 1, problem: "page 1 of the list is empty"},
		{name: "all pages", total: 145, info: totals(145, 20), empty: from(1), requests: 4, problem: "page 4 of the list is empty"},
		{name: "no totals", total: 145, info: fixed(""), empty: empty(3), want: 40, requests: 3},
		{name: "no tokens on one page", info: fixed(`{"page":1,"per_page":50,"count":0,"total_count":0,"total_pages":1}`), empty: from(1), requests: 1},
		{name: "largest totals", total: 45, info: fixed(`{"total_count":2147483647,"total_pages":2147483647}`), empty: from(4), want: 45, requests: 7, problem: "page 7 of the list is empty"},
		{name: "deleted meanwhile", total: 40, info: func(page, _ int) string { return fmt.Sprintf(`{"per_page":20,"total_count":%d}`, 42-page) }, empty: from(3), want: 40, requests: 3},
	} {
		for _, expired := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/%v", tt.name, expired), func(t *testing.T) {
				t.Parallel()
				pages, nothing := lister(tt.total, 20, tt.info), lister(0, 20, tt.info)
				api := &fakeTransport{handle: func(n int, req *http.Request) (*http.Response, error) {
					if tt.empty(max(number(req.URL.Query(), "page"), 1)) {
						return nothing.handle(n, req)
					}
					return pages.handle(n, req)
				}}
				got, err := collect(t.Context(), newClient(t, api), cftokens.ListOptions{IncludeExpired: expired})
				if tt.problem != "" && expired {
					_ = asError[*cftokens.DecodeError](t, "All()", err)
					checkError(t, "All()", err, nil, tt.problem+", although its totals promise more items")
				} else if err != nil {
					t.Errorf("All() error = %v", err)
				}
				if len(got) != tt.want {
					t.Errorf("All() yielded %d tokens, want %d", len(got), tt.want)
				}
				if n := len(api.requests); n > tt.requests {
					t.Errorf("All() sent %d requests, want at most %d", n, tt.requests)
				}
			})
		}
	}
}

// TestAll_Undivided checks a server that ignores page and per_page, as was observed for the
// permission groups of an account. Loops over List and Next end, too.
func TestAll_Undivided(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		total    int
		info     string
		opts     cftokens.PermissionGroupOptions
		requests int
		repeated bool // the error says so
	}{
		{name: "407 groups", total: 407, info: "null", requests: 1},
		{name: "407 groups, large page", total: 407, info: "null", opts: cftokens.PermissionGroupOptions{PerPage: 1000}, requests: 2},
		{name: "407 groups, with totals", total: 407, info: `{"page":1,"per_page":50,"count":407,"total_count":407,"total_pages":1}`, requests: 1},
		{name: "four groups", total: 4, info: "null", requests: 2},
		{name: "full page", total: 50, info: "null", requests: 2, repeated: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			all := lister(tt.total, tt.total, fixed(tt.info))
			api := &fakeTransport{handle: func(n int, _ *http.Request) (*http.Response, error) {
				return all.handle(n, &http.Request{URL: &url.URL{}})
			}}
			client := newClient(t, api)
			n := 0
			for _, err := range client.AllPermissionGroups(t.Context(), tt.opts) {
				switch {
				case err == nil:
					n++
				case tt.repeated:
					checkError(t, "AllPermissionGroups()", err, nil, "page 2 of the list repeats page 1")
				default:
					t.Fatalf("AllPermissionGroups() error = %v", err)
				}
			}
			if n != tt.total {
				t.Errorf("AllPermissionGroups() yielded %d groups, want %d", n, tt.total)
			}
			api.checkRequests(t, "AllPermissionGroups()", tt.requests)
			page, err := client.ListPermissionGroups(t.Context(), tt.opts)
			if err != nil {
				t.Fatalf("ListPermissionGroups() error = %v", err)
			}
			if next, more := page.Next(); more {
				t.Errorf("Next() = %d, want no page", next)
			}
		})
	}
}
