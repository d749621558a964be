package cftokens

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// How much of a body is read: of a success, and of any other answer.
const (
	maxBody      = 16 << 20
	maxErrorBody = 64 << 10
	maxExcerpt   = 512
)

var errTooLong = errors.New("body is longer than 16 MiB")

// answer is a response whose body was read, up to a bound.
type answer struct {
	op         *operation
	req        *http.Request
	status     int
	header     http.Header
	body       []byte
	readErr    error // why body is not the whole body
	credential secret.Value

	limited io.LimitedReader
}

// read reads resp to the end or to the bound, and closes it.
func (a *answer) read(resp *http.Response) {
	a.req, a.status, a.header = resp.Request, resp.StatusCode, resp.Header
	limit := int64(maxErrorBody)
	if a.success() {
		limit = maxBody
	}
	var buf bytes.Buffer
	// The length is the server's word: believed for as much as it costs little.
	if n := min(resp.ContentLength, 1<<20); n > 0 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	a.limited = io.LimitedReader{R: resp.Body, N: limit + 1}
	n, err := buf.ReadFrom(&a.limited)
	a.body, a.readErr = buf.Bytes(), err
	if n > limit {
		a.body, a.readErr = a.body[:limit], errTooLong
	}
	_ = resp.Body.Close()
}

func (a *answer) success() bool { return a.status >= 200 && a.status <= 299 }

func (a *answer) rayID() string { return printable(a.header.Get("Cf-Ray")) }

// envelope is what every JSON body of the API is wrapped in, without its errors and
// messages: they mean nothing in a success, and come in odd forms.
type envelope[T any] struct {
	Success    *bool      `json:"success"`
	Result     *T         `json:"result"`
	ResultInfo ResultInfo `json:"result_info"`
}

// typedCall is a call with what it returns.
type typedCall[T any] struct {
	call

	problem  func(*T) string // why a result is unusable, or ""
	envelope envelope[T]
}

// decode reads the status first and the body second. Its errors are an *APIError
// or a *DecodeError.
func (c *typedCall[T]) decode(a *answer) error {
	c.envelope = envelope[T]{}
	if !a.success() {
		return a.apiError()
	}
	if a.readErr != nil {
		return a.decodeError(a.readErr)
	}
	body := a.body
	if bytes.Contains(body, []byte(oldConditionKey)) {
		body = renameConditionKey(body)
	}
	if err := json.Unmarshal(body, &c.envelope); err != nil {
		// An envelope that reports a failure may carry a result of any type.
		var failure envelope[json.RawMessage]
		if json.Unmarshal(body, &failure) == nil && failure.Success != nil && !*failure.Success {
			return a.apiError()
		}
		return a.decodeError(fmt.Errorf("body is not the JSON that was expected: %w", err))
	}
	switch {
	case c.envelope.Success == nil:
		return a.decodeError(errors.New(`body is no envelope: "success" is missing`))
	case !*c.envelope.Success:
		return a.apiError()
	}
	if text := c.problem(c.envelope.Result); text != "" {
		return a.decodeError(errors.New(text))
	}
	return nil
}

func (a *answer) decodeError(err error) *DecodeError {
	return &DecodeError{Operation: a.op.id, StatusCode: a.status, RayID: a.rayID(), Err: err}
}

func (a *answer) apiError() *APIError {
	e := &APIError{
		Operation:  a.op.id,
		Method:     a.op.method,
		Path:       a.op.path,
		StatusCode: a.status,
		RayID:      a.rayID(),
		RetryAfter: retryAfter(a.header.Get("Retry-After"), time.Now()),
	}
	if a.req != nil {
		e.Method, e.Path = a.req.Method, a.req.URL.Path
	}
	body := a.body[:min(len(a.body), maxErrorBody)]
	var env struct{ Errors, Messages json.RawMessage }
	if json.Unmarshal(body, &env) == nil {
		e.Errors, e.Messages = a.details(env.Errors, 0), a.details(env.Messages, 0)
	}
	if len(e.Errors) == 0 {
		e.Excerpt = a.text(string(body))
	}
	return e
}

// text makes what the server wrote fit for an error text.
func (a *answer) text(s string) string {
	if a.credential.IsZero() {
		return printable(s)
	}
	return printable(strings.ReplaceAll(s, a.credential.Reveal(), "[redacted]"))
}

// printable keeps at most 512 bytes of s, whole characters, with every run of
// white space and control characters made one space.
func printable(s string) string {
	var b strings.Builder
	gap := false
	for _, r := range s {
		if unicode.IsSpace(r) || !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			gap = b.Len() > 0
			continue
		}
		size := len(string(r))
		if gap {
			size++
		}
		if b.Len()+size > maxExcerpt {
			break
		}
		if gap {
			b.WriteByte(' ')
			gap = false
		}
		b.WriteRune(r)
	}
	return b.String()
}
