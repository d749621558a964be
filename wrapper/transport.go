package cftokens

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-retryablehttp"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// transport is what the generated client sends its requests with. It retries and
// logs; go-retryablehttp is the mechanism, judge and wait are the policy.
type transport struct {
	http       *http.Client
	retry      RetryPolicy
	log        *slog.Logger
	credential secret.Value
}

// call is one call of an operation, which may take several attempts.
type call struct {
	op      operation
	decoder interface{ decode(*answer) error } // nil for a caller of the generated client

	attempts  int
	uncertain bool    // an attempt may have taken effect, and its answer is not known
	last      verdict // of the last attempt
	canceled  error   // why the wait for another attempt ended

	started time.Time // the attempt
	again   bool      // whether another follows
	wait    time.Duration

	connecting, connected atomic.Bool // the attempt asked for a connection, and got one

	transport *transport
	retrier   retryablehttp.Client
	answer    answer // to the attempt
}

type callKey struct{}

// Do sends req until it is answered for good. The body of the response is in
// memory, as far as its bound goes.
func (t *transport) Do(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok || c.transport != nil { // no call of the wrapper's, or the call that this one is made in the transport of
		c = &call{op: operationOf(req.Method, req.URL.Path)}
	}
	if err := ctx.Err(); err != nil {
		c.attempts, c.last = 1, verdict{err: c.failed(err), noEffect: true}
		return nil, c.last.err
	}
	if !c.op.repeatable {
		req = req.WithContext(httptrace.WithClientTrace(ctx, c.trace()))
	}
	rr, err := retryablehttp.FromRequest(req)
	if err != nil {
		return nil, err
	}
	c.transport = t
	if t.log != nil {
		c.started = time.Now()
	}
	c.retrier.HTTPClient = t.http
	c.retrier.RetryMax = t.retry.MaxRetries
	c.retrier.ErrorHandler = retryablehttp.PassthroughErrorHandler
	c.retrier.Backoff = c.backoff
	c.retrier.CheckRetry = c.check
	resp, err := c.retrier.Do(rr)
	if err == nil {
		return resp, nil
	}
	if c.again {
		c.canceled = ctx.Err()
	}
	return nil, c.result()
}

// check is called after each attempt, before anybody reads the body. Reading it
// here is how an answer that was cut off can be retried.
func (c *call) check(ctx context.Context, resp *http.Response, err error) (bool, error) {
	c.last = c.attempt(resp, err)
	c.uncertain = c.uncertain || c.last.err != nil && !c.last.noEffect
	c.wait, c.again = c.next(ctx, c.transport.retry)
	c.attempts++
	c.transport.logAttempt(ctx, c, resp)
	if c.again {
		c.started = time.Now().Add(c.wait)
		c.connecting.Store(false)
		c.connected.Store(false)
	}
	return c.again, nil
}

func (c *call) backoff(_, _ time.Duration, _ int, _ *http.Response) time.Duration { return c.wait }

// attempt reads the answer of an attempt, or the reason why there is none.
func (c *call) attempt(resp *http.Response, err error) verdict {
	if err != nil {
		if resp != nil {
			// A redirect that was refused: net/http gives both, with the body closed.
			return verdict{err: c.failed(err), noEffect: true}
		}
		return verdict{err: c.failed(err), retryable: true, noEffect: c.neverSent(err)}
	}
	a := &c.answer
	*a = answer{op: &c.op, credential: c.transport.credential}
	a.read(resp)
	if c.decoder != nil {
		resp.Body = http.NoBody
		return judge(a.status, c.decoder.decode(a))
	}
	resp.Body = io.NopCloser(io.MultiReader(bytes.NewReader(a.body), errorReader{a.readErr}))
	switch {
	case !a.success():
		return judge(a.status, a.apiError())
	case a.readErr != nil:
		return judge(a.status, a.decodeError(a.readErr))
	}
	return verdict{}
}

// errorReader ends a body that was cut off in the error that cut it off.
type errorReader struct{ err error }

func (r errorReader) Read([]byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	return 0, io.EOF
}

// failed is the error of an attempt without an answer. The URL, which net/http
// puts in its errors, may hold a query, so the path template stands in its place.
func (c *call) failed(err error) error {
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	return fmt.Errorf("cftokens: %s: %s %s: %w", c.op.id, c.op.method, c.op.path, err)
}

// neverSent tells whether an attempt failed before there was a connection to send
// it on. A transport that tells nothing of its connections gets no such credit.
func (c *call) neverSent(err error) bool {
	var opErr *net.OpError
	if errors.As(err, &opErr) && opErr.Op == "dial" {
		return true
	}
	return c.connecting.Load() && !c.connected.Load()
}

func (c *call) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		GetConn: func(string) { c.connecting.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { c.connected.Store(true) },
	}
}

// result is the error that the call ends with.
func (c *call) result() error {
	err := c.last.err
	if c.canceled != nil {
		err = fmt.Errorf("%w, while waiting to try again after: %w", c.canceled, err)
	}
	switch {
	case err != nil && !c.op.repeatable && c.uncertain:
		return &outcomeError{op: c.op, cause: err}
	case c.op.id == opDelete.id && c.uncertain && errors.Is(err, ErrNotFound):
		// An earlier attempt took effect after all.
		return nil
	}
	return err
}
