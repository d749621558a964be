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
)

// keep is a change function that changes nothing.
func keep(*cftokens.TokenUpdate) error { return nil }

// editable returns token, with an ID, to a GET, and a token to a PUT.
func editable(token string) *fakeTransport {
	if rest, ok := strings.CutPrefix(token, `{"name":`); ok {
		token = `{"id":"` + tokenID + `","name":` + rest
	}
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
			name: "everything but the changes", token: full,
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
			name: "no optional fields", token: tokenJSON, change: keep,
			want: `{"name":"n","status":"active","policies":[` + policyJSON + `]}`,
		},
		{
			name: "nulls and empty objects", change: keep,
			token: `{"id":"` + tokenID + `","name":"n","not_before":null,"expires_on":null,"last_used_on":null,"condition":{"request_ip":{}},"policies":[` + policyJSON + `]}`,
			want:  `{"name":"n","policies":[` + policyJSON + `]}`,
		},
		{
			name: "the old key of the condition", change: keep,
			token: `{"id":"` + tokenID + `","name":"n","condition":{"request.ip":{"in":["192.0.2.0/24"]}},"policies":[` + policyJSON + `]}`,
			want:  `{"name":"n","condition":{"request_ip":{"in":["192.0.2.0/24"]}},"policies":[` + policyJSON + `]}`,
		},
		{
			name: "the old key of the condition and a null", change: keep,
			token: `{"name":"n","condition":{"request_ip":{"in":null},"request.ip":{"in":["192.0.2.0/24"]}},"policies":[` + policyJSON + `]}`,
			want:  `{"name":"n","condition":{"request_ip":{"in":["192.0.2.0/24"]}},"policies":[` + policyJSON + `]}`,
		},
		{
			name: "unknown nulls", change: keep,
			token: `{"name":"n","condition":{"request_country":null},"policies":[{"id":"a","except":null,` + policyJSON[1:] + `]}`,
			want:  `{"name":"n","policies":[` + policyJSON + `]}`,
		},
		{
			name: "the condition in another case", change: keep,
			token: `{"name":"n","condition":{"Request_IP":{"in":["192.0.2.1"]}},"policies":[` + policyJSON + `]}`,
			want:  `{"name":"n","condition":{"request_ip":{"in":["192.0.2.1"]}},"policies":[` + policyJSON + `]}`,
		},
		{
			name: "an address for a token that allows none", token: `{"name":"n","condition":{"request_ip":{"in":[]}},"policies":[` + policyJSON + `]}`,
			change: func(u *cftokens.TokenUpdate) error {
				u.Condition.RequestIP.In = []string{"192.0.2.1"}
				return nil
			},
			want: `{"name":"n","condition":{"request_ip":{"in":["192.0.2.1"]}},"policies":[` + policyJSON + `]}`,
		},
		{
			name: "resources of other forms", change: keep,
			token: `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":"g"}],"resources":{"a":{"b":{"c":"*"}},"d":null,"e":{"f":{}}}}]}`,
			want:  `{"name":"n","policies":[{"effect":"allow","permission_groups":[{"id":"g"}],"resources":{"a":{"b":{"c":"*"}},"d":null,"e":{"f":{}}}}]}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := editable(tt.token)
			if _, err := newClient(t, api).Edit(t.Context(), tokenID, tt.change); err != nil {
				t.Fatalf("Edit() error = %v", err)
			}
			var sent []string
			for _, req := range api.requests {
				sent = append(sent, req.Method+" "+req.URL.Path)
			}
			const path = "/client/v4/user/tokens/" + tokenID
			if diff := cmp.Diff([]string{"GET " + path, "PUT " + path}, sent); diff != "" {
				t.Fatalf("Edit() sent (-want +got):\n%s", diff)
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
		{"unknown condition", token(`{"request_country":{"in":["DE"]}}`, one), `condition: json: unknown field "request_country"`},
		{"unknown part of an address condition", token(`{"request_ip":{"in":["192.0.2.1"],"through":"vpn"}}`, one), `condition: json: unknown field "through"`},
		{"both keys of the condition", token(`{"request_ip":{"in":["192.0.2.1"]},"request.ip":{"in":["192.0.2.2"]}}`, one), `condition has both "request_ip" and "request.ip"`},
		{"no address", token(`{"request_ip":{"in":[]}}`, one), "condition.request_ip.in is an empty list"},
		{"unknown property of a policy", token(`{}`, policyWith(`"expires_on":"2026-01-01T00:00:00Z"`)), `policies: json: unknown field "expires_on"`},
		{"unknown property of a group", token(`{}`, `[{"effect":"allow","permission_groups":[{"id":"g","except":["x"]}],"resources":{"a":"*"}}]`), `policies: json: unknown field "except"`},
		{"unknown condition of an empty object", token(`{"request_country":{}}`, one), `condition: json: unknown field "request_country"`},
		{"unknown condition of an empty list", token(`{"request_country":[]}`, one), `condition: json: unknown field "request_country"`},
		{"unknown condition with an empty list", token(`{"request_country":{"in":[]}}`, one), `condition: json: unknown field "request_country"`},
		{"unknown part of an address condition, an empty object", token(`{"request_ip":{"in":["192.0.2.1"],"through":{}}}`, one), `condition: json: unknown field "through"`},
		{"unknown property of a policy, an empty object", token(`{}`, policyWith(`"except":{}`)), `policies: json: unknown field "except"`},
		{"unknown property of a policy, false", token(`{}`, policyWith(`"strict":false`)), `policies: json: unknown field "strict"`},
		{"unknown property of a group, an empty object", token(`{}`, `[{"effect":"allow","permission_groups":[{"id":"g"},{"id":"h","except":{}}],"resources":{"a":"*"}}]`), `policies: json: unknown field "except"`},
		{"no address, old key", token(`{"request.ip":{"in":[]}}`, one), "condition.request_ip.in is an empty list"},
		{"no address, and the old key", token(`{"request_ip":{"in":[]},"request.ip":{"in":["192.0.2.2"]}}`, one), `condition has both "request_ip" and "request.ip"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := editable(tt.token)
			_, err := newClient(t, api).Edit(t.Context(), tokenID, keep)
			checkError(t, "Edit()", err, cftokens.ErrLossyUpdate, tt.want)
			api.checkRequests(t, "Edit()", 1)
			if got := api.requests[0].Method; got != http.MethodGet {
				t.Errorf("Edit() sent a %s, want the GET alone", got)
			}
		})
	}
}

