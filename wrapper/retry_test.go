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
	// The text of net/http for a GOAWAY, with debug data that imitates a safe error.
	errGoAway = errors.New(`http2: server sent GOAWAY and closed the connection; LastStreamID=1, ErrCode=NO_ERROR, ` +
		`debug="cannot retry err [http2: Transport received Server's graceful shutdown GOAWAY]"`)
	errWrite = &net.OpError{Op: "write", Net: "tcp", Err: errors.New("broken pipe")}
	errReset = &net.OpError{Op: "read", Net: "tcp", Err: errors.New("connection reset by peer")}
)

// retryCases are failures, by their row in the table of the package comment, and what each
// kind of call does after them: it is "retried", or ends in an "error" or ErrOutcomeUnknown.
var retryCases = []struct {
	row, name                  string
	reply                      responder
	reads, updates, createRoll string
}{
	{row: "status 408 or 429", name: "status 429", reply: reply(http.StatusTooManyRequests, apiError("971", "wait")), reads: "retried", updates: "retried", createRoll: "retried"},
	{row: "connection failed", name: "connection failed", reply: fail(errDial), reads: "retried", updates: "retried", createRoll: "retried"},
	{row: "status 408 or 429", name: "status 408", reply: reply(http.StatusRequestTimeout, apiError("971", "wait")), reads: "retried", updates: "retried", createRoll: "retried"},
	{row: "page with status 408 or 429", name: "page with status 429", reply: reply(http.StatusTooManyRequests, "<html>"), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "page with status 408 or 429", name: "page with status 408", reply: reply(http.StatusRequestTimeout, "<html>"), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "status 5xx", name: "status 500", reply: reply(http.StatusInternalServerError, apiError("971", "wait")), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "status 5xx", name: "status 502 with a page", reply: reply(http.StatusBadGateway, "<html>"), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "status 5xx", name: "status 503", reply: reply(http.StatusServiceUnavailable, ""), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "connection lost, timeout", name: "connection lost", reply: fail(errReset), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "connection lost, timeout", name: "connection lost while writing", reply: fail(errWrite), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "undecodable 2xx body", name: "truncated body", reply: truncated(`{"success":true,"result":`), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "undecodable 2xx body", name: "not JSON", reply: reply(http.StatusOK, `<html>`), reads: "retried", updates: "retried", createRoll: "ErrOutcomeUnknown"},
	{row: "2xx body over 16 MiB", name: "body too long", reply: reply(http.StatusOK, strings.Repeat(" ", 16<<20+1)), reads: "error", updates: "ErrOutcomeUnknown", createRoll: "ErrOutcomeUnknown"},
	{row: "status 101", name: "status 101", reply: reply(http.StatusSwitchingProtocols, ""), reads: "error", updates: "ErrOutcomeUnknown", createRoll: "ErrOutcomeUnknown"},
	{row: "page with status 3xx or 4xx", name: "status 302", reply: reply(http.StatusFound, ""), reads: "error", updates: "ErrOutcomeUnknown", createRoll: "ErrOutcomeUnknown"},
	{row: "page with status 3xx or 4xx", name: "status 304", reply: reply(http.StatusNotModified, ""), reads: "error", updates: "ErrOutcomeUnknown", createRoll: "ErrOutcomeUnknown"},
	{row: "page with status 3xx or 4xx", name: "status 307", reply: reply(http.StatusTemporaryRedirect, ""), reads: "error", updates: "ErrOutcomeUnknown", createRoll: "ErrOutcomeUnknown"},
	{row: "status 3xx or 4xx", name: "status 308 with an envelope", reply: reply(http.StatusPermanentRedirect, apiError("1", "no")), reads: "error", updates: "error", createRoll: "error"},
	{row: "page with status 3xx or 4xx", name: "page with status 403", reply: reply(http.StatusForbidden, "<html>"), reads: "error", updates: "ErrOutcomeUnknown", createRoll: "ErrOutcomeUnknown"},
	{row: "status 3xx or 4xx", name: "page with status 413", reply: reply(http.StatusRequestEntityTooLarge, "<html>"), reads: "error", updates: "error", createRoll: "error"},
	{row: "status 3xx or 4xx", name: "success: false", reply: reply(http.StatusOK, apiError("1", "no")), reads: "error", updates: "error", createRoll: "error"},
	{row: "status 3xx or 4xx", name: "status 400", reply: reply(http.StatusBadRequest, apiError("1001", "no")), reads: "error", updates: "error", createRoll: "error"},
	{row: "status 3xx or 4xx", name: "status 401", reply: reply(http.StatusUnauthorized, apiError("1000", "no")), reads: "error", updates: "error", createRoll: "error"},
	{row: "status 3xx or 4xx", name: "status 403", reply: reply(http.StatusForbidden, apiError("9109", "no")), reads: "error", updates: "error", createRoll: "error"},
	{row: "status 3xx or 4xx", name: "status 404", reply: reply(http.StatusNotFound, apiError("1003", "no")), reads: "error", updates: "error", createRoll: "error"},
}

