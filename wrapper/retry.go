package cftokens

import (
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// RetryPolicy configures retries. Which failures are retried depends on the operation;
// see "Retries" in the package documentation. The zero value disables retries.
//
// Retry n (from 0) waits a random time up to BaseDelay * 2^n, capped at MaxDelay (full
// jitter). A Retry-After header, in seconds or as a date, takes precedence: the wait is then
// that, plus a random time up to BaseDelay. If Retry-After exceeds MaxDelay, or the wait
// exceeds the context's deadline, the error of the response is returned at once.
type RetryPolicy struct {
	MaxRetries          int           // 0: no retries
	BaseDelay, MaxDelay time.Duration // both 0: those of DefaultRetryPolicy
}

// DefaultRetryPolicy returns the policy of a client without [WithRetryPolicy]: at most
// 3 retries, waits of up to 0.5, 1 and 2 seconds, and a Retry-After of up to 30
// seconds.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxRetries: 3, BaseDelay: 500 * time.Millisecond, MaxDelay: 30 * time.Second}
}

// delay returns the wait before retry n (from 0).
func (p RetryPolicy) delay(n int) time.Duration {
	bound := p.MaxDelay
	if p.BaseDelay <= p.MaxDelay>>n { // BaseDelay<<n does not overflow
		bound = p.BaseDelay << n
	}
	return randomUpTo(bound)
}

// randomUpTo returns a random duration from 0 to d.
func randomUpTo(d time.Duration) time.Duration {
	return rand.N(min(d, math.MaxInt64-1) + 1) //nolint:gosec // jitter, not a secret
}

// retryAfter parses a Retry-After header. It returns 0 if it is malformed or in the past.
func retryAfter(header string, now time.Time) time.Duration {
	if seconds, err := strconv.ParseUint(header, 10, 64); err == nil {
		if seconds > math.MaxInt64/uint64(time.Second) {
			return math.MaxInt64
		}
		return time.Duration(seconds) * time.Second
	}
	if at, err := http.ParseTime(header); err == nil {
		return max(at.Sub(now), 0)
	}
	return 0
}
