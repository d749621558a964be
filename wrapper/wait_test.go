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

var (
	unknownToken = reply(http.StatusUnauthorized, apiError("1000", "Invalid API Token"))
	active       = verified(`"status":"active"`)
)

// verified is the response to a verify, with these properties.
func verified(properties string) responder {
	return reply(http.StatusOK, success(`{"id":"`+tokenID+`",`+properties+`}`))
}

// repeated is a server that gives one reply n times, and then the next.
func repeated(n int, reply, next responder) *fakeTransport {
	return &fakeTransport{handle: func(i int, _ *http.Request) (*http.Response, error) {
		if i <= n {
			return reply()
		}
		return next()
	}}
}

// TestWaitUntilActive_NotYet checks which failures mean that the value may work later, and
// how long the waits are.
func TestWaitUntilActive_NotYet(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		reply responder
	}{
		{"status 401", unknownToken},
		{"status 401, code 10000", reply(http.StatusUnauthorized, apiError("10000", "Authentication error"))},
		{"status 403, code 10000", reply(http.StatusForbidden, apiError("10000", "Authentication error"))},
		{"status 429", reply(http.StatusTooManyRequests, apiError("971", "wait"))},
		{"status 503", reply(http.StatusServiceUnavailable, "")},
		{"connection failed", fail(errDial)},
		{"connection lost", fail(errReset)},
		{"not JSON", reply(http.StatusOK, "<html>")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const polls = 20
				api := repeated(polls, tt.reply, active)
				start := time.Now()
				v, err := newClient(t, api).WaitUntilActive(t.Context(), secret.New(tokenValue))
				if err != nil || v.ID != tokenID || v.Status != cftokens.TokenStatusActive {
					t.Errorf("WaitUntilActive() = %+v, %v; want token %s, active", v, err, tokenID)
				}
				if took := time.Since(start); len(api.requests) != polls+1 || took < polls*500*time.Millisecond || took > polls*5*time.Second {
					t.Errorf("WaitUntilActive() made %d requests in %v, want %d, after up to 5 seconds each", len(api.requests), took, polls+1)
				}
				for _, req := range api.requests {
					if req.Header.Get("Authorization") != "Bearer "+tokenValue || req.URL.Path != "/client/v4/user/tokens/verify" {
						t.Errorf("%s was sent, or not with the new value", req.URL.Path)
					}
				}
			})
		})
	}
}

// TestWaitUntilActive_Jitter checks that no wait exceeds 5 seconds and that waits differ.
func TestWaitUntilActive_Jitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var last time.Time
		waits := map[time.Duration]bool{}
		api := &fakeTransport{handle: func(n int, _ *http.Request) (*http.Response, error) {
			if n > 1 {
				waits[time.Since(last)] = true
			}
			last = time.Now()
			if n > 200 {
				return active()
			}
			return unknownToken()
		}}
		if _, err := newClient(t, api).WaitUntilActive(ctx, secret.New(tokenValue)); err != nil {
			t.Fatal(err)
		}
		var longest time.Duration
		for wait := range waits {
			longest = max(longest, wait)
		}
		if len(waits) < 150 || longest > 5*time.Second || longest < 4*time.Second {
			t.Errorf("200 polls: %d different waits of up to %v, want random ones of up to 5s", len(waits), longest)
		}
	})
}

// TestWaitUntilActive_Ends checks what ends the wait at the first response.
func TestWaitUntilActive_Ends(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		reply responder
		is    error
		want  string // in the error
		found bool   // a verification is returned
	}{
		{name: "disabled", reply: verified(`"status":"disabled"`), want: "status is disabled, not active", found: true},
		{name: "expired", reply: verified(`"status":"expired"`), want: "status is expired, not active", found: true},
		{name: "revoked", reply: verified(`"status":"revoked (exposed)"`), want: "status is revoked (exposed), not active", found: true},
		{name: "not valid yet", reply: verified(`"status":"active","not_before":"2000-01-01T00:00:01Z"`), want: "not valid before 2000-01-01T00:00:01Z", found: true},
		{name: "echo", reply: reply(http.StatusOK, success(`{"id":"`+tokenValue+`","status":"`+tokenValue+`"}`)), want: "token [redacted] cannot be used: its status is [redacted], not active", found: true},
		{name: "status 400", reply: reply(http.StatusBadRequest, apiError("6003", "Invalid request headers")), is: cftokens.ErrBadRequest, want: "6003"},
		{name: "status 403, another code", reply: reply(http.StatusForbidden, apiError("9109", "Unauthorized")), is: cftokens.ErrForbidden, want: "9109"},
		{name: "status 403, a page", reply: reply(http.StatusForbidden, "<html>"), is: cftokens.ErrForbidden, want: "403"},
		{name: "status 404", reply: reply(http.StatusNotFound, apiError("7003", "no route")), is: cftokens.ErrNotFound, want: "7003"},
		{name: "redirect", reply: reply(http.StatusFound, "", "Location", "/login"), want: "redirect"},
		{name: "body too long", reply: reply(http.StatusOK, strings.Repeat(" ", 16<<20+1)), want: "16 MiB"},
		{name: "Retry-After beyond the deadline", reply: reply(http.StatusTooManyRequests, "", "Retry-After", "300"), is: cftokens.ErrRateLimited, want: "retry after 5m"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the clock is at midnight of 2000-01-01
				api := respond(0, "")
				api.handle = func(int, *http.Request) (*http.Response, error) { return tt.reply() }
				start := time.Now()
				v, err := newClient(t, api).WaitUntilActive(t.Context(), secret.New(tokenValue))
				if took := time.Since(start); took != 0 {
					t.Errorf("WaitUntilActive() took %v, want no wait", took)
				}
				if err == nil || !strings.HasPrefix(err.Error(), "cftokens: verifyToken: ") || !strings.Contains(err.Error(), tt.want) || tt.is != nil && !errors.Is(err, tt.is) {
					t.Errorf("WaitUntilActive() error = %v, want %q", err, tt.want)
				}
				if (v != nil) != tt.found || len(api.requests) != 1 {
					t.Errorf("WaitUntilActive() = %+v after %d requests, want a verification: %v, after 1", v, len(api.requests), tt.found)
				}
			})
		})
	}
	api := respond(http.StatusOK, success(`{"id":"`+tokenID+`","status":"active","not_before":"2000-01-01T00:00:00Z"}`))
	if _, err := newClient(t, api).WaitUntilActive(t.Context(), secret.New(tokenValue)); err != nil {
		t.Errorf("not_before in the past: WaitUntilActive() error = %v", err)
	}
}

