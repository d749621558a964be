package cftokens_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"strings"
	"testing"
	"testing/synctest"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

var (
	errDial = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	// What net/http says of a GOAWAY, with debug data that imitates a safe error.
	errGoAway = errors.New(`http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, ` +
		`debug="cannot retry err [http2: Transport received Server's graceful shutdown GOAWAY]"`)
	errWrite = &net.OpError{Op: "write", Net: "tcp", Err: errors.New("broken pipe")}
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
)

// success is an answer that each operation takes for a success.
func succeed(operation string) func() (*http.Response, error) {
	switch operation {
	case "listTokens", "listPermissionGroups":
		return reply(http.StatusOK, success("[]"))
	case "rollToken":
		return reply(http.StatusOK, success(`"`+tokenValue+`"`))
	}
	return reply(http.StatusOK, success(`{"id":"`+tokenID+`","status":"active","value":"`+tokenValue+`"}`))
}

// TestRetries checks the table of the package documentation. The failure comes once,
// followed by a success.
func TestRetries(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                       string
		answer                     func() (*http.Response, error)
		reads, updates, createRoll string
	}{
		{"status 429", reply(http.StatusTooManyRequests, apiError("971", "wait")), "retried", "retried", "retried"},
		{"connection failed", fail(errDial), "retried", "retried", "retried"},
		{"status 500", reply(http.StatusInternalServerError, apiError("971", "wait")), "retried", "retried", "unknown"},
		{"status 502 with a page", reply(http.StatusBadGateway, "<html>"), "retried", "retried", "unknown"},
		{"status 503", reply(http.StatusServiceUnavailable, ""), "retried", "retried", "unknown"},
		{"connection lost", fail(errReset), "retried", "retried", "unknown"},
		{"connection lost while writing", fail(errWrite), "retried", "retried", "unknown"},
		{"truncated body", truncated(`{"success":true,"result":`), "retried", "retried", "unknown"},
		{"not JSON", reply(http.StatusOK, `<html>`), "retried", "retried", "unknown"},
		{"body too long", reply(http.StatusOK, strings.Repeat(" ", 16<<20+1)), "error", "unknown", "unknown"},
		{"status 302", reply(http.StatusFound, ""), "error", "unknown", "unknown"},
		{"status 304", reply(http.StatusNotModified, ""), "error", "unknown", "unknown"},
		{"status 307", reply(http.StatusTemporaryRedirect, ""), "error", "error", "error"},
		{"status 308", reply(http.StatusPermanentRedirect, ""), "error", "error", "error"},
		{"success: false", reply(http.StatusOK, apiError("1", "no")), "error", "error", "error"},
		{"status 400", reply(http.StatusBadRequest, apiError("1001", "no")), "error", "error", "error"},
		{"status 401", reply(http.StatusUnauthorized, apiError("1000", "no")), "error", "error", "error"},
		{"status 403", reply(http.StatusForbidden, apiError("9109", "no")), "error", "error", "error"},
		{"status 404", reply(http.StatusNotFound, apiError("1003", "no")), "error", "error", "error"},
	} {
		for operation, call := range everyCall {
			t.Run(tt.name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					api := sequence(tt.answer, succeed(operation))
					err := call(t, newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())))
					want := tt.reads
					switch {
					case operation == "createToken" || operation == "rollToken":
						want = tt.createRoll
					case changes(operation):
						want = tt.updates
					}
					requests := 1
					if want == "retried" {
						requests = 2
					}
					if len(api.requests) != requests {
						t.Errorf("%d requests, want %d", len(api.requests), requests)
					}
					if (err == nil) != (want == "retried") {
						t.Errorf("error = %v, want %s", err, want)
					}
					if errors.Is(err, cftokens.ErrOutcomeUnknown) != (want == "unknown") {
						t.Errorf("error = %v, want %s", err, want)
					}
				})
			})
		}
	}
}

func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		operation, advice string
	}{{"createToken", "find it by name"}, {"rollToken", "roll again"}} {
		err := everyCall[tt.operation](t, newClient(t, sequence(fail(errReset))))
		if !errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, errReset) || !strings.Contains(err.Error(), tt.advice) {
			t.Errorf("%s: got %v, want the cause and %q", tt.operation, err, tt.advice)
		}
		err = everyCall[tt.operation](t, newClient(t, sequence(reply(http.StatusBadGateway, "<html>"))))
		var apiErr *cftokens.APIError
		if !errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, cftokens.ErrServer) || !errors.As(err, &apiErr) || apiErr.StatusCode != 502 {
			t.Errorf("%s: got %v, want the status too", tt.operation, err)
		}
	}
}

