package cftokenstest_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var valueShape = regexp.MustCompile(`^FAKE-[A-Za-z0-9_-]{35}$`)

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

// TestRoll also checks the forms of values, which differ from those of live ones.
func TestRoll(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for i, shape := range []*regexp.Regexp{valueShape, regexp.MustCompile(`^FAKE-account-[A-Za-z0-9_-]{35}$`)} {
		for _, body := range []string{"{}", ""} {
			path := f.owners()[i].path
			var created, verified, got token
			var value string
			f.do("POST", path, createBody).ok(&created)
			f.do("PUT", path+"/"+created.ID+"/value", body).ok(&value)
			if !shape.MatchString(created.Value) || !shape.MatchString(value) || value == created.Value {
				t.Errorf("values = %q, then %q, want two of the form %v", created.Value, value, shape)
			}
			f.do("GET", path+"/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
			f.do("GET", path+"/verify", "", as(value)...).ok(&verified)
			f.do("GET", path+"/"+created.ID, "").ok(&got)
			if stored, ok := f.Value(created.ID); verified.ID != created.ID || !ok || stored.Reveal() != value {
				t.Errorf("the new value is that of token %s, and Value() = %q, want %s and %q", verified.ID, stored.Reveal(), created.ID, value)
			}
			if diff := cmp.Diff(created.Policies, got.Policies); diff != "" || got.Name != created.Name {
				t.Errorf("name after the roll = %q, want %q; policies (-want +got):\n%s", got.Name, created.Name, diff)
			}
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
