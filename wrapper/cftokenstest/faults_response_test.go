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
		{"status alone", cftokenstest.Fault{Status: 204}, 204, "", map[string]string{"Content-Type": "application/json"}},
		{"redirect", cftokenstest.Fault{Status: 304, Header: http.Header{"Location": {"/elsewhere"}}}, 304, "", map[string]string{"Location": "/elsewhere"}},
		{"body alone", cftokenstest.Fault{Body: `{"success":false}`}, 200, `{"success":false}`, map[string]string{"Content-Type": "application/json"}},
		{
			"all",
			cftokenstest.Fault{Status: 502, Body: html, Header: http.Header{"Content-Type": {"text/html"}, "Retry-After": {"7"}}},
			502, html,
			map[string]string{"Content-Type": "text/html", "Retry-After": "7"},
		},
		{
			"header removed",
			cftokenstest.Fault{Status: 429, Body: "x", Header: http.Header{"Content-Type": nil, "Cf-Ray": nil}},
			429, "x",
			map[string]string{"Content-Type": "", "Cf-Ray": ""},
		},
		{
			"another type for the usual body",
			cftokenstest.Fault{Status: 504, Header: http.Header{"content-type": {"text/plain; charset=UTF-8"}}},
			504, "upstream request timeout",
			map[string]string{"Content-Type": "text/plain; charset=UTF-8"},
		},
		{"header in different case", cftokenstest.Fault{Header: http.Header{"cf-ray": {"x"}}}, 200, "", map[string]string{"Cf-Ray": "x"}},
	} {
		f := newFake(t)
		f.Inject(tt.fault)
		r := f.do("POST", "/user/tokens", createBody)
		if r.status != tt.status || r.body != tt.body || len(f.Tokens()) != 0 {
			t.Errorf("%s: POST = %d %q with %d tokens, want %d %q and none", tt.name, r.status, r.body, len(f.Tokens()), tt.status, tt.body)
		}
		for name, want := range tt.header {
			if got := r.header.Get(name); got != want {
				t.Errorf("%s: POST: %s %q, want %q", tt.name, name, got, want)
			}
		}
		f.do("POST", "/user/tokens", createBody).ok(nil)
	}
}

func TestFault_ResponseAfterEffect(t *testing.T) {
	t.Parallel()
	lost := cftokenstest.ServerError(504)
	lost.DropAfter = true
	for want, fault := range map[string]cftokenstest.Fault{"x": {DropAfter: true, Status: 504, Body: "x"}, "upstream request timeout": lost} {
		f := newFake(t)
		f.Inject(fault)
		if r := f.do("POST", "/user/tokens", createBody); r.status != 504 || r.body != want || len(f.Tokens()) != 1 {
			t.Errorf("POST with %+v = %d %q and created %d tokens, want 504 %q and one", fault, r.status, r.body, len(f.Tokens()), want)
		}
	}
}

// TestFault_UsualBody checks that a fault with only the status of an error has a body that
// openapi.yaml allows for the operation. Recordings show some of them.
func TestFault_UsualBody(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, op := range gen.Operations {
		r := f.request(op, unknownID)
		for _, status := range []int{400, 401, 403, 404, 409, 418, 429, 500, 599} {
			f.Server.Inject(cftokenstest.Fault{Status: status})
			if got := f.do(r.method, r.path, r.body); got.status != status || !strings.Contains(got.body, `"code":`) {
				t.Errorf("%s with a fault of status %d = %d %s, want an error with a code", op.ID, status, got.status, got.body)
			}
		}
	}
	f.Inject(cftokenstest.Fault{Status: 404})
	if r := f.do("GET", "/zones", ""); r.status != 404 || !strings.Contains(r.body, "Could not route to /client/v4/zones,") {
		t.Errorf("GET /zones with a fault of status 404 = %d %s, want no route to it", r.status, r.body)
	}
}
