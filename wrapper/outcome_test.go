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

type responder = func() (*http.Response, error)

// TestOutcome_LastResponse checks the outcome of calls whose attempts fail in different
// ways: if one may have been applied, an error of the last one does not hide it.
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
		{"503, then 429", "updateToken", []responder{unavailable, limited, limited, limited}, 4, true, cftokens.ErrRateLimited},
		{"503, then 401", "updateToken", []responder{unavailable, unauthorized}, 2, true, cftokens.ErrUnauthorized},
		{"lost, then no connection", "updateToken", []responder{lost, noConnection, noConnection, noConnection}, 4, true, errDial},
		{"lost, then 307", "updateToken", []responder{lost, reply(http.StatusTemporaryRedirect, "")}, 2, true, nil},
		{"truncated, then 400", "updateToken", []responder{truncated(`{`), reply(http.StatusBadRequest, apiError("1001", "no"))}, 2, true, cftokens.ErrBadRequest},
		{"503, then success: false", "updateToken", []responder{unavailable, reply(http.StatusOK, apiError("1", "no"))}, 2, true, nil},
		{"503, then 200", "updateToken", []responder{unavailable, succeed("updateToken")}, 2, false, nil},
		{"429, then 401", "updateToken", []responder{limited, unauthorized}, 2, false, cftokens.ErrUnauthorized},
		{"429 alone", "updateToken", []responder{limited, limited, limited, limited}, 4, false, cftokens.ErrRateLimited},
		{"no connection, then 401", "updateToken", []responder{noConnection, unauthorized}, 2, false, cftokens.ErrUnauthorized},
		{"502, then 404", "updateToken", []responder{badGateway, gone}, 2, true, cftokens.ErrNotFound},

		{"lost, then 401", "deleteToken", []responder{lost, unauthorized}, 2, true, cftokens.ErrUnauthorized},
		{"lost, then 429", "deleteToken", []responder{lost, limited, limited, limited}, 4, true, cftokens.ErrRateLimited},
		{"429, then 401", "deleteToken", []responder{limited, unauthorized}, 2, false, cftokens.ErrUnauthorized},
		{"503 and 429, then 404", "deleteToken", []responder{unavailable, limited, gone}, 3, false, nil},

		{"429, then 502", "createToken", []responder{limited, badGateway, succeed("createToken")}, 2, true, cftokens.ErrServer},
		{"429, then 502", "rollToken", []responder{limited, badGateway, succeed("rollToken")}, 2, true, cftokens.ErrServer},
		{"no connection, then lost", "createToken", []responder{noConnection, lost, succeed("createToken")}, 2, true, errReset},
		{"429, then 401", "createToken", []responder{limited, unauthorized}, 2, false, cftokens.ErrUnauthorized},
		{"429 and no connection, then 200", "rollToken", []responder{limited, noConnection, succeed("rollToken")}, 3, false, nil},

		{"502, then 404", "createToken", []responder{badGateway, gone}, 1, true, cftokens.ErrServer},
		{"502, then 404", "rollToken", []responder{badGateway, gone}, 1, true, cftokens.ErrServer},
		{"502, then 404", "getToken", []responder{badGateway, gone}, 2, false, cftokens.ErrNotFound},
		{"502, then 404", "verifyToken", []responder{badGateway, gone}, 2, false, cftokens.ErrNotFound},
		{"502, then 404", "listTokens", []responder{badGateway, gone}, 2, false, cftokens.ErrNotFound},
		{"502, then 404", "listPermissionGroups", []responder{badGateway, gone}, 2, false, cftokens.ErrNotFound},
		{"lost, then 401", "getToken", []responder{lost, unauthorized}, 2, false, cftokens.ErrUnauthorized},
	} {
		t.Run(tt.operation+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			api := sequence(tt.replies...)
			err := everyCall[tt.operation](t, newClient(t, api, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 3})))
			if errors.Is(err, cftokens.ErrOutcomeUnknown) != tt.unknown || !errors.Is(err, tt.cause) && tt.cause != nil {
				t.Errorf("error = %v, want one that matches %v; ErrOutcomeUnknown: %v", err, tt.cause, tt.unknown)
			}
			if wantErr := tt.unknown || tt.cause != nil; (err != nil) != wantErr {
				t.Errorf("error = %v, want an error: %v", err, wantErr)
			}
			if len(api.requests) != tt.requests {
				t.Errorf("%d requests, want %d", len(api.requests), tt.requests)
			}
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
		{"API", apiError("1003", "Token not found"), true},
		{"API, another code", apiError("1001", "Not found"), true},
		{"HTML", "<html>404</html>", false},
		{"empty", "", false},
		{"JSON that is not an envelope", `{"error":"not found"}`, false},
		{"no errors", `{"success":false,"errors":[]}`, false},
		{"error without a code", `{"success":false,"errors":[{"message":"not found"}]}`, false},
		{"error that is a string", `{"success":false,"errors":["not found"]}`, false},
		{"no route", apiError("7000", "No route for that URI"), false},
		{"no object", apiError("7003", "Could not route to /user/tokens/x"), false},
		{"both codes of routing", `{"success":false,"errors":[{"code":7003,"message":"a"},{"code":7000,"message":"b"}]}`, false},
		{"code of routing in a chain", `{"success":false,"errors":[{"code":1003,"message":"a","error_chain":[{"code":7003}]}]}`, false},
		{"success", success(`{"id":"` + tokenID + `"}`), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			notFound := reply(http.StatusNotFound, tt.body)
			retry := cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1})
			err := newClient(t, sequence(reply(http.StatusServiceUnavailable, ""), notFound), retry).Delete(t.Context(), tokenID)
			if tt.proof && err != nil {
				t.Errorf("Delete() error = %v, want nil", err)
			}
			if !tt.proof && (!errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, cftokens.ErrNotFound)) {
				t.Errorf("Delete() error = %v, want ErrOutcomeUnknown and ErrNotFound", err)
			}
			err = newClient(t, sequence(notFound), retry).Delete(t.Context(), tokenID)
			if !errors.Is(err, cftokens.ErrNotFound) || errors.Is(err, cftokens.ErrOutcomeUnknown) {
				t.Errorf("Delete() error = %v at the first attempt, want ErrNotFound alone", err)
			}
		})
	}
}

// TestErrors_NotInvalidArgument checks that what happens after sending is not called an
// invalid argument.
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
	ended := fail(fmt.Errorf("dial: %w", context.DeadlineExceeded))
	if _, err := newClient(t, sequence(ended)).Create(t.Context(), tokenCreate()); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cftokens.ErrInvalidArgument) {
		t.Errorf("Create() error = %v, want context.DeadlineExceeded and not ErrInvalidArgument", err)
	}
}

// TestOutcomeUnknown_Text checks that the prefix is in the text once.
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
			if err == nil || strings.Count(err.Error(), "cftokens: ") != 1 || strings.Count(err.Error(), operation) != 1 || !strings.HasPrefix(err.Error(), "cftokens: "+operation+": outcome unknown: ") {
				t.Errorf("%s, %s: error = %v, want the prefix once", operation, name, err)
			}
		}
	}
}

// TestDelete_Replayed checks that a request which net/http itself sent twice counts like
// a retry: the second one finds no token.
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

func TestRedirects_MalformedLocation(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusFound, "", "Location", "https://other.example/%zz")
	_, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 2})).Get(t.Context(), tokenID)
	if err == nil || len(api.requests) != 1 {
		t.Errorf("Get() error = %v after %d requests, want an error after 1", err, len(api.requests))
	}
}
