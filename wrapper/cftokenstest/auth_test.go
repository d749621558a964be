package cftokenstest_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestAuthorize_Malformed checks which credentials are malformed. Recordings show the
// responses.
func TestAuthorize_Malformed(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for credential, want := range map[string]int{
		" ": 400, "Bearer": 400, "Basic eDp5": 400, "FAKE-something": 400, "Bearer not:a/token": 400, "Bearer FAKE a": 400,
		"Bearer " + unknownValue[:39]: 400, "Bearer " + unknownValue: 401,
	} {
		for _, owner := range f.owners() {
			for _, path := range []string{owner.path, owner.path + "/verify"} {
				if got := f.do("GET", path, "", "Authorization", credential); got.status != want {
					t.Errorf("GET %s with the credential %q: status %d, want %d", path, credential, got.status, want)
				}
			}
		}
	}
}

func TestAuthorize_OldValue(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		end  func(*fake, token)
	}{
		{"rolled", func(f *fake, created token) { f.do("PUT", "/user/tokens/"+created.ID+"/value", "{}").ok(nil) }},
		{"deleted", func(f *fake, created token) { f.do("DELETE", "/user/tokens/"+created.ID, "").ok(nil) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			created := f.manager(policiesOn(onUser, tokensWrite), "")
			f.do("GET", "/user/tokens", "", as(created.Value)...).ok(nil)
			tt.end(f, created)
			f.do("GET", "/user/tokens", "", as(created.Value)...).rejected(401, 10000, "Authentication error")
			f.do("GET", "/user/tokens/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
		})
	}
}

