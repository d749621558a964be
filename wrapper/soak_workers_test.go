package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// soak is one round: workers that share a client, with what they know about the tokens.
type soak struct {
	protocol  protocol
	listener  *resetListener
	transport *soakTransport
	server    *cftokenstest.Server
	client    *cftokens.Client
	tokens    func() []cftokens.Token // stored by the server

	calls, created, injected, retries, unknown atomic.Int64

	mu       sync.Mutex
	faults   map[string]int
	held     map[string]secret.Value // values of tokens that a caller has, by name
	reported map[string]bool         // names whose create ended in ErrOutcomeUnknown
	unsure   map[string]bool         // names whose delete failed
	problems []string
}

// newSoak returns a round that uses user tokens or account tokens.
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
		protocol: p, listener: listener, transport: newSoakTransport(transport, httptest.NewServer(http.NotFoundHandler())), server: cftokenstest.NewServer(cftokenstest.WithListener(listener)),
		faults: map[string]int{}, held: map[string]secret.Value{}, reported: map[string]bool{}, unsure: map[string]bool{},
	}
	s.client, err = s.server.NewClient(
		cftokens.WithHTTPClient(&http.Client{Transport: s.transport, Timeout: 10 * time.Second}),
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

// retryCounter counts the retries that a client logs.
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

// beforeCall injects a fault into one call in five, of this worker or of another.
func (s *soak) beforeCall() {
	s.calls.Add(1)
	if rand.IntN(5) > 0 {
		return
	}
	kinds := append(slices.Sorted(maps.Keys(faults)), resetRead, resetWrite)
	kinds = append(kinds, slices.Sorted(maps.Keys(transportFaults))...)
	kind := kinds[s.injected.Add(1)%int64(len(kinds))]
	if fault := s.transport.faults[kind]; fault != nil {
		fault.wanted.Add(1)
		return
	}
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

func (s *soak) record(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// live creates, edits, rolls and deletes a token, as a careful caller would.
func (s *soak) live(ctx context.Context, name string, keep bool) {
	create := tokenCreate()
	create.Name = name
	s.beforeCall()
	token, err := s.client.Create(ctx, create)
	if err != nil {
		if errors.Is(err, cftokens.ErrOutcomeUnknown) {
			s.unknown.Add(1)
			s.record(func() { s.reported[name] = true })
			s.removeByName(ctx, name)
		}
		return
	}
	s.created.Add(1)
	s.record(func() { s.held[name] = token.Value })

	s.beforeCall()
	if _, err := s.client.Edit(ctx, token.ID, func(u *cftokens.TokenUpdate) error {
		u.Condition.RequestIP.In = []string{"127.0.0.0/8", "::1"}
		return nil
	}); err == nil {
		s.beforeCall()
		if got, err := s.client.Get(ctx, token.ID); err == nil && len(got.Condition.RequestIP.In) != 2 {
			s.record(func() { s.problems = append(s.problems, name+": Edit() was lost") })
		}
	}
	for known := true; ; {
		s.beforeCall()
		value, err := s.client.Roll(ctx, token.ID)
		if err == nil {
			s.record(func() { s.held[name] = value })
			break
		}
		if errors.Is(err, cftokens.ErrOutcomeUnknown) {
			s.unknown.Add(1)
			known = false
			// The server may still be rolling: over HTTP/2, a reset affects the requests of
			// all workers.
			time.Sleep(20 * time.Millisecond)
		}
		if known {
			break // the old value still works
		}
	}
	if keep && len(s.tokens()) < 20 {
		return
	}
	s.remove(ctx, token.ID, name)
}

func (s *soak) remove(ctx context.Context, id, name string) {
	s.record(func() { delete(s.held, name); s.unsure[name] = true })
	s.beforeCall()
	if err := s.client.Delete(ctx, id); err == nil {
		s.record(func() { delete(s.unsure, name) })
	}
}

func (s *soak) removeByName(ctx context.Context, name string) {
	s.beforeCall()
	for token, err := range s.client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			return
		}
		if token.Name == name {
			s.remove(ctx, token.ID, name)
		}
	}
}

// check compares what the workers know with what the server stores, and closes it.
func (s *soak) check() (lost, duplicated, unreported int) {
	defer s.server.Close()
	defer s.transport.other.Close()
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