// TestWaitUntilActive_Context checks that a wait that runs out of time tells the last
// error of the API, and is limited without a deadline.
func TestWaitUntilActive_Context(t *testing.T) {
	t.Parallel()
	hang := func(_ int, req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	rejectThenHang := func(n int, req *http.Request) (*http.Response, error) {
		if n > 1 {
			return hang(n, req)
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
		answer  func(int, *http.Request) (*http.Response, error)
		took    time.Duration
		is      []error
		last    string
	}{
		{name: "no deadline", took: 2 * time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrUnauthorized}, last: "last error: GET /client/v4/user/tokens/verify: HTTP 401"},
		{name: "deadline", timeout: 10 * time.Minute, took: 10 * time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrUnauthorized}, last: "HTTP 401"},
		{name: "canceled", cancel: 7 * time.Second, took: 7 * time.Second, is: []error{context.Canceled, cftokens.ErrUnauthorized}, last: "HTTP 401"},
		{name: "deadline in a request after another error", timeout: time.Minute, took: time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrUnauthorized}, last: "HTTP 401", answer: rejectThenHang},
		{name: "deadline in the first request", timeout: time.Minute, took: time.Minute, is: []error{context.DeadlineExceeded}, last: "1 attempt", answer: hang},
		{name: "deadline passed when the response comes", timeout: time.Minute, took: 2 * time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrServer}, last: "HTTP 503", answer: late},
		{name: "server error", took: 2 * time.Minute, is: []error{context.DeadlineExceeded, cftokens.ErrServer}, last: "HTTP 503", answer: respond(http.StatusServiceUnavailable, "").handle},
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
				api := &fakeTransport{handle: tt.answer}
				if tt.answer == nil {
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
				if err == nil || !strings.HasPrefix(err.Error(), "cftokens: verifyToken: context ") || !strings.Contains(err.Error(), tt.last) {
					t.Errorf("WaitUntilActive() error = %v, want the context's error and %q", err, tt.last)
				}
				var apiErr *cftokens.APIError
				if len(tt.is) > 1 && !errors.As(err, &apiErr) {
					t.Errorf("WaitUntilActive() error = %v, want an *APIError in it", err)
				}
			})
		})
	}
}

// TestWaitUntilActive_Retries checks that each verify is retried by the policy, and that
// Retry-After is honored both there and between the polls.
func TestWaitUntilActive_Retries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := reply(http.StatusTooManyRequests, "", "Retry-After", "20")
		api := sequence(limited, limited, limited, active)
		retry := cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1, MaxDelay: time.Minute})
		start := time.Now()
		_, err := newClient(t, api, retry).WaitUntilActive(t.Context(), secret.New(tokenValue))
		if took := time.Since(start); err != nil || took <= time.Minute || took > 63*time.Second {
			t.Errorf("WaitUntilActive() error = %v after %v, want success after a bit more than the 3 times 20 seconds that the API asked for", err, took)
		}
	})
}

// TestWaitUntilActive_Account checks that the tokens of an account are verified there.
func TestWaitUntilActive_Account(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := repeated(1, unknownToken, active)
		client, err := newClient(t, api).Account(accountID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.WaitUntilActive(t.Context(), secret.New(tokenValue)); err != nil {
			t.Errorf("WaitUntilActive() error = %v", err)
		}
		if len(api.requests) != 2 || api.requests[1].URL.Path != "/client/v4/accounts/"+accountID+"/tokens/verify" {
			t.Errorf("WaitUntilActive() sent %d requests, the last one to %s; want 2 to the account's endpoint", len(api.requests), api.requests[len(api.requests)-1].URL.Path)
		}
	})
}

func TestWaitUntilActive_Invalid(t *testing.T) {
	t.Parallel()
	api := sequence()
	client := newClient(t, api)
	for name, value := range map[string]string{"empty": "", "white space": " \n", "control character": leak + "\x00"} {
		if v, err := client.WaitUntilActive(t.Context(), secret.New(value)); v != nil || !errors.Is(err, cftokens.ErrInvalidArgument) || strings.Contains(err.Error(), leak) {
			t.Errorf("%s: WaitUntilActive() = %v, %v; want ErrInvalidArgument without the value", name, v, err)
		}
	}
	//nolint:staticcheck // a nil context is what is tested
	if _, err := client.WaitUntilActive(nil, secret.New(tokenValue)); !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), "context") {
		t.Errorf("nil context: WaitUntilActive() error = %v, want ErrInvalidArgument that names it", err)
	}
	if len(api.requests) != 0 {
		t.Errorf("WaitUntilActive() sent %d requests, want none", len(api.requests))
	}
}
