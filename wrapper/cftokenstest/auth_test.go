package cftokenstest_test

import (
	"strings"
	"testing"
	"time"

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

func TestAuthorize_StatusAndDates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
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
		f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
		id, err := f.PutToken([]byte(`{"value":"FAKE-x","policies":` + strings.Replace(policiesOn(onUser, tokensRead), "{", `{"id":"stored",`, 1) + tt.token + `}`))
		if err != nil {
			t.Fatal(err)
		}
		var before, after token
		f.do("GET", "/user/tokens/"+id, "").ok(&before)
		f.do("GET", "/user/tokens/verify", "", as("FAKE-x")...).want(200,
			`{"success":true,"errors":[],"messages":`+tt.messages+`,"result":{"id":"`+id+`",`+tt.result+`}}`)
		if r := f.do("GET", "/user/tokens", "", as("FAKE-x")...); tt.usable {
			r.ok(nil)
		} else {
			r.rejected(401, 10000, "Authentication error")
		}
		f.do("GET", "/user/tokens/"+id, "").ok(&after)
		if want := "2026-01-02T03:04:05Z"; before.LastUsedOn != nil || after.LastUsedOn == nil || *after.LastUsedOn != want {
			t.Errorf("%s: last_used_on = %v, then %v, want none, then %s", tt.name, before.LastUsedOn, after.LastUsedOn, want)
		}
	}
}

func TestAuthorize_Addresses(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for condition, allowed := range map[string]bool{
		`{"request_ip":{"in":["127.0.0.0/8"]}}`:                           true,
		`{"request_ip":{"in":["127.3.2.1/8"]}}`:                           true,
		`{"request_ip":{"in":["192.0.2.1","127.0.0.1"]}}`:                 true,
		`{"request_ip":{"in":["192.0.2.0/24","2001:db8::/32"]}}`:          false,
		`{"request_ip":{"in":["127.0.0.0/8"],"not_in":["127.0.0.1/32"]}}`: false,
		`{"request_ip":{"not_in":["192.0.2.0/24"]}}`:                      true,
		`{"request_ip":{"in":["::ffff:127.0.0.0/104"]}}`:                  true,
		`{"request_ip":{"in":["::ffff:127.0.0.1"]}}`:                      true,
		`{"request_ip":{"not_in":["::ffff:127.0.0.0/104"]}}`:              false,
		`{"request_ip":{"not_in":["::ffff:7f00:1"]}}`:                     false,
		`{"request_ip":{"not_in":["::ffff:0:0/95"]}}`:                     false,
		`{"request_ip":{"in":["::ffff:192.0.2.0/120"]}}`:                  false,
		`{"request_ip":{"not_in":["::/0"]}}`:                              true,
		`{"request.ip":{"in":["192.0.2.0/24"]}}`:                          false,
		`{"request_ip":{"in":[]}}`:                                        false,
		`{"request_ip":{}}`:                                               true,
		`{}`:                                                              true,
	} {
		created := f.manager(policiesOn(onUser, tokensRead), `,"condition":`+condition)
		if r := f.do("GET", "/user/tokens/permission_groups", "", as(created.Value)...); allowed {
			r.ok(nil)
		} else {
			r.rejected(403, 9109, "Cannot use the access token from location: 127.0.0.1")
		}
		f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
	}
}