// TestRetries checks the table in the package documentation. Each failure happens once
// and is followed by a success.
func TestRetries(t *testing.T) {
	t.Parallel()
	for _, tt := range retryCases {
		for operation, call := range everyCall {
			t.Run(tt.name+"/"+operation, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					api := sequence(tt.reply, succeed(operation))
					err := call(t, newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())))
					want := tt.reads
					switch {
					case operation == "createToken" || operation == "rollToken":
						want = tt.createRoll
					case changes(operation):
						want = tt.updates
					}
					if want == "retried" {
						api.checkRequests(t, operation, 2)
						if err != nil {
							t.Errorf("%s error = %v, want nil after a retry", operation, err)
						}
						return
					}
					api.checkRequests(t, operation, 1)
					if err == nil {
						t.Errorf("%s error = nil, want one", operation)
					}
					checkUnknown(t, operation, err, want == "ErrOutcomeUnknown")
				})
			})
		}
	}
}

func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	for operation, advice := range map[string]string{"createToken": "find it by name", "rollToken": "roll again"} {
		err := everyCall[operation](t, newClient(t, sequence(fail(errReset))))
		checkError(t, operation, err, errReset, advice)
		checkUnknown(t, operation, err, true)

		err = everyCall[operation](t, newClient(t, sequence(reply(http.StatusBadGateway, "<html>"))))
		checkError(t, operation, err, cftokens.ErrServer, advice)
		checkUnknown(t, operation, err, true)
		if got := asError[*cftokens.APIError](t, operation, err).StatusCode; got != http.StatusBadGateway {
			t.Errorf("%s error has the status %d, want 502", operation, got)
		}
	}
}

// TestCreate_Connection checks that what net/http reports about the connection decides
// whether a request counts as sent, whatever the error says.
func TestCreate_Connection(t *testing.T) {
	t.Parallel()
	wanted := func(trace *httptrace.ClientTrace) { trace.GetConn("api.cloudflare.com:443") }
	made := func(trace *httptrace.ClientTrace) { trace.GotConn(httptrace.GotConnInfo{}) }
	wrote := func(trace *httptrace.ClientTrace) { trace.WroteHeaders() }
	for _, tt := range []struct {
		name     string
		reported []func(*httptrace.ClientTrace)
		read     bool // whether the body is read
		err      error
		notSent  bool
	}{
		{name: "no connection", reported: []func(*httptrace.ClientTrace){wanted}, err: io.EOF, notSent: true},
		{name: "no connection, body buffered", reported: []func(*httptrace.ClientTrace){wanted}, read: true, err: errDial},
		{name: "nothing written", reported: []func(*httptrace.ClientTrace){wanted, made}, err: io.EOF, notSent: true},
		{name: "timeout before anything was written", reported: []func(*httptrace.ClientTrace){wanted, made}, err: os.ErrDeadlineExceeded},
		{name: "headers written", reported: []func(*httptrace.ClientTrace){wanted, made, wrote}, err: io.EOF},
		{name: "a server that pretends in the text of a GOAWAY", reported: []func(*httptrace.ClientTrace){wanted, made, wrote}, read: true, err: errGoAway},
		{name: "a RoundTripper that retries and then cannot connect", reported: []func(*httptrace.ClientTrace){wanted, made, wrote, wanted}, read: true, err: errDial},
		{name: "a RoundTripper that reports nothing", read: true, err: io.EOF},
		{name: "a RoundTripper that reports nothing, retries and then cannot connect", read: true, err: errDial},
		{name: "a RoundTripper that reports nothing and reads nothing", err: errDial, notSent: true},
		{name: "a RoundTripper that reports only a part", reported: []func(*httptrace.ClientTrace){wanted}, read: true, err: io.EOF},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			requests := 0
			transport := roundTripper(func(req *http.Request) (*http.Response, error) {
				requests++
				for _, report := range tt.reported {
					report(httptrace.ContextClientTrace(req.Context()))
				}
				if tt.read {
					_, _ = io.Copy(io.Discard, req.Body)
				}
				return nil, tt.err
			})
			_, err := newClient(t, nil, cftokens.WithHTTPClient(&http.Client{Transport: transport}),
				cftokens.WithRetryPolicy(retries(2))).Create(t.Context(), tokenCreate())
			if !errors.Is(err, tt.err) {
				t.Errorf("Create() error = %v, want it to match %q", err, tt.err)
			}
			checkUnknown(t, "Create()", err, !tt.notSent)
			want := 1
			if tt.notSent {
				want = 3
			}
			if requests != want {
				t.Errorf("Create() sent %d requests, want %d", requests, want)
			}
		})
	}
}

