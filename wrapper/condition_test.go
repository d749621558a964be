package cftokens_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestCondition_OldKey checks that a token restricted under the old key does not look
// unrestricted.
func TestCondition_OldKey(t *testing.T) {
	t.Parallel()
	const in = `{"in":["192.0.2.0/24"]}`
	want := cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24"}}}
	for name, condition := range map[string]string{
		"alone":            `{"request.ip":` + in + `}`,
		"and null":         `{"request_ip":null,"request.ip":` + in + `}`,
		"and empty":        `{"request_ip":{},"request.ip":` + in + `}`,
		"and the new key":  `{"request_ip":` + in + `,"request.ip":{"in":["198.51.100.0/24"]}}`,
		"only the new key": `{"request_ip":` + in + `}`,
	} {
		token := `{"id":"` + tokenID + `","name":"\"request.ip\"","condition":` + condition + `}`
		client := newClient(t, respond(http.StatusOK, success(token)))
		got, err := client.Get(t.Context(), tokenID)
		if err != nil {
			t.Fatalf("%s: Get() error = %v", name, err)
		}
		if diff := cmp.Diff(want, got.Condition); diff != "" {
			t.Errorf("%s: Get() condition (-want +got):\n%s", name, diff)
		}
		page, err := newClient(t, respond(http.StatusOK, success("["+token+"]"))).List(t.Context(), cftokens.ListOptions{})
		if err != nil {
			t.Fatalf("%s: List() error = %v", name, err)
		}
		if diff := cmp.Diff(want, page.Items[0].Condition); diff != "" {
			t.Errorf("%s: List() condition (-want +got):\n%s", name, diff)
		}
	}
	_, err := newClient(t, respond(http.StatusOK, `{"request.ip":`)).Get(t.Context(), tokenID)
	_ = asError[*cftokens.DecodeError](t, "Get() of malformed JSON:", err)
}

