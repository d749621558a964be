package cftokens_test

import (
	"context"
	"encoding/json"
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

func TestClient_InvalidID(t *testing.T) {
	t.Parallel()
	calls := map[string]func(*testing.T, *cftokens.Client, string) error{
		"Get": func(t *testing.T, c *cftokens.Client, id string) error {
			_, err := c.Get(t.Context(), id)
			return err
		},
		"Update": func(t *testing.T, c *cftokens.Client, id string) error {
			_, err := c.Update(t.Context(), id, cftokens.TokenUpdate{Name: "n", Policies: []cftokens.Policy{policy()}})
			return err
		},
		"Edit": func(t *testing.T, c *cftokens.Client, id string) error {
			_, err := c.Edit(t.Context(), id, func(*cftokens.TokenUpdate) error { return nil })
			return err
		},
		"Delete": func(t *testing.T, c *cftokens.Client, id string) error {
			return c.Delete(t.Context(), id)
		},
		"Roll": func(t *testing.T, c *cftokens.Client, id string) error {
			_, err := c.Roll(t.Context(), id)
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := respond(http.StatusOK, success(tokenJSON))
			client := newClient(t, api)
			for _, id := range []string{
				"", ".", "..", "verify", "permission_groups", "a/b", "../verify", "%2e%2e", "a%2fb", "a?b", "a#b", "a b", "a\tb", "a\x00", "a;b", "ä", "a\xff",
				strings.Repeat("a", 33), tokenValue,
			} {
				err := call(t, client, id)
				if !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), ": id ") {
					t.Errorf("id %q: got %v, want an error that matches ErrInvalidArgument and names the id", id, err)
				}
				if long := len(id) > 32; long != strings.Contains(err.Error(), "give Token.ID, not the value or the name") || long && strings.Contains(err.Error(), id) {
					t.Errorf("id %q: error = %v, says that it is no value: want %v", id, err, long)
				}
			}
			if len(api.requests) != 0 {
				t.Errorf("%d requests were sent", len(api.requests))
			}
		})
	}
}

func TestClient_InvalidBody(t *testing.T) {
	t.Parallel()
	later, earlier := time.Date(2030, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	sameSecond := earlier.Add(time.Millisecond)
	for _, tt := range []struct {
		name, want string
		change     func(*cftokens.TokenUpdate)
	}{
		{"empty name", "name must be 1 to 120 characters, got 0", func(u *cftokens.TokenUpdate) { u.Name = "" }},
		{"long name", "name must be 1 to 120 characters, got 121", func(u *cftokens.TokenUpdate) { u.Name = strings.Repeat("ä", 121) }},
		{"name that is not UTF-8", "name must be valid UTF-8", func(u *cftokens.TokenUpdate) { u.Name = "a\xffb" }},
		{"name that ends within a character", "name must be valid UTF-8", func(u *cftokens.TokenUpdate) { u.Name = "n\xc3" }},
		{"no policies", "policies must not be empty", func(u *cftokens.TokenUpdate) { u.Policies = nil }},
		{"no effect", "policies[0].effect must be", func(u *cftokens.TokenUpdate) { u.Policies[0].Effect = "" }},
		{"unknown effect", "policies[0].effect must be", func(u *cftokens.TokenUpdate) { u.Policies[0].Effect = "permit" }},
		{"no groups", "policies[0].permission_groups must not be empty", func(u *cftokens.TokenUpdate) { u.Policies[0].PermissionGroups = nil }},
		{"group without an id", "policies[1].permission_groups[1].id must not be empty", func(u *cftokens.TokenUpdate) {
			p := policy()
			p.PermissionGroups = append(p.PermissionGroups, cftokens.PermissionGroupRef{Name: "Zone Read"})
			u.Policies = append(u.Policies, p)
		}},
		{"no resources", "policies[0].resources must not be empty", func(u *cftokens.TokenUpdate) { u.Policies[0].Resources = resource.Of() }},
		{"unusable resource", `policies[0].resources["com.cloudflare.api.account.zone."]: resource: Zone: ID is empty`, func(u *cftokens.TokenUpdate) { u.Policies[0].Resources = resource.Of(resource.Zone("")) }},
		{"expiry before not_before", "expires_on must be after not_before", func(u *cftokens.TokenUpdate) {
			u.NotBefore, u.ExpiresOn = nullable.NewNullableWithValue(later), nullable.NewNullableWithValue(earlier)
		}},
		{"expiry in the second of not_before", "expires_on must be after not_before", func(u *cftokens.TokenUpdate) {
			u.NotBefore, u.ExpiresOn = nullable.NewNullableWithValue(earlier), nullable.NewNullableWithValue(sameSecond)
		}},
		{"zero expiry", "expires_on must be non-zero", func(u *cftokens.TokenUpdate) { u.ExpiresOn = nullable.NewNullableWithValue(time.Time{}) }},
		{"year 10000", "not_before must be non-zero and between years", func(u *cftokens.TokenUpdate) {
			u.NotBefore = nullable.NewNullableWithValue(earlier.AddDate(8000, 0, 0))
		}},
		{"no network", "condition.request_ip.in[1] must be an IP", func(u *cftokens.TokenUpdate) {
			u.Condition.RequestIP.In = []string{"192.0.2.1", "hush"}
		}},
		{"prefix too long", "condition.request_ip.not_in[0] must be an IP", func(u *cftokens.TokenUpdate) {
			u.Condition.RequestIP.NotIn = []string{"192.0.2.1/33"}
		}},
		{"address with a zone", "condition.request_ip.in[0] must be an IP", func(u *cftokens.TokenUpdate) {
			u.Condition.RequestIP.In = []string{"fe80::1%eth0"}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := respond(http.StatusOK, success(tokenJSON))
			client := newClient(t, api)
			u := cftokens.TokenUpdate{Name: "n", Policies: []cftokens.Policy{policy()}}
			tt.change(&u)
			create := cftokens.TokenCreate{Name: u.Name, Policies: u.Policies, Condition: u.Condition}
			if v, err := u.NotBefore.Get(); err == nil {
				create.NotBefore = &v
			}
			if v, err := u.ExpiresOn.Get(); err == nil {
				create.ExpiresOn = &v
			}
			_, createErr := client.Create(t.Context(), create)
			_, updateErr := client.Update(t.Context(), tokenID, u)
			for _, err := range []error{createErr, updateErr} {
				if !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hush") {
					t.Errorf("got %v, want %q", err, tt.want)
				}
			}
			if len(api.requests) != 0 {
				t.Errorf("%d requests were sent", len(api.requests))
			}
		})
	}
}