// TestCreate_Connection checks what counts as not sent: what net/http reports about
// the connection, whatever the error says.
func TestCreate_Connection(t *testing.T) {
	t.Parallel()
	wanted := func(trace *httptrace.ClientTrace) { trace.GetConn("host:443") }
	made := func(trace *httptrace.ClientTrace) { trace.GotConn(httptrace.GotConnInfo{}) }
	wrote := func(trace *httptrace.ClientTrace) { trace.WroteHeaders() }
	for _, tt := range []struct {
		name     string
		reported []func(*httptrace.ClientTrace)
		err      error
		notSent  bool
	}{
		{"no connection", []func(*httptrace.ClientTrace){wanted}, io.EOF, true},
		{"nothing written", []func(*httptrace.ClientTrace){wanted, made}, io.EOF, true},
		{"timeout before anything was written", []func(*httptrace.ClientTrace){wanted, made}, os.ErrDeadlineExceeded, false},
		{"headers written", []func(*httptrace.ClientTrace){wanted, made, wrote}, io.EOF, false},
		{"a server that pretends in the text of a GOAWAY", []func(*httptrace.ClientTrace){wanted, made, wrote}, errGoAway, false},
		{"a RoundTripper that retries and then cannot connect", []func(*httptrace.ClientTrace){wanted, made, wrote, wanted}, errDial, false},
		{"a RoundTripper that reports nothing", nil, io.EOF, false},
		{"a RoundTripper that reports nothing and cannot connect", nil, errDial, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
				for _, report := range tt.reported {
					report(httptrace.ContextClientTrace(req.Context()))
				}
				return nil, tt.err
			}}
			_, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 2})).Create(t.Context(), tokenCreate())
			requests := 1
			if tt.notSent {
				requests = 3
			}
			if errors.Is(err, cftokens.ErrOutcomeUnknown) == tt.notSent || !errors.Is(err, tt.err) {
				t.Errorf("Create() error = %v, matches ErrOutcomeUnknown: want %v", err, !tt.notSent)
			}
			if len(api.requests) != requests {
				t.Errorf("%d requests, want %d", len(api.requests), requests)
			}
		})
	}
}

// TestCreate_ConnectionErrors has no transport in memory in its way.
func TestCreate_ConnectionErrors(t *testing.T) {
	t.Parallel()
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = conn.Read(make([]byte, 1))
			_ = conn.Close()
		}
	}()
	newReal := func() *cftokens.Client {
		client, err := cftokens.NewClient(credential, cftokens.WithBaseURL("http://"+address),
			cftokens.WithHTTPClient(&http.Client{Transport: &http.Transport{}}), cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1}))
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	if _, err := newReal().Create(t.Context(), tokenCreate()); !errors.Is(err, cftokens.ErrOutcomeUnknown) {
		t.Errorf("closed after it was connected: %v", err)
	}
	_ = listener.Close()
	_, err = newReal().Create(t.Context(), tokenCreate())
	if err == nil || errors.Is(err, cftokens.ErrOutcomeUnknown) || strings.Contains(err.Error(), address+"/") {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestDelete_NotFoundAfterRetry(t *testing.T) {
	t.Parallel()
	gone := reply(http.StatusNotFound, apiError("1003", "Token not found"))
	for _, tt := range []struct {
		name    string
		answers []func() (*http.Response, error)
		want    error
	}{
		{"at once", []func() (*http.Response, error){gone}, cftokens.ErrNotFound},
		{"after a lost answer", []func() (*http.Response, error){fail(errReset), gone}, nil},
		{"after a cut answer", []func() (*http.Response, error){truncated(`{`), gone}, nil},
		{"after a server error", []func() (*http.Response, error){reply(http.StatusBadGateway, ""), gone}, nil},
		{"after a refusal", []func() (*http.Response, error){reply(http.StatusTooManyRequests, ""), gone}, cftokens.ErrNotFound},
		{"after no connection", []func() (*http.Response, error){fail(errDial), gone}, cftokens.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, sequence(tt.answers...), cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 2}))
			if err := client.Delete(t.Context(), tokenID); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestRetries_SameRequest: body and credential go out again.
func TestRetries_SameRequest(t *testing.T) {
	t.Parallel()
	api := sequence(reply(http.StatusTooManyRequests, ""), succeed("createToken"))
	client := newClient(t, api, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1}))
	if _, err := client.Create(t.Context(), tokenCreate()); err != nil {
		t.Fatal(err)
	}
	if api.bodies[0] == "" || api.bodies[0] != api.bodies[1] || api.requests[1].Header.Get("Authorization") != "Bearer "+credential {
		t.Errorf("bodies %q", api.bodies)
	}
}
