package cftokens_test

import (
	"context"
	"net/http"
	"testing"
	"time"
)

// loss is a way to lose the response to a request that the server has read.
type loss struct {
	name    string
	respond func(*exchange)
	timeout time.Duration // of the HTTP client
	cancel  bool          // the context of the call, after respond
}

// anyLosses are possible over all versions of HTTP.
var anyLosses = []loss{
	{name: "closed", respond: func(x *exchange) { _ = x.Close() }},
	{name: "connection reset", respond: (*exchange).hardReset},
	{name: "client timeout", respond: func(*exchange) {}, timeout: 300 * time.Millisecond},
	{name: "context canceled", respond: func(*exchange) {}, cancel: true},
	{name: "101", respond: func(x *exchange) { x.reply(http.StatusSwitchingProtocols, "") }},
	{name: "302", respond: func(x *exchange) { x.reply(http.StatusFound, "") }},
	{name: "307", respond: func(x *exchange) { x.reply(http.StatusTemporaryRedirect, "<html>") }},
	{name: "403", respond: func(x *exchange) { x.reply(http.StatusForbidden, "<html>") }},
	{name: "404", respond: func(x *exchange) { x.reply(http.StatusNotFound, "") }},
	{name: "429", respond: func(x *exchange) { x.reply(http.StatusTooManyRequests, "<html>") }},
	{name: "500", respond: func(x *exchange) { x.reply(http.StatusInternalServerError, apiError("971", "wait")) }},
	{name: "502", respond: func(x *exchange) { x.reply(http.StatusBadGateway, "<html>") }},
	{name: "truncated JSON of the right length", respond: func(x *exchange) { x.reply(http.StatusOK, `{"success":true,"result":`) }},
	{name: "empty body", respond: func(x *exchange) { x.reply(http.StatusOK, "") }},
}

// raw writes s and closes the connection.
func raw(s string) func(*exchange) {
	return func(x *exchange) {
		x.write(s)
		_ = x.Close()
	}
}

func TestCreate_SentOnce(t *testing.T) {
	t.Parallel()
	testSentOnce(t, 1, append([]loss{
		{name: "closed in the status line", respond: raw("HTTP/1.")},
		{name: "closed after the status line", respond: raw("HTTP/1.1 200 OK\r\n")},
		{name: "closed in a header", respond: raw("HTTP/1.1 200 OK\r\nContent-Le")},
		{name: "closed before the body", respond: raw("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n")},
		{name: "closed in the body", respond: raw("HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{\"success\":true,")},
		{name: "closed in a chunk", respond: raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{\"success\":true,")},
		{name: "not HTTP", respond: raw("SSH-2.0-OpenSSH\r\n")},
	}, anyLosses...))
}

func TestCreate_SentOnceHTTP2(t *testing.T) {
	t.Parallel()
	reset := func(code uint32) func(*exchange) { return func(x *exchange) { x.reset(code) } }
	goAway := func(above, code uint32) func(*exchange) {
		return func(x *exchange) {
			x.goAway(x.stream+above, code)
			_ = x.Close()
		}
	}
	testSentOnce(t, 2, append([]loss{
		{name: "RST_STREAM NO_ERROR", respond: reset(noError)},
		{name: "RST_STREAM PROTOCOL_ERROR", respond: reset(protocolError)},
		{name: "RST_STREAM INTERNAL_ERROR", respond: reset(internalError)},
		{name: "RST_STREAM CANCEL", respond: reset(cancelStream)},
		// HAProxy sends it after the work.
		{name: "RST_STREAM REFUSED_STREAM", respond: reset(refusedStream)},
		{name: "RST_STREAM ENHANCE_YOUR_CALM", respond: reset(enhanceYourCalm)},
		{name: "GOAWAY naming the stream", respond: goAway(0, noError)},
		{name: "GOAWAY naming a later stream", respond: goAway(2, noError)},
		{name: "GOAWAY naming all streams", respond: func(x *exchange) {
			x.goAway(1<<31-1, noError)
			_ = x.Close()
		}},
		{name: "GOAWAY with an error", respond: goAway(0, internalError)},
		{name: "headers, then closed", respond: func(x *exchange) {
			x.headers(http.StatusOK)
			_ = x.Close()
		}},
		// A stream that has a response was processed, whatever the code.
		{name: "headers, then RST_STREAM REFUSED_STREAM", respond: func(x *exchange) {
			x.headers(http.StatusOK)
			x.reset(refusedStream)
		}},
		{name: "part of the body, then RST_STREAM PROTOCOL_ERROR", respond: func(x *exchange) {
			x.headers(http.StatusOK)
			writeFrame(x, frameData, 0, x.stream, '{')
			x.reset(protocolError)
		}},
		{name: "malformed headers", respond: func(x *exchange) {
			writeFrame(x, frameHeaders, flagEndHeaders, x.stream, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
		}},
	}, anyLosses...))
}

// testSentOnce checks that a Create and a Roll whose response is lost are not sent again, on
// a new and on a reused connection, even if the policy allows retries.
func testSentOnce(t *testing.T, p protocol, losses []loss) {
	t.Helper()
	for _, tt := range losses {
		for _, operation := range []string{"createToken", "rollToken"} {
			for _, reused := range []bool{false, true} {
				name := tt.name + "/" + operation
				before := 0
				if reused {
					name += " on a reused connection"
					before = 1
				}
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					ctx, cancel := context.WithCancel(t.Context())
					defer cancel()
					server := newRawServer(t, p, func(x *exchange) {
						if x.n <= before {
							x.reply(http.StatusOK, success(tokenJSON))
							return
						}
						tt.respond(x)
						if tt.cancel {
							cancel()
						}
					})
					client, transport := server.client(t, tt.timeout, retries(2))
					if reused {
						if _, err := client.Get(t.Context(), tokenID); err != nil {
							t.Fatalf("Get() error = %v", err)
						}
					}
					var err error
					if operation == "createToken" {
						_, err = client.Create(ctx, tokenCreate())
					} else {
						_, err = client.Roll(ctx, tokenID)
					}
					checkUnknown(t, operation, err, true)
					if n := len(server.stop(transport)) - before; n != 1 {
						t.Errorf("%s sent %d requests, want 1", operation, n)
					}
				})
			}
		}
	}
}
