package cftokens_test

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
	"testing/synctest"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

var (
	errDial  = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
)

// success is an answer that each operation takes for a success.
func success(operation string) func() (*http.Response, error) {
	switch operation {
	case "listTokens", "listPermissionGroups":
		return with(http.StatusOK, ok("[]"))
	case "rollToken":
		return with(http.StatusOK, ok(`"`+tokenValue+`"`))
	}
	return with(http.StatusOK, ok(`{"id":"`+tokenID+`","status":"active","value":"`+tokenValue+`"}`))
}

// TestRetries is the table of the package comment. A failure comes once, and a
// success after it.
func TestRetries(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer func() (*http.Response, error)
		// What comes of it for operations that may be repeated, and for the others.
		repeatable, other string
	}{
		{"status 429", with(http.StatusTooManyRequests, refused("971", "wait")), "retried", "retried"},
		{"no connection", failing(errDial), "retried", "retried"},
		{"status 500", with(http.StatusInternalServerError, refused("971", "wait")), "retried", "unknown"},
		{"status 502 with a page", with(http.StatusBadGateway, "<html>"), "retried", "unknown"},
		{"status 503", with(http.StatusServiceUnavailable, ""), "retried", "unknown"},
		{"connection lost", failing(errReset), "retried", "unknown"},
		{"body cut off", cut(`{"success":true,"result":`), "retried", "unknown"},
		{"body that is no JSON", with(http.StatusOK, `<html>`), "retried", "unknown"},
		{"body too long", with(http.StatusOK, strings.Repeat(" ", 16<<20+1)), "error", "unknown"},
		{"failure under 200", with(http.StatusOK, refused("1", "no")), "error", "error"},
		{"status 400", with(http.StatusBadRequest, refused("1001", "no")), "error", "error"},
		{"status 401", with(http.StatusUnauthorized, refused("1000", "no")), "error", "error"},
		{"status 403", with(http.StatusForbidden, refused("9109", "no")), "error", "error"},
		{"status 404", with(http.StatusNotFound, refused("1003", "no")), "error", "error"},
		{"status 304", with(http.StatusNotModified, ""), "error", "error"},
	} {
		for operation, call := range everyCall {
			t.Run(tt.name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					a := inTurn(tt.answer, success(operation))
					err := call(t, newClient(t, a, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())))
					want := tt.repeatable
					if operation == "createToken" || operation == "rollToken" {
						want = tt.other
					}
					requests := 1
					if want == "retried" {
						requests = 2
					}
					if len(a.requests) != requests {
						t.Errorf("%d requests, want %d", len(a.requests), requests)
					}
					if (err == nil) != (want == "retried") {
						t.Errorf("got %v, want %s", err, want)
					}
					if errors.Is(err, cftokens.ErrOutcomeUnknown) != (want == "unknown") {
						t.Errorf("got %v, want %s", err, want)
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
	}{{"createToken", "look for it by name"}, {"rollToken", "roll again"}} {
		err := everyCall[tt.operation](t, newClient(t, inTurn(failing(errReset))))
		if !errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, errReset) || !strings.Contains(err.Error(), tt.advice) {
			t.Errorf("%s: got %v, want the cause and %q", tt.operation, err, tt.advice)
		}
		err = everyCall[tt.operation](t, newClient(t, inTurn(with(http.StatusBadGateway, "<html>"))))
		var apiErr *cftokens.APIError
		if !errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, cftokens.ErrServer) || !errors.As(err, &apiErr) || apiErr.StatusCode != 502 {
			t.Errorf("%s: got %v, want the status too", tt.operation, err)
		}
	}
}

// TestConnections: a transport that says that it never got a connection has sent
// nothing, whatever its error.
func TestConnections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name              string
		asked, got, known bool
	}{
		{"asked in vain", true, false, true},
		{"got one", true, true, false},
		{"a transport that does not tell", false, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			a := &api{answer: func(_ int, req *http.Request) (*http.Response, error) {
				trace := httptrace.ContextClientTrace(req.Context())
				if tt.asked {
					trace.GetConn("host:443")
				}
				if tt.got {
					trace.GotConn(httptrace.GotConnInfo{})
				}
				return nil, io.EOF
			}}
			_, err := newClient(t, a, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 2})).Create(t.Context(), tokenCreate())
			requests := 1
			if tt.known {
				requests = 3
			}
			if errors.Is(err, cftokens.ErrOutcomeUnknown) == tt.known || !errors.Is(err, io.EOF) || len(a.requests) != requests {
				t.Errorf("got %v after %d requests", err, len(a.requests))
			}
		})
	}
}

// TestRealConnections has no transport in memory in its way.
func TestRealConnections(t *testing.T) {
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

func TestDeleteThatFindsNothing(t *testing.T) {
	t.Parallel()
	gone := with(http.StatusNotFound, refused("1003", "Token not found"))
	for _, tt := range []struct {
		name    string
		answers []func() (*http.Response, error)
		want    error
	}{
		{"at once", []func() (*http.Response, error){gone}, cftokens.ErrNotFound},
		{"after a lost answer", []func() (*http.Response, error){failing(errReset), gone}, nil},
		{"after a cut answer", []func() (*http.Response, error){cut(`{`), gone}, nil},
		{"after a server error", []func() (*http.Response, error){with(http.StatusBadGateway, ""), gone}, nil},
		{"after a refusal", []func() (*http.Response, error){with(http.StatusTooManyRequests, ""), gone}, cftokens.ErrNotFound},
		{"after no connection", []func() (*http.Response, error){failing(errDial), gone}, cftokens.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, inTurn(tt.answers...), cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 2}))
			if err := client.Delete(t.Context(), tokenID); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
}

// TestRetriesSendTheSame: body and credential go out again.
func TestRetriesSendTheSame(t *testing.T) {
	t.Parallel()
	a := inTurn(with(http.StatusTooManyRequests, ""), success("createToken"))
	client := newClient(t, a, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1}))
	if _, err := client.Create(t.Context(), tokenCreate()); err != nil {
		t.Fatal(err)
	}
	if a.bodies[0] == "" || a.bodies[0] != a.bodies[1] || a.requests[1].Header.Get("Authorization") != "Bearer "+credential {
		t.Errorf("bodies %q", a.bodies)
	}
}
