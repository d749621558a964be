package contract_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/contract"
)

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

// body is a body whose reads are counted.
type body struct {
	io.Reader
	io.Writer // as of a response with status 101
	reads     int
}

func (b *body) Read(p []byte) (int, error) {
	b.reads++
	return b.Reader.Read(p)
}

func (b *body) Close() error { return nil }

var errRead = errors.New("connection lost")

// failing returns text, and then an error.
func failing(text string) io.Reader {
	return io.MultiReader(strings.NewReader(text), iotest.ErrReader(errRead))
}

func TestTransport(t *testing.T) {
	t.Parallel()
	const ok = `{"success":true,"errors":[],"result":{"id":"1","status":"active"}}`
	send := func(req *http.Request) { _, _ = io.Copy(io.Discard, req.Body) }
	again := func(req *http.Request) { // as net/http does after a connection was lost
		_, _ = req.Body.Read(make([]byte, 3))
		body, _ := req.GetBody()
		_, _ = io.Copy(io.Discard, body)
	}
	readAll := func(r io.ReadCloser) { _, _ = io.Copy(io.Discard, r) }
	readThree := func(r io.ReadCloser) { _, _ = io.ReadFull(r, make([]byte, 3)); r.Close() }
	readValue := func(r io.ReadCloser) { _, _ = io.ReadFull(r, make([]byte, len(ok))); r.Close(); r.Close() }
	const unread = "body: was not read to its end, so it was not checked"
	for _, tt := range []struct {
		name, request string
		send          func(*http.Request)
		status        int
		length        int64 // of the response; 0 means unknown
		response      io.Reader
		read          func(io.ReadCloser)
		want          []string // after "createToken: "
	}{
		{name: "read", request: created, send: send, status: 400, response: strings.NewReader(`{"success":false}`), read: readAll, want: []string{"response 400: /errors: is missing"}},
		{name: "valid", request: created, send: send, status: 400, response: strings.NewReader(`{"success":false,"errors":[]}`), read: readAll},
		{name: "invalid request", request: `{"policies":1}`, send: send, status: 400, response: strings.NewReader(`{"success":false,"errors":[]}`), read: readAll, want: []string{
			"request: /policies: must be of type array", "request: /name: is missing",
		}},
		{name: "sent again", request: `{"policies":1,"name":"n"}`, send: again, status: 400, response: strings.NewReader(`{"success":false,"errors":[]}`), read: readAll, want: []string{"request: /policies: must be of type array"}},
		{name: "not sent", request: created, send: func(*http.Request) {}, status: 200, response: strings.NewReader(ok), read: readAll, want: []string{"request: " + unread}},
		{name: "rejected before it was sent", request: created, send: func(*http.Request) {}, status: 400, response: strings.NewReader(`{"success":false,"errors":[]}`), read: readAll},
		{name: "closed early", request: created, send: send, status: 200, response: strings.NewReader(ok), read: readThree, want: []string{"response 200: " + unread}},
		{name: "closed after the value", request: created, send: send, status: 200, response: strings.NewReader(strings.Replace(ok, "active", "paused", 1) + "\n"), read: readValue, want: []string{
			"response 200: /result/status: must be",
		}},
		{name: "closed at its length", request: created, send: send, status: 400, length: 3, response: strings.NewReader("<h>"), read: readThree, want: []string{"response 400: body: is not JSON"}},
		{name: "read error", request: created, send: send, status: 200, response: failing(ok[:9]), read: readAll},
		{name: "read error and status", request: created, send: send, status: 201, response: failing(ok[:9]), read: readAll, want: []string{"response 201: status: is not in the document"}},
		{name: "no body", request: created, send: send, status: 204, response: nil, read: readAll, want: []string{"response 204: status: is not in the document"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			reports := 0
			var inner *body
			next := roundTripper(func(req *http.Request) (*http.Response, error) {
				tt.send(req)
				resp := &http.Response{StatusCode: tt.status, Header: http.Header{"Content-Type": {"application/json"}}, Request: req, ContentLength: -1}
				if tt.length > 0 {
					resp.ContentLength = tt.length
				}
				if tt.response != nil {
					inner = &body{Reader: tt.response}
					resp.Body = inner
				}
				return resp, nil
			})
			transport := contract.Transport(next, func(violations []contract.Violation) {
				reports++
				for _, v := range violations {
					got = append(got, strings.TrimPrefix(v.String(), "createToken: "))
				}
			})
			req, err := http.NewRequestWithContext(t.Context(), "POST", prefix+"/user/tokens", strings.NewReader(tt.request))
			if err != nil {
				t.Fatal(err)
			}
			req.Header = http.Header{"Authorization": {"Bearer x"}, "Content-Type": {"application/json"}}
			sent := req.Body
			resp, err := transport.RoundTrip(req)
			if err != nil || resp.Request != req || req.Body != sent {
				t.Fatalf("RoundTrip() error = %v, or the request has changed", err)
			}
			if inner != nil {
				if inner.reads != 0 || reports != 0 {
					t.Errorf("RoundTrip() read the body %d times and reported %d times, want 0: the caller has not read it", inner.reads, reports)
				}
				tt.read(resp.Body)
			}
			for i, want := range tt.want {
				if i >= len(got) || !strings.HasPrefix(got[i], want) {
					t.Errorf("violations = %q, want %q", got, tt.want)
					break
				}
			}
			if len(got) != len(tt.want) || reports > 1 || reports == 1 && len(got) == 0 {
				t.Errorf("%d reports of %q, want one with %q if it is not empty", reports, got, tt.want)
			}
		})
	}
}

// TestTransport_Unchanged checks that a request without a body, a body with status 101, and
// errors are passed through.
func TestTransport_Unchanged(t *testing.T) {
	t.Parallel()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, prefix+"/user/tokens", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer x")
	connection := &body{Reader: failing("")}
	want := &http.Response{StatusCode: 101, Body: connection}
	var violations []contract.Violation
	report := func(all []contract.Violation) { violations = append(violations, all...) }
	resp, err := contract.Transport(roundTripper(func(sent *http.Request) (*http.Response, error) {
		if sent != req {
			t.Error("RoundTrip() sent another request, want the same")
		}
		return want, nil
	}), report).RoundTrip(req)
	if err != nil || resp.Body != io.ReadCloser(connection) || connection.reads != 0 {
		t.Errorf("RoundTrip() error = %v, or it has changed or read the body of a response with status 101", err)
	}
	if diff := cmp.Diff([]contract.Violation{{Operation: "listTokens", Status: 101, Path: "status", Problem: "is not in the document"}}, violations); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}

	violations = nil
	if _, err := contract.Transport(roundTripper(func(*http.Request) (*http.Response, error) { return nil, errRead }), report).RoundTrip(req); err != errRead || len(violations) > 0 { //nolint:errorlint // the error itself
		t.Errorf("RoundTrip() error = %v with violations %v, want the error of next and none", err, violations)
	}
}
