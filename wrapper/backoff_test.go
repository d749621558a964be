package cftokens_test

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestRetries_Limit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		api := respond(http.StatusBadGateway, "")
		start := time.Now()
		_, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())).Get(t.Context(), tokenID)
		if !errors.Is(err, cftokens.ErrServer) || len(api.requests) != 4 {
			t.Errorf("got %v after %d requests, want 4", err, len(api.requests))
		}
		if took := time.Since(start); took > 3500*time.Millisecond {
			t.Errorf("waited %v in all; 0.5 + 1 + 2 seconds are the bound", took)
		}
	})
	api := respond(http.StatusBadGateway, "")
	_, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.RetryPolicy{})).Get(t.Context(), tokenID)
	if !errors.Is(err, cftokens.ErrServer) || len(api.requests) != 1 {
		t.Errorf("zero policy: got %v after %d requests", err, len(api.requests))
	}
}

// TestBackoff measures many waits: they must spread over the whole range that
// doubles, and never pass MaxDelay.
func TestBackoff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const runs = 200
		bounds := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3 * time.Second}
		longest, shortest := make([]time.Duration, len(bounds)), []time.Duration{time.Hour, time.Hour, time.Hour, time.Hour}
		for range runs {
			var last time.Time
			n := 0
			api := &fakeTransport{handle: func(int, *http.Request) (*http.Response, error) {
				if n > 0 {
					wait := time.Since(last)
					longest[n-1], shortest[n-1] = max(longest[n-1], wait), min(shortest[n-1], wait)
				}
				n, last = n+1, time.Now()
				return response(http.StatusBadGateway, ""), nil
			}}
			policy := cftokens.RetryPolicy{MaxRetries: len(bounds), BaseDelay: time.Second, MaxDelay: 3 * time.Second}
			if _, err := newClient(t, api, cftokens.WithRetryPolicy(policy)).Get(t.Context(), tokenID); err == nil {
				t.Fatal("no error")
			}
			if n != 1+policy.MaxRetries {
				t.Fatalf("%d requests, want %d", n, 1+policy.MaxRetries)
			}
		}
		for i, bound := range bounds {
			if longest[i] > bound || longest[i] < bound*3/4 || shortest[i] > bound/4 {
				t.Errorf("wait %d was %v to %v; want it spread over 0 to %v", i, shortest[i], longest[i], bound)
			}
		}
	})
}

