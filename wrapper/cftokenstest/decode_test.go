package cftokenstest_test

import (
	"slices"
	"strings"
	"testing"
)

func TestBody_Invalid(t *testing.T) {
	t.Parallel()
	const (
		missing = "These rules must pass for policies[0].permission_groups\n- id must be present"
		account = `"com.cloudflare.api.account.00112233445566778899aabbccddeeff":`
	)
	one := policies(zoneRead)
	for _, tt := range []struct {
		name, body string
		code       int
		message    string
	}{
		{name: "array", body: `[]`, code: 400, message: "the body must be an object"},
		{name: "null", body: `null`, code: 400, message: "the body must be an object"},
		{name: "string", body: `"x"`, code: 400, message: "the body must be an object"},
		{name: "empty object", body: `{}`, code: 400, message: "name must have a length between 1 and 120"},

		{name: "name too long", body: `{"name":"` + strings.Repeat("ä", 121) + `","policies":` + one + `}`, code: 400, message: "name must have a length between 1 and 120"},
		{name: "name null", body: `{"name":null,"policies":` + one + `}`, code: 400, message: "name must be a string"},
		{name: "name a number", body: `{"name":1,"policies":` + one + `}`, code: 400, message: "name must be a string"},
		{name: "name in other case", body: `{"Name":"n","policies":` + one + `}`, code: 400, message: "name must have a length between 1 and 120"},

		{name: "policies null", body: `{"name":"n","policies":null}`, code: 400, message: "policies must be an array"},
		{name: "policies an object", body: `{"name":"n","policies":{}}`, code: 400, message: "policies must be an array"},
		{name: "policy a string", body: `{"name":"n","policies":["x"]}`, code: 400, message: "policies[0] must be an object"},
		{name: "policy null", body: `{"name":"n","policies":[null]}`, code: 400, message: "policies[0] must be an object"},
		{name: "second policy", body: `{"name":"n","policies":[` + strings.Trim(one, "[]") + `,{}]}`, code: 400, message: `policies[1].effect must not be ""`},
		{name: "effect unknown", body: `{"name":"n","policies":[` + policy("permit", zone, zoneRead) + `]}`, code: 400, message: `policies[0].effect must not be "permit"`},
		{name: "effect a number", body: `{"name":"n","policies":[{"effect":1}]}`, code: 400, message: "policies[0].effect must be a string"},

		{name: "groups missing", body: `{"name":"n","policies":[{"effect":"allow","resources":{` + zone + `}}]}`, code: 400, message: "policies[0].permission_groups must be present"},
		{name: "groups of strings", body: `{"name":"n","policies":[{"effect":"allow","permission_groups":["x"],"resources":{` + zone + `}}]}`, code: 400, message: "policies[0].permission_groups must be an array of objects"},
		{name: "group without id", body: `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"name":"Zone Read"}],"resources":{` + zone + `}}]}`, code: 400, message: missing},
		{name: "group null", body: `{"name":"n","policies":[{"effect":"allow","permission_groups":[null],"resources":{` + zone + `}}]}`, code: 400, message: missing},
		{name: "group id a number", body: `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":1}],"resources":{` + zone + `}}]}`, code: 400, message: strings.Replace(missing, "present", "a string", 1)},

		{name: "resources missing", body: `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":"` + zoneRead + `"}]}]}`, code: 400, message: "policies[0].resources must be present"},
		{name: "resources an array", body: `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":"` + zoneRead + `"}],"resources":[]}]}`, code: 400, message: "policies[0].resources must be an object"},
		{name: "permission a number", body: `{"name":"n","policies":` + policiesOn(strings.Replace(zone, `"*"`, "1", 1), zoneRead) + `}`, code: 400, message: "policies[0].resources must have strings, or objects with strings, as values"},

		{name: "permission null", body: `{"name":"n","policies":` + policiesOn(strings.Replace(zone, `"*"`, "null", 1), zoneRead) + `}`, code: 400, message: "policies[0].resources must have strings, or objects with strings, as values"},
		{name: "nested permission null", body: `{"name":"n","policies":` + policiesOn(account+`{`+strings.Replace(zone, `"*"`, "null", 1)+`}`, zoneRead) + `}`, code: 400, message: "policies[0].resources must have strings, or objects with strings, as values"},
		{name: "301 groups", body: `{"name":"n","policies":` + policies(slices.Repeat([]string{zoneRead}, 301)...) + `}`, code: 1001, message: "policies[0].permission_groups must have at most 300 items"},
		{name: "account group on a zone", body: `{"name":"n","policies":` + policies(zoneRead, billingRead) + `}`, code: 1001, message: `Failed common permission check against resources. (Permission group: "Billing Read")`},

		{name: "condition null", body: `{"name":"n","policies":` + one + `,"condition":null}`, code: 400, message: "condition must be an object"},
		{name: "condition an array", body: `{"name":"n","policies":` + one + `,"condition":[]}`, code: 400, message: "condition must be an object"},
		{name: "request_ip null", body: `{"name":"n","policies":` + one + `,"condition":{"request_ip":null}}`, code: 400, message: "condition.request_ip must be an object"},
		{name: "request.ip a string", body: `{"name":"n","policies":` + one + `,"condition":{"request.ip":"x"}}`, code: 400, message: "condition.request.ip must be an object"},
		{name: "in null", body: `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"in":null}}}`, code: 400, message: "condition.request_ip.in must be an array of strings"},
		{name: "in of numbers", body: `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"in":[1]}}}`, code: 400, message: "condition.request_ip.in must be an array of strings"},
		{name: "in no network", body: `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"in":["192.0.2.0/33"]}}}`, code: 400, message: "condition.request_ip.in must contain only addresses and networks in CIDR notation"},
		{name: "not_in no network", body: `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"not_in":["example.com"]}}}`, code: 400, message: "condition.request_ip.not_in must contain only addresses and networks in CIDR notation"},

		{name: "not_before a date", body: `{"name":"n","policies":` + one + `,"not_before":"2026-01-01"}`, code: 400, message: "not_before must be a date and time as in RFC 3339"},
		{name: "expires_on without an offset", body: `{"name":"n","policies":` + one + `,"expires_on":"2026-01-01T00:00:00"}`, code: 400, message: "expires_on must be a date and time as in RFC 3339"},
		{name: "expires_on a number", body: `{"name":"n","policies":` + one + `,"expires_on":1767225600}`, code: 400, message: "expires_on must be a date and time as in RFC 3339"},
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
}

func TestUpdate_InvalidStatus(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	for _, tt := range []struct{ status, message string }{
		{`1`, "status must be a string"},
		{`""`, `status must not be ""`},
		{`"revoked (exposed)"`, `status must not be "revoked (exposed)"`},
	} {
		f.do("PUT", "/user/tokens/"+created.ID, `{"name":"other","policies":`+policies(zoneRead)+`,"status":`+tt.status+`}`).rejected(400, 400, tt.message)
	}
	if got := f.Tokens()[0]; got.Name != "n" || got.Status != "active" {
		t.Errorf("Tokens() = %+v, want name n, active", got)
	}
}

func TestBody_Unreadable(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	for _, r := range []struct{ method, path string }{
		{"POST", "/user/tokens"},
		{"PUT", "/user/tokens/" + created.ID},
		{"PUT", "/user/tokens/" + created.ID + "/value"},
	} {
		for _, body := range []string{`{`, `{}x`, `<xml/>`} {
			got := f.do(r.method, r.path, body)
			if got.status != 400 || !strings.Contains(got.body, `"code":1198`) {
				t.Errorf("%s %s with %q = %d %s, want 400 with code 1198", r.method, r.path, body, got.status, got.body)
			}
		}
	}
	f.do("PUT", "/user/tokens/"+created.ID+"/value", `[]`).rejected(400, 400, "the body must be an object")
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
}

// TestBody_CreateAndUpdate checks the bodies that only one of a create and an update
// accepts.
func TestBody_CreateAndUpdate(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, owner := range f.owners() {
		var created token
		f.do("POST", owner.path, `{"name":"n"}`).ok(&created)
		if created.Policies == nil || len(created.Policies) > 0 {
			t.Errorf("%s: policies of a token created without them = %v, want an empty list", owner.name, created.Policies)
		}
		path := owner.path + "/" + created.ID
		f.do("PUT", path, `{"name":"n"}`).rejected(400, 400, "policies must be present")

		f.do("PUT", path, createBody).ok(&created)
		body := `{"name":"n","policies":[{"id":"` + created.Policies[0].ID + `",` + policies(zoneRead)[2:] + `}`
		f.do("POST", owner.path, body).rejected(400, 1001, "Reusing existing policies is not supported by token creation")
		f.do("PUT", path, body).ok(nil)
	}
}
