package cftokens_test

import (
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

// countConnections serves handler and counts the connections to it.
func countConnections(t *testing.T, handler http.Handler) (url string, connections *atomic.Int64) {
	t.Helper()
	connections = new(atomic.Int64)
	server := httptest.NewUnstartedServer(handler)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, connections
}

// connect returns a client of handler, and counts its connections.
func connect(t *testing.T, handler http.HandlerFunc) (*cftokens.Client, *atomic.Int64) {
	t.Helper()
	url, connections := countConnections(t, handler)
	client, err := cftokens.NewClient(credential, cftokens.WithBaseURL(url),
		cftokens.WithHTTPClient(&http.Client{Transport: &http.Transport{}}), cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))
	if err != nil {
		t.Fatal(err)
	}
	return client, connections
}

// TestConnections_Reused checks that the body of a response is always read to its end and
// closed.
func TestConnections_Reused(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"success": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, success(tokenJSON)) },
		"error": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, apiError("1003", "no"), http.StatusNotFound)
		},
		"not JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>") },
		"empty":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) },
		"long error page": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, strings.Repeat("a", 60<<10), http.StatusForbidden)
		},
		"long, chunked": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, success(`{"name":"`+strings.Repeat("a", 1<<20)+`"}`))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, connections := connect(t, handler)
			for range 20 {
				_, _ = client.Get(t.Context(), tokenID)
			}
			if n := connections.Load(); n != 1 {
				t.Errorf("20 calls of Get() made %d connections, want 1", n)
			}
		})
	}
}

// TestConnections_IdleClosed checks a server that closes the connection after each call.
func TestConnections_IdleClosed(t *testing.T) {
	t.Parallel()
	client, connections := connect(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, success(tokenJSON))
	})
	for range 5 {
		if _, err := client.Get(t.Context(), tokenID); err != nil {
			t.Fatalf("Get() error = %v", err)
		}
	}
	if n := connections.Load(); n != 5 {
		t.Errorf("5 calls of Get() made %d connections, want 5", n)
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
		{name: "content type of HTML", header: map[string]string{"Content-Type": "text/html"}, body: success(tokenJSON)},
		{name: "malformed content type", header: map[string]string{"Content-Type": ";;"}, body: success(tokenJSON)},
		{name: "gzip, but not compressed", header: map[string]string{"Content-Encoding": "gzip"}, body: success(tokenJSON), fails: true},
		{name: "truncated gzip", header: map[string]string{"Content-Encoding": "gzip"}, body: "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", fails: true},
		{name: "unknown encoding", header: map[string]string{"Content-Encoding": "br"}, body: "\x8b\x02\x80", fails: true},
		{name: "invalid UTF-8", body: success(`{"id":"` + tokenID + `","name":"a` + "\xff" + `b"}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, _ := connect(t, func(w http.ResponseWriter, _ *http.Request) {
				for name, value := range tt.header {
					w.Header().Set(name, value)
				}
				_, _ = io.WriteString(w, tt.body)
			})
			_, err := client.Get(t.Context(), tokenID)
			if tt.fails {
				_ = asError[*cftokens.DecodeError](t, "Get()", err)
			} else if err != nil {
				t.Errorf("Get() error = %v", err)
			}
		})
	}
}

// TestConnections_SharedTransport checks that a failed call does not close the idle
// connections of other users of its transport. It does not use http.DefaultTransport,
// whose idle connections are closed by every httptest.Server.
func TestConnections_SharedTransport(t *testing.T) {
	t.Parallel()
	shared := new(http.Transport)
	t.Cleanup(shared.CloseIdleConnections)
	other, connections := countConnections(t, http.NotFoundHandler())
	use := func() {
		t.Helper()
		resp, err := (&http.Client{Transport: shared}).Get(other)
		if err != nil {
			t.Fatalf("http.Client.Get() error = %v", err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	use()

	for name, handler := range map[string]http.HandlerFunc{
		"connection lost": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"server error":    func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) },
		"redirect":        func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other, http.StatusFound) },
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
