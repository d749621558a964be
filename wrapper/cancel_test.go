package cftokens_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestCancel_Cause cancels calls with a cause of its own, as signal.NotifyContext does,
// before the headers were written, after that, and while the body is read. net/http
// returns the cause alone.
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
			if len(api.requests) != 1 {
				t.Errorf("Create() sent %d requests, want 1", len(api.requests))
			}
		})
	}
}
