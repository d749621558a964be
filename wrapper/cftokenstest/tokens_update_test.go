package cftokenstest_test

import (
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestUpdate_Replaces(t *testing.T) {
	t.Parallel()
	var elapsed atomic.Int64
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return start.Add(time.Duration(elapsed.Load())) }))
	created := f.create(`[`+policy("allow", zone, zoneRead)+`,`+policy("deny", zone, dnsWrite)+`]`, "")
	elapsed.Store(int64(time.Hour))
	// Only Cloudflare sets this status.
	f.do("PUT", "/user/tokens/"+created.ID, `{"status":"revoked (exposed)",`+createBody[1:]).rejected(400, 400, `status must not be "revoked (exposed)"`)
	var got token
	f.do("PUT", "/user/tokens/"+created.ID, `{"name":"other","status":"disabled","policies":`+policies(zoneRead)+`}`).ok(&got)
	want := token{ID: created.ID, Name: "other", Status: "disabled", IssuedOn: created.IssuedOn, ModifiedOn: "2026-01-02T04:04:05Z", Policies: got.Policies}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("token (-want +got):\n%s", diff)
	}
	if len(got.Policies) != 1 || got.Policies[0].ID == created.Policies[0].ID || got.Policies[0].ID == created.Policies[1].ID {
		t.Errorf("policies = %+v, want one with a new ID", got.Policies)
	}
	f.do("GET", "/user/tokens", "", as(created.Value)...).rejected(401, 10000, "Authentication error")
	f.do("PUT", "/user/tokens/"+created.ID, `{"name":"other","status":"active","policies":`+policies(zoneRead)+`}`).ok(nil)
	f.do("GET", "/user/tokens", "", as(created.Value)...).rejected(403, 9109, "Unauthorized to access requested resource")
	elapsed.Store(int64(2 * time.Hour))
	f.do("PUT", "/user/tokens/"+created.ID+"/value", "").ok(nil)
	if got := f.Tokens()[0].ModifiedOn; !got.Equal(start.Add(2 * time.Hour)) {
		t.Errorf("modified_on after a roll = %v, want the time of the roll", got)
	}
}

// TestUpdate_Optional checks what an update keeps. It can add and change a condition, but not
// remove it.
func TestUpdate_Optional(t *testing.T) {
	t.Parallel()
	const dates, in, notIn = `,"not_before":"2026-01-01T00:00:00Z","expires_on":"2036-01-01T00:00:00Z"`,
		`,"condition":{"request_ip":{"in":["192.0.2.0/24"]}}`, `,"condition":{"request_ip":{"not_in":["192.0.2.0/24"]}}`
	for _, tt := range []struct{ before, sent, want string }{
		{dates + in, ``, dates + in},
		{dates + in, `,"not_before":null,"expires_on":null`, in},
		{dates, `,"expires_on":"2037-01-01T00:00:00Z"`, strings.Replace(dates, "2036", "2037", 1)},
		{``, in, in},
		{in, notIn, notIn},
		{in, `,"condition":{"request_ip":{"in":[]}}`, `,"condition":{"request_ip":{"in":[]}}`}, // no address
		{in, `,"condition":{}`, in},
		{in, `,"condition":{"request_ip":{}}`, in},
		{in, `,"condition":{"request_ip":{"not_in":[]}}`, in},
		{in, `,"condition":{"unknown":1}`, in},
		{`,"condition":{}`, ``, `,"condition":{}`},
		{`,"condition":{"request_ip":{}}`, ``, `,"condition":{"request_ip":{}}`},
		{strings.Replace(in, "request_ip", "request.ip", 1), ``, in},
	} {
		f := newFake(t)
		path := "/user/tokens/" + f.create(policies(zoneRead), tt.before).ID
		f.do("PUT", path, `{"name":"n","policies":`+policies(zoneRead)+tt.sent+`}`).ok(nil)
		var got map[string]any
		f.do("GET", path, "").ok(&got)
		maps.DeleteFunc(got, func(name string, _ any) bool {
			return !slices.Contains([]string{"name", "not_before", "expires_on", "condition"}, name)
		})
		if diff := cmp.Diff(parse(t, `{"name":"n"`+tt.want+`}`), any(got)); diff != "" {
			t.Errorf("token with %s after an update with %s (-want +got):\n%s", tt.before, tt.sent, diff)
		}
	}
}
