package cftokens_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestOutcome_LastResponse checks calls whose attempts fail in different ways: if one may
// have been applied, the error of the last one does not hide it.
func TestOutcome_LastResponse(t *testing.T) {
	t.Parallel()
	var (
		limited      = reply(http.StatusTooManyRequests, apiError("971", "wait"))
		badGateway   = reply(http.StatusBadGateway, "<html>")
		unavailable  = reply(http.StatusServiceUnavailable, "")
		unauthorized = reply(http.StatusUnauthorized, apiError("1000", "Invalid API Token"))
		gone         = reply(http.StatusNotFound, apiError("1003", "Token not found"))
		lost         = fail(errReset)
		noConnection = fail(errDial)
	)
	for _, tt := range []struct {
		name, operation string
		replies         []responder
		requests        int
		unknown         bool
		cause           error // also matched
	}{
		{name: "503, then 429", operation: "updateToken", replies: []responder{unavailable, limited, limited, limited}, requests: 4, unknown: true, cause: cftokens.ErrRateLimited},
		{name: "503, then 401", operation: "updateToken", replies: []responder{unavailable, unauthorized}, requests: 2, unknown: true, cause: cftokens.ErrUnauthorized},
		{name: "lost, then no connection", operation: "updateToken", replies: []responder{lost, noConnection, noConnection, noConnection}, requests: 4, unknown: true, cause: errDial},
		{name: "lost, then 307", operation: "updateToken", replies: []responder{lost, reply(http.StatusTemporaryRedirect, apiError("1", "no"))}, requests: 2, unknown: true},
		{name: "truncated, then 400", operation: "updateToken", replies: []responder{truncated(`{`), reply(http.StatusBadRequest, apiError("1001", "no"))}, requests: 2, unknown: true, cause: cftokens.ErrBadRequest},
		{name: "503, then success: false", operation: "updateToken", replies: []responder{unavailable, reply(http.StatusOK, apiError("1", "no"))}, requests: 2, unknown: true},
		{name: "503, then 200", operation: "updateToken", replies: []responder{unavailable, succeed("updateToken")}, requests: 2},
		{name: "429, then 401", operation: "updateToken", replies: []responder{limited, unauthorized}, requests: 2, cause: cftokens.ErrUnauthorized},
		{name: "429 alone", operation: "updateToken", replies: []responder{limited, limited, limited, limited}, requests: 4, cause: cftokens.ErrRateLimited},
		{name: "no connection, then 401", operation: "updateToken", replies: []responder{noConnection, unauthorized}, requests: 2, cause: cftokens.ErrUnauthorized},
		{name: "502, then 404", operation: "updateToken", replies: []responder{badGateway, gone}, requests: 2, unknown: true, cause: cftokens.ErrNotFound},

		{name: "lost, then 401", operation: "deleteToken", replies: []responder{lost, unauthorized}, requests: 2, unknown: true, cause: cftokens.ErrUnauthorized},
		{name: "lost, then 429", operation: "deleteToken", replies: []responder{lost, limited, limited, limited}, requests: 4, unknown: true, cause: cftokens.ErrRateLimited},
		{name: "429, then 401", operation: "deleteToken", replies: []responder{limited, unauthorized}, requests: 2, cause: cftokens.ErrUnauthorized},
		{name: "503 and 429, then 404", operation: "deleteToken", replies: []responder{unavailable, limited, gone}, requests: 3},

		{name: "429, then 502", operation: "createToken", replies: []responder{limited, badGateway, succeed("createToken")}, requests: 2, unknown: true, cause: cftokens.ErrServer},
		{name: "429, then 502", operation: "rollToken", replies: []responder{limited, badGateway, succeed("rollToken")}, requests: 2, unknown: true, cause: cftokens.ErrServer},
		{name: "no connection, then lost", operation: "createToken", replies: []responder{noConnection, lost, succeed("createToken")}, requests: 2, unknown: true, cause: errReset},
		{name: "429, then 401", operation: "createToken", replies: []responder{limited, unauthorized}, requests: 2, cause: cftokens.ErrUnauthorized},
		{name: "429 and no connection, then 200", operation: "rollToken", replies: []responder{limited, noConnection, succeed("rollToken")}, requests: 3},

		{name: "502, then 404", operation: "createToken", replies: []responder{badGateway, gone}, requests: 1, unknown: true, cause: cftokens.ErrServer},
		{name: "502, then 404", operation: "rollToken", replies: []responder{badGateway, gone}, requests: 1, unknown: true, cause: cftokens.ErrServer},
		{name: "502, then 404", operation: "getToken", replies: []responder{badGateway, gone}, requests: 2, cause: cftokens.ErrNotFound},
		{name: "502, then 404", operation: "verifyToken", replies: []responder{badGateway, gone}, requests: 2, cause: cftokens.ErrNotFound},
		{name: "502, then 404", operation: "listTokens", replies: []responder{badGateway, gone}, requests: 2, cause: cftokens.ErrNotFound},
		{name: "502, then 404", operation: "listPermissionGroups", replies: []responder{badGateway, gone}, requests: 2, cause: cftokens.ErrNotFound},
		{name: "lost, then 401", operation: "getToken", replies: []responder{lost, unauthorized}, requests: 2, cause: cftokens.ErrUnauthorized},
	} {
		t.Run(tt.operation+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			api := sequence(tt.replies...)
			err := everyCall[tt.operation](t, newClient(t, api, cftokens.WithRetryPolicy(retries(3))))
			checkUnknown(t, tt.operation, err, tt.unknown)
			if tt.cause != nil && !errors.Is(err, tt.cause) {
				t.Errorf("%s error = %v, want it to match %q", tt.operation, err, tt.cause)
			}
			if wantErr := tt.unknown || tt.cause != nil; (err != nil) != wantErr {
				t.Errorf("%s error = %v, want an error: %v", tt.operation, err, wantErr)
			}
			api.checkRequests(t, tt.operation, tt.requests)
		})
	}
}

