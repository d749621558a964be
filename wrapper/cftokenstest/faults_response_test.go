package cftokenstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestFault_Response(t *testing.T) {
	t.Parallel()
	const html = "<html>502 Bad Gateway</html>"
	for _, tt := range []struct {
		name   string
		fault  cftokenstest.Fault
		status int
		body   string
		header map[string]string
	}{
		{
			name:   "status alone",
			fault:  cftokenstest.Fault{Status: 204},
			status: 204, header: map[string]string{"Content-Type": "application/json"},
		},
		{
			name:   "redirect",
			fault:  cftokenstest.Fault{Status: 304, Header: http.Header{"Location": {"/elsewhere"}}},
			status: 304, header: map[string]string{"Location": "/elsewhere"},
		},
		{
			name:   "body alone",
			fault:  cftokenstest.Fault{Body: `{"success":false}`},
			status: 200, body: `{"success":false}`,
			header: map[string]string{"Content-Type": "application/json"},
		},
		{
			name:   "all",
			fault:  cftokenstest.Fault{Status: 502, Body: html, Header: http.Header{"Content-Type": {"text/html"}, "Retry-After": {"7"}}},
			status: 502, body: html,
			header: map[string]string{"Content-Type": "text/html", "Retry-After": "7"},
		},
		{
			name:   "header removed",
			fault:  cftokenstest.Fault{Status: 429, Body: "x", Header: http.Header{"Content-Type": nil, "Cf-Ray": nil}},
			status: 429, body: "x",
			header: map[string]string{"Content-Type": "", "Cf-Ray": ""},
		},
		{
			name:   "another type for the usual body",
			fault:  cftokenstest.Fault{Status: 504, Header: http.Header{"content-type": {"text/plain; charset=UTF-8"}}},
			status: 504, body: "upstream request timeout",
			header: map[string]string{"Content-Type": "text/plain; charset=UTF-8"},
		},
		{
			name:   "header in different case",
			fault:  cftokenstest.Fault{Header: http.Header{"cf-ray": {"x"}}},
			status: 200, header: map[string]string{"Cf-Ray": "x"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			f.Inject(tt.fault)
			r := f.do("POST", "/user/tokens", createBody)
			if r.status != tt.status || r.body != tt.body {
				t.Errorf("POST = %d %q, want %d %q", r.status, r.body, tt.status, tt.body)
			}
			for name, want := range tt.header {
				if got := r.header.Get(name); got != want {
					t.Errorf("POST: %s %q, want %q", name, got, want)
				}
			}
			if n := len(f.Tokens()); n != 0 {
				t.Errorf("POST created %d tokens, want none", n)
			}
			f.do("POST", "/user/tokens", createBody).ok(nil)
		})
	}
}

// TestFault_NoResponse checks that an empty header is not a response.
func TestFault_NoResponse(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.Inject(cftokenstest.Fault{Delay: 1, Header: http.Header{}})
	f.do("GET", "/user/tokens", "").ok(nil)
}

func TestFault_ResponseAfterEffect(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	lost := cftokenstest.ServerError(504)
	lost.DropAfter = true
	for _, tt := range []struct {
		fault  cftokenstest.Fault
		status int
		body   string
	}{
		{cftokenstest.Fault{DropAfter: true, Status: 502, Body: "x"}, 502, "x"},
		{lost, 504, "upstream request timeout"},
	} {
		before := len(f.Tokens())
		f.Inject(tt.fault)
		if r := f.do("POST", "/user/tokens", createBody); r.status != tt.status || r.body != tt.body {
			t.Errorf("POST with %+v = %d %q, want %d %q", tt.fault, r.status, r.body, tt.status, tt.body)
		}
		if n := len(f.Tokens()) - before; n != 1 {
			t.Errorf("POST with %+v created %d tokens, want 1", tt.fault, n)
		}
	}
}

// rejection returns an envelope with one error.
func rejection(t *testing.T, code int, message string) string {
	t.Helper()
	return `{"success":false,"errors":[` + string(encode(t, map[string]any{"code": code, "message": message})) + `],"messages":[],"result":null}`
}

// TestFault_UsualBody checks that a fault with only the status of an error gets the body
// that the API sends with it.
func TestFault_UsualBody(t *testing.T) {
	t.Parallel()
	const malformed = `{"success":false,"errors":[{"code":6003,"message":"Invalid request headers","error_chain":[` +
		`{"code":6111,"message":"Invalid format for Authorization header"}]}],"messages":[],"result":null}`
	f := newFake(t)
	for _, op := range gen.Operations {
		r := f.request(op, unknownID)
		unknown := rejection(t, 10000, "Authentication error")
		if len(op.PermissionGroups) == 0 {
			unknown = rejection(t, 1000, "Invalid API Token")
		}
		notFound := `{"success":false,"errors":[{"code":7003,"message":"Could not route to /client/v4` + r.path +
			`, perhaps your object identifier is invalid?"},{"code":7000,"message":"No route for that URI"}],"messages":[],"result":null}`
		if strings.Contains(op.Path, "{token_id}") {
			notFound = rejection(t, 1003, "Token not found")
		}
		for status, body := range map[int]string{
			400: malformed,
			401: unknown,
			403: rejection(t, 9109, "Unauthorized to access requested resource"),
			404: notFound,
			409: rejection(t, 409, "Conflict"),
			500: rejection(t, 500, "Internal Server Error"),
			599: rejection(t, 599, "Error"),
		} {
			f.Inject(cftokenstest.Fault{Operation: op.ID, Status: status})
			got := f.do(r.method, r.path, r.body)
			got.want(status, body)
			if contentType := got.header.Get("Content-Type"); contentType != "application/json" {
				t.Errorf("%s with a fault of status %d: Content-Type %q, want application/json", op.ID, status, contentType)
			}
		}
	}
	f.Inject(cftokenstest.Fault{Status: 404})
	if r := f.do("GET", "/zones", ""); r.status != 404 || !strings.Contains(r.body, "Could not route to /client/v4/zones,") {
		t.Errorf("GET /zones with a fault of status 404 = %d %s, want no route to it", r.status, r.body)
	}
}
