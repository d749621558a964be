package cftokens_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

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
				checkError(t, fmt.Sprintf("%s(%q)", name, id), err, cftokens.ErrInvalidArgument, ": id ")
				const hint = "give Token.ID, not the value or the name"
				if len(id) > 32 {
					checkError(t, fmt.Sprintf("%s(%q)", name, id), err, nil, hint)
					checkNoLeak(t, name+"()", err, id)
				} else {
					checkNoLeak(t, fmt.Sprintf("%s(%q)", name, id), err, hint)
				}
			}
			api.checkRequests(t, name+"()", 0)
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
		{"group ID that is not UTF-8", "policies[0].permission_groups[0].id must not be empty, and must be valid UTF-8", func(u *cftokens.TokenUpdate) {
			u.Policies[0].PermissionGroups = []cftokens.PermissionGroupRef{{ID: "g\xff"}}
		}},
		{"resource that is not UTF-8", `must be valid UTF-8`, func(u *cftokens.TokenUpdate) {
			u.Policies[0].Resources = resource.Map{"r\xff": resource.Of(resource.Named("r"))["r"]}
		}},
		{"name that is not UTF-8", "name must be valid UTF-8", func(u *cftokens.TokenUpdate) { u.Name = "a\xffb" }},
		{"name that ends within a character", "name must be valid UTF-8", func(u *cftokens.TokenUpdate) { u.Name = "n\xc3" }},
		{"no policies", "policies must not be ", func(u *cftokens.TokenUpdate) { u.Policies = nil }},
		{"no effect", "policies[0].effect must be", func(u *cftokens.TokenUpdate) { u.Policies[0].Effect = "" }},
		{"unknown effect", "policies[0].effect must be", func(u *cftokens.TokenUpdate) { u.Policies[0].Effect = "permit" }},
		{"no groups", "policies[0].permission_groups must not be empty", func(u *cftokens.TokenUpdate) { u.Policies[0].PermissionGroups = nil }},
		{"group without an ID", "policies[1].permission_groups[1].id must not be empty", func(u *cftokens.TokenUpdate) {
			p := policy()
			p.PermissionGroups = append(p.PermissionGroups, cftokens.PermissionGroupRef{Name: "Zone Read"})
			u.Policies = append(u.Policies, p)
		}},
		{"no resources", "policies[0].resources must not be empty", func(u *cftokens.TokenUpdate) { u.Policies[0].Resources = resource.Of() }},
		{"unusable resource", `policies[0].resources[""]: resource: Zone: ID is empty`, func(u *cftokens.TokenUpdate) { u.Policies[0].Resources = resource.Of(resource.Zone("")) }},
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
		{"not a network", "condition.request_ip.in[1] must be an IP", func(u *cftokens.TokenUpdate) {
			u.Condition.RequestIP.In = []string{"192.0.2.1", leak}
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
			for call, err := range map[string]error{"Create()": createErr, "Update()": updateErr} {
				checkError(t, call, err, cftokens.ErrInvalidArgument, tt.want)
				checkNoLeak(t, call, err, leak)
			}
			api.checkRequests(t, "Create() and Update()", 0)
		})
	}
}

// TestClient_InvalidFields checks that the first of several invalid fields is named.
func TestClient_InvalidFields(t *testing.T) {
	t.Parallel()
	client := newClient(t, sequence())
	var times, addresses cftokens.TokenCreate
	for _, create := range []*cftokens.TokenCreate{&times, &addresses} {
		create.Name, create.Policies = "n", []cftokens.Policy{policy()}
	}
	times.NotBefore, times.ExpiresOn = new(time.Time), new(time.Time)
	addresses.Condition.RequestIP = cftokens.RequestIP{In: []string{""}, NotIn: []string{""}}
	for range 20 { // the order must not be that of a map
		_, err := client.Create(t.Context(), times)
		checkError(t, "Create()", err, cftokens.ErrInvalidArgument, "not_before must")
		_, err = client.Create(t.Context(), addresses)
		checkError(t, "Create()", err, cftokens.ErrInvalidArgument, "condition.request_ip.in[0] must")
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
	for _, tt := range []struct {
		call string
		err  error
		want string
	}{
		{"List()", list(cftokens.ListOptions{PerPage: -1}), "PerPage must not be negative"},
		{"List()", list(cftokens.ListOptions{Page: -1}), "listTokens: invalid argument: Page"},
		{"List()", list(cftokens.ListOptions{Direction: "up"}), "Direction must be"},
		{"ListPermissionGroups()", groups(cftokens.PermissionGroupOptions{Page: -1}), "listPermissionGroups: invalid argument: Page must not be"},
		{"ListPermissionGroups()", groups(cftokens.PermissionGroupOptions{PerPage: -1}), "PerPage must not be negative"},
		{"Edit()", editErr, "change must not be nil"},
	} {
		checkError(t, tt.call, tt.err, cftokens.ErrInvalidArgument, tt.want)
	}
	var allErr error
	for _, err := range client.All(t.Context(), cftokens.ListOptions{PerPage: -1}) {
		allErr = err
	}
	checkError(t, "All()", allErr, cftokens.ErrInvalidArgument, "")
	api.checkRequests(t, "invalid calls", 0)
}

func TestClient_NilContext(t *testing.T) {
	t.Parallel()
	client := newClient(t, respond(http.StatusOK, success(tokenJSON)))
	var none context.Context
	_, err := client.Get(none, tokenID)
	checkError(t, "Get(nil)", err, cftokens.ErrInvalidArgument, "context must not be nil")
}
