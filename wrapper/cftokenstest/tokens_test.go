package cftokenstest_test

import (
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

var (
	idShape    = regexp.MustCompile(`^[0-9a-f]{32}$`)
	valueShape = regexp.MustCompile(`^FAKE-[A-Za-z0-9_-]{35}$`)
)

func TestCreate_Minimal(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 678, time.FixedZone("", 3600))
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
	r := f.do("POST", "/user/tokens", `{"name":"readonly token","policies":`+policies(zoneRead)+`}`)
	var created token
	r.ok(&created)
	if !idShape.MatchString(created.ID) || !idShape.MatchString(created.Policies[0].ID) {
		t.Errorf("ids %q and %q", created.ID, created.Policies[0].ID)
	}
	if !valueShape.MatchString(created.Value) {
		t.Errorf("value is not of the shape %v", valueShape)
	}
	want := `{"id":"` + created.ID + `","name":"readonly token","status":"active",` +
		`"issued_on":"2026-01-02T02:04:05Z","modified_on":"2026-01-02T02:04:05Z",` +
		`"policies":[{"id":"` + created.Policies[0].ID + `","effect":"allow","resources":{` + zone + `},` +
		`"permission_groups":[{"id":"` + zoneRead + `","name":"Zone Read"}]}]`
	const rest = `,"success":true,"errors":[],"messages":[]}`
	r.want(200, `{"result":`+want+`,"value":"`+created.Value+`"}`+rest)
	f.do("GET", "/user/tokens/"+created.ID, "").want(200, `{"result":`+want+`}`+rest)
	f.do("GET", "/user/tokens", "").want(200, `{"result":[`+want+`}]`+strings.TrimSuffix(rest, "}")+
		`,"result_info":{"page":1,"per_page":20,"total_pages":1,"count":1,"total_count":1}}`)
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
}

func TestCreate_Full(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var got token
	f.do("POST", "/user/tokens", `{
		"name": "`+strings.Repeat("ä", 120)+`", "status": "disabled", "unknown": 1,
		"not_before": "2026-01-01T02:00:00.123456+02:00", "expires_on": "2036-12-31T23:59:59Z",
		"condition": {"request_ip": {"in": ["192.0.2.0/24", "2001:db8::1"], "not_in": ["192.0.2.7/32"]}, "unknown": true},
		"policies": [
			`+policy("allow", `"com.cloudflare.api.account.a": {"com.cloudflare.api.account.zone.*": "*"}, `+zone, dnsWrite, zoneRead)+`,
			`+policy("deny", `"com.cloudflare.api.account.*": "*"`, billingRead)+`]}`).ok(&got)
	if got.Status != "active" || *got.NotBefore != "2026-01-01T00:00:00Z" || *got.ExpiresOn != "2036-12-31T23:59:59Z" {
		t.Errorf("got %+v", got)
	}
	want := parse(t, `{"request_ip":{"in":["192.0.2.0/24","2001:db8::1"],"not_in":["192.0.2.7/32"]}}`)
	if diff := cmp.Diff(want, got.Condition); diff != "" {
		t.Errorf("condition (-want +got):\n%s", diff)
	}
	if len(got.Policies) != 2 || got.Policies[0].Effect != "deny" || got.Policies[1].PermissionGroups[0].Name != "Zone Read" {
		t.Errorf("policies and groups come back as sent: %+v", got.Policies)
	}
	resources := parse(t, `{"com.cloudflare.api.account.a":{"com.cloudflare.api.account.zone.*":"*"},`+zone+`}`)
	if diff := cmp.Diff(resources, any(got.Policies[1].Resources)); diff != "" {
		t.Errorf("resources (-want +got):\n%s", diff)
	}
}

