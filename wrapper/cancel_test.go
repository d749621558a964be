package cftokens_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestCancel_Cause checks calls that are canceled with a cause, as by
// signal.NotifyContext: net/http returns only the cause.
func TestCancel_Cause(t *testing.T) {
	t.Parallel()
	errStop := errors.New("interrupted")
	for _, tt := range []struct {
		name string
		send func(*http.Request, context.CancelCauseFunc) (*http.Response, error)
	}{
		{"connected", func(req *http.Request, cancel context.CancelCauseFunc) (*http.Response, error) {
			httptrace.ContextClientTrace(req.Context()).GotConn(httptrace.GotConnInfo{})
			cancel(errStop)
			return nil, context.Cause(req.Context())
		}},
		{"sent", func(req *http.Request, cancel context.CancelCauseFunc) (*http.Response, error) {
			trace := httptrace.ContextClientTrace(req.Context())
			trace.GotConn(httptrace.GotConnInfo{})
			trace.WroteHeaders()
			cancel(errStop)
			return nil, context.Cause(req.Context())
		}},
		{"headers received", func(_ *http.Request, cancel context.CancelCauseFunc) (*http.Response, error) {
			body, w := io.Pipe()
			go func() {
				_, _ = io.WriteString(w, `{"success":true,`)
				cancel(errStop)
				_ = w.CloseWithError(errStop)
			}()
			return &http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body}, nil
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			api := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) { return tt.send(req, cancel) }}
			_, err := newClient(t, api).Create(ctx, tokenCreate())
			for _, want := range []error{context.Canceled, errStop, cftokens.ErrOutcomeUnknown} {
				if !errors.Is(err, want) {
					t.Errorf("Create() error = %v, want one that matches %q", err, want)
				}
			}
			api.checkRequests(t, "Create()", 1)
		})
	}
}

func TestCancel_WhileWaiting(t *testing.T) {
	t.Parallel()
	for operation, call := range map[string]func(context.Context, *cftokens.Client) error{
		"getToken": func(ctx context.Context, c *cftokens.Client) error {
			_, err := c.Get(ctx, tokenID)
			return err
		},
		"createToken": func(ctx context.Context, c *cftokens.Client) error {
			_, err := c.Create(ctx, tokenCreate())
			return err
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			time.AfterFunc(time.Second, cancel)
			api := respond(http.StatusTooManyRequests, apiError("971", "wait"), "Retry-After", "20")
			start := time.Now()
			err := call(ctx, newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())))
			checkError(t, operation, err, context.Canceled, "")
			checkError(t, operation, err, cftokens.ErrRateLimited, "")
			checkUnknown(t, operation, err, false)
			api.checkRequests(t, operation, 1)
			if took := time.Since(start); took != time.Second {
				t.Errorf("%s took %v, want 1s", operation, took)
			}
		})
	}
}

func TestCancel_BeforeSending(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	api := respond(http.StatusOK, success(tokenJSON))
	_, err := newClient(t, api).Create(ctx, tokenCreate())
	checkError(t, "Create()", err, context.Canceled, "")
	checkUnknown(t, "Create()", err, false)
	api.checkRequests(t, "Create()", 0)
}

func TestCancel_AfterSending(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	api := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		cancel()
		return nil, req.Context().Err()
	}}
	_, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())).Roll(ctx, tokenID)
	checkError(t, "Roll()", err, context.Canceled, "")
	checkUnknown(t, "Roll()", err, true)
	api.checkRequests(t, "Roll()", 1)
}

func TestGet_SlowServer(t *testing.T) {
	t.Parallel()
	slow := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		resp := response(http.StatusOK, "")
		resp.Body = io.NopCloser(slowBody{req.Context()})
		return resp, nil
	}}
	for name, api := range map[string]*fakeTransport{"no response": {handle: waitForCancel}, "a byte a second": slow} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			_, err := newClient(t, api).Get(ctx, tokenID)
			checkError(t, name+": Get()", err, context.DeadlineExceeded, "")
			if took := time.Since(start); took > 11*time.Second {
				t.Errorf("%s: Get() took %v, want the 10s of the context", name, took)
			}
			start = time.Now()
			httpClient := &http.Client{Transport: api, Timeout: 5 * time.Second}
			if _, err := newClient(t, api, cftokens.WithHTTPClient(httpClient)).Get(t.Context(), tokenID); err == nil {
				t.Errorf("%s: Get() with a timeout: error = nil, want one", name)
			}
			if took := time.Since(start); took > 6*time.Second {
				t.Errorf("%s: Get() took %v, want the 5s of the HTTP client", name, took)
			}
		})
	}
}

// slowBody returns a byte every second.
type slowBody struct{ ctx context.Context }

func (b slowBody) Read(p []byte) (int, error) {
	select {
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	}
}

// TestNilContext checks that a nil context is an error, not a panic.
func TestNilContext(t *testing.T) {
	t.Parallel()
	api := sequence()
	client := newClient(t, api)
	//nolint:staticcheck // a nil context is what is tested
	for name, call := range map[string]func() error{
		"Get": func() error { _, err := client.Get(nil, tokenID); return err },
		"Edit": func() error {
			_, err := client.Edit(nil, tokenID, func(*cftokens.TokenUpdate) error { return nil })
			return err
		},
		"Replace": func() error { _, err := client.Replace(nil, tokenID, nil, accept); return err },
		"All": func() error {
			for _, err := range client.All(nil, cftokens.ListOptions{}) {
				return err
			}
			return nil
		},
		"FindPermissionGroups": func() error { _, err := client.FindPermissionGroups(nil, "", "DNS Write"); return err },
	} {
		checkError(t, name+"(nil)", call(), cftokens.ErrInvalidArgument, "context must not be nil")
	}
	api.checkRequests(t, "calls with a nil context", 0)
}