func TestAuthorize_StatusAndDates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const valid = `[{"code":10000,"message":"This API Token is valid and active","type":null}]`
	for _, tt := range []struct {
		name, token, result, messages string
		usable                        bool
	}{
		{name: "active", result: `"status":"active"`, messages: valid, usable: true},
		{
			name: "within its dates", token: `,"not_before":"2026-01-02T03:04:05Z","expires_on":"2026-01-02T03:04:06Z"`,
			result: `"status":"active","not_before":"2026-01-02T03:04:05Z","expires_on":"2026-01-02T03:04:06Z"`, messages: valid, usable: true,
		},
		{name: "expired", token: `,"expires_on":"2026-01-02T03:04:05Z"`, result: `"status":"expired","expires_on":"2026-01-02T03:04:05Z"`, messages: `[]`},
		{name: "not valid yet", token: `,"not_before":"2026-01-02T03:04:06Z"`, result: `"status":"active","not_before":"2026-01-02T03:04:06Z"`, messages: `[]`},
		{name: "disabled", token: `,"status":"disabled"`, result: `"status":"disabled"`, messages: `[]`},
		{name: "set to expired", token: `,"status":"expired"`, result: `"status":"expired"`, messages: `[]`},
		{name: "revoked", token: `,"status":"revoked (exposed)"`, result: `"status":"revoked (exposed)"`, messages: `[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
			id, err := f.PutToken([]byte(`{"value":"FAKE-x","policies":` + strings.Replace(policiesOn(onUser, tokensRead), "{", `{"id":"stored",`, 1) + tt.token + `}`))
			if err != nil {
				t.Fatal(err)
			}
			f.do("GET", "/user/tokens/verify", "", as("FAKE-x")...).want(200,
				`{"success":true,"errors":[],"messages":`+tt.messages+`,"result":{"id":"`+id+`",`+tt.result+`}}`)
			if r := f.do("GET", "/user/tokens", "", as("FAKE-x")...); tt.usable {
				r.ok(nil)
			} else {
				r.rejected(401, 10000, "Authentication error")
			}
		})
	}
}

func TestAuthorize_Expires(t *testing.T) {
	t.Parallel()
	var elapsed atomic.Int64
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return start.Add(time.Duration(elapsed.Load())) }))
	created := f.manager(policiesOn(onUser, tokensRead), `,"expires_on":"2026-01-02T04:00:00Z"`)
	f.do("GET", "/user/tokens", "", as(created.Value)...).ok(nil)
	elapsed.Store(int64(time.Hour))
	f.do("GET", "/user/tokens", "", as(created.Value)...).rejected(401, 10000, "Authentication error")
	var got token
	f.do("GET", "/user/tokens/"+created.ID, "").ok(&got)
	if got.Status != "expired" {
		t.Errorf("status = %q, want expired", got.Status)
	}
}

func TestAuthorize_Addresses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, condition string
		allowed         bool
	}{
		{name: "network", condition: `{"request_ip":{"in":["127.0.0.0/8"]}}`, allowed: true},
		{name: "network with bits beyond its length", condition: `{"request_ip":{"in":["127.3.2.1/8"]}}`, allowed: true},
		{name: "address", condition: `{"request_ip":{"in":["192.0.2.1","127.0.0.1"]}}`, allowed: true},
		{name: "other network", condition: `{"request_ip":{"in":["192.0.2.0/24","2001:db8::/32"]}}`},
		{name: "excluded", condition: `{"request_ip":{"in":["127.0.0.0/8"],"not_in":["127.0.0.1/32"]}}`},
		{name: "not excluded", condition: `{"request_ip":{"not_in":["192.0.2.0/24"]}}`, allowed: true},
		{name: "mapped network", condition: `{"request_ip":{"in":["::ffff:127.0.0.0/104"]}}`, allowed: true},
		{name: "mapped address", condition: `{"request_ip":{"in":["::ffff:127.0.0.1"]}}`, allowed: true},
		{name: "mapped network excluded", condition: `{"request_ip":{"not_in":["::ffff:127.0.0.0/104"]}}`},
		{name: "mapped address excluded", condition: `{"request_ip":{"not_in":["::ffff:7f00:1"]}}`},
		{name: "all mapped addresses excluded", condition: `{"request_ip":{"not_in":["::ffff:0:0/95"]}}`},
		{name: "other mapped network", condition: `{"request_ip":{"in":["::ffff:192.0.2.0/120"]}}`},
		{name: "all IPv6 addresses excluded", condition: `{"request_ip":{"not_in":["::/0"]}}`, allowed: true},
		{name: "old name", condition: `{"request.ip":{"in":["192.0.2.0/24"]}}`},
		{name: "no address", condition: `{"request_ip":{"in":[]}}`},
		{name: "nothing", condition: `{"request_ip":{}}`, allowed: true},
		{name: "empty", condition: `{}`, allowed: true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			created := f.manager(policiesOn(onUser, tokensRead), `,"condition":`+tt.condition)
			if r := f.do("GET", "/user/tokens", "", as(created.Value)...); tt.allowed {
				r.ok(nil)
			} else {
				r.rejected(403, 9109, "Cannot use the access token from location: 127.0.0.1")
			}
			f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
		})
	}
}

func TestAuthorize_LastUsedOn(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
	created := f.create(policies(zoneRead), "")
	var before, after token
	f.do("GET", "/user/tokens/"+created.ID, "").ok(&before)
	f.do("GET", "/user/tokens", "", as(created.Value)...).rejected(403, 9109, "Unauthorized to access requested resource")
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
	f.do("GET", "/user/tokens/"+created.ID, "").ok(&after)
	if before.LastUsedOn != nil {
		t.Errorf("last_used_on before use = %v, want none", *before.LastUsedOn)
	}
	if want := "2026-01-02T03:04:05Z"; after.LastUsedOn == nil || *after.LastUsedOn != want {
		t.Errorf("last_used_on after use = %v, want %s", after.LastUsedOn, want)
	}
}

// TestUpdate_ConditionStays checks that an update cannot remove a condition, but can add
// one.
func TestUpdate_ConditionStays(t *testing.T) {
	t.Parallel()
	for _, sent := range []string{
		``, `,"condition":{}`, `,"condition":{"request_ip":{}}`, `,"condition":{"request_ip":{"not_in":[]}}`, `,"condition":{"unknown":1}`,
	} {
		t.Run(sent, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			const old = `{"request_ip":{"in":["192.0.2.0/24"]}}`
			manager := f.manager(policiesOn(onUser, tokensRead), `,"condition":`+old)
			var got token
			f.do("PUT", "/user/tokens/"+manager.ID, `{"name":"n","policies":`+policies(zoneRead)+sent+`}`).ok(&got)
			if diff := cmp.Diff(parse(t, old), got.Condition); diff != "" {
				t.Errorf("condition (-want +got):\n%s", diff)
			}
			f.do("GET", "/user/tokens", "", as(manager.Value)...).rejected(403, 9109, "Cannot use the access token from location: 127.0.0.1")
		})
	}
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	f.do("PUT", "/user/tokens/"+created.ID, `{"name":"n","policies":`+policies(zoneRead)+`,"condition":{"request_ip":{"in":["192.0.2.0/24"]}}}`).ok(&created)
	if diff := cmp.Diff(parse(t, `{"request_ip":{"in":["192.0.2.0/24"]}}`), created.Condition); diff != "" {
		t.Errorf("condition of a token that had none (-want +got):\n%s", diff)
	}
}
