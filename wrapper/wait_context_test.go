package cftokens_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// TestWaitUntilActive_Context checks that a wait that times out returns the API's last
// error, and that a wait without a deadline is limited.
func TestWaitUntilActive_Context(t *testing.T) {
	t.Parallel()
	rejectThenHang := func(n int, req *http.Request) (*http.Response, error) {
		if n > 1 {
			return waitForCancel(n, req)
		}
		return unknownToken()
	}
	late := func(int, *http.Request) (*http.Response, error) {
		time.Sleep(2 * time.Minute)
		return response(http.StatusServiceUnavailable, ""), nil
	}
	for _, tt := range []struct {
		name    string
		timeout time.Duration // 0: none
		cancel  time.Duration
		handle  func(int, *http.Request) (*http.Response, error)
		took    time.Duration
		is      []error
		last    string
	}{
		{name: "no deadline", took: 2 * time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrUnauthorized}, last: "last error: GET /client/v4/user/tokens/verify: HTTP 401"},
		{name: "deadline", timeout: 10 * time.Minute, took: 10 * time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrUnauthorized}, last: "HTTP 401"},
		{name: "canceled", cancel: 7 * time.Second, took: 7 * time.Second, is: []error{context.Canceled, cftokens.ErrUnauthorized}, last: "HTTP 401"},
		{name: "deadline in a request after another error", timeout: time.Minute, took: time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrUnauthorized}, last: "HTTP 401", handle: rejectThenHang},
		{name: "deadline in the first request", timeout: time.Minute, took: time.Minute, is: []error{context.DeadlineExceeded}, last: "1 attempt", handle: waitForCancel},
		{name: "deadline passed when the response comes", timeout: time.Minute, took: 2 * time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrServer}, last: "HTTP 503", handle: late},
		{name: "server error", took: 2 * time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrServer}, last: "HTTP 503", handle: respond(http.StatusServiceUnavailable, "").handle},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if tt.timeout > 0 {
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				if tt.cancel > 0 {
					time.AfterFunc(tt.cancel, cancel)
				}
				api := &fakeTransport{handle: tt.handle}
				if tt.handle == nil {
					api = repeated(1000, unknownToken, active)
				}
				start := time.Now()
				_, err := newClient(t, api).WaitUntilActive(ctx, secret.New(tokenValue))
				if took := time.Since(start); took != tt.took {
					t.Errorf("WaitUntilActive() took %v, want %v", took, tt.took)
				}
				for _, target := range tt.is {
					if !errors.Is(err, target) {
						t.Errorf("WaitUntilActive() error = %v, want it to match %v", err, target)
					}
				}
				checkError(t, "WaitUntilActive()", err, nil, tt.last)
				if err != nil && !strings.HasPrefix(err.Error(), "cftokens: verifyToken: context ") {
					t.Errorf("WaitUntilActive() error = %v, want the context's error first", err)
				}
				if len(tt.is) > 1 {
					_ = asError[*cftokens.APIError](t, "WaitUntilActive()", err)
				}
			})
		})
	}
}
