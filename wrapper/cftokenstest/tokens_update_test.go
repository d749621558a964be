package cftokenstest_test

import (
	"maps"
	"slices"
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
}

func TestUpdate_Optional(t *testing.T) {
	t.Parallel()
	const before, after, in = `"not_before":"2026-01-01T00:00:00Z"`, `"expires_on":"2036-01-01T00:00:00Z"`, `"condition":{"request_ip":{"in":["192.0.2.0/24"]}}`
	for sent, want := range map[string]string{
		``:                                     `{` + before + `,` + after + `,` + in + `}`,
		`,"not_before":null,"expires_on":null`: `{` + in + `}`,
		`,"expires_on":"2037-01-01T00:00:00Z","condition":{"request_ip":{"not_in":["192.0.2.0/24"]}}`: `{` + before + `,"expires_on":"2037-01-01T00:00:00Z","condition":{"request_ip":{"not_in":["192.0.2.0/24"]}}}`,
		`,"condition":{"request_ip":{"in":[]}}`:                                                       `{` + before + `,` + after + `,"condition":{"request_ip":{"in":[]}}}`, // no address
	} {
		f := newFake(t)
		path := "/user/tokens/" + f.create(policies(zoneRead), `,`+before+`,`+after+`,`+in).ID
		f.do("PUT", path, `{"name":"n","policies":`+policies(zoneRead)+sent+`}`).ok(nil)
		var got map[string]any
		f.do("GET", path, "").ok(&got)
		maps.DeleteFunc(got, func(name string, _ any) bool {
			return !slices.Contains([]string{"not_before", "expires_on", "condition"}, name)
		})
		if diff := cmp.Diff(parse(t, want), any(got)); diff != "" {
			t.Errorf("optional fields after an update with %s (-want +got):\n%s", sent, diff)
		}
	}
}
