package cftokenstest_test

import (
	"strings"
	"testing"
)

func TestBody_Invalid(t *testing.T) {
	t.Parallel()
	const (
		reused  = "Reusing existing policies is not supported by token creation"
		missing = "These rules must pass for policies[0].permission_groups\n- id must be present"
		account = `"com.cloudflare.api.account.00112233445566778899aabbccddeeff":`
	)
	one := policies(zoneRead)
	misfit := func(name string) string {
		return `Failed common permission check against resources. (Permission group: "` + name + `")`
	}
	for _, tt := range []struct {
		name, body string
		code       int
		message    string
	}{
		{"array", `[]`, 400, "the body must be an object"},
		{"null", `null`, 400, "the body must be an object"},
		{"string", `"x"`, 400, "the body must be an object"},
		{"empty object", `{}`, 400, "name must have a length between 1 and 120"},

		{"name empty", `{"name":"","policies":` + one + `}`, 400, "name must have a length between 1 and 120"},
		{"name too long", `{"name":"` + strings.Repeat("ä", 121) + `","policies":` + one + `}`, 400, "name must have a length between 1 and 120"},
		{"name null", `{"name":null,"policies":` + one + `}`, 400, "name must be a string"},
		{"name a number", `{"name":1,"policies":` + one + `}`, 400, "name must be a string"},
		{"name in other case", `{"Name":"n","policies":` + one + `}`, 400, "name must have a length between 1 and 120"},

		{"policies missing", `{"name":"n"}`, 400, "policies must be present"},
		{"policies null", `{"name":"n","policies":null}`, 400, "policies must be an array"},
		{"policies an object", `{"name":"n","policies":{}}`, 400, "policies must be an array"},
		{"policy a string", `{"name":"n","policies":["x"]}`, 400, "policies[0] must be an object"},
		{"policy null", `{"name":"n","policies":[null]}`, 400, "policies[0] must be an object"},
		{"second policy", `{"name":"n","policies":[` + strings.Trim(one, "[]") + `,{}]}`, 400, `policies[1].effect must not be ""`},
		{"policy id", `{"name":"n","policies":[{"id":"f267e341f3dd4697bd3b9f71dd96247f",` + one[2:] + `}`, 1001, reused},
		{"policy id empty", `{"name":"n","policies":[{"id":"",` + one[2:] + `}`, 1001, reused},
		{"effect unknown", `{"name":"n","policies":[` + policy("permit", zone, zoneRead) + `]}`, 400, `policies[0].effect must not be "permit"`},
		{"effect a number", `{"name":"n","policies":[{"effect":1}]}`, 400, "policies[0].effect must be a string"},

		{"groups missing", `{"name":"n","policies":[{"effect":"allow","resources":{` + zone + `}}]}`, 400, "policies[0].permission_groups must not be empty"},
		{"groups empty", `{"name":"n","policies":[{"effect":"allow","permission_groups":[],"resources":{` + zone + `}}]}`, 400, "policies[0].permission_groups must not be empty"},
		{"groups of strings", `{"name":"n","policies":[{"effect":"allow","permission_groups":["x"],"resources":{` + zone + `}}]}`, 400, "policies[0].permission_groups must be an array of objects"},
		{"group without id", `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"name":"Zone Read"}],"resources":{` + zone + `}}]}`, 400, missing},
		{"group null", `{"name":"n","policies":[{"effect":"allow","permission_groups":[null],"resources":{` + zone + `}}]}`, 400, missing},
		{"group id a number", `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":1}],"resources":{` + zone + `}}]}`, 400, strings.Replace(missing, "present", "a string", 1)},
		{"group unknown", `{"name":"n","policies":` + policies(zoneRead, unknownID) + `}`, 1001, "Permission group " + unknownID + " not found"},

		{"resources missing", `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":"` + zoneRead + `"}]}]}`, 400, "policies[0].resources must not be empty"},
		{"resources empty", `{"name":"n","policies":` + policiesOn(``, zoneRead) + `}`, 400, "policies[0].resources must not be empty"},
		{"resources an array", `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":"` + zoneRead + `"}],"resources":[]}]}`, 400, "policies[0].resources must be an object"},
		{"resource unknown", `{"name":"n","policies":` + policiesOn(`"foo":"string"`, zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"resource without id", `{"name":"n","policies":` + policiesOn(`"com.cloudflare.api.account.zone.":"*"`, zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"permission unknown", `{"name":"n","policies":` + policiesOn(strings.Replace(zone, "*", "read", 1), zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"permission a number", `{"name":"n","policies":` + policiesOn(strings.Replace(zone, `"*"`, "1", 1), zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"scopes mixed", `{"name":"n","policies":` + policies(zoneRead, billingRead) + `}`, 1001, misfit("Billing Read")},
		{"zone group on an account", `{"name":"n","policies":` + policiesOn(account+`"*"`, zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"zone group on zone and account", `{"name":"n","policies":` + policiesOn(zone+`,`+account+`"*"`, zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"zone group on buckets", `{"name":"n","policies":` + policiesOn(account+`{"com.cloudflare.edge.r2.bucket.*":"*"}`, zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"account nested in an account", `{"name":"n","policies":` + policiesOn(account+`{"com.cloudflare.api.account.*":"*"}`, billingRead) + `}`, 1001, misfit("Billing Read")},
		{"zone nested in a zone", `{"name":"n","policies":` + policiesOn(strings.Replace(zone, `"*"`, `{`+zone+`}`, 1), zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"nothing nested", `{"name":"n","policies":` + policiesOn(account+`{}`, zoneRead) + `}`, 1001, misfit("Zone Read")},
		{"nested permission unknown", `{"name":"n","policies":` + policiesOn(account+`{`+strings.Replace(zone, "*", "read", 1)+`}`, zoneRead) + `}`, 1001, misfit("Zone Read")},

		{"condition null", `{"name":"n","policies":` + one + `,"condition":null}`, 400, "condition must be an object"},
		{"condition an array", `{"name":"n","policies":` + one + `,"condition":[]}`, 400, "condition must be an object"},
		{"request_ip null", `{"name":"n","policies":` + one + `,"condition":{"request_ip":null}}`, 400, "condition.request_ip must be an object"},
		{"request.ip a string", `{"name":"n","policies":` + one + `,"condition":{"request.ip":"x"}}`, 400, "condition.request.ip must be an object"},
		{"in null", `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"in":null}}}`, 400, "condition.request_ip.in must be an array of strings"},
		{"in of numbers", `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"in":[1]}}}`, 400, "condition.request_ip.in must be an array of strings"},
		{"in no network", `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"in":["192.0.2.0/33"]}}}`, 400, "condition.request_ip.in must contain only addresses and networks in CIDR notation"},
		{"not_in no network", `{"name":"n","policies":` + one + `,"condition":{"request_ip":{"not_in":["example.com"]}}}`, 400, "condition.request_ip.not_in must contain only addresses and networks in CIDR notation"},

		{"not_before a date", `{"name":"n","policies":` + one + `,"not_before":"2026-01-01"}`, 400, "not_before must be a date and time as in RFC 3339"},
		{"expires_on without an offset", `{"name":"n","policies":` + one + `,"expires_on":"2026-01-01T00:00:00"}`, 400, "expires_on must be a date and time as in RFC 3339"},
		{"expires_on a number", `{"name":"n","policies":` + one + `,"expires_on":1767225600}`, 400, "expires_on must be a date and time as in RFC 3339"},
		{"expires_on before not_before", `{"name":"n","policies":` + one + `,"not_before":"2026-01-02T00:00:00Z","expires_on":"2026-01-01T00:00:00Z"}`, 400, "expires_on must be after not_before"},
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
				t.Errorf("%d tokens", n)
			}
		})
	}
}

func TestUpdate_InvalidStatus(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	for _, tt := range []struct{ status, message string }{
		{`null`, "status must be a string"},
		{`1`, "status must be a string"},
		{`""`, `status must not be ""`},
		{`"revoked (exposed)"`, `status must not be "revoked (exposed)"`},
	} {
		f.do("PUT", "/user/tokens/"+created.ID, `{"name":"other","policies":`+policies(zoneRead)+`,"status":`+tt.status+`}`).rejected(400, 400, tt.message)
	}
	if got := f.Tokens()[0]; got.Name != "n" || got.Status != "active" {
		t.Errorf("got %+v", got)
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
				t.Errorf("%s %s with %q: status %d: %s", r.method, r.path, body, got.status, got.body)
			}
		}
	}
	f.do("PUT", "/user/tokens/"+created.ID+"/value", `[]`).rejected(400, 400, "the body must be an object")
	f.do("POST", "/user/tokens", strings.Repeat(" ", 2<<20)).rejected(413, 400, "the body is too large")
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
}

func TestQuery_Invalid(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, tt := range []struct{ path, query, message string }{
		{"/user/tokens", "per_page=4", "per_page must be between 5 and 50"},
		{"/user/tokens", "per_page=51", "per_page must be between 5 and 50"},
		{"/user/tokens", "per_page=x", "per_page must be a whole number"},
		{"/user/tokens", "per_page=5.5", "per_page must be a whole number"},
		{"/user/tokens", "per_page=NaN", "per_page must be a whole number"},
		{"/user/tokens", "page=0", "page must be at least 1"},
		{"/user/tokens", "page=-1", "page must be at least 1"},
		{"/user/tokens", "page=", "page must be a whole number"},
		{"/user/tokens", "direction=", `direction must not be ""`},
		{"/user/tokens", "direction=up", `direction must not be "up"`},
		{"/user/tokens", "include_expired=1", `include_expired must not be "1"`},
		{"/user/tokens/permission_groups", "per_page=0", "per_page must be between 1 and 1000"},
		{"/user/tokens/permission_groups", "page=0", "page must be at least 1"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			t.Parallel()
			f.do("GET", tt.path+"?"+tt.query, "").rejected(400, 400, tt.message)
		})
	}
}
