package cftokenstest_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestOwners_Separate checks that a token is found only on the paths of its owner.
func TestOwners_Separate(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for i, owner := range f.owners() {
		other := f.owners()[1-i]
		var created token
		f.do("POST", owner.path, createBody).ok(&created)
		f.do("GET", owner.path+"/"+created.ID, "").ok(nil)
		for _, r := range []struct{ method, path, body string }{
			{"GET", "/" + created.ID, ""},
			{"PUT", "/" + created.ID, createBody},
			{"DELETE", "/" + created.ID, ""},
			{"PUT", "/" + created.ID + "/value", "{}"},
		} {
			f.do(r.method, other.path+r.path, r.body).rejected(404, 1003, "Token not found")
		}
		if tokens := owner.tokens(); len(tokens) != 1 || tokens[0].ID != created.ID {
			t.Errorf("tokens of the %s = %+v, want only %s", owner.name, tokens, created.ID)
		}
		var list []token
		f.do("GET", owner.path, "").ok(&list)
		list = slices.DeleteFunc(list, func(t token) bool { return t.Name == ownName })
		if len(list) != 1 || list[0].ID != created.ID {
			t.Errorf("list of the %s = %+v, want only %s", owner.name, list, created.ID)
		}
		if value, ok := f.Value(created.ID); !ok || value.Reveal() != created.Value {
			t.Errorf("Value() = %q, %v; want %q of the %s's token", value.Reveal(), ok, created.Value, owner.name)
		}

		f.do("GET", owner.path+"/verify", "", as(created.Value)...).ok(nil)
		f.do("GET", other.path+"/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
	}
}

// TestCreate_AccountValue checks that the values of account tokens differ in form from
// those of user tokens, and from live ones.
func TestCreate_AccountValue(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	want, live := regexp.MustCompile(`^FAKE-account-[A-Za-z0-9_-]{35}$`), regexp.MustCompile(`cf(ut|at|k)_[A-Za-z0-9]{40}`)
	path := "/accounts/" + f.AccountID + "/tokens"
	var created token
	f.do("POST", path, createBody).ok(&created)
	var rolled string
	f.do("PUT", path+"/"+created.ID+"/value", "{}").ok(&rolled)
	for _, value := range []string{created.Value, rolled} {
		if !want.MatchString(value) || live.MatchString(value) {
			t.Errorf("value = %q, want %v, and not the form of a live value", value, want)
		}
	}
	f.do("GET", path+"/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
	f.do("GET", path+"/verify", "", as(rolled)...).ok(nil)
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
	f.do("PUT", "/user/tokens/"+id, `{"condition":{"request_ip":{"not_in":["192.0.2.0/24"],"country":"XX"},"device":1},`+createBody[1:]).ok(&got)
	if diff := cmp.Diff(parse(t, `{"request_ip":{"not_in":["192.0.2.0/24"]}}`), got.Condition); diff != "" {
		t.Errorf("condition after an update with one (-want +got):\n%s", diff)
	}
}

func TestPutToken_Defaults(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
	var id string
	for _, token := range []string{`{}`, `{"issued_on":null,"modified_on":null,"last_used_on":null,"not_before":null,"expires_on":null}`} {
		var err error
		if id, err = f.PutToken([]byte(token)); err != nil {
			t.Fatal(err)
		}
		f.do("GET", "/user/tokens/"+id, "").want(200, `{"success":true,"errors":[],"messages":[],"result":{"id":"`+id+
			`","name":"","status":"active","issued_on":"2026-01-02T03:04:05Z","modified_on":"2026-01-02T03:04:05Z","policies":[]}}`)
	}
	value, ok := f.Value(id)
	if !ok || !valueShape.MatchString(value.Reveal()) {
		t.Errorf("Value() = %q, %v; want %v", value.Reveal(), ok, valueShape)
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
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("PutToken(%s) error = %v, want it to contain %q", tt.token, err, tt.want)
		}
		if want := "cftokenstest: PutToken: "; err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("PutToken(%s) error = %v, want the prefix %q", tt.token, err, want)
		}
	}
	if n := len(f.Tokens()); n != 1 {
		t.Errorf("Tokens() has %d tokens, want 1", n)
	}
}

func TestPutAccountToken(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	id, err := f.PutAccountToken([]byte(`{"name":"n","value":"short"}`))
	if err != nil {
		t.Fatal(err)
	}
	f.do("GET", "/accounts/"+f.AccountID+"/tokens/verify", "", as("short")...).ok(nil)
	if tokens := f.AccountTokens(); len(tokens) != 1 || tokens[0].ID != id {
		t.Errorf("AccountTokens() = %+v, want only %s", tokens, id)
	}
	if tokens := f.Tokens(); len(tokens) != 0 {
		t.Errorf("Tokens() = %+v, want none", tokens)
	}
	if _, err := f.PutToken([]byte(`{"id":"` + id + `"}`)); err == nil || !strings.Contains(err.Error(), "another owner") {
		t.Errorf("PutToken() with the ID of an account token: error = %v, want it to name another owner", err)
	}
	if _, err := f.PutAccountToken([]byte(`[]`)); err == nil || !strings.HasPrefix(err.Error(), "cftokenstest: PutAccountToken: ") {
		t.Errorf("PutAccountToken([]) error = %v, want the prefix cftokenstest: PutAccountToken:", err)
	}
	if diff := cmp.Diff([]cftokens.Token{}, f.Tokens()); diff != "" {
		t.Errorf("Tokens() (-want +got):\n%s", diff)
	}
}
