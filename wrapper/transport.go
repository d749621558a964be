package cftokens

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// transport sends each request once. Retries are in do.
type transport struct {
	http       *http.Client
	baseURL    *url.URL
	userAgent  string
	prepare    func(*http.Request) // sets the host and the headers; contains the credential
	retry      RetryPolicy
	log        *slog.Logger
	credential secret.Value // to redact it from error messages
}

// attempt sends req once and reads the response. If there is no response, the outcome
// says why.
func (t *transport) attempt(ctx context.Context, op *gen.Operation, req *http.Request, body []byte, n int) (*response, outcome) {
	var conn *connection
	if op.Method != http.MethodGet { // whether a read was sent does not matter
		conn = new(connection)
		ctx = conn.watch(ctx)
		defer conn.cancel()
	}
	req = req.WithContext(ctx)
	if body != nil {
		// Each attempt has its own reader, and no GetBody: with it, net/http may send
		// the request again on its own.
		req.Body, req.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	resp, err := t.http.Do(req)
	if err != nil {
		return nil, t.notReceived(op, req, conn, n, err)
	}
	r := readResponse(op, resp, t.credential)
	if r.readErr != nil {
		r.readErr = contextError(ctx, r.readErr)
	}
	return r, outcome{replayed: conn != nil && conn.wroteHeaders.Load() > 1}
}

// contextError makes err match the error of ctx if ctx is done: net/http returns the
// cause of a cancellation instead.
func contextError(ctx context.Context, err error) error {
	if ctx.Err() == nil || errors.Is(err, ctx.Err()) {
		return err
	}
	return &textError{err.Error(), []error{ctx.Err(), err}}
}

// notReceived returns the outcome of an attempt that got no response. It omits the URL
// that net/http prepends to errors, because that may contain a query.
func (t *transport) notReceived(op *gen.Operation, req *http.Request, conn *connection, n int, err error) outcome {
	var urlErr *url.Error
	if errors.As(err, &urlErr) {
		err = urlErr.Err
	}
	err = contextError(req.Context(), err)
	out := outcome{transient: true}
	// This error of net/http quotes the Location header, which may contain a query too.
	if strings.HasPrefix(err.Error(), "failed to parse Location header") {
		err, out.transient = errors.New("redirect with a malformed Location header"), false
	}
	if conn != nil {
		err = conn.explain(err)
		out.notApplied = conn.notApplied(req.Body != nil, err)
	}
	out.err = t.sendError(op, req, n, err)
	return out
}

// once sends the requests of [Client.Generated].
type once struct{ *transport }

func (t once) Do(req *http.Request) (*http.Response, error) {
	conn := new(connection)
	req = req.WithContext(conn.watch(req.Context()))
	req.GetBody = nil
	resp, err := t.http.Do(req)
	if err != nil {
		conn.cancel()
		op := &gen.Operation{ID: "generated client", Method: req.Method, Path: req.URL.Path}
		out := t.notReceived(op, req, conn, 1, err)
		return nil, callError(op, out.err, !out.notApplied)
	}
	resp.Body = cancelOnClose{resp.Body, conn.cancel}
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
