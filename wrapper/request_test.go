package cftokens_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/oapi-codegen/nullable"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestClient_RequestBody(t *testing.T) {
	t.Parallel()
	berlin := time.FixedZone("", 2*60*60)
	from, to := time.Date(2026, 1, 1, 2, 0, 0, 999, berlin), time.Date(2026, 12, 31, 23, 59, 59, 500_000_000, time.UTC)
	readPolicy := policy()
	readPolicy.ID = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
	readPolicy.PermissionGroups[0].Name = "Zone Read"
	readPolicy.PermissionGroups[0].Meta = map[string]string{"key": "value"}

	for _, tt := range []struct {
		name   string
		create *cftokens.TokenCreate
		update *cftokens.TokenUpdate
		want   string
	}{
		{
			name:   "smallest create",
			create: &cftokens.TokenCreate{Name: "n", Policies: []cftokens.Policy{policy()}},
			want:   `{"name":"n","policies":[` + policyJSON + `]}`,
		},
		{
			name:   "create without policies",
			create: &cftokens.TokenCreate{Name: "n", Policies: []cftokens.Policy{}},
			want:   `{"name":"n","policies":[]}`,
		},
		{
			name: "full create with read-only fields and fractional seconds",
			create: &cftokens.TokenCreate{
				Name: strings.Repeat("ä", 120), Policies: []cftokens.Policy{readPolicy}, NotBefore: &from, ExpiresOn: &to,
				Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24", "2001:db8::1"}, NotIn: []string{"192.0.2.7/32"}}},
			},
			want: `{"name":"` + strings.Repeat("ä", 120) + `","policies":[` + policyJSON + `],"not_before":"2026-01-01T00:00:00Z","expires_on":"2026-12-31T23:59:59Z",
				"condition":{"request_ip":{"in":["192.0.2.0/24","2001:db8::1"],"not_in":["192.0.2.7/32"]}}}`,
		},
		{
			name: "create with empty address lists",
			create: &cftokens.TokenCreate{
				Name: "n", Policies: []cftokens.Policy{policy()},
				Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{}, NotIn: []string{}}},
			},
			want: `{"name":"n","policies":[` + policyJSON + `]}`,
		},
		{
			name:   "smallest update",
			update: &cftokens.TokenUpdate{Name: "n", Policies: []cftokens.Policy{readPolicy}},
			want:   `{"name":"n","policies":[` + policyJSON + `]}`,
		},
		{
			name: "update that sets and clears fields",
			update: &cftokens.TokenUpdate{
				Name: "n", Policies: []cftokens.Policy{policy()}, Status: cftokens.TokenStatusDisabled,
				NotBefore: nullable.NewNullNullable[time.Time](), ExpiresOn: nullable.NewNullableWithValue(to),
			},
			want: `{"name":"n","policies":[` + policyJSON + `],"status":"disabled","not_before":null,"expires_on":"2026-12-31T23:59:59Z"}`,
		},
		{
			name: "update with unspecified times", // as SetUnspecified leaves them
			update: &cftokens.TokenUpdate{
				Name: "n", Policies: []cftokens.Policy{policy()},
				NotBefore: nullable.Nullable[time.Time]{}, ExpiresOn: nullable.Nullable[time.Time]{},
			},
			want: `{"name":"n","policies":[` + policyJSON + `]}`,
		},
		{
			name: "update with fractional seconds in another time zone",
			update: &cftokens.TokenUpdate{
				Name: "n", Policies: []cftokens.Policy{policy()},
				NotBefore: nullable.NewNullableWithValue(from), ExpiresOn: nullable.NewNullableWithValue(to),
			},
			want: `{"name":"n","policies":[` + policyJSON + `],"not_before":"2026-01-01T00:00:00Z","expires_on":"2026-12-31T23:59:59Z"}`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := respond(http.StatusOK, success(`{"id":"`+tokenID+`","value":"`+tokenValue+`"}`))
			client := newClient(t, api)
			var err error
			if tt.create != nil {
				_, err = client.Create(t.Context(), *tt.create)
			} else {
				_, err = client.Update(t.Context(), tokenID, *tt.update)
			}
			if err != nil {
				t.Fatalf("error = %v", err)
			}
			if diff := cmp.Diff(object(t, tt.want), object(t, api.bodies[0])); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
	if readPolicy.ID == "" || readPolicy.PermissionGroups[0].Name == "" {
		t.Error("Create() or Update() changed the caller's policy")
	}
}

func TestClient_Query(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusOK, success("[]"))
	client := newClient(t, api)
	list := func(opts cftokens.ListOptions) {
		if _, err := client.List(t.Context(), opts); err != nil {
			t.Fatalf("List() error = %v", err)
		}
	}
	list(cftokens.ListOptions{})
	list(cftokens.ListOptions{Page: 2, PerPage: 5, Direction: cftokens.DirectionDesc, IncludeExpired: true})
	if _, err := client.ListPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{Name: "A&B: 1,2 + 50% ä", Scope: cftokens.ScopeUser, Page: 1, PerPage: 100}); err != nil {
		t.Fatalf("ListPermissionGroups() error = %v", err)
	}
	want := []map[string][]string{
		{},
		{"page": {"2"}, "per_page": {"5"}, "direction": {"desc"}, "include_expired": {"true"}},
		{"name": {"A&B: 1,2 + 50% ä"}, "scope": {"com.cloudflare.api.user"}, "page": {"1"}, "per_page": {"100"}},
	}
	for i, w := range want {
		if diff := cmp.Diff(w, map[string][]string(api.requests[i].URL.Query())); diff != "" {
			t.Errorf("query of request %d (-want +got):\n%s", i+1, diff)
		}
	}
}
