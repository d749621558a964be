package cftokenstest_test

import (
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
	for _, tt := range []struct{ field, got, want string }{
		{"name", got.Name, "other"},
		{"status", got.Status, "disabled"},
		{"value", got.Value, ""},
		{"issued_on", got.IssuedOn, created.IssuedOn},
		{"modified_on", got.ModifiedOn, "2026-01-02T04:04:05Z"},
	} {
		if tt.got != tt.want {
			t.Errorf("%s = %q, want %q", tt.field, tt.got, tt.want)
		}
	}
	if len(got.Policies) != 1 {
		t.Fatalf("policies = %+v, want 1", got.Policies)
	}
	for _, p := range created.Policies {
		if p.ID == got.Policies[0].ID {
			t.Errorf("policy ID = %s, want a new one", p.ID)
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
			"condition that allows no address", `,"condition":{"request_ip":{"in":[]}}`,
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
				t.Errorf("optional fields (-want +got):\n%s", diff)
			}
		})
	}
}
