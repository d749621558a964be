package cftokens

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// maxConnections limits the connections to the API of one attempt: after some HTTP/2
// errors, net/http repeats a request without a body without limit.
const maxConnections = 4

// clientHeader marks requests that change something: a transport may send others in their
// context, and httptrace reports them all.
const clientHeader = "Cftokens-Client"

var (
	errStorm  = errors.New("the connection failed repeatedly")
	errRepeat = errors.New("the HTTP client tried to send the request again")
	errOver   = errors.New("the attempt is over")
)

// attempt is one attempt of a call, and the evidence of what was sent. It is the body of
// the request: a transport cannot have sent what it has not read. httptrace reports the
// rest.
type attempt struct {
	client  *Client
	op      *gen.Operation
	n       int // from 1
	started time.Time
	cancel  context.CancelFunc

	mu          sync.Mutex
	body        io.ReadCloser // nil if the request has none
	read        bool          // a part of the body was read
	over        bool          // nothing more may be read
	address     string        // where a connection was last requested to, if at all
	connected   bool          // a connection to any host was obtained
	connections int           // to the API
	fields      bool          // header fields were reported, so requests can be told apart
	sends       int           // how often the headers were written
	repeated    bool          // the request was sent more than once
	stopped     error         // why the attempt was canceled
}

// start returns a copy of req that reports to the attempt. The caller must call end.
func (a *attempt) start(ctx context.Context, req *http.Request) *http.Request {
	a.started = time.Now()
	ctx, a.cancel = context.WithCancel(ctx)
	trace := &httptrace.ClientTrace{GetConn: a.getConn, GotConn: a.gotConn, WroteHeaders: a.wroteHeaders}
	if a.op.Method != http.MethodGet { // whether a read was sent does not matter
		trace.WroteHeaderField = a.wroteHeaderField
	}
	req = req.WithContext(httptrace.WithClientTrace(ctx, trace))
	req.GetBody = nil // with it, net/http may send the request again on its own
	if req.Body != nil {
		a.body, req.Body = req.Body, a
	}
	return req
}

// end ends the attempt, so that a slow transport cannot send the body later.
func (a *attempt) end() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	a.cancel()
}

// Read implements [io.Reader] for the transport.
func (a *attempt) Read(p []byte) (int, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		return 0, errOver
	}
	n, err := a.body.Read(p)
	a.read = a.read || n > 0
	return n, err
}

// Close implements [io.Closer] for the transport.
func (a *attempt) Close() error { return a.body.Close() }

func (a *attempt) getConn(hostPort string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.address = hostPort
	if hostPort == a.client.hostPort {
		a.addConnection()
	}
}

func (a *attempt) gotConn(info httptrace.GotConnInfo) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.connected = true
	// Through a proxy, getConn gets the proxy's address; a transport may even change the host.
	conn, ok := info.Conn.(*tls.Conn)
	proxied := ok && a.address != a.client.hostPort && conn.ConnectionState().ServerName == a.client.baseURL.Hostname()
	if proxied || a.sends > 4*maxConnections {
		a.addConnection()
	}
}

// addConnection counts a connection, and stops a transport that must not use it.
func (a *attempt) addConnection() {
	a.connections++
	switch {
	case a.sent() && !a.op.Idempotent:
		a.stop(errRepeat)
	case a.connections > maxConnections:
		a.stop(errStorm)
	}
}

func (a *attempt) stop(reason error) {
	a.stopped = reason
	a.cancel()
}

func (a *attempt) wroteHeaderField(key string, _ []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fields = true
	if strings.EqualFold(key, clientHeader) {
		a.addSend()
	}
}

func (a *attempt) wroteHeaders() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.fields {
		a.addSend()
	}
}

func (a *attempt) addSend() {
	a.repeated = a.repeated || a.sent()
	a.sends++
}

// sent reports whether the request was sent: its headers, and at least a part of its body.
func (a *attempt) sent() bool { return a.sends > 0 && (a.body == nil || a.read) }

func (a *attempt) isRepeated() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.repeated
}

// notApplied reports whether the API cannot have carried out a request that got no
// response but err. Headers alone may be enough for an operation that needs no body.
func (a *attempt) notApplied(err error) bool {
	switch {
	case a.sends > 0:
		return a.sends == 1 && isUnprocessed(err, a.op.Idempotent)
	case a.body != nil:
		// After a timeout or a stop, net/http may still be writing the headers.
		return !a.read && (!a.connected || !isTimeout(err) && a.stopped == nil)
	case a.address != "":
		return !a.connected
	}
	return isConnectError(err)
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.Canceled) || errors.As(err, &timeout) && timeout.Timeout()
}

// isUnprocessed reports whether err says that an HTTP/2 server did not process the
// request (RFC 9113, section 8.7). A proxy may send REFUSED_STREAM although its upstream has
// processed the request, so it is no proof if the request must be sent only once.
func isUnprocessed(err error, idempotent bool) bool {
	// Only this prefix is safe: other errors may contain text from the server.
	reason, ok := strings.CutPrefix(err.Error(), "http2: Transport: cannot retry err [")
	return ok && (strings.HasPrefix(reason, "http2: Transport received Server's graceful shutdown GOAWAY]") ||
		idempotent && strings.Contains(reason, "; REFUSED_STREAM; received from peer]"))
}