// TestCreate_ConnectionErrors uses a real listener.
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
			cftokens.WithHTTPClient(&http.Client{Transport: &http.Transport{}}), cftokens.WithRetryPolicy(retries(1)))
		if err != nil {
			t.Fatal(err)
		}
		return client
	}
	_, err = newReal().Create(t.Context(), tokenCreate())
	checkUnknown(t, "Create(), connection closed:", err, true)

	_ = listener.Close()
	_, err = newReal().Create(t.Context(), tokenCreate())
	if err == nil {
		t.Error("Create() without a listener: error = nil, want one")
	}
	checkUnknown(t, "Create(), no listener:", err, false)
	checkNoLeak(t, "Create(), no listener:", err, address+"/")
}

func TestDelete_NotFoundAfterRetry(t *testing.T) {
	t.Parallel()
	gone := reply(http.StatusNotFound, apiError("1003", "Token not found"))
	for _, tt := range []struct {
		name    string
		replies []responder
		want    error
	}{
		{"first attempt", []responder{gone}, cftokens.ErrNotFound},
		{"after a lost response", []responder{fail(errReset), gone}, nil},
		{"after a truncated response", []responder{truncated(`{`), gone}, nil},
		{"after a server error", []responder{reply(http.StatusBadGateway, ""), gone}, nil},
		{"after a rate limit", []responder{reply(http.StatusTooManyRequests, apiError("971", "wait")), gone}, cftokens.ErrNotFound},
		{"after the page of a rate limit", []responder{reply(http.StatusTooManyRequests, "<html>"), gone}, nil},
		{"after no connection", []responder{fail(errDial), gone}, cftokens.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, sequence(tt.replies...), cftokens.WithRetryPolicy(retries(2)))
			if err := client.Delete(t.Context(), tokenID); !errors.Is(err, tt.want) {
				t.Errorf("Delete() error = %v, want %v", err, tt.want)
			}
		})
	}
}

func TestRetries_SameRequest(t *testing.T) {
	t.Parallel()
	api := sequence(reply(http.StatusTooManyRequests, apiError("971", "wait")), succeed("createToken"))
	client := newClient(t, api, cftokens.WithRetryPolicy(retries(1)))
	if _, err := client.Create(t.Context(), tokenCreate()); err != nil {
		t.Fatalf("Create() error = %v", err)
	}
	if first, second := api.bodies[0], api.bodies[1]; first == "" || first != second {
		t.Errorf("Create() sent the bodies %q and %q, want the same", first, second)
	}
	if got := api.requests[1].Header.Get("Authorization"); got != "Bearer "+credential {
		t.Errorf("Create() retried with the Authorization header %q, want the credential", got)
	}
}
