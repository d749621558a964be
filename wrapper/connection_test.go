package cftokens_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// connected serves handler and counts the connections that are made to it.
func connected(t *testing.T, handler http.HandlerFunc) (*cftokens.Client, *atomic.Int64) {
	t.Helper()
	var connections atomic.Int64
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	client, err := cftokens.NewClient(credential, cftokens.WithBaseURL(server.URL),
		cftokens.WithHTTPClient(&http.Client{Transport: &http.Transport{}}), cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))
	if err != nil {
		t.Fatal(err)
	}
	return client, &connections
}

// TestConnections_Reused: whatever comes of a call, its body is read to the end
// and closed.
func TestConnections_Reused(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"success": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, success(tokenJSON)) },
		"error": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, apiError("1003", "no"), http.StatusNotFound)
		},
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"empty":   func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
		"long page": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat("a", 60<<10), http.StatusForbidden)
		},
		"long, unframed": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, success(`{"name":"`+strings.Repeat("a", 1<<20)+`"}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, connections := connected(t, handler)
			for range 20 {
				_, _ = client.Get(t.Context(), tokenID)
			}
			if n := connections.Load(); n != 1 {
				t.Errorf("20 calls in turn made %d connections, want 1", n)
			}
		})
	}
}

// TestConnections_IdleClosed: a server may close a connection between two calls.
func TestConnections_IdleClosed(t *testing.T) {
	t.Parallel()
	client, connections := connected(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, success(tokenJSON))
	})
	for range 5 {
		if _, err := client.Get(t.Context(), tokenID); err != nil {
			t.Fatal(err)
		}
	}
	if n := connections.Load(); n != 5 {
		t.Errorf("%d connections, want 5", n)
	}
}

func TestGet_ContentTypeAndEncoding(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		header map[string]string
		body   string
		fails  bool
	}{
		{name: "no content type", header: map[string]string{"Content-Type": ""}, body: success(tokenJSON)},
		{name: "content type of a page", header: map[string]string{"Content-Type": "text/html"}, body: success(tokenJSON)},
		{name: "content type that is none", header: map[string]string{"Content-Type": ";;"}, body: success(tokenJSON)},
		{name: "gzip that is none", header: map[string]string{"Content-Encoding": "gzip"}, body: success(tokenJSON), fails: true},
		{name: "gzip that ends early", header: map[string]string{"Content-Encoding": "gzip"}, body: "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", fails: true},
		{name: "unknown encoding", header: map[string]string{"Content-Encoding": "br"}, body: "\x8b\x02\x80", fails: true},
		{name: "invalid UTF-8", body: success(`{"name":"a` + "\xff" + `b"}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, _ := connected(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range tt.header {
					w.Header().Set(name, value)
				}
				_, _ = io.WriteString(w, tt.body)
			})
			_, err := client.Get(t.Context(), tokenID)
			var decodeErr *cftokens.DecodeError
			if tt.fails != errors.As(err, &decodeErr) || !tt.fails && err != nil {
				t.Errorf("got %v, want a failure: %v", err, tt.fails)
			}
		})
	}
}

// TestConnections_SharedTransport checks that a failed call leaves the idle connections
// of other users of its transport alone. It does not use http.DefaultTransport, whose
// idle connections every httptest.Server closes at its end.
func TestConnections_SharedTransport(t *testing.T) {
	t.Parallel()
	shared := new(http.Transport)
	t.Cleanup(shared.CloseIdleConnections)
	var connections atomic.Int64
	other := httptest.NewUnstartedServer(http.NotFoundHandler())
	other.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	other.Start()
	t.Cleanup(other.Close)
	use := func() {
		t.Helper()
		resp, err := (&http.Client{Transport: shared}).Get(other.URL)
		if err != nil {
			t.Fatalf("Get() of the other user: error = %v", err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	use()

	for name, handler := range map[string]http.HandlerFunc{
		"connection lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"server error":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"redirect":        func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) },
		"timeout":         func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body); <-r.Context().Done() },
	} {
		server := httptest.NewServer(handler)
		client, err := cftokens.NewClient(credential, cftokens.WithBaseURL(server.URL),
			cftokens.WithHTTPClient(&http.Client{Transport: shared, Timeout: 50 * time.Millisecond}),
			cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))
		if err != nil {
			t.Fatal(err)
		}
		for operation, call := range everyCall {
			if err := call(t, client); err == nil {
				t.Errorf("%s: %s error = nil, want one", name, operation)
			}
			use()
			if n := connections.Load(); n != 1 {
				t.Fatalf("%s: the other user needed a new connection after %s failed", name, operation)
			}
		}
		resp, err := client.Generated().DeleteToken(t.Context(), tokenID)
		if err == nil {
			_ = resp.Body.Close()
		}
		use()
		if n := connections.Load(); n != 1 {
			t.Errorf("%s: the other user needed a new connection after a generated call failed", name)
		}
		server.Close()
	}
}
