package cftokens_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

var soakCalls = flag.Int("soak.calls", 2000, "how many calls TestSoak makes at least")

const (
	soakRounds  = 5
	soakWorkers = 12
)

// faults are what goes wrong with one request in five.
var faults = map[string]cftokenstest.Fault{
	"status 429":          {Status: 429, Body: refused("971", "Please wait and consider throttling your request speed")},
	"status 500":          {Status: 500, Body: refused("971", "Please wait and consider throttling your request speed")},
	"status 502, HTML":    {Status: 502, Body: "<html>502 Bad Gateway</html>", Header: http.Header{"Content-Type": {"text/html"}}},
	"500 after effect":    {Status: 500, Body: "upstream request timeout", DropAfter: true},
	"failure under 200":   {Status: 200, Body: refused("1000", "no")},
	"dropped before":      {DropBefore: true},
	"dropped after":       {DropAfter: true},
	"cut in the envelope": {TruncateAt: 20},
	"cut to nothing":      {TruncateAt: -1},
	"delayed":             {Delay: 2 * time.Millisecond},
}

// soak is one round: workers that share a client, and what they know.
type soak struct {
	server *cftokenstest.Server
	client *cftokens.Client

	calls, retries, unknown atomic.Int64

	mu       sync.Mutex
	faults   map[string]int
	held     map[string]secret.Value // by name: tokens that a caller holds
	reported map[string]bool         // names whose create ended in ErrOutcomeUnknown
	unsure   map[string]bool         // names whose delete failed
	problems []string
}

// TestSoak lets many goroutines take tokens through their lives over a network
// that fails, and then compares what they know with what the server holds: no
// secret is lost, no token exists twice, and no orphan went unreported.
func TestSoak(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	var calls, retries, unknown int64
	byKind := map[string]int{}
	var heaps []uint64
	var lost, duplicated, unreported int
	for range soakRounds {
		s := newSoak(t)
		s.run(t, int64(*soakCalls)/soakRounds)
		l, d, u := s.check()
		lost, duplicated, unreported = lost+l, duplicated+d, unreported+u
		calls, retries, unknown = calls+s.calls.Load(), retries+s.retries.Load(), unknown+s.unknown.Load()
		for kind, n := range s.faults {
			byKind[kind] += n
		}
		for _, problem := range s.problems {
			t.Error(problem)
		}
		heaps = append(heaps, liveHeap())
	}
	t.Logf("calls %d, retries %d, outcomes unknown %d", calls, retries, unknown)
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		t.Logf("fault: %-20s %d", kind, byKind[kind])
	}
	t.Logf("lost %d, duplicated %d, unreported %d", lost, duplicated, unreported)
	t.Logf("live heap after each round, KiB: %v", heaps)
	if lost+duplicated+unreported > 0 {
		t.Error("secrets were lost, tokens duplicated or orphans not reported")
	}
	if retries == 0 || unknown == 0 || len(byKind) != len(faults) {
		t.Error("too little went wrong to prove anything")
	}
	if first, last := heaps[1], heaps[len(heaps)-1]; last > first+4<<10 {
		t.Errorf("the heap grows: %d KiB after the second round, %d after the last", first, last)
	}
}

func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{
		server: cftokenstest.NewServer(), faults: map[string]int{}, held: map[string]secret.Value{},
		reported: map[string]bool{}, unsure: map[string]bool{},
	}
	var err error
	s.client, err = s.server.NewClient(
		cftokens.WithHTTPClient(&http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: soakWorkers}, Timeout: 10 * time.Second}),
		cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 3, BaseDelay: time.Millisecond, MaxDelay: 5 * time.Millisecond}),
		cftokens.WithLogger(slog.New(retryCounter{&s.retries})))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// retryCounter counts what the client logs as a retry.
type retryCounter struct{ n *atomic.Int64 }

func (c retryCounter) Enabled(context.Context, slog.Level) bool { return true }
func (c retryCounter) WithAttrs([]slog.Attr) slog.Handler       { return c }
func (c retryCounter) WithGroup(string) slog.Handler            { return c }
func (c retryCounter) Handle(_ context.Context, r slog.Record) error {
	if strings.HasSuffix(r.Message, "retrying") {
		c.n.Add(1)
	}
	return nil
}

func (s *soak) run(t *testing.T, calls int64) {
	var workers sync.WaitGroup
	for w := range soakWorkers {
		workers.Go(func() {
			for life := 0; s.calls.Load() < calls; life++ {
				s.live(t.Context(), fmt.Sprintf("token %d of worker %d", life, w), life%8 == 0)
			}
		})
	}
	workers.Wait()
}

// call is made before every call: one in five meets a fault, be it this one or
// that of another worker.
func (s *soak) call() {
	s.calls.Add(1)
	if rand.IntN(5) > 0 {
		return
	}
	kinds := slices.Sorted(maps.Keys(faults))
	kind := kinds[rand.IntN(len(kinds))]
	s.mu.Lock()
	s.faults[kind]++
	s.mu.Unlock()
	s.server.Inject(faults[kind])
}

func (s *soak) know(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// live takes one token through its life, as a careful caller does.
func (s *soak) live(ctx context.Context, name string, keep bool) {
	create := tokenCreate()
	create.Name = name
	s.call()
	token, err := s.client.Create(ctx, create)
	if err != nil {
		if errors.Is(err, cftokens.ErrOutcomeUnknown) {
			s.unknown.Add(1)
			s.know(func() { s.reported[name] = true })
			s.removeByName(ctx, name)
		}
		return
	}
	s.know(func() { s.held[name] = token.Value })

	s.call()
	if _, err := s.client.Edit(ctx, token.ID, func(u *cftokens.TokenUpdate) error {
		u.Condition.RequestIP.In = []string{"127.0.0.0/8", "::1"}
		return nil
	}); err == nil {
		s.call()
		if got, err := s.client.Get(ctx, token.ID); err == nil && len(got.Condition.RequestIP.In) != 2 {
			s.know(func() { s.problems = append(s.problems, name+": the edit is lost") })
		}
	}
	for known := true; ; {
		s.call()
		value, err := s.client.Roll(ctx, token.ID)
		if err == nil {
			s.know(func() { s.held[name] = value })
			break
		}
		if errors.Is(err, cftokens.ErrOutcomeUnknown) {
			s.unknown.Add(1)
			known = false
		}
		if known {
			break // the old value is still the one
		}
	}
	if keep && len(s.server.Tokens()) < 20 {
		return
	}
	s.remove(ctx, token.ID, name)
}

func (s *soak) remove(ctx context.Context, id, name string) {
	s.know(func() { delete(s.held, name); s.unsure[name] = true })
	s.call()
	if err := s.client.Delete(ctx, id); err == nil {
		s.know(func() { delete(s.unsure, name) })
	}
}

func (s *soak) removeByName(ctx context.Context, name string) {
	s.call()
	for token, err := range s.client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return
		}
		if token.Name == name {
			s.remove(ctx, token.ID, name)
		}
	}
}

// check compares, and ends the round.
func (s *soak) check() (lost, duplicated, unreported int) {
	defer s.server.Close()
	seen := map[string]bool{}
	for _, token := range s.server.Tokens() {
		if seen[token.Name] {
			duplicated++
		}
		seen[token.Name] = true
		value, held := s.held[token.Name]
		now, _ := s.server.Value(token.ID)
		switch {
		case held && !now.Equal(value):
			lost++
		case !held && !s.reported[token.Name] && !s.unsure[token.Name]:
			unreported++
		}
	}
	for name := range s.held {
		if !seen[name] {
			lost++
		}
	}
	return lost, duplicated, unreported
}
