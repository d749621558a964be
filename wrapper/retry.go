package cftokens

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// RetryPolicy is how often a call is tried again, and how long it waits before.
// What is tried again at all depends on the operation: see "Retries" in the
// package comment. The zero value means no retries.
//
// The wait before retry n (from 0) is a random part of MinDelay * 2^n, at most
// MaxDelay. An answer that names a wait (Retry-After) is obeyed instead; one
// longer than MaxDelay, or than what the context leaves, ends the call with that
// answer's error at once.
type RetryPolicy struct {
	MaxRetries         int
	MinDelay, MaxDelay time.Duration
}

// DefaultRetryPolicy is used unless [WithRetryPolicy] says otherwise: at most 3
// retries, waits of up to 0.5, 1 and 2 seconds, and a Retry-After of up to 30.
func DefaultRetryPolicy() RetryPolicy {
	return RetryPolicy{MaxRetries: 3, MinDelay: 500 * time.Millisecond, MaxDelay: 30 * time.Second}
}

// delay is the wait before retry n, all of it left to chance so that clients
// that failed together do not come back together.
func (p RetryPolicy) delay(n int) time.Duration {
	bound := p.MaxDelay
	if n < 62 && p.MinDelay <= p.MaxDelay>>n {
		bound = p.MinDelay << n
	}
	return rand.N(bound + 1) //nolint:gosec // chance is to spread requests, not to keep a secret
}

// verdict is what an attempt came to.
type verdict struct {
	err       error
	retryable bool // for a repeatable operation
	noEffect  bool // the API cannot have carried the request out
}

// judge tells what an attempt that was answered came to. The error is the one
// that decoding the answer gave.
func judge(status int, err error) verdict {
	if err == nil {
		return verdict{}
	}
	var undecodable *DecodeError
	switch {
	case status == http.StatusTooManyRequests:
		return verdict{err: err, retryable: true, noEffect: true}
	case status >= http.StatusInternalServerError:
		return verdict{err: err, retryable: true}
	case errors.As(err, &undecodable):
		return verdict{err: err, retryable: !errors.Is(err, errTooLong)}
	}
	return verdict{err: err, noEffect: true}
}

// next is how long to wait before another attempt, and whether to make one.
func (c *call) next(ctx context.Context, p RetryPolicy) (time.Duration, bool) {
	if !c.last.retryable || c.attempts >= p.MaxRetries || ctx.Err() != nil || !c.op.repeatable && !c.last.noEffect {
		return 0, false
	}
	wait := p.delay(c.attempts)
	var apiErr *APIError
	if errors.As(c.last.err, &apiErr) && apiErr.RetryAfter > 0 {
		wait = apiErr.RetryAfter
	}
	deadline, ok := ctx.Deadline()
	if wait > p.MaxDelay || ok && time.Until(deadline) <= wait {
		return 0, false
	}
	return wait, true
}

// retryAfter reads a Retry-After header: seconds, or an HTTP date. 0 means that it
// says nothing usable, or a time that is past.
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
