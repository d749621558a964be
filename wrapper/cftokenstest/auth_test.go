package cftokenstest_test

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// requests is a request of every operation that needs a credential to be judged,
// verify aside.
var requests = []struct{ operation, method, path, body string }{
	{"listTokens", "GET", "/user/tokens", ""},
	{"createToken", "POST", "/user/tokens", `{"name":"n","policies":` + policies(zoneRead) + `}`},
	{"getToken", "GET", "/user/tokens/" + unknownID, ""},
	{"updateToken", "PUT", "/user/tokens/" + unknownID, `{"name":"n","policies":` + policies(zoneRead) + `}`},
	{"deleteToken", "DELETE", "/user/tokens/" + unknownID, ""},
	{"rollToken", "PUT", "/user/tokens/" + unknownID + "/value", `{}`},
	{"listPermissionGroups", "GET", "/user/tokens/permission_groups", ""},
}

func TestCredentialIsRefused(t *testing.T) {
	t.Parallel()
	const (
		malformed = `{"success":false,"errors":[{"code":6003,"message":"Invalid request headers","error_chain":[` +
			`{"code":6111,"message":"Invalid format for Authorization header"}]}],"messages":[],"result":null}`
		unknown = `{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}`
		invalid = `{"success":false,"errors":[{"code":1000,"message":"Invalid API Token"}],"messages":[],"result":null}`
		missing = `{"success":false,"errors":[{"code":9106,"message":"Missing X-Auth-Key, X-Auth-Email or Authorization headers"}]}`
		absent  = `{"success":false,"errors":[{"code":1001,"message":"Missing \"Authorization\" header"}],"messages":[],"result":null}`
	)
	for _, tt := range []struct {
		name         string
		header       []string
		status       int
		body         string
		verifyStatus int
		verifyBody   string
	}{
		{"missing", []string{"Authorization", ""}, 400, missing, 400, absent},
		{"empty", []string{"Authorization", " "}, 400, malformed, 400, malformed},
		{"no scheme", []string{"Authorization", "FAKE-something"}, 400, malformed, 400, malformed},
		{"no value", []string{"Authorization", "Bearer"}, 400, malformed, 400, malformed},
		{"another scheme", []string{"Authorization", "Basic eDp5"}, 400, malformed, 400, malformed},
		{"odd characters", []string{"Authorization", "Bearer not:a/token"}, 400, malformed, 400, malformed},
		{"white space", []string{"Authorization", "Bearer FAKE a"}, 400, malformed, 400, malformed},
		{"too short", as(unknownValue[:39]), 400, malformed, 400, malformed},
		{"unknown", as(unknownValue), 401, unknown, 401, invalid},
		{
			"owned by an account", as("cfat_" + unknownValue), 403,
			`{"success":false,"errors":[{"code":9109,"message":"Valid user-level authentication not found"}],"messages":[],"result":null}`, 401, invalid,
		},
		{
			"global API key",
			[]string{"Authorization", "", "X-Auth-Email", "a@example.com", "X-Auth-Key", "k"},
			403,
			`{"success":false,"errors":[{"code":9103,"message":"Unknown X-Auth-Key or X-Auth-Email"}],"messages":[],"result":null}`, 400, absent,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			for _, r := range requests {
				f.do(r.method, r.path, r.body, tt.header...).want(tt.status, tt.body)
			}
			f.do("GET", "/user/tokens/verify", "", tt.header...).want(tt.verifyStatus, tt.verifyBody)
			if n := len(f.Tokens()); n != 0 {
				t.Errorf("%d tokens were created", n)
			}
		})
	}
}

func TestSeveralCredentialsAreMalformed(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	req, err := http.NewRequestWithContext(t.Context(), "GET", f.URL+"/user/tokens", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header["Authorization"] = []string{"Bearer " + f.Token, "Bearer " + f.Token}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusBadRequest {
		t.Errorf("status %d", resp.StatusCode)
	}
}

func TestCredentialThatNoLongerWorks(t *testing.T) {
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
			f.do("GET", "/user/tokens", "", as(created.Value)...).refused(401, 10000, "Authentication error")
			f.do("GET", "/user/tokens/verify", "", as(created.Value)...).refused(401, 1000, "Invalid API Token")
		})
	}
}

