package cftokens_test

import (
	"context"
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
		checkError(t, "Get()", err, cftokens.ErrServer, "")
		api.checkRequests(t, "Get()", 4)
		if took, most := time.Since(start), 3500*time.Millisecond; took > most { // 0.5 + 1 + 2 seconds
			t.Errorf("Get() took %v, want at most %v", took, most)
		}
	})
	api := respond(http.StatusBadGateway, "")
	_, err := newClient(t, api, cftokens.WithRetryPolicy(cftokens.RetryPolicy{})).Get(t.Context(), tokenID)
	checkError(t, "Get() with the zero policy:", err, cftokens.ErrServer, "")
	api.checkRequests(t, "Get() with the zero policy", 1)
}

// TestBackoff checks that waits are spread over the whole range, which doubles, and never
// exceed MaxDelay.
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
				t.Fatal("Get() error = nil, want one")
			}
			if n != 1+policy.MaxRetries {
				t.Fatalf("Get() sent %d requests, want %d", n, 1+policy.MaxRetries)
			}
		}
		for i, bound := range bounds {
			if longest[i] > bound {
				t.Errorf("wait %d was up to %v, want at most %v", i, longest[i], bound)
			}
			if longest[i] < bound*3/4 || shortest[i] > bound/4 {
				t.Errorf("wait %d was %v to %v, want it spread over 0 to %v", i, shortest[i], longest[i], bound)
			}
		}
	})
}

// TestBackoff_Limits checks that no valid policy causes a panic, or a wait longer than
// documented.
func TestBackoff_Limits(t *testing.T) {
	t.Parallel()
	const forever = time.Duration(math.MaxInt64)
	for _, tt := range []struct {
		name   string
		policy cftokens.RetryPolicy
		header string // Retry-After
		least  time.Duration
		most   time.Duration
	}{
		{name: "no BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, MaxDelay: forever}},
		{name: "smallest BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, BaseDelay: 1, MaxDelay: forever}, most: forever},
		{name: "largest BaseDelay", policy: cftokens.RetryPolicy{MaxRetries: 100, BaseDelay: forever, MaxDelay: forever}, most: forever},
		{name: "no delays: the default ones", policy: cftokens.RetryPolicy{MaxRetries: 100}, least: time.Minute, most: 100 * 30 * time.Second},
		{name: "no delays, Retry-After", policy: cftokens.RetryPolicy{MaxRetries: 100}, header: "30", least: 100 * 30 * time.Second, most: time.Hour},
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
				checkError(t, "Get()", err, cftokens.ErrServer, "")
				api.checkRequests(t, "Get()", 101)
				if took := time.Since(start); took < tt.least || took > tt.most {
					t.Errorf("Get() returned after %v, want %v to %v", took, tt.least, tt.most)
				}
			})
		})
	}
}

// TestRetryAfter_Overflow checks that adding jitter to a long wait cannot overflow to no
// wait.
func TestRetryAfter_Overflow(t *testing.T) {
	t.Parallel()
	const after = 8_000_000_000 * time.Second
	policy := cftokens.RetryPolicy{MaxRetries: 1, BaseDelay: math.MaxInt64, MaxDelay: math.MaxInt64}
	for range 10 {
		synctest.Test(t, func(t *testing.T) {
			api := sequence(reply(http.StatusTooManyRequests, apiError("971", "wait"), "Retry-After", "8000000000"), succeed("createToken"))
			start := time.Now()
			_, err := newClient(t, api, cftokens.WithRetryPolicy(policy)).Create(t.Context(), tokenCreate())
			if took := time.Since(start); err != nil || took < after {
				t.Errorf("Create() error = %v after %v, want success after %v", err, took, after)
			}
		})
	}
}

// TestRetryAfter_Jitter checks that clients with the same Retry-After do not retry at the
// same time.
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
			t.Errorf("%d clients waited for %d different times, want more", clients, len(waits))
		}
		if most := after + policy.BaseDelay; shortest < after || longest > most {
			t.Errorf("Create() waited %v to %v, want %v to %v", shortest, longest, after, most)
		}
		if spread := longest - shortest; spread < policy.BaseDelay/2 {
			t.Errorf("Create() waited %v to %v, want more spread", shortest, longest)
		}
	})
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, header string
		timeout      time.Duration // of the context; 0: none
		wait         time.Duration // -1: no retry
	}{
		{name: "seconds", header: "7", wait: 7 * time.Second},
		{name: "date", header: "date", wait: 20 * time.Second},
		{name: "as long as MaxDelay", header: "30", wait: 30 * time.Second},
		{name: "longer than MaxDelay", header: "31", wait: -1},
		{name: "a year", header: "31536000", wait: -1},
		{name: "longer than the context", header: "7", timeout: 7 * time.Second, wait: -1},
		{name: "shorter than the context", header: "7", timeout: 9 * time.Second, wait: 7 * time.Second},
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
				if tt.wait < 0 {
					checkError(t, "Create()", err, cftokens.ErrRateLimited, "")
					checkUnknown(t, "Create()", err, false)
					api.checkRequests(t, "Create()", 1)
					if took != 0 {
						t.Errorf("Create() took %v, want no wait", took)
					}
					return
				}
				if err != nil {
					t.Errorf("Create() error = %v", err)
				}
				if most := tt.wait + cftokens.DefaultRetryPolicy().BaseDelay; took < tt.wait || took > most {
					t.Errorf("Create() took %v, want %v to %v", took, tt.wait, most)
				}
			})
		})
	}
}