// TestCondition_OldKeyInInput checks that a token created from input with the old key,
// such as a file of an older client, is restricted.
func TestCondition_OldKeyInInput(t *testing.T) {
	t.Parallel()
	const both = `{"request_ip":{"in":["192.0.2.0/24"],"not_in":["192.0.2.7/32"]}}`
	for _, tt := range []struct{ name, condition, want string }{
		{"new key", both, both},
		{"old key", `{"request.ip":{"in":["192.0.2.0/24"],"not_in":["192.0.2.7/32"]}}`, both},
		{"old key, not_in alone", `{"request.ip":{"not_in":["192.0.2.7/32"]}}`, `{"request_ip":{"not_in":["192.0.2.7/32"]}}`},
		{"old key in upper case", `{"Request.IP":{"in":["192.0.2.1"]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`},
		{"old key with an escape", `{"request\u002eip":{"in":["2001:db8::1"]}}`, `{"request_ip":{"in":["2001:db8::1"]}}`},
		{"old key with a letter of another case", `{"requeſt.ip":{"in":["192.0.2.1"]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`},
		{"old key, new key null", `{"request_ip":null,"request.ip":{"in":["192.0.2.1"]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`},
		{"old key, new key with null", `{"request_ip":{"in":null},"request.ip":{"in":["192.0.2.1"]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`},
		{"both keys", `{"request.ip":{"in":["198.51.100.1"]},"request_ip":{"in":["192.0.2.1"]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var want any = object(t, tt.want)
			input := []byte(`{"name":"n","condition":` + tt.condition + `,"policies":[` + policyJSON + `]}`)
			var create cftokens.TokenCreate
			var update cftokens.TokenUpdate
			var condition cftokens.Condition
			for v, data := range map[any][]byte{&create: input, &update: input, &condition: []byte(tt.condition)} {
				if err := json.Unmarshal(data, v); err != nil {
					t.Fatalf("Unmarshal(%T) error = %v", v, err)
				}
			}
			api := sequence(succeed("createToken"), succeed("updateToken"), succeed("createToken"))
			client := newClient(t, api)
			if _, err := client.Create(t.Context(), create); err != nil {
				t.Fatalf("Create() error = %v", err)
			}
			if _, err := client.Update(t.Context(), tokenID, update); err != nil {
				t.Fatalf("Update() error = %v", err)
			}
			create = tokenCreate()
			create.Condition = condition
			if _, err := client.Create(t.Context(), create); err != nil {
				t.Fatalf("Create() error = %v", err)
			}
			for i, body := range api.bodies {
				if diff := cmp.Diff(want, object(t, body)["condition"]); diff != "" {
					t.Errorf("condition in request %d (-want +got):\n%s", i+1, diff)
				}
			}
		})
	}
}

// TestCondition_RoundTrip checks that decoding keeps every property of the type, including
// those that are added to openapi.yaml.
func TestCondition_RoundTrip(t *testing.T) {
	t.Parallel()
	var want cftokens.Condition
	fill(t, &want)
	data, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	withOld := append([]byte(`{"request.ip":{"in":["192.0.2.1"]},`), data[1:]...)
	for _, data := range [][]byte{data, withOld} {
		var got cftokens.Condition
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatalf("Unmarshal(%s) error = %v", data, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("condition decoded from %s (-want +got):\n%s", data, diff)
		}
	}
}

func TestCondition_Malformed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ json, want string }{
		{`[]`, "array into Go value of type cftokens.Condition"},
		{`7`, "number into Go value of type cftokens.Condition"},
		{`"request.ip"`, "string into Go value of type cftokens.Condition"},
		{`{"request.ip":[]}`, "of type cftokens.RequestIP"},
		{`{"request_ip":[]}`, "of type cftokens.RequestIP"},
		{`{"request.ip":{"in":7}}`, "of type []string"},
		{`{"request_ip":{"in":7},"request.ip":{}}`, "of type []string"},
		{`{"request_ip":{"in":[7]}}`, "of type string"},
	} {
		var c cftokens.Condition
		err := json.Unmarshal([]byte(tt.json), &c)
		if err == nil || !strings.HasSuffix(err.Error(), tt.want) {
			t.Errorf("Unmarshal(%s) error = %v, want it to end in %q", tt.json, err, tt.want)
		}
	}
	token := `{"id":"` + tokenID + `","condition":[]}`
	_, err := newClient(t, respond(http.StatusOK, success(token))).Get(t.Context(), tokenID)
	if want := "unexpected JSON: array for Condition"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("Get() error = %v, want it to contain %q", err, want)
	}
}

// TestCondition_Embedded checks that a struct that embeds a nil *Condition, and so inherits
// its UnmarshalJSON, cannot be decoded, but does not panic.
func TestCondition_Embedded(t *testing.T) {
	t.Parallel()
	for _, data := range []string{`{}`, `null`, `{"request_ip":{"in":["192.0.2.1"]}}`, `{"request.ip":{"in":["192.0.2.1"]}}`} {
		var v struct{ *cftokens.Condition }
		if err := v.UnmarshalJSON([]byte(data)); err == nil || !strings.Contains(err.Error(), "cftokens.Condition") {
			t.Errorf("UnmarshalJSON(%s) error = %v, want one that names cftokens.Condition", data, err)
		}
	}
}

func TestSameCondition(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, a, b string
		want       bool
	}{
		{"none", `{}`, `{}`, true},
		{"null", `{}`, `null`, true},
		{"null addresses", `{}`, `{"request_ip":null}`, true},
		{"empty addresses", `{}`, `{"request_ip":{}}`, true},
		{"null lists", `{}`, `{"request_ip":{"in":null,"not_in":null}}`, true},
		{"nobody and everybody", `{"request_ip":{"in":[]}}`, `{}`, false},
		{"nobody", `{"request_ip":{"in":[]}}`, `{"request_ip":{"in":[],"not_in":[]}}`, true},
		{"nobody and somebody", `{"request_ip":{"in":[]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`, false},
		{"nobody denied", `{"request_ip":{"not_in":[]}}`, `{}`, true},
		{"somebody denied", `{"request_ip":{"not_in":["192.0.2.1"]}}`, `{}`, false},
		{"allowed and denied", `{"request_ip":{"in":["192.0.2.1"]}}`, `{"request_ip":{"not_in":["192.0.2.1"]}}`, false},
		{"order", `{"request_ip":{"in":["192.0.2.1","::1"]}}`, `{"request_ip":{"in":["::1","192.0.2.1"]}}`, true},
		{"repeated", `{"request_ip":{"in":["192.0.2.1","192.0.2.1/32"]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`, true},
		{"one more", `{"request_ip":{"in":["192.0.2.1","::1"]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`, false},
		{"bare IPv4 address", `{"request_ip":{"in":["192.0.2.1"]}}`, `{"request_ip":{"in":["192.0.2.1/32"]}}`, true},
		{"bare IPv6 address", `{"request_ip":{"not_in":["2001:DB8:0::1"]}}`, `{"request_ip":{"not_in":["2001:db8::1/128"]}}`, true},
		{"bits of the host", `{"request_ip":{"in":["192.0.2.1/24"]}}`, `{"request_ip":{"in":["192.0.2.0/24"]}}`, true},
		{"longer prefix", `{"request_ip":{"in":["192.0.2.0/25"]}}`, `{"request_ip":{"in":["192.0.2.0/24"]}}`, false},
		{"other address", `{"request_ip":{"in":["192.0.2.1"]}}`, `{"request_ip":{"in":["192.0.2.2"]}}`, false},
		{"everything and nothing", `{"request_ip":{"in":["0.0.0.0/0","::/0"]}}`, `{}`, false},
		{"IPv4-mapped IPv6 address", `{"request_ip":{"in":["::ffff:192.0.2.1"]}}`, `{"request_ip":{"in":["192.0.2.1"]}}`, false},
		{"IPv4-mapped IPv6 network", `{"request_ip":{"in":["::ffff:192.0.2.1/120"]}}`, `{"request_ip":{"in":["::ffff:c000:200/120"]}}`, true},
		{"same text", `{"request_ip":{"in":["office"]}}`, `{"request_ip":{"in":["office"]}}`, true},
		{"other text", `{"request_ip":{"in":["office"]}}`, `{"request_ip":{"in":["home"]}}`, false},
		{"zone", `{"request_ip":{"in":["fe80::1%eth0"]}}`, `{"request_ip":{"in":["fe80::1"]}}`, false},
		{"prefix too long", `{"request_ip":{"in":["192.0.2.0/33"]}}`, `{"request_ip":{"in":["192.0.2.0/32"]}}`, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var a, b, before cftokens.Condition
			for v, data := range map[*cftokens.Condition]string{&a: tt.a, &b: tt.b, &before: tt.a} {
				if err := json.Unmarshal([]byte(data), v); err != nil {
					t.Fatal(err)
				}
			}
			if got := cftokens.SameCondition(a, b); got != tt.want {
				t.Errorf("SameCondition(a, b) = %v, want %v", got, tt.want)
			}
			if got := cftokens.SameCondition(b, a); got != tt.want {
				t.Errorf("SameCondition(b, a) = %v, want %v", got, tt.want)
			}
			if diff := cmp.Diff(before, a); diff != "" {
				t.Errorf("SameCondition() changed a (-before +after):\n%s", diff)
			}
		})
	}
}
