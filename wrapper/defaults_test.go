package cftokens_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestDefaults checks a client without options. It runs alone, because it replaces
// http.DefaultTransport.
func TestDefaults(t *testing.T) {
	if got, want := cftokens.DefaultRetryPolicy(), (cftokens.RetryPolicy{MaxRetries: 3, BaseDelay: 500 * time.Millisecond, MaxDelay: 30 * time.Second}); got != want {
		t.Errorf("DefaultRetryPolicy() = %+v, want %+v", got, want)
	}
	defaultTransport := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = defaultTransport })
	newDefault := func(api *fakeTransport) *cftokens.Client {
		http.DefaultTransport = api
		client, err := cftokens.NewClient(credential)
		if err != nil {
			t.Fatalf("NewClient() error = %v", err)
		}
		return client
	}
	synctest.Test(t, func(t *testing.T) {
		api := sequence(reply(http.StatusServiceUnavailable, ""), reply(http.StatusServiceUnavailable, ""), reply(http.StatusServiceUnavailable, ""), succeed("getToken"))
		if _, err := newDefault(api).Get(t.Context(), tokenID); err != nil || len(api.requests) != 4 {
			t.Errorf("Get() error = %v after %d requests, want success after 4", err, len(api.requests))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		api := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		}}
		start := time.Now()
		_, err := newDefault(api).Create(t.Context(), tokenCreate())
		if took := time.Since(start); took != time.Minute || !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, cftokens.ErrOutcomeUnknown) {
			t.Errorf("Create() error = %v after %v, want a timeout after a minute", err, took)
		}
	})
}
