package cftokens_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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

// verified returns the response to a verify, with some properties.
func verified(properties string) responder {
	return reply(http.StatusOK, success(`{"id":"`+tokenID+`",`+properties+`}`))
}

// repeated returns first n times, then next.
func repeated(n int, first, next responder) *fakeTransport {
	return &fakeTransport{handle: func(i int, _ *http.Request) (*http.Response, error) {
		if i <= n {
			return first()
		}
		return next()
	}}
}

// TestWaitUntilActive_NotYet checks which failures are worth waiting for: the value may
// work later.
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
				if err != nil {
					t.Fatalf("WaitUntilActive() error = %v", err)
				}
				if v.ID != tokenID || v.Status != cftokens.TokenStatusActive {
					t.Errorf("WaitUntilActive() = %+v, want token %s, active", v, tokenID)
				}
				api.checkRequests(t, "WaitUntilActive()", polls+1)
				if took := time.Since(start); took < polls*500*time.Millisecond || took > polls*5*time.Second {
					t.Errorf("WaitUntilActive() took %v for %d polls, want 0.5 to 5 seconds each", took, polls)
				}
				for _, req := range api.requests {
					if got := req.Header.Get("Authorization"); got != "Bearer "+tokenValue {
						t.Errorf("WaitUntilActive() sent the Authorization header %q, want the new value", got)
					}
					if want := "/client/v4/user/tokens/verify"; req.URL.Path != want {
						t.Errorf("WaitUntilActive() requested %s, want %s", req.URL.Path, want)
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
			t.Fatalf("WaitUntilActive() error = %v", err)
		}
		var longest time.Duration
		for wait := range waits {
			longest = max(longest, wait)
		}
		if len(waits) < 150 {
			t.Errorf("200 polls had %d different waits, want at least 150", len(waits))
		}
		if longest > 5*time.Second || longest < 4*time.Second {
			t.Errorf("the longest of 200 waits was %v, want 4s to 5s", longest)
		}
	})
}

// TestWaitUntilActive_Ends checks which responses end the wait.
func TestWaitUntilActive_Ends(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		reply responder
		is    error
		want  string // in the error
		found bool   // a Verification is returned
	}{
		{name: "disabled", reply: verified(`"status":"disabled"`), want: "status is disabled, not active", found: true},
		{name: "expired", reply: verified(`"status":"expired"`), want: "status is expired, not active", found: true},
		{name: "revoked", reply: verified(`"status":"revoked (exposed)"`), want: "status is revoked (exposed), not active", found: true},
		{name: "not valid before the deadline", reply: verified(`"status":"active","not_before":"2000-01-01T00:02:00Z"`), want: "not valid before 2000-01-01T00:02:00Z", found: true},
		{name: "malformed redirect", reply: reply(http.StatusFound, "", "Location", "https://x/%zz"), want: "malformed Location"},
		{name: "unknown authority", reply: fail(&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}), want: "certificate signed by unknown authority"},
		{name: "401 with a Retry-After beyond the deadline", reply: reply(http.StatusUnauthorized, apiError("1000", "Invalid API Token"), "Retry-After", "300"), is: cftokens.ErrUnauthorized, want: "retry after 5m"},
		{name: "echo", reply: reply(http.StatusOK, success(`{"id":"`+tokenValue+`","status":"`+tokenValue+`"}`)), want: "token [redacted] cannot be used: its status is [redacted], not active", found: true},
		{name: "status 400", reply: reply(http.StatusBadRequest, apiError("6003", "Invalid request headers")), is: cftokens.ErrBadRequest, want: "6003"},
		{name: "status 403, another code", reply: reply(http.StatusForbidden, apiError("9109", "Unauthorized")), is: cftokens.ErrForbidden, want: "9109"},
		{name: "status 403, HTML", reply: reply(http.StatusForbidden, "<html>"), is: cftokens.ErrForbidden, want: "403"},
		{name: "status 404", reply: reply(http.StatusNotFound, apiError("7003", "no route")), is: cftokens.ErrNotFound, want: "7003"},
		{name: "redirect", reply: reply(http.StatusFound, "", "Location", "/login"), want: "redirect"},
		{name: "body too long", reply: reply(http.StatusOK, strings.Repeat(" ", 16<<20+1)), want: "16 MiB"},
		{name: "Retry-After beyond the deadline", reply: reply(http.StatusTooManyRequests, "", "Retry-After", "300"), is: cftokens.ErrRateLimited, want: "retry after 5m"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // the clock is at midnight of 2000-01-01
				api := repeated(1, tt.reply, tt.reply)
				start := time.Now()
				v, err := newClient(t, api).WaitUntilActive(t.Context(), secret.New(tokenValue))
				if took := time.Since(start); took != 0 {
					t.Errorf("WaitUntilActive() took %v, want no wait", took)
				}
				checkError(t, "WaitUntilActive()", err, tt.is, tt.want)
				if err != nil && !strings.HasPrefix(err.Error(), "cftokens: verifyToken: ") {
					t.Errorf("WaitUntilActive() error = %v, want the prefix cftokens: verifyToken:", err)
				}
				if (v != nil) != tt.found {
					t.Errorf("WaitUntilActive() = %+v, want a Verification: %v", v, tt.found)
				}
				api.checkRequests(t, "WaitUntilActive()", 1)
			})
		})
	}
	api := respond(http.StatusOK, success(`{"id":"`+tokenID+`","status":"active","not_before":"2000-01-01T00:00:00Z"}`))
	if _, err := newClient(t, api).WaitUntilActive(t.Context(), secret.New(tokenValue)); err != nil {
		t.Errorf("not_before in the past: WaitUntilActive() error = %v", err)
	}
}

