package cftokens_test

import (
	"context"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestDefaults checks a client without options. It is not parallel, because it replaces
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
		api := repeated(3, reply(http.StatusServiceUnavailable, ""), succeed("getToken"))
		if _, err := newDefault(api).Get(t.Context(), tokenID); err != nil {
			t.Errorf("Get() error = %v", err)
		}
		api.checkRequests(t, "Get()", 4)
	})
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		_, err := newDefault(&fakeTransport{handle: waitForCancel}).Create(t.Context(), tokenCreate())
		checkError(t, "Create()", err, context.DeadlineExceeded, "")
		checkUnknown(t, "Create()", err, true)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("Create() took %v, want 1m", took)
		}
	})
}
