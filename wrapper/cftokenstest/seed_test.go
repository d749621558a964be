package cftokenstest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestPutToken_Unknown(t *testing.T) {
	t.Parallel()
	const stored = `{
		"id": "1f0e2d3c4b5a69788796a5b4c3d2e1f0", "name": "odd", "status": "revoked (exposed)",
		"issued_on": "2020-01-02T03:04:05Z", "modified_on": "2021-01-02T03:04:05Z", "last_used_on": "2022-01-02T03:04:05Z",
		"not_before": "2020-01-02T03:04:05Z", "expires_on": "2099-01-02T03:04:05Z", "future": {"a": [1]},
		"policies": [{"id": "p", "effect": "allow", "permission_groups": [{"id": "g", "name": "G", "meta": {"key": "k"}}], "resources": {}, "unknown": 1}],
		"condition": {"request_ip": {"in": ["192.0.2.0/24"], "country": "XX"}, "device": {"managed": true}}}`
	f := newFake(t)
	id, err := f.PutToken([]byte(stored))
	if err != nil || id != "1f0e2d3c4b5a69788796a5b4c3d2e1f0" {
		t.Fatalf("PutToken: %q, %v", id, err)
	}
	f.do("GET", "/user/tokens/"+id, "").want(200, `{"success":true,"errors":[],"messages":[],"result":`+stored+`}`)

	var got token
	f.do("PUT", "/user/tokens/"+id, createBody).ok(&got)
	if diff := cmp.Diff(parse(t, stored).(map[string]any)["condition"], got.Condition); diff != "" {
		t.Errorf("condition left out (-want +got):\n%s", diff)
	}
	f.do("PUT", "/user/tokens/"+id, `{"condition":{"request_ip":{"not_in":["192.0.2.0/24"],"country":"XX"},"device":1},`+createBody[1:]).ok(&got)
	if diff := cmp.Diff(parse(t, `{"request_ip":{"not_in":["192.0.2.0/24"]}}`), got.Condition); diff != "" {
		t.Errorf("condition sent (-want +got):\n%s", diff)
	}
}

func TestPutToken_Defaults(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
	id, err := f.PutToken([]byte(`{}`))
	if err != nil {
		t.Fatal(err)
	}
	f.do("GET", "/user/tokens/"+id, "").want(200, `{"success":true,"errors":[],"messages":[],"result":{"id":"`+id+
		`","name":"","status":"active","issued_on":"2026-01-02T03:04:05Z","modified_on":"2026-01-02T03:04:05Z","policies":[]}}`)
	value, ok := f.Value(id)
	if !ok || !valueShape.MatchString(value.Reveal()) {
		t.Errorf("value is not of the shape %v", valueShape)
	}
	if _, ok := f.Value(unknownID); ok {
		t.Error("an unknown token has a value")
	}
}

func TestPutToken_Replace(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	if id := f.put("renamed", `,"id":"`+created.ID+`"`); id != created.ID {
		t.Errorf("id %q, want %q", id, created.ID)
	}
	if tokens := f.Tokens(); len(tokens) != 1 || tokens[0].Name != "renamed" {
		t.Errorf("got %+v", tokens)
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
			t.Errorf("got %+v", token)
		}
	}
}

func TestPutToken_Invalid(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.put("first", `,"value":"FAKE-x"`)
	for _, tt := range []struct{ token, want string }{
		{`[]`, "not a JSON object"},
		{`{`, "not a JSON object"},
		{`{"name":1}`, "name is not a string"},
		{`{"id":"x"}`, "32 lower case hexadecimal digits"},
		{`{"id":"FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"}`, "32 lower case hexadecimal digits"},
		{`{"expires_on":"tomorrow"}`, "expires_on is not an RFC 3339 time"},
		{`{"value":"FAKE-x"}`, "has the same value"},
	} {
		_, err := f.PutToken([]byte(tt.token))
		if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "cftokenstest: PutToken: ") {
			t.Errorf("%s: error %v, want %q", tt.token, err, tt.want)
		}
	}
	if n := len(f.Tokens()); n != 1 {
		t.Errorf("%d tokens", n)
	}
}
