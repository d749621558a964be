package contract

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/cftokens/cftokens-go/internal/strict"
)

// Transport returns a RoundTripper that sends requests with next, or with
// [http.DefaultTransport] if next is nil, and calls report with the violations in each
// exchange that has any. report may be called concurrently, and never with an empty slice.
//
// Bodies are copied as they are read, never ahead, and requests and responses are otherwise
// unchanged. So report is called when the body of the response has been read to its end or
// is closed. A request for which next returns an error is not checked. Neither is the body
// of a response if reading it fails, or if the status is 101: it is the connection itself. The
// body of a response that is closed before its end, and that of a request that succeeds before
// next has read it to its end, are reported, because they cannot be checked.
func Transport(next http.RoundTripper, report func([]Violation)) http.RoundTripper {
	return &transport{next, report}
}

type transport struct {
	next   http.RoundTripper
	report func([]Violation)
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	next := t.next
	if next == nil {
		next = http.DefaultTransport
	}
	var sent atomic.Pointer[recorded]
	record := func(body io.ReadCloser) io.ReadCloser {
		r := &recorded{ReadCloser: body}
		sent.Store(r)
		return r
	}
	out := req
	if req.Body != nil && req.Body != http.NoBody {
		out = req.WithContext(req.Context())
		out.Body = record(req.Body)
		if req.GetBody != nil {
			out.GetBody = func() (io.ReadCloser, error) {
				body, err := req.GetBody()
				if err != nil {
					return nil, err
				}
				return record(body), nil
			}
		}
	}
	resp, err := next.RoundTrip(out)
	if err != nil || resp == nil {
		return resp, err
	}
	if resp.Request == out {
		resp.Request = req
	}
	// The caller may change them before the body ends.
	asked, shown := req.Clone(req.Context()), *resp
	shown.Header = resp.Header.Clone()
	finish := func(received strict.Body) {
		var body strict.Body
		if r := sent.Load(); r != nil {
			body = r.body(asked.ContentLength)
		}
		if body.Problem != "" && shown.StatusCode >= 400 {
			body = strict.Body{Unknown: true} // the request was rejected before it was read
		}
		if violations := check(asked, decoded(body, asked.Header), &shown, decoded(received, shown.Header)); len(violations) > 0 {
			t.report(violations)
		}
	}
	switch {
	case resp.StatusCode == http.StatusSwitchingProtocols:
		finish(strict.Body{Unknown: true})
	case resp.Body == nil || resp.Body == http.NoBody:
		finish(strict.Body{})
	default:
		received := &recorded{ReadCloser: resp.Body}
		received.finish = sync.OnceFunc(func() { finish(received.body(shown.ContentLength)) })
		resp.Body = received
	}
	return resp, nil
}

// recorded is a body that keeps what is read from it.
type recorded struct {
	io.ReadCloser

	finish func() // called when the body has ended or is closed; may be nil

	mu   sync.Mutex
	data []byte
	err  error // of the last Read
}

// body returns what was read, for a check. length is the Content-Length, or -1. Without one,
// a JSON value that is complete counts as the end.
func (r *recorded) body(length int64) strict.Body {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case errors.Is(r.err, io.EOF), int64(len(r.data)) == length, len(r.data) > maxBody, json.Valid(r.data):
		return strict.Body{Data: r.data}
	case r.err != nil:
		return strict.Body{Unknown: true}
	}
	return strict.Body{Problem: "was not read to its end, so it was not checked"}
}

func (r *recorded) Read(p []byte) (n int, err error) {
	n, err = r.ReadCloser.Read(p)
	r.mu.Lock()
	r.data = append(r.data, p[:min(n, maxBody+1-len(r.data))]...)
	r.err = err
	r.mu.Unlock()
	if err != nil && r.finish != nil {
		r.finish()
	}
	return n, err
}

func (r *recorded) Close() error {
	err := r.ReadCloser.Close()
	if r.finish != nil {
		r.finish()
	}
	return err
}