func TestCredentialBesideItsStatusAndDates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	const valid = `[{"code":10000,"message":"This API Token is valid and active","type":null}]`
	for _, tt := range []struct {
		name, token, result, messages string
		usable                        bool
	}{
		{"active", ``, `"status":"active"`, valid, true},
		{
			"within its dates", `,"not_before":"2026-01-02T03:04:05Z","expires_on":"2026-01-02T03:04:06Z"`,
			`"status":"active","not_before":"2026-01-02T03:04:05Z","expires_on":"2026-01-02T03:04:06Z"`, valid, true,
		},
		{"expired", `,"expires_on":"2026-01-02T03:04:05Z"`, `"status":"expired","expires_on":"2026-01-02T03:04:05Z"`, `[]`, false},
		{"not valid yet", `,"not_before":"2026-01-02T03:04:06Z"`, `"status":"active","not_before":"2026-01-02T03:04:06Z"`, `[]`, false},
		{"disabled", `,"status":"disabled"`, `"status":"disabled"`, `[]`, false},
		{"set to expired", `,"status":"expired"`, `"status":"expired"`, `[]`, false},
		{"revoked", `,"status":"revoked (exposed)"`, `"status":"revoked (exposed)"`, `[]`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
			id, err := f.PutToken([]byte(`{"value":"FAKE-x","policies":` + policiesOn(onUser, tokensRead) + tt.token + `}`))
			if err != nil {
				t.Fatal(err)
			}
			f.do("GET", "/user/tokens/verify", "", as("FAKE-x")...).want(200,
				`{"success":true,"errors":[],"messages":`+tt.messages+`,"result":{"id":"`+id+`",`+tt.result+`}}`)
			if r := f.do("GET", "/user/tokens", "", as("FAKE-x")...); tt.usable {
				r.ok(nil)
			} else {
				r.refused(401, 10000, "Authentication error")
			}
		})
	}
}

func TestTokenExpiresWithTheClock(t *testing.T) {
	t.Parallel()
	var elapsed atomic.Int64
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return start.Add(time.Duration(elapsed.Load())) }))
	created := f.manager(policiesOn(onUser, tokensRead), `,"expires_on":"2026-01-02T04:00:00Z"`)
	f.do("GET", "/user/tokens", "", as(created.Value)...).ok(nil)
	elapsed.Store(int64(time.Hour))
	f.do("GET", "/user/tokens", "", as(created.Value)...).refused(401, 10000, "Authentication error")
	var got token
	f.do("GET", "/user/tokens/"+created.ID, "").ok(&got)
	if got.Status != "expired" {
		t.Errorf("status %q", got.Status)
	}
}

func TestCredentialNeedsPermission(t *testing.T) {
	t.Parallel()
	reads := map[string]bool{"listTokens": true, "getToken": true, "listPermissionGroups": true}
	for _, tt := range []struct {
		name, policies string
		read, write    bool
	}{
		{"none", policies(zoneRead), false, false},
		{"read", policiesOn(onUser, tokensRead), true, false},
		{"write", policiesOn(onUser, tokensWrite), true, true},
		{"write denied", `[` + policy("allow", onUser, tokensRead, tokensWrite) + `,` + policy("deny", onUser, tokensWrite) + `]`, true, false},
		{"read denied", `[` + policy("deny", onUser, tokensRead) + `,` + policy("allow", onUser, tokensRead) + `]`, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			created := f.manager(tt.policies, "")
			for _, r := range requests {
				got := f.do(r.method, r.path, r.body, as(created.Value)...)
				allowed := tt.write || tt.read && reads[r.operation]
				if refused := got.status == 403; refused == allowed {
					t.Errorf("%s: status %d: %s", r.operation, got.status, got.body)
				} else if refused {
					got.refused(403, 9109, "Unauthorized to access requested resource")
				}
			}
			f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
			f.do("DELETE", "/user/tokens/"+created.ID, "", as(f.Token)...).ok(nil)
		})
	}
}