// TestDelete_NotFoundProof checks which 404 responses prove that an earlier attempt
// deleted the token: a gateway's do not.
func TestDelete_NotFoundProof(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, body string
		proof      bool
	}{
		{name: "API", body: apiError("1003", "Token not found"), proof: true},
		{name: "API, another code", body: apiError("1001", "Not found"), proof: true},
		{name: "HTML", body: "<html>404</html>"},
		{name: "empty"},
		{name: "JSON that is not an envelope", body: `{"error":"not found"}`},
		{name: "no errors", body: `{"success":false,"errors":[]}`},
		{name: "gateway with a code", body: `{"errors":[{"code":404,"message":"no route matched"}]}`},
		{name: "success is a string", body: `{"success":"false","errors":[{"code":1003,"message":"Token not found"}]}`},
		{name: "gateway with an error object", body: `{"error":{"code":1003,"message":"not found"}}`},
		{name: "error without a code", body: `{"success":false,"errors":[{"message":"not found"}]}`},
		{name: "error that is a string", body: `{"success":false,"errors":["not found"]}`},
		{name: "no route", body: apiError("7000", "No route for that URI")},
		{name: "no object", body: apiError("7003", "Could not route to /user/tokens/x")},
		{name: "both routing codes", body: `{"success":false,"errors":[{"code":7003,"message":"a"},{"code":7000,"message":"b"}]}`},
		{name: "routing code in a chain", body: `{"success":false,"errors":[{"code":1003,"message":"a","error_chain":[{"code":7003}]}]}`},
		{name: "success", body: success(`{"id":"` + tokenID + `"}`)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			notFound := reply(http.StatusNotFound, tt.body)
			retry := cftokens.WithRetryPolicy(retries(1))
			err := newClient(t, sequence(reply(http.StatusServiceUnavailable, ""), notFound), retry).Delete(t.Context(), tokenID)
			if tt.proof && err != nil {
				t.Errorf("Delete() error = %v, want nil", err)
			}
			if !tt.proof {
				checkError(t, "Delete()", err, cftokens.ErrNotFound, "")
				checkUnknown(t, "Delete()", err, true)
			}
			err = newClient(t, sequence(notFound), retry).Delete(t.Context(), tokenID)
			checkError(t, "Delete() without retries:", err, cftokens.ErrNotFound, "")
			checkUnknown(t, "Delete() without retries:", err, !strings.Contains(tt.body, `"success":false,"errors":[`))
		})
	}
}

// TestErrors_NotInvalidArgument checks that no error of a request matches
// ErrInvalidArgument.
func TestErrors_NotInvalidArgument(t *testing.T) {
	t.Parallel()
	for name, r := range map[string]responder{
		"no connection": fail(errDial), "connection lost": fail(errReset), "status 400": reply(http.StatusBadRequest, apiError("1001", "invalid argument")),
		"status 503": reply(http.StatusServiceUnavailable, ""), "truncated body": truncated(`{`), "not JSON": reply(http.StatusOK, "<html>"),
	} {
		for operation, call := range everyCall {
			err := call(t, newClient(t, sequence(r)))
			if err == nil || errors.Is(err, cftokens.ErrInvalidArgument) {
				t.Errorf("%s, %s: error = %v, want one that does not match ErrInvalidArgument", operation, name, err)
			}
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newClient(t, sequence()).Get(canceled, tokenID); !errors.Is(err, context.Canceled) || errors.Is(err, cftokens.ErrInvalidArgument) {
		t.Errorf("Get() error = %v, want context.Canceled and not ErrInvalidArgument", err)
	}
	timeout := fail(fmt.Errorf("dial: %w", context.DeadlineExceeded))
	if _, err := newClient(t, sequence(timeout)).Create(t.Context(), tokenCreate()); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cftokens.ErrInvalidArgument) {
		t.Errorf("Create() error = %v, want context.DeadlineExceeded and not ErrInvalidArgument", err)
	}
}

// TestOutcomeUnknown_Text checks that the text has one prefix.
func TestOutcomeUnknown_Text(t *testing.T) {
	t.Parallel()
	for operation := range everyCall {
		if !changes(operation) {
			continue
		}
		for name, r := range map[string]responder{
			"connection lost": fail(errReset), "status 502": reply(http.StatusBadGateway, "<html>"), "truncated body": truncated(`{`),
		} {
			err := everyCall[operation](t, newClient(t, sequence(r)))
			if err == nil {
				t.Errorf("%s, %s: error = nil, want one", operation, name)
				continue
			}
			text := err.Error()
			if want := "cftokens: " + operation + ": "; !strings.HasPrefix(text, want) {
				t.Errorf("%s, %s: error = %v, want the prefix %q", operation, name, err, want)
			}
			for _, word := range []string{"cftokens: ", operation, "; outcome unknown: "} {
				if n := strings.Count(text, word); n != 1 {
					t.Errorf("%s, %s: error = %v, contains %q %d times, want once", operation, name, err, word, n)
				}
			}
		}
	}
}

// TestDelete_Replayed checks that a request that net/http itself sends twice counts as a
// retry: the second one finds no token.
func TestDelete_Replayed(t *testing.T) {
	t.Parallel()
	api := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(req.Context())
		for range 2 {
			trace.GotConn(httptrace.GotConnInfo{})
			trace.WroteHeaders()
		}
		return response(http.StatusNotFound, apiError("1003", "Token not found")), nil
	}}
	if err := newClient(t, api).Delete(t.Context(), tokenID); err != nil {
		t.Errorf("Delete() error = %v, want nil", err)
	}
}
