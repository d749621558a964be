package cftokenstest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
)

// TestBody_Invalid checks bodies that are not in testdata/rejected.json of contract_test.
func TestBody_Invalid(t *testing.T) {
	t.Parallel()
	one := policies(zoneRead)
	on := func(resources string) string {
		return `{"name":"n","policies":` + policiesOn(resources, zoneRead) + `}`
	}
	for _, tt := range []struct {
		name, body string
		code       int
		message    string
	}{
		{name: "a list", body: `[]`, code: 400, message: "the body must be an object"},
		{name: "null", body: `null`, code: 400, message: "the body must be an object"},
		{name: "name in other case", body: `{"Name":"n","policies":` + one + `}`, code: 400, message: "name must have a length between 1 and 120"},
		{name: "second policy", body: `{"name":"n","policies":[` + strings.Trim(one, "[]") + `,{}]}`, code: 400, message: `policies[1].effect must not be ""`},
		{name: "nested permission null", body: on(`"com.cloudflare.api.account.a":{"com.cloudflare.api.account.zone.b":null}`), code: 400, message: "policies[0].resources must have strings, or objects with strings, as values"},
		{name: "301 groups", body: `{"name":"n","policies":` + policies(slices.Repeat([]string{zoneRead}, 301)...) + `}`, code: 1001, message: "policies[0].permission_groups must have at most 300 items"},
		{name: "two groups of which one is of an account", body: `{"name":"n","policies":` + policies(zoneRead, billingRead) + `}`, code: 1001, message: `Failed common permission check against resources. (Permission group: "Billing Read")`},
		{name: "old name of request_ip", body: `{"name":"n","policies":` + one + `,"condition":{"request.ip":"x"}}`, code: 400, message: "condition.request.ip must be an object"},
		{name: "prefix too long", body: `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"in":["192.0.2.0/33"]}}}`, code: 400, message: "condition.request_ip.in must contain only addresses and networks in CIDR notation"},
		{name: "time without an offset", body: `{"name":"n","policies":` + one + `,"expires_on":"2026-01-01T00:00:00"}`, code: 400, message: "expires_on must be a date and time as in RFC 3339"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			created := f.create(policies(dnsWrite), "")
			before := f.do("GET", "/user/tokens/"+created.ID, "").body
			f.do("POST", "/user/tokens", tt.body).rejected(400, tt.code, tt.message)
			f.do("PUT", "/user/tokens/"+created.ID, tt.body).rejected(400, tt.code, tt.message)
			f.do("GET", "/user/tokens/"+created.ID, "").want(200, before)
			if n := len(f.Tokens()); n != 1 {
				t.Errorf("Tokens() has %d tokens, want 1", n)
			}
		})
	}
	f := newFake(t)
	f.do("POST", "/user/tokens", `{"name":"n","policies":`+policies(slices.Repeat([]string{zoneRead}, 300)...)+`}`).ok(nil)
}

func TestBody_Unreadable(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	for _, op := range []*gen.Operation{gen.OpCreateToken, gen.OpUpdateToken, gen.OpRollToken} {
		for _, body := range []string{`{`, `{}x`, `<xml/>`} {
			r := f.request(op, created.ID)
			if got := f.do(r.method, r.path, body); got.status != 400 || !strings.Contains(got.body, `"code":1198`) {
				t.Errorf("%s with %q = %d %s, want 400 with code 1198", op.ID, body, got.status, got.body)
			}
		}
	}
	f.do("PUT", "/user/tokens/"+created.ID+"/value", `[]`).rejected(400, 400, "the body must be an object")
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
}
