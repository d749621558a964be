package cftokens

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// maxSends limits how often the request of one attempt may be sent: after some HTTP/2
// errors, net/http repeats a request without a body without limit.
const maxSends = 4

var (
	errStorm  = errors.New("the connection failed repeatedly")
	errRepeat = errors.New("the HTTP client tried to send the request again")
	errOver   = errors.New("the attempt is over")
)

// attempt is one attempt of a call, and the evidence of what was sent. It is the body of
// the request: a transport cannot have sent what it has not read. httptrace reports the
// rest. A transport may send requests of its own in the context of the request, so its
// reports count only if they name the API.
type attempt struct {
	op       *gen.Operation
	n        int // from 1
	started  time.Time
	client   *Client
	sendOnce bool // a second send is stopped
	cancel   context.CancelFunc

	mu        sync.Mutex
	body      *bytes.Reader // nil if the request has none
	read      bool          // a part of the body was read
	over      bool          // nothing more may be read
	address   string        // where a connection was last requested to, if at all
	connected bool          // a connection to any host was obtained
	fields    bool          // header fields were reported
	hosts     int           // how often the host of the API was written
	agents    int           // how often the client's User-Agent was written
	keys      int           // how often its credential was written
	written   int           // how often headers were written, to any host
	repeated  bool          // the request was sent more than once
	stopped   error         // why the attempt was canceled
}

// start returns a request for the attempt that reports to it. The caller must call end.
func (a *attempt) start(ctx context.Context, req *http.Request, body []byte) *http.Request {
	a.started = time.Now()
	ctx, a.cancel = context.WithCancel(ctx)
	req = req.WithContext(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn:          a.getConn,
		GotConn:          a.gotConn,
		WroteHeaderField: a.wroteHeaderField,
		WroteHeaders:     a.wroteHeaders,
	}))
	req.GetBody = nil // with it, net/http may send the request again on its own
	if body != nil {
		a.body = bytes.NewReader(body)
		req.Body, req.ContentLength = a, int64(len(body))
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
func (*attempt) Close() error { return nil }

func (a *attempt) getConn(hostPort string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.address = hostPort
	if hostPort == a.client.hostPort {
		a.checkRepeat()
	}
}

func (a *attempt) gotConn(info httptrace.GotConnInfo) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.connected = true
	if a.headers() >= maxSends {
		a.stop(errStorm)
	}
	// Through a proxy, getConn gets the proxy's address.
	if conn, ok := info.Conn.(*tls.Conn); ok && a.sent() && conn.ConnectionState().ServerName == a.client.baseURL.Hostname() {
		a.checkRepeat()
	}
}

func (a *attempt) wroteHeaderField(key string, values []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fields = true
	switch {
	case len(values) != 1:
	case (key == "Host" || key == ":authority") && values[0] == a.client.baseURL.Host:
		a.count(&a.hosts)
	case strings.EqualFold(key, "User-Agent") && values[0] == a.client.userAgent:
		a.count(&a.agents)
	case strings.EqualFold(key, "Authorization") && strings.TrimPrefix(values[0], "Bearer ") == a.client.credential.Reveal():
		a.count(&a.keys)
	}
}

func (a *attempt) wroteHeaders() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.count(&a.written)
}

func (a *attempt) count(n *int) {
	before, sent := a.headers(), a.sent()
	*n++
	a.repeated = a.repeated || sent && a.headers() > before
}

// headers returns how often headers were written to the API. A transport may change some
// of the fields, and may not report fields at all.
func (a *attempt) headers() int {
	if !a.fields {
		return a.written
	}
	return max(a.hosts, a.agents, a.keys)
}

// sent reports whether the request was sent: its headers, and at least a part of its body.
func (a *attempt) sent() bool { return a.headers() > 0 && (a.body == nil || a.read) }

// checkRepeat stops a transport that is about to send a request again.
func (a *attempt) checkRepeat() {
	if a.sendOnce && a.sent() {
		a.stop(errRepeat)
	}
}

func (a *attempt) stop(reason error) {
	a.stopped = reason
	a.cancel()
}

func (a *attempt) isRepeated() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.repeated
}

// notApplied reports whether the API cannot have carried out a request that got no
// response but err. Headers alone may be enough for an operation that needs no body.
func (a *attempt) notApplied(err error) bool {
	switch {
	case a.headers() > 0:
		return a.headers() == 1 && isUnprocessed(err, a.sendOnce)
	case a.body != nil:
		// After a timeout, net/http may still be writing the headers.
		return !a.read && (!a.connected || !isTimeout(err))
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
func isUnprocessed(err error, sendOnce bool) bool {
	// Only this prefix is safe: other errors may contain text from the server.
	reason, ok := strings.CutPrefix(err.Error(), "http2: Transport: cannot retry err [")
	return ok && (strings.HasPrefix(reason, "http2: Transport received Server's graceful shutdown GOAWAY]") ||
		!sendOnce && strings.Contains(reason, "; REFUSED_STREAM; received from peer]"))
}
