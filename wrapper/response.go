package cftokens

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// Limits on how much of a body is read.
const (
	maxBody      = 16 << 20
	maxErrorBody = 64 << 10
)

var errTooLong = errors.New("body is longer than 16 MiB")

// response is an HTTP response whose body has been read, up to a limit.
type response struct {
	op         *gen.Operation
	http       *http.Response // its body is closed
	status     int
	body       []byte
	readErr    error // why body is incomplete
	credential secret.Value

	buf     bytes.Buffer
	limited io.LimitedReader
}

// readResponse reads the body of resp, up to the limit, and closes it.
func readResponse(op *gen.Operation, resp *http.Response, credential secret.Value) *response {
	r := &response{op: op, http: resp, status: resp.StatusCode, credential: credential}
	limit := int64(maxErrorBody)
	if r.success() {
		limit = maxBody
	}
	// A wrong Content-Length must not cost much memory.
	if n := min(resp.ContentLength, 1<<20); n > 0 {
		r.buf.Grow(int(n) + bytes.MinRead)
	}
	r.limited = io.LimitedReader{R: resp.Body, N: limit + 1}
	n, err := r.buf.ReadFrom(&r.limited)
	r.body, r.readErr = r.buf.Bytes(), err
	if n > limit {
		r.body, r.readErr = r.body[:limit], errTooLong
	}
	r.body = bytes.TrimPrefix(r.body, []byte("\ufeff")) // a byte order mark
	_ = resp.Body.Close()
	return r
}

func (r *response) success() bool { return r.status >= 200 && r.status <= 299 }

func (r *response) redirect() bool { return r.status >= 300 && r.status <= 399 }

func (r *response) rayID() string { return r.sanitize(r.http.Header.Get("Cf-Ray")) }

// sanitize returns text from the server for use in an error message.
func (r *response) sanitize(s string) string { return sanitize(s, r.credential) }

func (r *response) decodeError(err error) *DecodeError {
	return &DecodeError{Operation: r.op.ID, StatusCode: r.status, RayID: r.rayID(), Err: err}
}

func (r *response) apiError() *APIError {
	e := &APIError{
		Operation:    r.op.ID,
		Method:       r.op.Method,
		Path:         r.op.Path,
		StatusCode:   r.status,
		RayID:        r.rayID(),
		RetryAfter:   retryAfter(r.http.Header.Get("Retry-After"), time.Now()),
		RedirectHost: r.redirectHost(),
	}
	if req := r.http.Request; req != nil {
		e.Method, e.Path = req.Method, req.URL.Path
	}
	body := bytes.TrimSpace(r.body[:min(len(r.body), maxErrorBody)])
	var env struct{ Errors, Messages json.RawMessage }
	if json.Unmarshal(body, &env) == nil {
		e.Errors, e.Messages = r.details(env.Errors, 0), r.details(env.Messages, 0)
	}
	// JSON may contain the value of a token, whatever the status, and the page of a
	// redirect repeats its URL.
	if !containsJSON(body) && !r.redirect() {
		if r.readErr != nil { // the end may be a part of the credential
			body = body[:max(len(body)-len(r.credential.Reveal()), 0)]
		}
		e.Excerpt = r.sanitize(string(body))
	}
	return e
}

// containsJSON reports whether body is a JSON string, or contains the beginning of a JSON
// object or array.
func containsJSON(body []byte) bool {
	const space = " \t\r\n"
	for i, b := range body {
		if b == '{' || b == '[' {
			if rest := bytes.TrimLeft(body[i+1:], space); len(rest) > 0 && bytes.IndexByte([]byte(`"{[`), rest[0]) >= 0 {
				return true
			}
		}
	}
	return bytes.HasPrefix(bytes.TrimLeft(body, space+"\ufeff"), []byte(`"`))
}

// redirectHost returns the host that a redirect names.
func (r *response) redirectHost() string {
	location := r.http.Header.Get("Location")
	if !r.redirect() || location == "" {
		return ""
	}
	u, err := url.Parse(location)
	if err != nil {
		return ""
	}
	if req := r.http.Request; u.Host == "" && req != nil {
		return req.URL.Host
	}
	return r.sanitize(u.Host)
}
