package cftokens

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pipeNetwork connects a server and its clients in memory.
type pipeNetwork struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once

	mu     sync.Mutex
	dialed []*droppingConn
}

func newPipeNetwork() *pipeNetwork {
	return &pipeNetwork{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (n *pipeNetwork) Accept() (net.Conn, error) {
	select {
	case conn := <-n.conns:
		return conn, nil
	case <-n.closed:
		return nil, net.ErrClosed
	}
}

func (n *pipeNetwork) Close() error {
	n.once.Do(func() { close(n.closed) })
	return nil
}

func (n *pipeNetwork) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443} }

func (n *pipeNetwork) dial(context.Context, string, string) (net.Conn, error) {
	client, server := net.Pipe()
	conn := &droppingConn{Conn: client}
	n.mu.Lock()
	n.dialed = append(n.dialed, conn)
	n.mu.Unlock()
	n.conns <- server
	return conn, nil
}

// drop makes the network lose whatever is sent on the connections that exist now.
func (n *pipeNetwork) drop() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, conn := range n.dialed {
		conn.dropped.Store(true)
	}
}

// droppingConn is a connection that can lose what is written to it, as one does that a
// NAT has forgotten.
type droppingConn struct {
	net.Conn

	dropped, closed atomic.Bool
}

func (c *droppingConn) Close() error {
	c.closed.Store(true)
	return c.Conn.Close()
}

func (c *droppingConn) Write(b []byte) (int, error) {
	if c.dropped.Load() {
		return len(b), nil
	}
	return c.Conn.Write(b)
}

// serve returns a transport that reaches a TLS server which supports HTTP/2.
func (n *pipeNetwork) serve(t *testing.T) *http.Transport {
	t.Helper()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, _ = io.WriteString(w, req.Proto)
	}))
	server.Listener = n
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	transport := server.Client().Transport.(*http.Transport)
	transport.DialContext = n.dial
	return transport
}

// replaceDefaultTransport replaces http.DefaultTransport until the end of the test, which
// must not be parallel.
func replaceDefaultTransport(t *testing.T, rt http.RoundTripper) {
	t.Helper()
	before := http.DefaultTransport
	http.DefaultTransport = rt
	t.Cleanup(func() { http.DefaultTransport = before })
}

func getProto(t *testing.T, rt http.RoundTripper) (proto string, err error) {
	t.Helper()
	client := &http.Client{Transport: rt, Timeout: defaultTimeout}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	return string(data), err
}

// TestDefaultTransport_DeadConnection checks that an HTTP/2 connection that no longer
// transports anything is found: while a request waits on it, and while it is idle.
func TestDefaultTransport_DeadConnection(t *testing.T) {
	for _, tt := range []struct {
		name    string
		config  *http.HTTP2Config
		used    bool // before by another user of http.DefaultTransport
		idle    time.Duration
		wantErr bool
		within  time.Duration
	}{
		{name: "request in flight", wantErr: true, within: 2 * pingInterval},
		{name: "http.DefaultTransport in use", used: true, wantErr: true, within: 2 * pingInterval},
		{name: "other settings of HTTP/2", config: &http.HTTP2Config{MaxReadFrameSize: 1 << 20}, wantErr: true, within: 2 * pingInterval},
		{name: "pings of http.DefaultTransport", config: &http.HTTP2Config{SendPingTimeout: 5 * time.Second, PingTimeout: time.Second}, wantErr: true, within: 6 * time.Second},
		{name: "idle", idle: 2*pingInterval + time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := newPipeNetwork()
				base := n.serve(t)
				base.HTTP2 = tt.config
				replaceDefaultTransport(t, base)
				if tt.used {
					if _, err := getProto(t, http.DefaultTransport); err != nil {
						t.Fatalf("Get() error = %v", err)
					}
				}
				transport := new(pingTransport)
				t.Cleanup(transport.CloseIdleConnections)
				if proto, err := getProto(t, transport); err != nil || proto != "HTTP/2.0" {
					t.Fatalf("first Get() = %q, %v; want HTTP/2.0", proto, err)
				}
				n.drop()
				time.Sleep(tt.idle)
				start := time.Now()
				if _, err := getProto(t, transport); (err != nil) != tt.wantErr {
					t.Errorf("Get() on a dead connection: error = %v, want one: %v", err, tt.wantErr)
				}
				if elapsed := time.Since(start); elapsed > tt.within {
					t.Errorf("Get() on a dead connection took %v, want at most %v", elapsed, tt.within)
				}
				if _, err := getProto(t, transport); err != nil {
					t.Errorf("next Get() error = %v, want a new connection", err)
				}
			})
		})
	}
}

// idleCloser is a RoundTripper that counts calls.
type idleCloser struct{ requests, closes int }

func (c *idleCloser) RoundTrip(*http.Request) (*http.Response, error) {
	c.requests++
	return nil, net.ErrClosed
}

func (c *idleCloser) CloseIdleConnections() { c.closes++ }

// TestDefaultTransport_Replaced checks that http.DefaultTransport is looked up at each
// request, and that connections are shared until it is replaced, and closed then.
func TestDefaultTransport_Replaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport := new(pingTransport)
		t.Cleanup(transport.CloseIdleConnections)
		first, second, third := newPipeNetwork(), newPipeNetwork(), new(idleCloser)
		bases := []http.RoundTripper{first.serve(t), second.serve(t)}
		for i, n := range []*pipeNetwork{first, second} {
			replaceDefaultTransport(t, bases[i])
			if _, err := getProto(t, transport); err != nil {
				t.Fatalf("Get() through network %d: error = %v", i+1, err)
			}
			var calls sync.WaitGroup
			for range 10 {
				calls.Go(func() {
					if _, err := getProto(t, transport); err != nil {
						t.Errorf("Get() through network %d: error = %v", i+1, err)
					}
				})
			}
			calls.Wait()
			if got := len(n.dialed); got != 1 {
				t.Errorf("11 calls through network %d made %d connections, want 1", i+1, got)
			}
		}
		synctest.Wait()
		if !first.dialed[0].closed.Load() {
			t.Error("the connection of the first http.DefaultTransport is open after it was replaced")
		}
		replaceDefaultTransport(t, third)
		if _, err := getProto(t, transport); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Get() error = %v, want that of the third http.DefaultTransport", err)
		}
		transport.CloseIdleConnections()
		if third.requests != 1 || third.closes != 1 {
			t.Errorf("third http.DefaultTransport got %d requests and %d calls of CloseIdleConnections, want 1 of each", third.requests, third.closes)
		}
	})
}
