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
	const timeout = "upstream request timeout" // the usual body of a 504
	for name, tt := range map[string]struct {
		fault   cftokenstest.Fault
		status  int
		body    string
		header  map[string]string
		created int // tokens
	}{
		"status alone":            {cftokenstest.Fault{Status: 204}, 204, "", map[string]string{"Content-Type": "application/json"}, 0},
		"redirect":                {cftokenstest.Fault{Status: 304, Header: http.Header{"Location": {"/elsewhere"}}}, 304, "", map[string]string{"Location": "/elsewhere"}, 0},
		"body alone":              {cftokenstest.Fault{Body: `{"success":false}`}, 200, `{"success":false}`, map[string]string{"Content-Type": "application/json"}, 0},
		"all":                     {cftokenstest.Fault{Status: 502, Body: "<html>", Header: http.Header{"Content-Type": {"text/html"}}}, 502, "<html>", map[string]string{"Content-Type": "text/html"}, 0},
		"header removed":          {cftokenstest.Fault{Status: 429, Body: "x", Header: http.Header{"Content-Type": nil, "Cf-Ray": nil}}, 429, "x", map[string]string{"Content-Type": "", "Cf-Ray": ""}, 0},
		"another type":            {cftokenstest.Fault{Status: 504, Header: http.Header{"content-type": {"text/css"}}}, 504, timeout, map[string]string{"Content-Type": "text/css"}, 0},
		"other case":              {cftokenstest.Fault{Header: http.Header{"cf-ray": {"x"}}}, 200, "", map[string]string{"Cf-Ray": "x"}, 0},
		"after effect":            {cftokenstest.Fault{DropAfter: true, Status: 504, Body: "x"}, 504, "x", nil, 1},
		"usual body after effect": {cftokenstest.Fault{DropAfter: true, Status: 504}, 504, timeout, nil, 1},
	} {
		f := newFake(t)
		f.Inject(tt.fault)
		r := f.do("POST", "/user/tokens", createBody)
		if r.status != tt.status || r.body != tt.body || len(f.Tokens()) != tt.created {
			t.Errorf("%s: POST = %d %q with %d tokens, want %d %q and %d", name, r.status, r.body, len(f.Tokens()), tt.status, tt.body, tt.created)
		}
		for header, want := range tt.header {
			if got := r.header.Get(header); got != want {
				t.Errorf("%s: POST: %s %q, want %q", name, header, got, want)
			}
		}
		f.do("POST", "/user/tokens", createBody).ok(nil)
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