func TestCredentialIsHeldToItsAddresses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, condition string
		admitted        bool
	}{
		{"network", `{"request_ip":{"in":["127.0.0.0/8"]}}`, true},
		{"network with bits beyond its length", `{"request_ip":{"in":["127.3.2.1/8"]}}`, true},
		{"address", `{"request_ip":{"in":["192.0.2.1","127.0.0.1"]}}`, true},
		{"other network", `{"request_ip":{"in":["192.0.2.0/24","2001:db8::/32"]}}`, false},
		{"excluded", `{"request_ip":{"in":["127.0.0.0/8"],"not_in":["127.0.0.1/32"]}}`, false},
		{"not excluded", `{"request_ip":{"not_in":["192.0.2.0/24"]}}`, true},
		{"old name", `{"request.ip":{"in":["192.0.2.0/24"]}}`, false},
		{"nobody", `{"request_ip":{"in":[]}}`, false},
		{"nothing", `{"request_ip":{}}`, true},
		{"empty", `{}`, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			created := f.manager(policiesOn(onUser, tokensRead), `,"condition":`+tt.condition)
			if r := f.do("GET", "/user/tokens", "", as(created.Value)...); tt.admitted {
				r.ok(nil)
			} else {
				r.refused(403, 9109, "Cannot use the access token from location: 127.0.0.1")
			}
			f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
		})
	}
}

func TestUseIsNoted(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 678, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
	created := f.create(policies(zoneRead), "")
	var before, after token
	f.do("GET", "/user/tokens/"+created.ID, "").ok(&before)
	f.do("GET", "/user/tokens", "", as(created.Value)...).refused(403, 9109, "Unauthorized to access requested resource")
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
	f.do("GET", "/user/tokens/"+created.ID, "").ok(&after)
	if before.LastUsedOn != nil || after.LastUsedOn == nil || *after.LastUsedOn != "2026-01-02T03:04:05Z" {
		t.Errorf("last_used_on %v, then %v", before.LastUsedOn, after.LastUsedOn)
	}
}

func TestOwnCredential(t *testing.T) {
	t.Parallel()
	f := newFake(t, cftokenstest.WithToken(unknownValue))
	if f.Token != unknownValue {
		t.Errorf("Token is %q", f.Token)
	}
	var verified, own token
	f.do("GET", "/user/tokens/verify", "").ok(&verified)
	f.do("GET", "/user/tokens/"+verified.ID, "").ok(&own)
	f.do("GET", "/user/tokens", "").want(200, `{"success":true,"errors":[],"messages":[],"result":[],`+
		`"result_info":{"page":1,"per_page":20,"total_pages":0,"count":0,"total_count":0}}`)

	var value string
	f.do("PUT", "/user/tokens/"+own.ID+"/value", "{}").ok(&value)
	f.do("GET", "/user/tokens", "").refused(401, 10000, "Authentication error")
	f.do("GET", "/user/tokens", "", as(value)...).ok(nil)
	client, err := f.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Verify(t.Context()); err != nil {
		t.Errorf("a client made after the roll: %v", err)
	}
	f.do("DELETE", "/user/tokens/"+own.ID, "", as(value)...).ok(nil)
	f.do("GET", "/user/tokens/verify", "", as(value)...).refused(401, 1000, "Invalid API Token")
}

func TestOwnCredentialMayBeOdd(t *testing.T) {
	t.Parallel()
	newFake(t, cftokenstest.WithToken("for: tests/only")).do("GET", "/user/tokens/verify", "").ok(nil)
	if f := newFake(t, cftokenstest.WithToken("")); f.Token == "" {
		t.Error("an empty token was taken")
	}
}