func TestClient_InvalidArgument(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusOK, success("[]"))
	client := newClient(t, api)
	list := func(opts cftokens.ListOptions) error {
		_, err := client.List(t.Context(), opts)
		return err
	}
	groups := func(opts cftokens.PermissionGroupOptions) error {
		_, err := client.ListPermissionGroups(t.Context(), opts)
		return err
	}
	_, editErr := client.Edit(t.Context(), tokenID, nil)
	_, findErr := client.FindPermissionGroup(t.Context(), "", "")
	for want, err := range map[string]error{
		"PerPage must be":                    list(cftokens.ListOptions{PerPage: 4}),
		"PerPage must be 5 to 50":            list(cftokens.ListOptions{PerPage: 51}),
		"PerPage":                            list(cftokens.ListOptions{PerPage: -1}),
		"listTokens: invalid argument: Page": list(cftokens.ListOptions{Page: -1}),
		"Direction must be":                  list(cftokens.ListOptions{Direction: "up"}),
		"listPermissionGroups: invalid argument: Page must not be": groups(cftokens.PermissionGroupOptions{Page: -1}),
		"PerPage must not be negative":                             groups(cftokens.PermissionGroupOptions{PerPage: -1}),
		"change must not be nil":                                   editErr,
		"name must not be empty":                                   findErr,
	} {
		if !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
	var refused error
	for _, err := range client.All(t.Context(), cftokens.ListOptions{PerPage: 51}) {
		refused = err
	}
	if !errors.Is(refused, cftokens.ErrInvalidArgument) {
		t.Errorf("All: %v", refused)
	}
	if len(api.requests) != 0 {
		t.Errorf("%d requests were sent", len(api.requests))
	}
}

func TestClient_NilContext(t *testing.T) {
	t.Parallel()
	client := newClient(t, respond(http.StatusOK, success(tokenJSON)))
	var none context.Context
	_, err := client.Get(none, tokenID)
	if !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), "context must not be nil") {
		t.Errorf("got %v", err)
	}
}

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
			name: "full create, with read-only fields and fractions of seconds",
			create: &cftokens.TokenCreate{
				Name: strings.Repeat("ä", 120), Policies: []cftokens.Policy{readPolicy}, NotBefore: &from, ExpiresOn: &to,
				Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24", "2001:db8::1"}, NotIn: []string{"192.0.2.7/32"}}},
			},
			want: `{"name":"` + strings.Repeat("ä", 120) + `","policies":[` + policyJSON + `],"not_before":"2026-01-01T00:00:00Z","expires_on":"2026-12-31T23:59:59Z",
				"condition":{"request_ip":{"in":["192.0.2.0/24","2001:db8::1"],"not_in":["192.0.2.7/32"]}}}`,
		},
		{
			name: "empty lists of addresses",
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
			name: "update that sets and clears",
			update: &cftokens.TokenUpdate{
				Name: "n", Policies: []cftokens.Policy{policy()}, Status: cftokens.TokenStatusDisabled,
				NotBefore: nullable.NewNullNullable[time.Time](), ExpiresOn: nullable.NewNullableWithValue(to),
			},
			want: `{"name":"n","policies":[` + policyJSON + `],"status":"disabled","not_before":null,"expires_on":"2026-12-31T23:59:59Z"}`,
		},
		{
			name: "update with fractions of seconds in another zone",
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
				t.Fatal(err)
			}
			if diff := cmp.Diff(object(t, tt.want), object(t, api.bodies[0])); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
	if readPolicy.ID == "" || readPolicy.PermissionGroups[0].Name == "" {
		t.Error("the caller's policy was changed")
	}
}

func object(t *testing.T, text string) map[string]any {
	t.Helper()
	var m map[string]any
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		t.Fatalf("%q is no JSON object: %v", text, err)
	}
	return m
}

func TestClient_Query(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusOK, success("[]"))
	client := newClient(t, api)
	list := func(opts cftokens.ListOptions) {
		if _, err := client.List(t.Context(), opts); err != nil {
			t.Fatal(err)
		}
	}
	list(cftokens.ListOptions{})
	list(cftokens.ListOptions{Page: 2, PerPage: 5, Direction: cftokens.DirectionDesc, IncludeExpired: true})
	if _, err := client.ListPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{Name: "A&B: 1,2 + 50% ä", Scope: cftokens.ScopeUser, Page: 1, PerPage: 100}); err != nil {
		t.Fatal(err)
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
