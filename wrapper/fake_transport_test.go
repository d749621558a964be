package cftokens_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// responder returns the response to a request, or the error of sending it.
type responder = func() (*http.Response, error)

// fakeTransport responds to requests in memory, in place of a server, and records them. It
// reads the body of a request, unless handle returns errDial.
type fakeTransport struct {
	handle func(n int, req *http.Request) (*http.Response, error) // n is 1 for the first request

	mu       sync.Mutex
	requests []*http.Request
	bodies   []string
}

func (f *fakeTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	f.mu.Lock()
	f.requests = append(f.requests, req)
	f.bodies = append(f.bodies, "")
	n := len(f.requests)
	f.mu.Unlock()
	resp, err := f.handle(n, req)
	if req.Body != nil && !errors.Is(err, errDial) {
		body, readErr := io.ReadAll(req.Body)
		if readErr != nil {
			return nil, readErr
		}
		f.mu.Lock()
		f.bodies[n-1] = string(body)
		f.mu.Unlock()
	}
	if resp != nil {
		resp.Request = req
	}
	return resp, err
}

// checkRequests checks how many requests a call sent.
func (f *fakeTransport) checkRequests(t testing.TB, call string, want int) {
	t.Helper()
	if got := len(f.requests); got != want {
		t.Errorf("%s sent %d requests, want %d", call, got, want)
	}
}

// newClient returns a client that sends its requests to api, and does not retry unless an
// option says so.
func newClient(t *testing.T, api *fakeTransport, opts ...cftokens.Option) *cftokens.Client {
	t.Helper()
	opts = append([]cftokens.Option{
		cftokens.WithHTTPClient(&http.Client{Transport: api}),
		cftokens.WithRetryPolicy(cftokens.RetryPolicy{}),
	}, opts...)
	client, err := cftokens.NewClient(credential, opts...)
	if err != nil {
		t.Fatalf("NewClient() error = %v", err)
	}
	return client
}

// retries returns a policy that retries n times, nearly at once.
func retries(n int) cftokens.RetryPolicy {
	return cftokens.RetryPolicy{MaxRetries: n, BaseDelay: time.Nanosecond, MaxDelay: time.Nanosecond}
}

// respond returns the same response to every request.
func respond(status int, body string, header ...string) *fakeTransport {
	return &fakeTransport{handle: func(int, *http.Request) (*http.Response, error) {
		return response(status, body, header...), nil
	}}
}

// sequence returns the replies in order, one for each request, and then errors.
func sequence(replies ...responder) *fakeTransport {
	return &fakeTransport{handle: func(n int, _ *http.Request) (*http.Response, error) {
		if n > len(replies) {
			return nil, errors.New("unexpected request")
		}
		return replies[n-1]()
	}}
}

// waitForCancel returns no response before the context of the request is done.
func waitForCancel(_ int, req *http.Request) (*http.Response, error) {
	<-req.Context().Done()
	return nil, req.Context().Err()
}

func reply(status int, body string, header ...string) responder {
	return func() (*http.Response, error) { return response(status, body, header...), nil }
}

// succeed returns a successful response for an operation.
func succeed(operation string) responder {
	switch operation {
	case "listTokens", "listPermissionGroups":
		return reply(http.StatusOK, success("[]"))
	case "rollToken":
		return reply(http.StatusOK, success(`"`+tokenValue+`"`))
	}
	return reply(http.StatusOK, success(`{"id":"`+tokenID+`","status":"active","value":"`+tokenValue+`"}`))
}

func fail(err error) responder {
	return func() (*http.Response, error) { return nil, err }
}

// truncated returns a body that ends in io.ErrUnexpectedEOF.
func truncated(body string) responder { return truncatedWith(body, io.ErrUnexpectedEOF) }

// truncatedWith returns a body that ends in err.
func truncatedWith(body string, err error) responder {
	return func() (*http.Response, error) {
		resp := response(http.StatusOK, "")
		resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(body), iotest.ErrReader(err)))
		resp.ContentLength = -1
		return resp, nil
	}
}

const rayID = "8f1e2d3c4b5a6978-FRA"

// response returns a response. header alternates names and values.
func response(status int, body string, header ...string) *http.Response {
	resp := &http.Response{
		StatusCode:    status,
		Header:        http.Header{"Content-Type": {"application/json"}, "Cf-Ray": {rayID}},
		Body:          io.NopCloser(strings.NewReader(body)),
		ContentLength: int64(len(body)),
	}
	for i := 0; i < len(header); i += 2 {
		resp.Header.Set(header[i], header[i+1])
	}
	return resp
}

// success returns an envelope with a result.
func success(result string) string {
	return `{"success":true,"errors":[],"messages":[],"result":` + result + `}`
}

// apiError returns an envelope with an error.
func apiError(code, message string) string {
	return `{"success":false,"errors":[{"code":` + code + `,"message":"` + message + `"}],"messages":[],"result":null}`
}

// lister returns pages of total items, at most size on each, with the result_info that
// info returns.
func lister(total, size int, info func(page, count int) string) *fakeTransport {
	return &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		query := req.URL.Query()
		page := max(number(query, "page"), 1)
		size := size
		if requested := number(query, "per_page"); requested > 0 {
			size = min(size, requested)
		}
		var items []string
		for i := (page - 1) * size; i < min(page*size, total); i++ {
			items = append(items, fmt.Sprintf(`{"id":"%032d","name":"token %d"}`, i, i))
		}
		body := `{"success":true,"errors":[],"messages":[],"result":[` + strings.Join(items, ",") + `]`
		if extra := info(page, len(items)); extra != "" {
			body += `,"result_info":` + extra
		}
		return response(http.StatusOK, body+"}"), nil
	}}
}

func number(query url.Values, key string) int {
	n, _ := strconv.Atoi(query.Get(key))
	return n
}

// sendTwice reads the body of a request and reports to its trace that it was sent twice.
func sendTwice(req *http.Request) {
	if req.Body != nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	trace := httptrace.ContextClientTrace(req.Context())
	for range 2 {
		trace.WroteHeaders()
	}
}