// TestBackoff_Limits checks that no valid policy panics or waits longer than it says.
func TestBackoff_Limits(t *testing.T) {
	t.Parallel()
	const forever = time.Duration(math.MaxInt64)
	for _, tt := range []struct {
		name   string
		policy cftokens.RetryPolicy
		header string // Retry-After
		most   time.Duration
	}{
		{name: "no BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, MaxDelay: forever}},
		{name: "smallest BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, BaseDelay: 1, MaxDelay: forever}, most: forever},
		{name: "largest BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, BaseDelay: forever, MaxDelay: forever}, most: forever},
		{name: "no delay", policy: cftokens.RetryPolicy{MaxRetries: 100}},
		{name: "short MaxDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, BaseDelay: 1, MaxDelay: time.Millisecond}, most: 100 * time.Millisecond},
		{name: "Retry-After, no BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, MaxDelay: forever}, header: "1", most: 100 * time.Second},
		{name: "Retry-After, largest BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, BaseDelay: forever, MaxDelay: forever}, header: "1", most: forever},
		{name: "largest Retry-After", policy: cftokens.RetryPolicy{MaxRetries: 100, MaxDelay: forever}, header: "18446744073709551615", most: forever},
		{name: "largest Retry-After and BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, BaseDelay: forever, MaxDelay: forever}, header: "9223372036", most: forever},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				api := respond(http.StatusServiceUnavailable, "", "Retry-After", tt.header)
				start := time.Now()
				_, err := newClient(t, api, cftokens.WithRetryPolicy(tt.policy)).Get(t.Context(), tokenID)
				if !errors.Is(err, cftokens.ErrServer) || len(api.requests) != 101 {
					t.Errorf("Get() error = %v after %d requests, want ErrServer after 101", err, len(api.requests))
				}
				if took := time.Since(start); took < 0 || took > tt.most {
					t.Errorf("Get() returned after %v, want at most %v", took, tt.most)
				}
			})
		})
	}
}

// TestRetryAfter_Overflow checks that the jitter cannot turn a long wait into none.
func TestRetryAfter_Overflow(t *testing.T) {
	t.Parallel()
	const after = 8_000_000_000 * time.Second
	policy := cftokens.RetryPolicy{MaxRetries: 1, BaseDelay: math.MaxInt64, MaxDelay: math.MaxInt64}
	for range 10 {
		synctest.Test(t, func(t *testing.T) {
			api := sequence(reply(http.StatusTooManyRequests, "", "Retry-After", "8000000000"), succeed("createToken"))
			start := time.Now()
			_, err := newClient(t, api, cftokens.WithRetryPolicy(policy)).Create(t.Context(), tokenCreate())
			if took := time.Since(start); err != nil || took < after {
				t.Errorf("Create() error = %v after %v, want success after %v", err, took, after)
			}
		})
	}
}

// TestRetryAfter_Jitter checks that clients that were told to wait equally long do not
// retry at the same instant.
func TestRetryAfter_Jitter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const clients, after = 200, 7 * time.Second
		policy := cftokens.RetryPolicy{MaxRetries: 1, BaseDelay: time.Second, MaxDelay: 30 * time.Second}
		waits := map[time.Duration]int{}
		shortest, longest := time.Hour, time.Duration(0)
		for range clients {
			api := sequence(reply(http.StatusTooManyRequests, apiError("971", "wait"), "Retry-After", "7"), succeed("createToken"))
			start := time.Now()
			if _, err := newClient(t, api, cftokens.WithRetryPolicy(policy)).Create(t.Context(), tokenCreate()); err != nil {
				t.Fatalf("Create() error = %v", err)
			}
			wait := time.Since(start)
			waits[wait]++
			shortest, longest = min(shortest, wait), max(longest, wait)
		}
		if len(waits) < clients*9/10 {
			t.Errorf("%d clients waited for %d different times", clients, len(waits))
		}
		if shortest < after || longest > after+policy.BaseDelay || longest-shortest < policy.BaseDelay/2 {
			t.Errorf("waits were %v to %v, want them spread over %v to %v", shortest, longest, after, after+policy.BaseDelay)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, header string
		timeout      time.Duration // of the context; 0: none
		waits        time.Duration // -1: no retry
	}{
		{name: "seconds", header: "7", waits: 7 * time.Second},
		{name: "date", header: "date", waits: 20 * time.Second},
		{name: "as long as MaxDelay", header: "30", waits: 30 * time.Second},
		{name: "longer than MaxDelay", header: "31", waits: -1},
		{name: "a year", header: "31536000", waits: -1},
		{name: "longer than the context", header: "7", timeout: 7 * time.Second, waits: -1},
		{name: "shorter than the context", header: "7", timeout: 9 * time.Second, waits: 7 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				header := tt.header
				if header == "date" {
					header = time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat)
				}
				api := sequence(reply(http.StatusTooManyRequests, apiError("971", "wait"), "Retry-After", header), succeed("createToken"))
				ctx := t.Context()
				if tt.timeout > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, tt.timeout)
					defer cancel()
				}
				start := time.Now()
				_, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())).Create(ctx, tokenCreate())
				took := time.Since(start)
				if tt.waits < 0 {
					if !errors.Is(err, cftokens.ErrRateLimited) || errors.Is(err, cftokens.ErrOutcomeUnknown) || took != 0 || len(api.requests) != 1 {
						t.Errorf("got %v after %v and %d requests, want the error at once", err, took, len(api.requests))
					}
					return
				}
				if most := tt.waits + cftokens.DefaultRetryPolicy().BaseDelay; err != nil || took < tt.waits || took > most {
					t.Errorf("Create() error = %v after %v, want success after %v to %v", err, took, tt.waits, most)
				}
			})
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
			if !errors.Is(err, context.Canceled) || !errors.Is(err, cftokens.ErrRateLimited) || errors.Is(err, cftokens.ErrOutcomeUnknown) {
				t.Errorf("%s: got %v, want both why it ended and why it waited", operation, err)
			}
			if took := time.Since(start); took != time.Second || len(api.requests) != 1 {
				t.Errorf("%s: %v, %d requests", operation, took, len(api.requests))
			}
		})
	}
}

func TestCancel_BeforeAndAfterSending(t *testing.T) {
	t.Parallel()
	canceled, cancel := context.WithCancel(t.Context())
	cancel()
	api := respond(http.StatusOK, success(tokenJSON))
	_, err := newClient(t, api).Create(canceled, tokenCreate())
	if !errors.Is(err, context.Canceled) || errors.Is(err, cftokens.ErrOutcomeUnknown) || len(api.requests) != 0 {
		t.Errorf("canceled before: got %v after %d requests", err, len(api.requests))
	}

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	api = &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		cancel()
		return nil, req.Context().Err()
	}}
	_, err = newClient(t, api, cftokens.WithRetryPolicy(cftokens.DefaultRetryPolicy())).Roll(ctx, tokenID)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, cftokens.ErrOutcomeUnknown) || len(api.requests) != 1 {
		t.Errorf("canceled after sending: got %v after %d requests", err, len(api.requests))
	}
}

func TestGet_SlowServer(t *testing.T) {
	t.Parallel()
	never := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}}
	drip := &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		resp := response(http.StatusOK, "")
		resp.Body = io.NopCloser(dripping{req.Context()})
		return resp, nil
	}}
	for name, api := range map[string]*fakeTransport{"never answers": never, "a byte a second": drip} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			start := time.Now()
			_, err := newClient(t, api).Get(ctx, tokenID)
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 11*time.Second {
				t.Errorf("%s: got %v after %v", name, err, time.Since(start))
			}
			start = time.Now()
			mine := &http.Client{Transport: api, Timeout: 5 * time.Second}
			if _, err := newClient(t, api, cftokens.WithHTTPClient(mine)).Get(t.Context(), tokenID); err == nil || time.Since(start) > 6*time.Second {
				t.Errorf("%s, with a timeout: got %v after %v", name, err, time.Since(start))
			}
		})
	}
}

// dripping is a body of one byte a second.
type dripping struct{ ctx context.Context }

func (d dripping) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(time.Second):
		p[0] = ' '
		return 1, nil
	}
}
