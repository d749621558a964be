package cftokens

import (
	"context"
	"fmt"
	"time"
)

// do sends req with body, if not nil, and decodes the envelope of the response. Failed
// attempts are retried as the retry policy says. validate returns an error if the result
// is unusable.
//
// If do returns both an envelope and an error, the envelope contains the part of the
// result that could be decoded.
func do[T any](ctx context.Context, c *Client, req request, body []byte, validate func(*T) error) (*envelope[T], error) {
	switch {
	case ctx == nil:
		return nil, invalid(req.op, "context", "must not be nil")
	case req.err != nil:
		return nil, fmt.Errorf("cftokens: %s: %w: %w", req.op.ID, ErrInvalidArgument, req.err)
	}
	t := c.transport
	t.prepare(req.http)
	if err := ctx.Err(); err != nil {
		return nil, t.sendError(req.op, req.http, 0, err)
	}
	maybeApplied := false
	for attempt := 1; ; attempt++ {
		started := time.Now()
		var env *envelope[T]
		resp, out := t.attempt(ctx, req.op, req.http, body, attempt)
		if resp != nil {
			var err error
			env, err = decode(resp, validate)
			maybeApplied = maybeApplied || out.replayed
			out = classify(resp.status, err)
		}
		maybeApplied = maybeApplied || out.err != nil && !out.notApplied
		wait, retry := t.retry.shouldRetry(ctx, req.op, attempt, out)
		t.logAttempt(ctx, req.op, attempt, time.Since(started), resp, out.err, wait, retry)
		switch {
		case env != nil: // with or without an error
			return env, out.err
		case !retry:
			return nil, callError(req.op, out.err, maybeApplied)
		}
		if err := sleep(ctx, wait); err != nil {
			return nil, callError(req.op, waitError(req.op, err, "while waiting to retry", out.err), maybeApplied)
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
