package cftokenstest_test

import (
	"regexp"
	"strings"
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
		t.Errorf("IDs = %q and %q, want %v", created.ID, created.Policies[0].ID, idShape)
	}
	if !valueShape.MatchString(created.Value) {
		t.Errorf("value = %q, want %v", created.Value, valueShape)
	}
	want := `{"id":"` + created.ID + `","name":"readonly token","status":"active",` +
		`"issued_on":"2026-01-02T02:04:05Z","modified_on":"2026-01-02T02:04:05Z",` +
		`"policies":[{"id":"` + created.Policies[0].ID + `","effect":"allow","resources":{` + zone + `},` +
		`"permission_groups":[{"id":"` + zoneRead + `","name":"Zone Read"}]}]`
	const rest = `,"success":true,"errors":[],"messages":[]}`
	r.want(200, `{"result":`+want+`,"value":"`+created.Value+`"}`+rest)
	f.do("GET", "/user/tokens/"+created.ID, "").want(200, `{"result":`+want+`}`+rest)
	f.do("GET", "/user/tokens?page=2&per_page=1", "").want(200, `{"result":[`+want+`}]`+strings.TrimSuffix(rest, "}")+
		`,"result_info":{"page":2,"per_page":1,"total_pages":2,"count":1,"total_count":2}}`)
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
}

// TestCreate_Full checks what the fake changes: the order, fractions of seconds and
// offsets, and what cannot be sent.
func TestCreate_Full(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var got token
	f.do("POST", "/user/tokens", `{"name": "`+strings.Repeat("ä", 120)+`", "status": "disabled", "unknown": 1, "not_before": "2026-01-01T02:00:00.123456+02:00",
		"condition": {"request_ip": {"in": ["192.0.2.0/24"]}, "unknown": true},
		"policies": [`+policy("allow", zone, dnsWrite, zoneRead)+`, `+policy("deny", `"com.cloudflare.api.account.*": "*"`, billingRead)+`]}`).ok(&got)
	if want := "2026-01-01T00:00:00Z"; got.Status != "active" || *got.NotBefore != want {
		t.Errorf("status = %q, not_before = %q, want active, %s", got.Status, *got.NotBefore, want)
	}
	if diff := cmp.Diff(parse(t, `{"request_ip":{"in":["192.0.2.0/24"]}}`), got.Condition); diff != "" {
		t.Errorf("condition (-want +got):\n%s", diff)
	}
	if len(got.Policies) != 2 || got.Policies[0].Effect != "deny" || got.Policies[1].PermissionGroups[0].Name != "Zone Read" {
		t.Errorf("policies = %+v, want them and their groups in another order than sent", got.Policies)
	}
}

func TestCreate_Condition(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, sent, want string }{
		{"empty", `{}`, `{}`},
		{"empty request_ip", `{"request_ip":{}}`, `{"request_ip":{}}`},
		{"no address", `{"request_ip":{"in":[]}}`, `{"request_ip":{"in":[]}}`},
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

func TestRoll(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{}", ""} {
		f := newFake(t)
		created := f.create(policies(zoneRead), "")
		var value string
		f.do("PUT", "/user/tokens/"+created.ID+"/value", body).ok(&value)
		if !valueShape.MatchString(value) || value == created.Value {
			t.Errorf("value = %q, want a new one of the form %v", value, valueShape)
		}
		f.do("GET", "/user/tokens/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
		var verified, got token
		f.do("GET", "/user/tokens/verify", "", as(value)...).ok(&verified)
		f.do("GET", "/user/tokens/"+created.ID, "").ok(&got)
		if stored, ok := f.Value(created.ID); verified.ID != created.ID || !ok || stored.Reveal() != value {
			t.Errorf("the new value is that of token %s, and Value() = %q, want %s and %q", verified.ID, stored.Reveal(), created.ID, value)
		}
		if diff := cmp.Diff(created.Policies, got.Policies); diff != "" || got.Name != created.Name {
			t.Errorf("name after the roll = %q, want %q; policies (-want +got):\n%s", got.Name, created.Name, diff)
		}
	}
}

func TestDelete(t *testing.T) {
	t.Parallel()
	for _, body := range []string{"{}", ""} {
		f := newFake(t)
		kept, gone := f.create(policies(zoneRead), ""), f.create(policies(zoneRead), "")
		f.do("DELETE", "/user/tokens/"+gone.ID, body).want(200, `{"result":{"id":"`+gone.ID+`"},"success":true,"errors":[],"messages":[]}`)
		f.do("DELETE", "/user/tokens/"+gone.ID, body).rejected(404, 1003, "Token not found")
		if _, ok := f.Value(gone.ID); ok {
			t.Errorf("Value(%s) = a value after the delete, want none", gone.ID)
		}
		if tokens := f.Tokens(); len(tokens) != 1 || tokens[0].ID != kept.ID {
			t.Errorf("Tokens() = %+v, want only %s", tokens, kept.ID)
		}
	}
}

// TestCreate_AccountNulls checks the nulls that only a create for an account returns.
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
		t.Errorf("expires_on = %v, want 2030-01-01T00:00:00Z", created.ExpiresOn)
	}
}
