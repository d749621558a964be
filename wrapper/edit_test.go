package cftokens_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oapi-codegen/nullable"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

func keep(*cftokens.TokenUpdate) error { return nil }

// editor answers a get with token, and a put with a token.
func editor(token string) *fakeTransport {
	return &fakeTransport{handle: func(_ int, req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodGet {
			return response(http.StatusOK, success(token)), nil
		}
		return response(http.StatusOK, success(tokenJSON)), nil
	}}
}

func TestEdit_PreservesFields(t *testing.T) {
	t.Parallel()
	const full = `{"id":"` + tokenID + `","name":"n","status":"disabled","issued_on":"2025-03-04T05:06:07Z","modified_on":"2025-03-04T05:06:07Z",
		"last_used_on":"2025-06-07T08:09:10Z","not_before":"2025-03-04T00:00:00Z","expires_on":"2036-03-04T23:59:59Z","unknown_property":{"a":1},
		"policies":[
			{"id":"a","effect":"allow","permission_groups":[{"id":"g1","name":"Zone Read","meta":{"key":"k","label":"l"}},{"id":"g2"}],"resources":{"com.cloudflare.api.account.a":{"com.cloudflare.api.account.zone.*":"*"},"x":"*"}},
			{"id":"b","effect":"deny","permission_groups":[{"id":"g3","meta":null}],"resources":{"y":{}}}],
		"condition":{"request_ip":{"in":["192.0.2.0/24"],"not_in":["192.0.2.7/32"]}}}`
	const policies = `"policies":[
		{"effect":"allow","permission_groups":[{"id":"g1"},{"id":"g2"}],"resources":{"com.cloudflare.api.account.a":{"com.cloudflare.api.account.zone.*":"*"},"x":"*"}},
		{"effect":"deny","permission_groups":[{"id":"g3"}],"resources":{"y":{}}}`
	for _, tt := range []struct {
		name, token, want string
		change            func(*cftokens.TokenUpdate) error
	}{
		{
			name: "everything", token: full, change: keep,
			want: `{"name":"n","status":"disabled","not_before":"2025-03-04T00:00:00Z","expires_on":"2036-03-04T23:59:59Z",` + policies + `],"condition":{"request_ip":{"in":["192.0.2.0/24"],"not_in":["192.0.2.7/32"]}}}`,
		},
		{
			name: "all but what is changed", token: full,
			change: func(u *cftokens.TokenUpdate) error {
				u.Name = "other"
				u.Policies = append(u.Policies, policy())
				u.ExpiresOn = nullable.NewNullNullable[time.Time]()
				u.NotBefore = nil
				u.Condition.RequestIP.NotIn = nil
				return nil
			},
			want: `{"name":"other","status":"disabled","expires_on":null,` + policies + `,` + policyJSON + `],"condition":{"request_ip":{"in":["192.0.2.0/24"]}}}`,
		},
		{
			name: "a token without anything optional", token: tokenJSON, change: keep,
			want: `{"name":"n","status":"active","policies":[` + policyJSON + `]}`,
		},
		{
			name: "nulls and what holds nothing", change: keep,
			token: `{"id":"` + tokenID + `","name":"n","not_before":null,"expires_on":null,"last_used_on":null,"condition":{"request_ip":{}},"policies":[` + policyJSON + `]}`,
			want:  `{"name":"n","policies":[` + policyJSON + `]}`,
		},
		{
			name: "the old key of the condition", change: keep,
			token: `{"id":"` + tokenID + `","name":"n","condition":{"request.ip":{"in":["192.0.2.0/24"]}},"policies":[` + policyJSON + `]}`,
			want:  `{"name":"n","condition":{"request_ip":{"in":["192.0.2.0/24"]}},"policies":[` + policyJSON + `]}`,
		},
		{
			name: "the old key of the condition beside null", change: keep,
			token: `{"name":"n","condition":{"request_ip":{"in":null},"request.ip":{"in":["192.0.2.0/24"]}},"policies":[` + policyJSON + `]}`,
			want:  `{"name":"n","condition":{"request_ip":{"in":["192.0.2.0/24"]}},"policies":[` + policyJSON + `]}`,
		},
		{
			name: "nulls that are not known", change: keep,
			token: `{"name":"n","condition":{"request_country":null},"policies":[{"id":"a","except":null,` + policyJSON[1:] + `]}`,
			want:  `{"name":"n","policies":[` + policyJSON + `]}`,
		},
		{
			name: "nobody made somebody", token: `{"name":"n","condition":{"request_ip":{"in":[]}},"policies":[` + policyJSON + `]}`,
			change: func(u *cftokens.TokenUpdate) error {
				u.Condition.RequestIP.In = []string{"192.0.2.1"}
				return nil
			},
			want: `{"name":"n","condition":{"request_ip":{"in":["192.0.2.1"]}},"policies":[` + policyJSON + `]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := editor(tt.token)
			if _, err := newClient(t, api).Edit(t.Context(), tokenID, tt.change); err != nil {
				t.Fatal(err)
			}
			if len(api.requests) != 2 || api.requests[0].Method != http.MethodGet || api.requests[1].Method != http.MethodPut || api.requests[0].URL.Path != api.requests[1].URL.Path {
				t.Fatalf("got %d requests, want a GET and a PUT", len(api.requests))
			}
			if diff := cmp.Diff(object(t, tt.want), object(t, api.bodies[1])); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEdit_UnknownField(t *testing.T) {
	t.Parallel()
	token := func(condition, policies string) string {
		return `{"id":"` + tokenID + `","name":"n","condition":` + condition + `,"policies":` + policies + `}`
	}
	policyWith := func(property string) string {
		return `[` + policyJSON + `,{"id":"b",` + property + `,"effect":"allow","permission_groups":[{"id":"g"}],"resources":{"a":"*"}}]`
	}
	one := `[` + policyJSON + `]`
	for _, tt := range []struct{ name, token, want string }{
		{"unknown condition", token(`{"request_country":{"in":["DE"]}}`, one), "condition.request_country"},
		{"unknown part of an address condition", token(`{"request_ip":{"in":["192.0.2.1"],"through":"vpn"}}`, one), "condition.request_ip.through"},
		{"both keys of the condition", token(`{"request_ip":{"in":["192.0.2.1"]},"request.ip":{"in":["192.0.2.2"]}}`, one), "condition.request.ip"},
		{"nobody", token(`{"request_ip":{"in":[]}}`, one), "condition.request_ip.in is an empty list"},
		{"unknown property of a policy", token(`{}`, policyWith(`"expires_on":"2026-01-01T00:00:00Z"`)), "policies[1].expires_on"},
		{"unknown property of a group", token(`{}`, `[{"effect":"allow","permission_groups":[{"id":"g","except":["x"]}],"resources":{"a":"*"}}]`), "policies[0].permission_groups[0].except"},
		{"resource of another form", token(`{}`, `[{"effect":"allow","permission_groups":[{"id":"g"}],"resources":{"a":"*","b":{"c":{"d":"*"}}}}]`), `policies[0].resources["b"]`},
		{"null for a resource", token(`{}`, `[{"effect":"allow","permission_groups":[{"id":"g"}],"resources":{"a":null}}]`), `policies[0].resources["a"]`},
		{"unknown condition of an empty object", token(`{"request_country":{}}`, one), "condition.request_country"},
		{"unknown condition of an empty list", token(`{"request_country":[]}`, one), "condition.request_country"},
		{"unknown condition with an empty list", token(`{"request_country":{"in":[]}}`, one), "condition.request_country"},
		{"unknown part of an address condition, an empty object", token(`{"request_ip":{"in":["192.0.2.1"],"through":{}}}`, one), "condition.request_ip.through"},
		{"unknown property of a policy, an empty object", token(`{}`, policyWith(`"except":{}`)), "policies[1].except"},
		{"unknown property of a policy, false", token(`{}`, policyWith(`"strict":false`)), "policies[1].strict"},
		{"unknown property of a group, an empty object", token(`{}`, `[{"effect":"allow","permission_groups":[{"id":"g"},{"id":"h","except":{}}],"resources":{"a":"*"}}]`), "policies[0].permission_groups[1].except"},
		{"empty object for a resource of a resource", token(`{}`, `[{"effect":"allow","permission_groups":[{"id":"g"}],"resources":{"a":{"b":{}}}}]`), `policies[0].resources["a"]`},
		{"nobody, under the old key", token(`{"request.ip":{"in":[]}}`, one), "condition.request_ip.in is an empty list"},
		{"nobody, beside the old key", token(`{"request_ip":{"in":[]},"request.ip":{"in":["192.0.2.2"]}}`, one), "condition.request.ip"},
		{"other case", token(`{"Request_IP":{"in":["192.0.2.1"]}}`, one), "condition.Request_IP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := editor(tt.token)
			_, err := newClient(t, api).Edit(t.Context(), tokenID, keep)
			if !errors.Is(err, cftokens.ErrLossyUpdate) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
			if len(api.requests) != 1 || api.requests[0].Method != http.MethodGet {
				t.Errorf("%d requests were sent, want the GET alone", len(api.requests))
			}
		})
	}
}

func TestEdit_Errors(t *testing.T) {
	t.Parallel()
	api := editor(tokenJSON)
	errMine := errors.New("mine")
	_, err := newClient(t, api).Edit(t.Context(), tokenID, func(*cftokens.TokenUpdate) error { return errMine })
	if !errors.Is(err, errMine) || len(api.requests) != 1 {
		t.Errorf("got %v after %d requests", err, len(api.requests))
	}
	_, err = newClient(t, api).Edit(t.Context(), tokenID, func(u *cftokens.TokenUpdate) error {
		u.Policies = nil
		return nil
	})
	if !errors.Is(err, cftokens.ErrInvalidArgument) {
		t.Errorf("got %v", err)
	}
	_, err = newClient(t, respond(http.StatusNotFound, apiError("1003", "Token not found"))).Edit(t.Context(), tokenID, keep)
	if !errors.Is(err, cftokens.ErrNotFound) {
		t.Errorf("got %v", err)
	}
	for name, token := range map[string]string{
		"condition of another type": `{"name":"n","condition":[]}`,
		"token of another type":     `7`,
	} {
		api := editor(token)
		_, err := newClient(t, api).Edit(t.Context(), tokenID, keep)
		var decodeErr *cftokens.DecodeError
		if !errors.As(err, &decodeErr) || len(api.requests) != 1 {
			t.Errorf("%s: got %v after %d requests", name, err, len(api.requests))
		}
	}
}

// TestCondition_OldKey: a restricted token must not look unrestricted.
func TestCondition_OldKey(t *testing.T) {
	t.Parallel()
	const in = `{"in":["192.0.2.0/24"]}`
	want := cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24"}}}
	for name, condition := range map[string]string{
		"alone":             `{"request.ip":` + in + `}`,
		"beside null":       `{"request_ip":null,"request.ip":` + in + `}`,
		"beside an empty":   `{"request_ip":{},"request.ip":` + in + `}`,
		"beside the other":  `{"request_ip":` + in + `,"request.ip":{"in":["198.51.100.0/24"]}}`,
		"not there, but in": `{"request_ip":` + in + `}`,
	} {
		token := `{"id":"` + tokenID + `","name":"\"request.ip\"","condition":` + condition + `}`
		client := newClient(t, respond(http.StatusOK, success(token)))
		got, err := client.Get(t.Context(), tokenID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.Condition); diff != "" {
			t.Errorf("%s: condition (-want +got):\n%s", name, diff)
		}
		page, err := newClient(t, respond(http.StatusOK, success("["+token+"]"))).List(t.Context(), cftokens.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, page.Items[0].Condition); diff != "" {
			t.Errorf("%s, in a list: condition (-want +got):\n%s", name, diff)
		}
	}
	_, err := newClient(t, respond(http.StatusOK, `{"request.ip":`)).Get(t.Context(), tokenID)
	var decodeErr *cftokens.DecodeError
	if !errors.As(err, &decodeErr) {
		t.Errorf("no JSON: %v", err)
	}
}

func TestSamePolicies(t *testing.T) {
	t.Parallel()
	group := func(ids ...string) (groups []cftokens.PermissionGroupRef) {
		for _, id := range ids {
			groups = append(groups, cftokens.PermissionGroupRef{ID: id, Name: "name of " + id})
		}
		return groups
	}
	a := cftokens.Policy{ID: "1", Effect: cftokens.EffectAllow, PermissionGroups: group("x", "y"), Resources: resource.Of(resource.Zone("a"), resource.Zone("b"))}
	b := cftokens.Policy{ID: "2", Effect: cftokens.EffectDeny, PermissionGroups: group("z"), Resources: resource.Of(resource.AllZones())}
	with := func(p cftokens.Policy, change func(*cftokens.Policy)) cftokens.Policy {
		change(&p)
		return p
	}
	renewed := with(a, func(p *cftokens.Policy) {
		p.ID = "3"
		p.PermissionGroups = []cftokens.PermissionGroupRef{{ID: "y"}, {ID: "x", Meta: map[string]string{"key": "k"}}, {ID: "x"}}
	})
	for _, tt := range []struct {
		name string
		a, b []cftokens.Policy
		want bool
	}{
		{name: "none", b: []cftokens.Policy{}, want: true},
		{name: "the same", a: []cftokens.Policy{a, b}, b: []cftokens.Policy{a, b}, want: true},
		{name: "other order, ids and names", a: []cftokens.Policy{a, b}, b: []cftokens.Policy{b, renewed}, want: true},
		{name: "twice the same", a: []cftokens.Policy{a}, b: []cftokens.Policy{a, renewed}, want: true},
		{name: "one more", a: []cftokens.Policy{a}, b: []cftokens.Policy{a, b}},
		{name: "other effect", a: []cftokens.Policy{a}, b: []cftokens.Policy{with(a, func(p *cftokens.Policy) { p.Effect = cftokens.EffectDeny })}},
		{name: "a group less", a: []cftokens.Policy{a}, b: []cftokens.Policy{with(a, func(p *cftokens.Policy) { p.PermissionGroups = group("x") })}},
		{name: "other resources", a: []cftokens.Policy{a}, b: []cftokens.Policy{with(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Zone("a")) })}},
		{
			name: "permission that reads like nested resources",
			a:    []cftokens.Policy{with(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Named("k", "n")) })},
			b:    []cftokens.Policy{with(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Named("k")) })},
		},
		{
			name: "unusable resources",
			a:    []cftokens.Policy{with(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Zone("")) })},
			b:    []cftokens.Policy{with(a, func(p *cftokens.Policy) { p.Resources = resource.Of(resource.Account("")) })},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if cftokens.SamePolicies(tt.a, tt.b) != tt.want || cftokens.SamePolicies(tt.b, tt.a) != tt.want {
				t.Errorf("want %v both ways", tt.want)
			}
		})
	}
	if a.PermissionGroups[0].ID != "x" || a.PermissionGroups[0].Name == "" {
		t.Error("a policy was changed by the comparison")
	}
}
