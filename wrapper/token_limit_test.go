package cftokens_test

import (
	"errors"
	"net/http"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestErrTokenLimit(t *testing.T) {
	t.Parallel()
	const message = "You have reached the maximum number of API tokens (50)"
	for _, tt := range []struct {
		name   string
		status int
		body   string
		want   bool
	}{
		{name: "observed", status: http.StatusBadRequest, body: apiError("1001", message), want: true},
		{name: "another quota", status: http.StatusBadRequest, body: apiError("1001", "You have reached the maximum number of API tokens (75)."), want: true},
		{
			name: "in a chain", status: http.StatusBadRequest,
			body: `{"success":false,"errors":[{"code":1000,"message":"no","error_chain":[{"code":1001,"message":"` + message + `"}]}]}`, want: true,
		},
		{name: "another reason", status: http.StatusBadRequest, body: apiError("1001", "Reusing existing policies is not supported by token creation")},
		{name: "another code", status: http.StatusBadRequest, body: apiError("400", message)},
		{name: "another status", status: http.StatusForbidden, body: apiError("1001", message)},
		{name: "as a message", status: http.StatusBadRequest, body: `{"success":false,"errors":[{"code":1001,"message":"no"}],"messages":[{"code":1001,"message":"` + message + `"}]}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := respond(tt.status, tt.body)
			_, err := newClient(t, api, cftokens.WithRetryPolicy(retries(3))).Create(t.Context(), tokenCreate())
			if got := errors.Is(err, cftokens.ErrTokenLimit); got != tt.want {
				t.Errorf("Create() error = %v, matches ErrTokenLimit: %v, want %v", err, got, tt.want)
			}
			if got, want := errors.Is(err, cftokens.ErrBadRequest), tt.status == http.StatusBadRequest; got != want {
				t.Errorf("Create() error = %v, matches ErrBadRequest: %v, want %v", err, got, want)
			}
			api.checkRequests(t, "Create()", 1)
		})
	}
}

// TestErrTokenLimit_Fake reaches the quotas for user tokens and account tokens.
func TestErrTokenLimit_Fake(t *testing.T) {
	t.Parallel()
	server, user, account := newFakeClients(t)
	for _, owner := range []struct {
		name   string
		client *cftokens.Client
		put    func(*cftokenstest.Server) (string, error)
		quota  int
	}{
		{name: "user", client: user, put: func(s *cftokenstest.Server) (string, error) { return s.PutToken([]byte("{}")) }, quota: 50},
		{name: "account", client: account, put: func(s *cftokenstest.Server) (string, error) { return s.PutAccountToken([]byte("{}")) }, quota: 500},
	} {
		var id string
		for range owner.quota {
			var err error
			if id, err = owner.put(server); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := owner.client.Create(t.Context(), tokenCreate()); !errors.Is(err, cftokens.ErrTokenLimit) {
			t.Errorf("%s: Create() error = %v, want ErrTokenLimit", owner.name, err)
		}
		if err := owner.client.Delete(t.Context(), id); err != nil {
			t.Fatal(err)
		}
		if _, err := owner.client.Create(t.Context(), tokenCreate()); err != nil {
			t.Errorf("%s: Create() error = %v, want success below the quota", owner.name, err)
		}
	}
}