// TestWaitUntilActive_Retries checks that the retry policy applies to each verify, and that
// Retry-After is honored there and between the polls.
func TestWaitUntilActive_Retries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limited := reply(http.StatusTooManyRequests, "", "Retry-After", "20")
		api := sequence(limited, limited, limited, active)
		retry := cftokens.WithRetryPolicy(cftokens.RetryPolicy{MaxRetries: 1, MaxDelay: time.Minute})
		start := time.Now()
		_, err := newClient(t, api, retry).WaitUntilActive(t.Context(), secret.New(tokenValue))
		if err != nil {
			t.Errorf("WaitUntilActive() error = %v", err)
		}
		if took := time.Since(start); took <= time.Minute || took > 63*time.Second {
			t.Errorf("WaitUntilActive() took %v, want a bit more than 3 times the Retry-After of 20 seconds", took)
		}
	})
}

// TestWaitUntilActive_Account checks that an account token is verified at the account's
// endpoint.
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
		api.checkRequests(t, "WaitUntilActive()", 2)
		for _, req := range api.requests {
			if want := "/client/v4/accounts/" + accountID + "/tokens/verify"; req.URL.Path != want {
				t.Errorf("WaitUntilActive() requested %s, want %s", req.URL.Path, want)
			}
		}
	})
}

func TestWaitUntilActive_Invalid(t *testing.T) {
	t.Parallel()
	api := sequence()
	client := newClient(t, api)
	for name, value := range map[string]string{"empty": "", "white space": " \n", "control character": leak + "\x00"} {
		v, err := client.WaitUntilActive(t.Context(), secret.New(value))
		if v != nil {
			t.Errorf("%s: WaitUntilActive() = %v, want nil", name, v)
		}
		checkError(t, name+": WaitUntilActive()", err, cftokens.ErrInvalidArgument, "")
		checkNoLeak(t, name+": WaitUntilActive()", err, leak)
	}
	//nolint:staticcheck // a nil context is what is tested
	_, err := client.WaitUntilActive(nil, secret.New(tokenValue))
	checkError(t, "WaitUntilActive(nil)", err, cftokens.ErrInvalidArgument, "context")
	api.checkRequests(t, "WaitUntilActive()", 0)
}

// TestWaitUntilActive_NotBefore checks that a not_before within the deadline is waited for.
func TestWaitUntilActive_NotBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // the clock is at midnight of 2000-01-01
		api := repeated(9, verified(`"status":"active","not_before":"2000-01-01T00:00:03Z"`), active)
		start := time.Now()
		v, err := newClient(t, api).WaitUntilActive(t.Context(), secret.New(tokenValue))
		if err != nil || v.Status != cftokens.TokenStatusActive {
			t.Errorf("WaitUntilActive() = %+v, %v; want it to be active", v, err)
		}
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("WaitUntilActive() took %v, want 3s", took)
		}
		api.checkRequests(t, "WaitUntilActive()", 2)
	})
}