func TestCreate_Condition(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, sent, want string }{
		{"empty", `{}`, `{}`},
		{"nothing in it", `{"request_ip":{}}`, `{"request_ip":{}}`},
		{"nobody", `{"request_ip":{"in":[]}}`, `{"request_ip":{"in":[]}}`},
		{"old name", `{"request.ip":{"in":["192.0.2.0/24"]}}`, `{"request_ip":{"in":["192.0.2.0/24"]}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			created := f.create(policies(zoneRead), `,"condition":`+tt.sent)
			var got token
			f.do("GET", "/user/tokens/"+created.ID, "").ok(&got)
			if diff := cmp.Diff(parse(t, tt.want), got.Condition); diff != "" {
				t.Errorf("condition (-want +got):\n%s", diff)
			}
		})
	}
}

func TestUpdate_Replaces(t *testing.T) {
	t.Parallel()
	var elapsed atomic.Int64
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return start.Add(time.Duration(elapsed.Load())) }))
	created := f.create(`[`+policy("allow", zone, zoneRead)+`,`+policy("deny", zone, dnsWrite)+`]`, "")
	elapsed.Store(int64(time.Hour))
	var got token
	f.do("PUT", "/user/tokens/"+created.ID, `{"name":"other","status":"disabled","policies":`+policies(zoneRead)+`}`).ok(&got)
	if got.Name != "other" || got.Status != "disabled" || len(got.Policies) != 1 || got.Value != "" ||
		got.IssuedOn != created.IssuedOn || got.ModifiedOn != "2026-01-02T04:04:05Z" {
		t.Errorf("got %+v", got)
	}
	for _, p := range created.Policies {
		if p.ID == got.Policies[0].ID {
			t.Error("the id of a policy was not renewed")
		}
	}
	f.do("GET", "/user/tokens", "", as(created.Value)...).rejected(401, 10000, "Authentication error")
	f.do("PUT", "/user/tokens/"+created.ID, `{"name":"other","status":"active","policies":`+policies(zoneRead)+`}`).ok(nil)
	f.do("GET", "/user/tokens", "", as(created.Value)...).rejected(403, 9109, "Unauthorized to access requested resource")
}

func TestUpdate_Optional(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, sent, want string }{
		{"kept", ``, `{"not_before":"2026-01-01T00:00:00Z","expires_on":"2036-01-01T00:00:00Z","condition":{"request_ip":{"in":["192.0.2.0/24"]}}}`},
		{"cleared", `,"not_before":null,"expires_on":null`, `{"condition":{"request_ip":{"in":["192.0.2.0/24"]}}}`},
		{
			"replaced", `,"expires_on":"2037-01-01T00:00:00Z","condition":{"request_ip":{"not_in":["192.0.2.0/24"]}}`,
			`{"not_before":"2026-01-01T00:00:00Z","expires_on":"2037-01-01T00:00:00Z","condition":{"request_ip":{"not_in":["192.0.2.0/24"]}}}`,
		},
		{
			"condition for nobody", `,"condition":{"request_ip":{"in":[]}}`,
			`{"not_before":"2026-01-01T00:00:00Z","expires_on":"2036-01-01T00:00:00Z","condition":{"request_ip":{"in":[]}}}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			created := f.create(policies(zoneRead),
				`,"not_before":"2026-01-01T00:00:00Z","expires_on":"2036-01-01T00:00:00Z","condition":{"request_ip":{"in":["192.0.2.0/24"]}}`)
			f.do("PUT", "/user/tokens/"+created.ID, `{"name":"n","policies":`+policies(zoneRead)+tt.sent+`}`).ok(nil)
			var got map[string]any
			f.do("GET", "/user/tokens/"+created.ID, "").ok(&got)
			for name := range got {
				if !slices.Contains([]string{"not_before", "expires_on", "condition"}, name) {
					delete(got, name)
				}
			}
			if diff := cmp.Diff(parse(t, tt.want), any(got)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestRoll(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body string }{{"with a body", "{}"}, {"without a body", ""}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			created := f.create(policies(zoneRead), "")
			var value string
			r := f.do("PUT", "/user/tokens/"+created.ID+"/value", tt.body)
			r.ok(&value)
			r.want(200, `{"result":"`+value+`","success":true,"errors":[],"messages":[]}`)
			if !valueShape.MatchString(value) || value == created.Value {
				t.Errorf("value is the old one, or not of the shape %v", valueShape)
			}
			f.do("GET", "/user/tokens/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
			var verified, got token
			f.do("GET", "/user/tokens/verify", "", as(value)...).ok(&verified)
			f.do("GET", "/user/tokens/"+created.ID, "").ok(&got)
			if verified.ID != created.ID || got.Name != created.Name || !cmp.Equal(got.Policies, created.Policies) {
				t.Errorf("got %+v, had %+v", got, created)
			}
			if stored, ok := f.Value(created.ID); !ok || stored.Reveal() != value {
				t.Error("Value does not return the new one")
			}
		})
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, body string }{{"with a body", "{}"}, {"without a body", ""}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			kept, gone := f.create(policies(zoneRead), ""), f.create(policies(zoneRead), "")
			f.do("DELETE", "/user/tokens/"+gone.ID, tt.body).want(200, `{"result":{"id":"`+gone.ID+`"},"success":true,"errors":[],"messages":[]}`)
			f.do("DELETE", "/user/tokens/"+gone.ID, tt.body).rejected(404, 1003, "Token not found")
			if _, ok := f.Value(gone.ID); ok {
				t.Error("the deleted token has a value")
			}
			if tokens := f.Tokens(); len(tokens) != 1 || tokens[0].ID != kept.ID {
				t.Errorf("left: %+v", tokens)
			}
		})
	}
}

func TestToken_Unknown(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, r := range slices.Concat(f.requests("/user"), f.requests("/accounts")) {
		if strings.Contains(r.path, unknownID) {
			f.do(r.method, r.path, r.body).rejected(404, 1003, "Token not found")
		}
	}
}

// TestCreate_AccountNulls checks the explicit nulls that only a create returns, and
// only for an account.
func TestCreate_AccountNulls(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
	path := "/accounts/" + f.AccountID + "/tokens"
	r := f.do("POST", path, createBody)
	var created token
	r.ok(&created)
	token := `"id":"` + created.ID + `","name":"n","status":"active",` +
		`"issued_on":"2026-01-02T03:04:05Z","modified_on":"2026-01-02T03:04:05Z",` +
		`"policies":[{"id":"` + created.Policies[0].ID + `","effect":"allow","resources":{` + zone + `},` +
		`"permission_groups":[{"id":"` + zoneRead + `","name":"Zone Read"}]}],` +
		`"creator_email_at_creation":"user@example.com"`
	const rest = `,"success":true,"errors":[],"messages":[]}`
	r.want(200, `{"result":{`+token+`,"last_used_on":null,"not_before":null,"expires_on":null,"value":"`+created.Value+`"}`+rest)
	f.do("GET", path+"/"+created.ID, "").want(200, `{"result":{`+token+`}`+rest)

	f.do("POST", path, strings.Replace(createBody, "{", `{"expires_on":"2030-01-01T00:00:00Z",`, 1)).ok(&created)
	if created.ExpiresOn == nil || *created.ExpiresOn != "2030-01-01T00:00:00Z" {
		t.Errorf("expires_on = %v, want what was sent", created.ExpiresOn)
	}
}
