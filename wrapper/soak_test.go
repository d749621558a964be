package cftokens_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
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
	soakRounds  = 6 // in turn over HTTP/1 and HTTP/2
	soakWorkers = 12
)

// faults are what goes wrong with one request in five. Over HTTP/2, the server ends a
// stream with RST_STREAM where it closes a connection over HTTP/1.
var faults = map[string]cftokenstest.Fault{
	"status 429":          {Status: 429, Body: apiError("971", "Please wait and consider throttling your request speed")},
	"status 500":          {Status: 500, Body: apiError("971", "Please wait and consider throttling your request speed")},
	"status 502, HTML":    {Status: 502, Body: "<html>502 Bad Gateway</html>", Header: http.Header{"Content-Type": {"text/html"}}},
	"500 after effect":    {Status: 500, Body: "upstream request timeout", DropAfter: true},
	"status 302":          {Status: 302, Header: http.Header{"Location": {"/elsewhere"}}},
	"status 307":          {Status: 307, Header: http.Header{"Location": {"/elsewhere"}}},
	"302 after effect":    {Status: 302, Header: http.Header{"Location": {"/elsewhere"}}, DropAfter: true},
	"failure under 200":   {Status: 200, Body: apiError("1000", "no")},
	"dropped before":      {DropBefore: true},
	"dropped after":       {DropAfter: true},
	"cut in the envelope": {TruncateAt: 20},
	"cut to nothing":      {TruncateAt: -1},
	"delayed":             {Delay: 2 * time.Millisecond},
}

// Resets are faults of a connection: the server's kernel sends a TCP reset in place of
// passing on what it received or sending what it was given.
const (
	resetRead  = "reset while reading"
	resetWrite = "reset while writing"
)

// soak is one round: workers that share a client, and what they know.
type soak struct {
	protocol protocol
	listener *resetListener
	server   *cftokenstest.Server
	client   *cftokens.Client
	tokens   func() []cftokens.Token // that the server stores

	calls, created, injected, retries, unknown atomic.Int64

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
	for round := range soakRounds {
		s := newSoak(t, protocol(1+round%2), round/2%2 == 1)
		s.run(t, int64(*soakCalls)/soakRounds)
		l, d, u := s.check()
		lost, duplicated, unreported = lost+l, duplicated+d, unreported+u
		calls, retries, unknown = calls+s.calls.Load(), retries+s.retries.Load(), unknown+s.unknown.Load()
		s.faults[resetRead], s.faults[resetWrite] = int(s.listener.reads.done.Load()), int(s.listener.writes.done.Load())
		if s.created.Load() < s.calls.Load()/20 {
			t.Errorf("%s: %d of %d calls created a token; want more", s.protocol, s.created.Load(), s.calls.Load())
		}
		for kind, n := range s.faults {
			if n > 0 {
				byKind[s.protocol.String()+", "+kind] += n
			}
		}
		for _, problem := range s.problems {
			t.Error(problem)
		}
		heaps = append(heaps, liveHeap())
	}
	t.Logf("calls %d, retries %d, outcomes unknown %d", calls, retries, unknown)
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		t.Logf("fault: %-28s %d", kind, byKind[kind])
	}
	t.Logf("lost %d, duplicated %d, unreported %d", lost, duplicated, unreported)
	t.Logf("live heap after each round, KiB: %v", heaps)
	if lost+duplicated+unreported > 0 {
		t.Error("secrets were lost, tokens duplicated or orphans not reported")
	}
	if retries == 0 || unknown == 0 || len(byKind) != 2*(len(faults)+2) {
		t.Error("too little went wrong to prove anything")
	}
	if first, last := heaps[1], heaps[len(heaps)-1]; last > first+4<<10 {
		t.Errorf("the heap grows: %d KiB after the second round, %d after the last", first, last)
	}
}

// newSoak starts a round, on the tokens of the user or of an account.
func newSoak(t *testing.T, p protocol, onAccount bool) *soak {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := &resetListener{Listener: l}
	transport := p.transport()
	transport.MaxIdleConnsPerHost = soakWorkers
	s := &soak{
		protocol: p, listener: listener, server: cftokenstest.NewServer(cftokenstest.WithListener(listener)),
		faults: map[string]int{}, held: map[string]secret.Value{}, reported: map[string]bool{}, unsure: map[string]bool{},
	}
	s.client, err = s.server.NewClient(
		cftokens.WithHTTPClient(&http.Client{Transport: transport, Timeout: 10 * time.Second}),
		cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 3, BaseDelay: time.Millisecond, MaxDelay: 5 * time.Millisecond}),
		cftokens.WithLogger(slog.New(retryCounter{&s.retries})))
	if err != nil {
		t.Fatal(err)
	}
	s.tokens = s.server.Tokens
	if onAccount {
		s.tokens = s.server.AccountTokens
		if s.client, err = s.client.Account(s.server.AccountID); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// resetListener accepts connections that can be reset.
type resetListener struct {
	net.Listener

	reads, writes resets
}

// resets counts the resets that are to come and those that came.
type resets struct{ wanted, done atomic.Int64 }

func (r *resets) take() bool {
	for n := r.wanted.Load(); n > 0; n = r.wanted.Load() {
		if r.wanted.CompareAndSwap(n, n-1) {
			r.done.Add(1)
			return true
		}
	}
	return false
}

func (l *resetListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &resetConn{conn, l}, nil
}

type resetConn struct {
	net.Conn

	listener *resetListener
}

func (c *resetConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if n > 0 && c.listener.reads.take() {
		return 0, c.reset()
	}
	return n, err
}

func (c *resetConn) Write(b []byte) (int, error) {
	if c.listener.writes.take() {
		return 0, c.reset()
	}
	return c.Conn.Write(b)
}

func (c *resetConn) reset() error {
	_ = c.Conn.(*net.TCPConn).SetLinger(0)
	_ = c.Close()
	return net.ErrClosed
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
	kinds := append(slices.Sorted(maps.Keys(faults)), resetRead, resetWrite)
	kind := kinds[s.injected.Add(1)%int64(len(kinds))]
	switch kind {
	case resetRead:
		s.listener.reads.wanted.Add(1)
		return
	case resetWrite:
		s.listener.writes.wanted.Add(1)
		return
	}
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
	s.created.Add(1)
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
			// The server may still be rolling: over HTTP/2, a reset hits the requests of
			// every worker.
			time.Sleep(20 * time.Millisecond)
		}
		if known {
			break // the old value is still the one
		}
	}
	if keep && len(s.tokens()) < 20 {
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
	for _, token := range s.tokens() {
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
