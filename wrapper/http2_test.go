package cftokens_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestCreate_HTTP2Unprocessed checks the error texts of net/http for requests that a
// server did not process: only the text identifies them.
func TestCreate_HTTP2Unprocessed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		before  int // calls on the connection
		respond func(*exchange)
	}{
		{"GOAWAY naming stream 0", 0, func(x *exchange) { x.goAway(0, noError) }},
		{"GOAWAY naming stream 0, then closed", 0, func(x *exchange) {
			x.goAway(0, noError)
			_ = x.Close()
		}},
		{"GOAWAY naming stream 1 on stream 3", 1, func(x *exchange) { x.goAway(1, noError) }},
		{"two GOAWAYs on stream 3", 1, func(x *exchange) {
			x.goAway(1<<31-1, noError)
			x.goAway(1, noError)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newRawServer(t, 2, func(x *exchange) {
				if x.n == tt.before+1 {
					tt.respond(x)
					return
				}
				x.reply(http.StatusOK, success(strings.Replace(tokenJSON, "{", `{"value":"`+tokenValue+`",`, 1)))
			})
			client, transport := server.client(t, 0, retries(1))
			for range tt.before {
				if _, err := client.Get(t.Context(), tokenID); err != nil {
					t.Fatalf("Get() error = %v", err)
				}
			}
			if _, err := client.Create(t.Context(), tokenCreate()); err != nil {
				t.Errorf("Create() error = %v, want a retry that succeeds", err)
			}
			checkBodies(t, server.stop(transport)[tt.before:])
		})
	}
}

// checkBodies checks that a Create was sent twice with its whole body.
func checkBodies(t *testing.T, bodies []string) {
	t.Helper()
	if len(bodies) != 2 || bodies[0] != bodies[1] {
		t.Fatalf("Create() sent the bodies %q, want the same one twice", bodies)
	}
	if !strings.HasSuffix(bodies[0], "}") || !strings.Contains(bodies[0], zoneName) {
		t.Errorf("Create() sent the body %q, want a complete one", bodies[0])
	}
}

// TestCreate_HTTP2RetrySendsBody checks that a retry sends the whole body again, over
// HTTP/1 too.
func TestCreate_HTTP2RetrySendsBody(t *testing.T) {
	t.Parallel()
	for _, p := range []protocol{1, 2} {
		t.Run(p.String(), func(t *testing.T) {
			t.Parallel()
			server := newRawServer(t, p, func(x *exchange) {
				if x.n == 1 {
					x.reply(http.StatusTooManyRequests, apiError("971", "wait"))
					return
				}
				x.reply(http.StatusOK, success(strings.Replace(tokenJSON, "{", `{"value":"`+tokenValue+`",`, 1)))
			})
			client, transport := server.client(t, 0, retries(1))
			if _, err := client.Create(t.Context(), tokenCreate()); err != nil {
				t.Errorf("Create() error = %v, want a retry that succeeds", err)
			}
			checkBodies(t, server.stop(transport))
		})
	}
}

// TestDelete_HTTP2ResetStorm checks that requests that net/http itself replays are limited:
// those without a body, after PROTOCOL_ERROR (up to Go 1.26) and REFUSED_STREAM.
func TestDelete_HTTP2ResetStorm(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]uint32{"PROTOCOL_ERROR": protocolError, "REFUSED_STREAM": refusedStream} {
		for _, tt := range []struct {
			name       string
			maxRetries int
			call       func(*testing.T, *cftokens.Client) error
			attempts   int
		}{
			{name: "no retries", call: everyCall["deleteToken"], attempts: 1},
			{name: "2 retries", maxRetries: 2, call: everyCall["deleteToken"], attempts: 3},
			{name: "generated client", maxRetries: 2, call: func(t *testing.T, c *cftokens.Client) error {
				_, err := c.Generated().DeleteToken(t.Context(), tokenID)
				return err
			}, attempts: 1},
		} {
			if code == refusedStream && tt.attempts > 1 {
				continue // net/http waits for 7 seconds in each attempt
			}
			t.Run(name+"/"+tt.name, func(t *testing.T) {
				t.Parallel()
				server := newRawServer(t, 2, func(x *exchange) {
					if x.n > 4*tt.attempts { // no limit: end the storm
						x.reply(http.StatusOK, success(tokenJSON))
						return
					}
					x.reset(code)
				})
				client, transport := server.client(t, 0, retries(tt.maxRetries))
				if err := tt.call(t, client); !errors.Is(err, cftokens.ErrOutcomeUnknown) {
					t.Errorf("Delete() error = %v, want ErrOutcomeUnknown", err)
				}
				if n := len(server.stop(transport)); n < tt.attempts || n > 4*tt.attempts {
					t.Errorf("Delete() sent %d requests, want at most 4 in each of %d attempts", n, tt.attempts)
				}
			})
		}
	}
}

// TestHTTP2Storm_RewrittenHost checks that a storm ends, too, if a transport sends requests to
// another host than that of the base URL.
func TestHTTP2Storm_RewrittenHost(t *testing.T) {
	t.Parallel()
	for _, operation := range []string{"getToken", "deleteToken"} {
		server := newRawServer(t, 2, func(x *exchange) {
			if x.n > 100 { // no limit: end the storm
				x.reply(http.StatusOK, success(tokenJSON))
				return
			}
			x.reset(protocolError)
		})
		base := protocol(2).transport()
		client := newClientWith(t, "http://127.0.0.2:9", roundTripper(func(req *http.Request) (*http.Response, error) {
			req = req.Clone(req.Context())
			req.URL.Host = server.listener.Addr().String()
			return base.RoundTrip(req)
		}))
		checkError(t, operation, everyCall[operation](t, client), nil, "")
		if n := len(server.stop(base)); n > 100 {
			t.Errorf("%s sent %d requests, want a limit", operation, n)
		}
	}
}
