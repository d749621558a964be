package cftokens

import (
	"context"
	"errors"
	"net"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// maxReplays limits how often net/http may resend a request on another connection within
// one attempt. It replays requests without a body, after some HTTP/2 errors without
// limit.
const maxReplays = 1

var errReplays = errors.New("the connection failed repeatedly")

// connection records what net/http reports about the connections of one attempt that
// changes something.
type connection struct {
	cancel context.CancelFunc // ends the attempt

	getConn, gotConn, wroteHeaders atomic.Int32 // calls of the hooks of httptrace
}

// watch returns a context that reports to c. The caller must call c.cancel.
func (c *connection) watch(ctx context.Context) context.Context {
	ctx, c.cancel = context.WithCancel(ctx)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GetConn: func(string) { c.getConn.Add(1) },
		GotConn: func(httptrace.GotConnInfo) {
			if c.gotConn.Add(1) > 1+maxReplays {
				c.cancel()
			}
		},
		WroteHeaders: func() { c.wroteHeaders.Add(1) },
	})
}

// explain replaces the error of a canceled context if this attempt canceled it.
func (c *connection) explain(err error) error {
	if c.gotConn.Load() > 1+maxReplays {
		return errReplays
	}
	return err
}

// notApplied reports whether the API cannot have carried out a request that ended in
// err. If the transport reports nothing, only a dial error counts.
func (c *connection) notApplied(hasBody bool, err error) bool {
	var opErr *net.OpError
	switch {
	case c.wroteHeaders.Load() > 0:
		return c.wroteHeaders.Load() == 1 && isUnprocessed(err)
	case c.gotConn.Load() > 0:
		// After a timeout, net/http may still be writing the request.
		return hasBody && !isTimeout(err)
	case c.getConn.Load() > 0:
		return true
	}
	return errors.As(err, &opErr) && opErr.Op == "dial"
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.Is(err, context.Canceled) || errors.As(err, &timeout) && timeout.Timeout()
}

// isUnprocessed reports whether err says that an HTTP/2 server did not process the
// request (RFC 9113, section 8.7). net/http says so only in the error's text.
func isUnprocessed(err error) bool {
	// Only this prefix is safe: other errors may contain text from the server.
	reason, ok := strings.CutPrefix(err.Error(), "http2: Transport: cannot retry err [")
	return ok && (strings.Contains(reason, "; REFUSED_STREAM; received from peer]") ||
		strings.HasPrefix(reason, "http2: Transport received Server's graceful shutdown GOAWAY]"))
}
