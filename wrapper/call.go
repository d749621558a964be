package cftokens

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/cftokens/cftokens-go/gen"
)

// do calls an operation: it sends the request with body, if not nil, and decodes the
// envelope of the response. Failed attempts are retried as the retry policy says. This is
// the path of an attempt; its files are in brackets:
//
//	start, http.Client.Do  send the request, and watch what is sent (attempt.go)
//	response, decode       read the response, and decode its envelope (response.go)
//	outcome, shouldRetry   classify the result, and decide (outcome.go)
//	sleep
//
// If do returns both an envelope and an error, the envelope contains the part of the
// result that was found. Errors have no prefix.
func do[T any](ctx context.Context, c *Client, op *gen.Operation, r request, body []byte, want expected[T]) (*envelope[T], error) {
	op = c.owner.operation(op)
	switch {
	case ctx == nil:
		return nil, invalid("context", "must not be nil")
	case r.err != nil:
		return nil, fmt.Errorf("%w: %w", ErrInvalidArgument, r.err)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s %s: %w (0 attempts)", op.Method, op.Path, ctx.Err())
	}
	req := r.http
	req.URL.Path = c.owner.path(req.URL.Path)
	req.ContentLength = int64(len(body))
	c.prepare(req)
	ctx = context.WithValue(ctx, operationKey{}, op)
	mayHaveApplied := false
	for n := 1; ; n++ {
		if body != nil {
			req.Body = io.NopCloser(bytes.NewReader(body))
		}
		a := &attempt{client: c, op: op, n: n}
		env, out := send(ctx, a, req, want)
		mayHaveApplied = mayHaveApplied || out.mayHaveApplied
		wait, retry := c.retry.shouldRetry(ctx, op, n, out)
		c.logAttempt(ctx, a, out, wait, retry)
		switch {
		case env != nil && !op.Idempotent && a.isRepeated():
			return env, outcomeError(op, outcome{err: textErrors{errRepeated, out.err}}, true)
		case env != nil && !env.guess: // with or without an error
			return env, out.err
		case env != nil || !retry:
			return env, outcomeError(op, out, mayHaveApplied || env != nil)
		}
		if err := sleep(ctx, wait, "to retry", out.err); err != nil {
			return nil, outcomeError(op, outcome{err: err}, mayHaveApplied)
		}
	}
}

// send makes one attempt.
func send[T any](ctx context.Context, a *attempt, req *http.Request, want expected[T]) (*envelope[T], outcome) {
	req = a.start(ctx, req)
	defer a.end()
	resp, err := a.client.http.Do(req) //nolint:bodyclose // response closes it
	if err != nil {
		return nil, a.failed(ctx, req, err)
	}
	resp.Request = cmp.Or(resp.Request, req) // some transports do not set it
	r := a.response(resp, want.found != nil)
	r.readErr = a.cause(ctx, r.readErr)
	env, err := decode(r, want)
	out := r.outcome(err)
	out.mayHaveApplied = out.mayHaveApplied || a.isRepeated()
	return env, out
}

// sleep waits for d after the error last. If ctx ends first, its error says for what purpose.
func sleep(ctx context.Context, d time.Duration, purpose string, last error) error {
	select {
	case <-ctx.Done():
		return fmt.Errorf("%w while waiting %s: last error: %w", ctx.Err(), purpose, last)
	case <-time.After(d):
		return nil
	}
}

// sendGenerated sends a request of [Client.Generated] once.
func (c *Client) sendGenerated(req *http.Request) (*http.Response, error) {
	op := &gen.Operation{ID: "generated client", Method: req.Method, Path: req.URL.Path, Idempotent: req.Body == nil}
	a := &attempt{client: c, op: op, n: 1}
	ctx := req.Context()
	req = a.start(ctx, req)
	resp, err := c.http.Do(req) //nolint:gosec // to the base URL
	if err != nil {
		out := a.failed(ctx, req, err)
		return nil, withPrefix(op.ID, outcomeError(op, out, out.mayHaveApplied))
	}
	resp.Body = endOnClose{resp.Body, a}
	return resp, nil
}

type endOnClose struct {
	io.ReadCloser

	attempt *attempt
}

func (b endOnClose) Close() error {
	defer b.attempt.end()
	return b.ReadCloser.Close()
}

// logAttempt logs the outcome of one attempt. No attribute may contain a secret.
func (c *Client) logAttempt(ctx context.Context, a *attempt, out outcome, wait time.Duration, retry bool) {
	if c.log == nil || out.err != nil && context.Cause(ctx) == errAbandoned { //nolint:errorlint // no other error is the cause
		return
	}
	level, message := slog.LevelDebug, "request succeeded"
	attrs := []slog.Attr{
		slog.String("operation", a.op.ID),
		slog.String("method", a.op.Method),
		slog.String("path", a.op.Path),
		slog.Int("attempt", a.n),
		slog.Duration("duration", time.Since(a.started)),
	}
	if out.response != nil {
		attrs = append(attrs, slog.Int("status", out.response.http.StatusCode), slog.String("ray_id", out.response.rayID()))
	}
	if out.err != nil {
		level, message = slog.LevelWarn, "request failed"
		attrs = append(attrs, slog.String("error", logText(out.err)))
	}
	if retry {
		message += ", retrying"
		attrs = append(attrs, slog.Duration("wait", wait))
	}
	c.log.LogAttrs(ctx, level, message, attrs...)
}

// logText returns a text for the log with nothing that a server or a transport wrote.
func logText(err error) string {
	if transportErr, ok := errors.AsType[*transportError](err); ok {
		return transportErr.kind
	}
	if apiErr, ok := errors.AsType[*APIError](err); ok {
		codes := make([]int, len(apiErr.Errors))
		for i, d := range apiErr.Errors {
			codes[i] = d.Code
		}
		return fmt.Sprintf("HTTP %d, codes %v", apiErr.StatusCode, codes)
	}
	return "undecodable response"
}
