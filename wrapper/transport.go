package cftokens

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptrace"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// transport sends requests, each of them once.
type transport struct {
	http       *http.Client
	prepare    func(*http.Request) // sets the host and the headers; contains the credential
	retry      RetryPolicy
	log        *slog.Logger
	credential secret.Value // to redact it from error messages
}

// attempt sends req once and reads the response. If there is no response, the outcome
// says why.
func (t *transport) attempt(ctx context.Context, op *gen.Operation, req *http.Request, body []byte, n int) (*response, outcome) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req = req.WithContext(ctx)
	if body != nil {
		// A reader of its own for each attempt, and no GetBody: with one, net/http
		// may send the request again by itself.
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	resp, out := t.roundTrip(op, req, cancel, n)
	if resp == nil {
		return nil, out
	}
	return readResponse(op, resp, t.credential), outcome{}
}

// roundTrip sends req once. cancel cancels the context of req.
func (t *transport) roundTrip(op *gen.Operation, req *http.Request, cancel context.CancelFunc, n int) (*http.Response, outcome) {
	conn := &connection{cancel: cancel}
	resp, err := t.http.Do(req.WithContext(httptrace.WithClientTrace(req.Context(), conn.trace())))
	if err != nil {
		notApplied := conn.notApplied(req.Body != nil, err)
		return nil, outcome{err: t.sendError(op, req, n, conn.explain(err)), transient: true, notApplied: notApplied}
	}
	return resp, outcome{}
}

// once sends the requests of [Client.Generated].
type once struct{ *transport }

func (t once) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(req.Context())
	req = req.WithContext(ctx)
	req.GetBody = nil
	op := &gen.Operation{ID: "generated client", Method: req.Method, Path: req.URL.Path}
	resp, out := t.roundTrip(op, req, cancel, 1)
	if resp == nil {
		cancel()
		return nil, callError(op, out.err, !out.notApplied)
	}
	resp.Body = cancelOnClose{resp.Body, cancel}
	return resp, nil
}

type cancelOnClose struct {
	io.ReadCloser

	cancel context.CancelFunc
}

func (b cancelOnClose) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}