func TestEdit_Errors(t *testing.T) {
	t.Parallel()
	errMine := errors.New("mine")
	for _, tt := range []struct {
		name   string
		api    *fakeTransport
		change func(*cftokens.TokenUpdate) error
		want   error
	}{
		{name: "change fails", api: editable(tokenJSON), change: func(*cftokens.TokenUpdate) error { return errMine }, want: errMine},
		{name: "invalid change", api: editable(tokenJSON), change: func(u *cftokens.TokenUpdate) error {
			u.Policies = nil
			return nil
		}, want: cftokens.ErrInvalidArgument},
		{name: "not found", api: respond(http.StatusNotFound, apiError("1003", "Token not found")), change: keep, want: cftokens.ErrNotFound},
	} {
		_, err := newClient(t, tt.api).Edit(t.Context(), tokenID, tt.change)
		checkError(t, tt.name+": Edit()", err, tt.want, "")
		tt.api.checkRequests(t, tt.name+": Edit()", 1)
	}
	for name, token := range map[string]string{
		"condition of another type": `{"name":"n","condition":[]}`,
		"token of another type":     `7`,
	} {
		api := editable(token)
		_, err := newClient(t, api).Edit(t.Context(), tokenID, keep)
		_ = asError[*cftokens.DecodeError](t, name+": Edit()", err)
		api.checkRequests(t, name+": Edit()", 1)
	}
}
