package cftokenstest_test

import (
	"regexp"
	"testing"
)

func TestNoRoute(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, tt := range []struct{ name, path string }{
		{"another endpoint", "/zones"},
		{"beside the endpoint", "/user/tokensx"},
		{"below a token", "/user/tokens/" + unknownID + "/other"},
		{"too deep", "/user/tokens/" + unknownID + "/value/x"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f.do("GET", tt.path, "", "Authorization", "").want(404, `{"success":false,"messages":[],"result":null,"errors":[`+
				`{"code":7003,"message":"Could not route to /client/v4`+tt.path+`, perhaps your object identifier is invalid?"},`+
				`{"code":7000,"message":"No route for that URI"}]}`)
		})
	}
}

func TestIDOfAnotherShape(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, id := range []string{
		"not-an-id", "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF", unknownID + "f", "%2e%2e", "a%2Fb", "%2566",
	} {
		for _, r := range []struct{ method, path string }{
			{"GET", "/user/tokens/" + id}, {"PUT", "/user/tokens/" + id}, {"DELETE", "/user/tokens/" + id}, {"PUT", "/user/tokens/" + id + "/value"},
		} {
			f.do(r.method, r.path, "{}").refused(400, 7003,
				"Could not route to /client/v4"+r.path+", perhaps your object identifier is invalid?")
		}
	}
}

func TestEscapesAreUndoneOnce(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	escaped := ""
	for _, c := range []byte(created.ID) {
		escaped += "%" + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
	}
	f.do("GET", "/user/tokens/"+escaped, "").ok(nil)
	requests := f.Requests()
	if got := requests[len(requests)-1]; got.Path != "/client/v4/user/tokens/"+escaped || got.Operation != "getToken" {
		t.Errorf("got %+v", got)
	}
}

func TestNoSuchMethod(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, tt := range []struct{ method, path, allow string }{
		{"PUT", "/user/tokens", "GET, POST"},
		{"PUT", "/user/tokens/", "GET, POST"},
		{"DELETE", "/user/tokens/", "GET, POST"},
		{"POST", "/user/tokens/" + unknownID, "DELETE, GET, PUT"},
		{"PATCH", "/user/tokens/" + unknownID, "DELETE, GET, PUT"},
		{"GET", "/user/tokens/" + unknownID + "/value", "PUT"},
		{"POST", "/user/tokens/verify", "GET"},
		{"DELETE", "/user/tokens/permission_groups", "GET"},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			r := f.do(tt.method, tt.path, "")
			r.refused(405, 7001, "Method "+tt.method+" not available for that URI.")
			if got := r.header.Get("Allow"); got != tt.allow {
				t.Errorf("Allow: %q, want %q", got, tt.allow)
			}
		})
	}
}

func TestEmptyIDAnswersTheList(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.create(policies(zoneRead), "")
	if got := f.page("/user/tokens/"); len(got.Names) != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.Inject(faultOf("createToken", 502))
	seen := map[string]bool{}
	for _, r := range append(requests, struct{ operation, method, path, body string }{"", "GET", "/zones", ""}) {
		header := f.do(r.method, r.path, r.body).header
		for name, want := range map[string]string{
			"Cf-Ray": `^[0-9a-f]{16}-[A-Z]{3}$`, "Content-Type": `^application/json$`,
			"Ratelimit": `^"default";r=\d+;t=\d+$`, "Ratelimit-Policy": `^"default";q=\d+;w=\d+$`,
		} {
			if got := header.Get(name); !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("%s: %s: %q, want %s", r.operation, name, got, want)
			}
		}
		if ray := header.Get("Cf-Ray"); seen[ray] {
			t.Errorf("ray %s came twice", ray)
		}
		seen[header.Get("Cf-Ray")] = true
	}
}
