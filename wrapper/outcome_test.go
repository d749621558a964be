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

type reply = func() (*http.Response, error)

// TestOutcome_LastResponse checks the outcome of calls whose attempts fail in different
// ways: if one may have been applied, an error of the last one does not hide it.
func TestOutcome_LastResponse(t *testing.T) {
	t.Parallel()
	var (
		limited      = with(http.StatusTooManyRequests, refused("971", "wait"))
		badGateway   = with(http.StatusBadGateway, "<html>")
		unavailable  = with(http.StatusServiceUnavailable, "")
		unauthorized = with(http.StatusUnauthorized, refused("1000", "Invalid API Token"))
		gone         = with(http.StatusNotFound, refused("1003", "Token not found"))
		lost         = failing(errReset)
		noConnection = failing(errDial)
	)
	for _, tt := range []struct {
		name, operation string
		replies         []reply
		requests        int
		unknown         bool
		cause           error // also matched
	}{
		{"503, then 429", "updateToken", []reply{unavailable, limited, limited, limited}, 4, true, cftokens.ErrRateLimited},
		{"503, then 401", "updateToken", []reply{unavailable, unauthorized}, 2, true, cftokens.ErrUnauthorized},
		{"lost, then no connection", "updateToken", []reply{lost, noConnection, noConnection, noConnection}, 4, true, errDial},
		{"lost, then 307", "updateToken", []reply{lost, with(http.StatusTemporaryRedirect, "")}, 2, true, nil},
		{"truncated, then 400", "updateToken", []reply{cut(`{`), with(http.StatusBadRequest, refused("1001", "no"))}, 2, true, cftokens.ErrBadRequest},
		{"503, then success: false", "updateToken", []reply{unavailable, with(http.StatusOK, refused("1", "no"))}, 2, true, nil},
		{"503, then 200", "updateToken", []reply{unavailable, success("updateToken")}, 2, false, nil},
		{"429, then 401", "updateToken", []reply{limited, unauthorized}, 2, false, cftokens.ErrUnauthorized},
		{"429 alone", "updateToken", []reply{limited, limited, limited, limited}, 4, false, cftokens.ErrRateLimited},
		{"no connection, then 401", "updateToken", []reply{noConnection, unauthorized}, 2, false, cftokens.ErrUnauthorized},
		{"502, then 404", "updateToken", []reply{badGateway, gone}, 2, true, cftokens.ErrNotFound},

		{"lost, then 401", "deleteToken", []reply{lost, unauthorized}, 2, true, cftokens.ErrUnauthorized},
		{"lost, then 429", "deleteToken", []reply{lost, limited, limited, limited}, 4, true, cftokens.ErrRateLimited},
		{"429, then 401", "deleteToken", []reply{limited, unauthorized}, 2, false, cftokens.ErrUnauthorized},
		{"503 and 429, then 404", "deleteToken", []reply{unavailable, limited, gone}, 3, false, nil},

		{"429, then 502", "createToken", []reply{limited, badGateway, success("createToken")}, 2, true, cftokens.ErrServer},
		{"429, then 502", "rollToken", []reply{limited, badGateway, success("rollToken")}, 2, true, cftokens.ErrServer},
		{"no connection, then lost", "createToken", []reply{noConnection, lost, success("createToken")}, 2, true, errReset},
		{"429, then 401", "createToken", []reply{limited, unauthorized}, 2, false, cftokens.ErrUnauthorized},
		{"429 and no connection, then 200", "rollToken", []reply{limited, noConnection, success("rollToken")}, 3, false, nil},

		{"502, then 404", "createToken", []reply{badGateway, gone}, 1, true, cftokens.ErrServer},
		{"502, then 404", "rollToken", []reply{badGateway, gone}, 1, true, cftokens.ErrServer},
		{"502, then 404", "getToken", []reply{badGateway, gone}, 2, false, cftokens.ErrNotFound},
		{"502, then 404", "verifyToken", []reply{badGateway, gone}, 2, false, cftokens.ErrNotFound},
		{"502, then 404", "listTokens", []reply{badGateway, gone}, 2, false, cftokens.ErrNotFound},
		{"502, then 404", "listPermissionGroups", []reply{badGateway, gone}, 2, false, cftokens.ErrNotFound},
		{"lost, then 401", "getToken", []reply{lost, unauthorized}, 2, false, cftokens.ErrUnauthorized},
	} {
		t.Run(tt.operation+"/"+tt.name, func(t *testing.T) {
			t.Parallel()
			a := inTurn(tt.replies...)
			err := everyCall[tt.operation](t, newClient(t, a, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 3})))
			if errors.Is(err, cftokens.ErrOutcomeUnknown) != tt.unknown || !errors.Is(err, tt.cause) && tt.cause != nil {
				t.Errorf("error = %v, want one that matches %v; ErrOutcomeUnknown: %v", err, tt.cause, tt.unknown)
			}
			if wantErr := tt.unknown || tt.cause != nil; (err != nil) != wantErr {
				t.Errorf("error = %v, want an error: %v", err, wantErr)
			}
			if len(a.requests) != tt.requests {
				t.Errorf("%d requests, want %d", len(a.requests), tt.requests)
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
		{"API", refused("1003", "Token not found"), true},
		{"API, another code", refused("1001", "Not found"), true},
		{"HTML", "<html>404</html>", false},
		{"empty", "", false},
		{"JSON that is not an envelope", `{"error":"not found"}`, false},
		{"no errors", `{"success":false,"errors":[]}`, false},
		{"error without a code", `{"success":false,"errors":[{"message":"not found"}]}`, false},
		{"error that is a string", `{"success":false,"errors":["not found"]}`, false},
		{"no route", refused("7000", "No route for that URI"), false},
		{"no object", refused("7003", "Could not route to /user/tokens/x"), false},
		{"both codes of routing", `{"success":false,"errors":[{"code":7003,"message":"a"},{"code":7000,"message":"b"}]}`, false},
		{"code of routing in a chain", `{"success":false,"errors":[{"code":1003,"message":"a","error_chain":[{"code":7003}]}]}`, false},
		{"success", ok(`{"id":"` + tokenID + `"}`), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			notFound := with(http.StatusNotFound, tt.body)
			retry := cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1})
			err := newClient(t, inTurn(with(http.StatusServiceUnavailable, ""), notFound), retry).Delete(t.Context(), tokenID)
			if tt.proof && err != nil {
				t.Errorf("Delete() error = %v, want nil", err)
			}
			if !tt.proof && (!errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, cftokens.ErrNotFound)) {
				t.Errorf("Delete() error = %v, want ErrOutcomeUnknown and ErrNotFound", err)
			}
			err = newClient(t, inTurn(notFound), retry).Delete(t.Context(), tokenID)
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
	for name, r := range map[string]reply{
		"no connection": failing(errDial), "connection lost": failing(errReset), "status 400": with(http.StatusBadRequest, refused("1001", "invalid argument")),
		"status 503": with(http.StatusServiceUnavailable, ""), "truncated body": cut(`{`), "not JSON": with(http.StatusOK, "<html>"),
	} {
		for operation, call := range everyCall {
			err := call(t, newClient(t, inTurn(r)))
			if err == nil || errors.Is(err, cftokens.ErrInvalidArgument) {
				t.Errorf("%s, %s: error = %v, want one that does not match ErrInvalidArgument", operation, name, err)
			}
		}
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := newClient(t, inTurn()).Get(canceled, tokenID); !errors.Is(err, context.Canceled) || errors.Is(err, cftokens.ErrInvalidArgument) {
		t.Errorf("Get() error = %v, want context.Canceled and not ErrInvalidArgument", err)
	}
	ended := failing(fmt.Errorf("dial: %w", context.DeadlineExceeded))
	if _, err := newClient(t, inTurn(ended)).Create(t.Context(), tokenCreate()); !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, cftokens.ErrInvalidArgument) {
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
		for name, r := range map[string]reply{
			"connection lost": failing(errReset), "status 502": with(http.StatusBadGateway, "<html>"), "truncated body": cut(`{`),
		} {
			err := everyCall[operation](t, newClient(t, inTurn(r)))
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
	a := &api{answer: func(_ int, req *http.Request) (*http.Response, error) {
		trace := httptrace.ContextClientTrace(req.Context())
		for range 2 {
			trace.GotConn(httptrace.GotConnInfo{})
			trace.WroteHeaders()
		}
		return response(http.StatusNotFound, refused("1003", "Token not found")), nil
	}}
	if err := newClient(t, a).Delete(t.Context(), tokenID); err != nil {
		t.Errorf("Delete() error = %v, want nil", err)
	}
}

func TestRedirect_MalformedLocationIsNotRetried(t *testing.T) {
	t.Parallel()
	a := always(http.StatusFound, "", "Location", "https://other.example/%zz")
	_, err := newClient(t, a, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 2})).Get(t.Context(), tokenID)
	if err == nil || len(a.requests) != 1 {
		t.Errorf("Get() error = %v after %d requests, want an error after 1", err, len(a.requests))
	}
}
