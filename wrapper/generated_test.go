package cftokens_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestGenerated(t *testing.T) {
	t.Parallel()
	a := inTurn(
		with(http.StatusServiceUnavailable, "busy"),
		with(http.StatusOK, ok(tokenJSON)),
	)
	client := newClient(t, a, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1}))
	resp, err := client.Generated().GetToken(t.Context(), tokenID)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != ok(tokenJSON) {
		t.Errorf("body %q, %v", body, err)
	}
	if len(a.requests) != 2 || a.requests[1].Header.Get("Authorization") == "" {
		t.Errorf("%d requests; want a retry that is signed too", len(a.requests))
	}
}

func TestGeneratedCreateIsSentOnce(t *testing.T) {
	t.Parallel()
	a := always(http.StatusBadGateway, "bad")
	client := newClient(t, a, cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 3}))
	resp, err := client.Generated().CreateToken(t.Context(), tokenCreate())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusBadGateway || len(a.requests) != 1 {
		t.Errorf("status %d after %d requests, want 502 after one", resp.StatusCode, len(a.requests))
	}

	broken := newClient(t, inTurn(failing(io.ErrUnexpectedEOF)))
	resp, err = broken.Generated().RollToken(t.Context(), tokenID, nil)
	if resp != nil {
		resp.Body.Close()
	}
	if !errors.Is(err, cftokens.ErrOutcomeUnknown) || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("connection lost: %v", err)
	}
}

func TestGeneratedBodyThatIsCutOff(t *testing.T) {
	t.Parallel()
	client := newClient(t, inTurn(cut(`{"success":`)))
	resp, err := client.Generated().GetToken(t.Context(), tokenID)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if string(body) != `{"success":` || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %q, %v; want what came, and why it ended", body, err)
	}
}

// TestCallInsideATransport: a transport may make calls of its own in the context of
// the request that it was given.
func TestCallInsideATransport(t *testing.T) {
	t.Parallel()
	refusal := refused("1000", "Invalid API Token")
	inner := newClient(t, always(http.StatusUnauthorized, refusal))
	client := newClient(t, &api{answer: func(_ int, req *http.Request) (*http.Response, error) {
		resp, err := inner.Generated().VerifyToken(req.Context())
		if err != nil {
			return nil, err
		}
		defer resp.Body.Close()
		if body, err := io.ReadAll(resp.Body); string(body) != refusal {
			t.Errorf("the call inside was answered %q, %v", body, err)
		}
		return response(http.StatusOK, ok(tokenJSON)), nil
	}})
	token, err := client.Get(t.Context(), tokenID)
	if err != nil || token.ID != tokenID {
		t.Errorf("got %v, %v", token, err)
	}
}

// TestEditorsOfOneRequest: what a caller's editor does to a request stays with it.
func TestEditorsOfOneRequest(t *testing.T) {
	t.Parallel()
	a := always(http.StatusOK, ok(tokenJSON))
	client := newClient(t, a)
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
	if got := a.requests[1].Header.Get("Authorization"); got != "Bearer "+credential {
		t.Errorf("the next request is signed %q", got)
	}
}
