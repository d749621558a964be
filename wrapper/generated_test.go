package cftokens_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestGenerated checks that a request is authenticated and sent once, and that its response
// is returned unchanged.
func TestGenerated(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
	}{
		{"success", http.StatusOK, success(tokenJSON)},
		{"server error", http.StatusServiceUnavailable, "busy"},
		{"rate limit", http.StatusTooManyRequests, apiError("971", "wait")},
		{"redirect", http.StatusFound, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := respond(tt.status, tt.body, "Location", "https://elsewhere.example/")
			client := newClient(t, api, cftokens.WithRetryPolicy(retries(3)))
			resp, err := client.Generated().RollToken(t.Context(), tokenID, gen.RollRequest{})
			if err != nil {
				t.Fatal(err)
			}
			defer resp.Body.Close()
			body, err := io.ReadAll(resp.Body)
			if err != nil {
				t.Errorf("ReadAll() error = %v", err)
			}
			if resp.StatusCode != tt.status || string(body) != tt.body {
				t.Errorf("RollToken() = %d %q, want %d %q", resp.StatusCode, body, tt.status, tt.body)
			}
			api.checkRequests(t, "RollToken()", 1)
			if got := api.requests[0].Header.Get("Authorization"); got != "Bearer "+credential {
				t.Errorf("RollToken() sent the Authorization header %q, want the credential", got)
			}
			if got := api.bodies[0]; got != "{}" {
				t.Errorf("RollToken() sent the body %q, want {}", got)
			}
			if api.requests[0].GetBody != nil {
				t.Error("RollToken() sent a request with GetBody, want none: net/http may send it again")
			}
		})
	}
}

func TestGenerated_Errors(t *testing.T) {
	t.Parallel()
	client := newClient(t, sequence(fail(errReset), fail(errDial), fail(errReset)))
	_, err := client.Generated().RollToken(t.Context(), tokenID, gen.RollRequest{})
	if !errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, errReset) {
		t.Errorf("RollToken() error = %v, want ErrOutcomeUnknown", err)
	}
	_, err = client.Generated().RollToken(t.Context(), tokenID, gen.RollRequest{})
	if errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, errDial) {
		t.Errorf("RollToken() error = %v, want that of dialing alone", err)
	}
	_, err = client.Generated().GetToken(t.Context(), tokenID)
	if errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, errReset) {
		t.Errorf("GetToken() error = %v, want only the connection's error", err)
	}
	_, err = newClient(t, sequence(fail(errReset))).Generated().DeleteToken(t.Context(), tokenID)
	if !errors.Is(err, cftokens.ErrOutcomeUnknown) || strings.Contains(err.Error(), "roll again") {
		t.Errorf("DeleteToken() error = %v, want one without the advice for a roll", err)
	}
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	api := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		return nil, req.Context().Err()
	}}
	client = newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy()))
	_, err = client.Generated().GetToken(canceled, tokenID)
	if !errors.Is(err, context.Canceled) || len(api.requests) != 1 {
		t.Errorf("GetToken() error = %v after %d requests, want context.Canceled after 1", err, len(api.requests))
	}
}

func TestGenerated_TruncatedBody(t *testing.T) {
	t.Parallel()
	api := sequence(truncated(`{"success":`))
	client := newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy()))
	resp, err := client.Generated().GetToken(t.Context(), tokenID)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if want := `{"success":`; string(body) != want || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("ReadAll() = %q, %v; want %q, io.ErrUnexpectedEOF", body, err, want)
	}
	api.checkRequests(t, "GetToken()", 1)
}

// TestGenerated_InsideTransport checks a transport that makes other calls with the
// context of its request.
func TestGenerated_InsideTransport(t *testing.T) {
	t.Parallel()
	denied := apiError("1000", "Invalid API Token")
	inner := newClient(t, respond(http.StatusUnauthorized, denied))
	client := newClient(t, &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		resp, err := inner.Generated().VerifyToken(req.Context())
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); string(body) != denied {
			t.Errorf("VerifyToken() = %q, %v; want %q", body, err, denied)
		}
		return response(http.StatusOK, success(tokenJSON)), nil
	}})
	token, err := client.Get(t.Context(), tokenID)
	if err != nil || token.ID != tokenID {
		t.Errorf("Get() = %v, %v; want token %s", token, err, tokenID)
	}
}

// TestGenerated_RequestEditor checks that a request editor does not affect later requests.
func TestGenerated_RequestEditor(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusOK, success(tokenJSON))
	client := newClient(t, api)
	overwrite := func(_ context.Context, req *http.Request) error {
		for _, values := range req.Header {
			values[0] = "overwritten"
		}
		return nil
	}
	resp, err := client.Generated().GetToken(t.Context(), tokenID, overwrite)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if _, err := client.Get(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	if got := api.requests[1].Header.Get("Authorization"); got != "Bearer "+credential {
		t.Errorf("Get() sent the Authorization header %q, want the credential", got)
	}
}
