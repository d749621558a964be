package cftokenstest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestOwners_Separate(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for i, owner := range f.owners() {
		other := f.owners()[1-i]
		var created token
		f.do("POST", owner.path, createBody).ok(&created)
		f.do("GET", owner.path+"/"+created.ID, "").ok(nil)
		for _, op := range gen.Operations {
			if r := f.request(op, created.ID); strings.HasPrefix(r.path, other.path) && strings.Contains(op.Path, "{token_id}") {
				f.do(r.method, r.path, r.body).rejected(404, 1003, "Token not found")
			}
		}
		names, _ := f.list(owner.path)
		names = slices.DeleteFunc(names, func(name string) bool { return name == ownName })
		if tokens := owner.tokens(); len(tokens) != 1 || tokens[0].ID != created.ID || len(names) != 1 {
			t.Errorf("tokens of the %s = %+v, and the list has %q, want only %s", owner.name, tokens, names, created.ID)
		}
		if value, ok := f.Value(created.ID); !ok || value.Reveal() != created.Value {
			t.Errorf("Value() = %q, %v; want %q of the %s's token", value.Reveal(), ok, created.Value, owner.name)
		}
		f.do("GET", owner.path+"/verify", "", as(created.Value)...).ok(nil)
		f.do("GET", other.path+"/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
	}
}

func TestPutToken_Unknown(t *testing.T) {
	t.Parallel()
	const stored = `{
		"id": "1f0e2d3c4b5a69788796a5b4c3d2e1f0", "name": "odd", "status": "revoked (exposed)",
		"issued_on": "2020-01-02T03:04:05Z", "modified_on": "2021-01-02T03:04:05Z", "last_used_on": "2022-01-02T03:04:05Z",
		"not_before": "2020-01-02T03:04:05Z", "expires_on": "2099-01-02T03:04:05Z", "future": {"a": [1]},
		"policies": [{"id": "p", "effect": "allow", "permission_groups": [{"id": "g", "name": "G", "meta": {"key": "k"}}], "resources": {}, "unknown": 1}],
		"condition": {"request_ip": {"in": ["192.0.2.0/24"], "country": "XX"}, "device": {"managed": true}}}`
	f := newFake(t)
	f.unchecked.Store(true)
	id, err := f.PutToken([]byte(stored))
	if err != nil || id != "1f0e2d3c4b5a69788796a5b4c3d2e1f0" {
		t.Fatalf("PutToken() = %q, %v; want the ID of the token", id, err)
	}
	f.do("GET", "/user/tokens/"+id, "").want(200, `{"success":true,"errors":[],"messages":[],"result":`+stored+`}`)

	var got token
	f.do("PUT", "/user/tokens/"+id, createBody).ok(&got)
	if diff := cmp.Diff(parse(t, stored).(map[string]any)["condition"], got.Condition); diff != "" {
		t.Errorf("condition after an update without one (-want +got):\n%s", diff)
	}
}

func TestPutToken_Defaults(t *testing.T) {
	t.Parallel()
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC) }))
	for _, token := range []string{`{}`, `{"issued_on":null,"modified_on":null,"last_used_on":null,"not_before":null,"expires_on":null}`} {
		id, err := f.PutToken([]byte(token))
		if err != nil {
			t.Fatal(err)
		}
		f.do("GET", "/user/tokens/"+id, "").want(200, `{"success":true,"errors":[],"messages":[],"result":{"id":"`+id+
			`","name":"","status":"active","issued_on":"2026-01-02T03:04:05Z","modified_on":"2026-01-02T03:04:05Z","policies":[]}}`)
		if value, ok := f.Value(id); !ok || !valueShape.MatchString(value.Reveal()) {
			t.Errorf("Value() = %q, %v; want %v", value.Reveal(), ok, valueShape)
		}
	}
	if _, ok := f.Value(unknownID); ok {
		t.Errorf("Value(%s) = a value, want none", unknownID)
	}
}

func TestPutToken_Replace(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	if id := f.put("renamed", `,"id":"`+created.ID+`"`); id != created.ID {
		t.Errorf("PutToken() = %q, want %q", id, created.ID)
	}
	if tokens := f.Tokens(); len(tokens) != 1 || tokens[0].Name != "renamed" {
		t.Errorf("Tokens() = %+v, want only the renamed one", tokens)
	}
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).ok(nil)
	f.put("rolled", `,"value":"FAKE-new","id":"`+created.ID+`"`)
	f.do("GET", "/user/tokens/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
	f.do("GET", "/user/tokens/verify", "", as("FAKE-new")...).ok(nil)
}

func TestPutToken_OddForms(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, more := range []string{
		`,"policies":"x"`, `,"policies":[1,{"effect":2}]`, `,"condition":null`, `,"condition":[]`,
		`,"condition":{"request_ip":1}`, `,"condition":{"request_ip":{"in":"x","not_in":[1]}}`,
		`,"condition":{"request_ip":{"not_in":["x"]}}`,
	} {
		id := f.put("odd", more)
		value, _ := f.Value(id)
		f.do("GET", "/user/tokens", "", as(value.Reveal())...).rejected(403, 9109, "Unauthorized to access requested resource")
	}
	for _, token := range f.Tokens() {
		if token.Name != "odd" {
			t.Errorf("Tokens() has %+v, want the name odd", token)
		}
	}
}

func TestPutToken_Invalid(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.put("first", `,"value":"FAKE-x"`)
	account, err := f.PutAccountToken([]byte(`{"value":"short"}`))
	if err != nil {
		t.Fatal(err)
	}
	f.do("GET", "/accounts/"+f.AccountID+"/tokens/verify", "", as("short")...).ok(nil)
	for token, want := range map[string]string{
		`[]`: "not a JSON object", `{`: "not a JSON object", `{"name":1}`: "name is not a string", `{"id":"x"}`: "32 lower case hexadecimal digits",
		`{"id":"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"}`: "32 lower case hexadecimal digits", `{"expires_on":"tomorrow"}`: "expires_on is not an RFC 3339 time",
		`{"value":"FAKE-x"}`: "has the same value", `{"id":"` + account + `"}`: "another owner",
	} {
		_, err := f.PutToken([]byte(token))
		if err == nil || !strings.HasPrefix(err.Error(), "cftokenstest: PutToken: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("PutToken(%s) error = %v, want the prefix cftokenstest: PutToken: and %q", token, err, want)
		}
	}
	if _, err := f.PutAccountToken([]byte(`[]`)); err == nil || !strings.HasPrefix(err.Error(), "cftokenstest: PutAccountToken: ") {
		t.Errorf("PutAccountToken([]) error = %v, want the prefix cftokenstest: PutAccountToken:", err)
	}
	if users, accounts := len(f.Tokens()), len(f.AccountTokens()); users != 1 || accounts != 1 {
		t.Errorf("%d user tokens and %d account tokens, want 1 of each", users, accounts)
	}
}
