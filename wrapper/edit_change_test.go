package cftokens_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// TestEdit_Status checks that a status derived by the API is not sent back.
func TestEdit_Status(t *testing.T) {
	t.Parallel()
	set := func(status cftokens.TokenStatus) func(*cftokens.TokenUpdate) error {
		return func(u *cftokens.TokenUpdate) error {
			u.Status = status
			return nil
		}
	}
	for _, tt := range []struct {
		status string
		change func(*cftokens.TokenUpdate) error
		want   any
	}{
		{"active", keep, "active"},
		{"disabled", keep, "disabled"},
		{"expired", keep, nil},
		{"revoked (exposed)", keep, nil},
		{"unknown", keep, nil},
		{"", keep, nil},
		{"active", set(cftokens.TokenStatusDisabled), "disabled"},
		{"active", set(""), nil},
		{"disabled", set(cftokens.TokenStatusActive), "active"},
		{"expired", set(cftokens.TokenStatusActive), "active"},
		{"revoked (exposed)", set(cftokens.TokenStatusDisabled), "disabled"},
	} {
		api := editable(`{"id":"` + tokenID + `","name":"n","status":"` + tt.status + `","policies":[` + policyJSON + `]}`)
		if _, err := newClient(t, api).Edit(t.Context(), tokenID, tt.change); err != nil {
			t.Errorf("status %q: Edit() error = %v", tt.status, err)
			continue
		}
		if got := object(t, api.bodies[1])["status"]; got != tt.want {
			t.Errorf("status %q: Edit() sent status %v, want %v", tt.status, got, tt.want)
		}
	}
}

// TestEdit_StatusInChange checks that change gets the status only if it would be sent.
func TestEdit_StatusInChange(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]cftokens.TokenStatus{"disabled": "disabled", "expired": ""} {
		api := editable(`{"name":"n","status":"` + status + `","policies":[` + policyJSON + `]}`)
		_, err := newClient(t, api).Edit(t.Context(), tokenID, func(u *cftokens.TokenUpdate) error {
			if u.Status != want {
				t.Errorf("status %q: change got %q, want %q", status, u.Status, want)
			}
			return nil
		})
		if err != nil {
			t.Errorf("status %q: Edit() error = %v", status, err)
		}
	}
}

// TestEdit_Condition checks that a restriction is never dropped silently: the API keeps
// a condition that an update leaves out.
func TestEdit_Condition(t *testing.T) {
	t.Parallel()
	type condition = cftokens.Condition
	const in, notIn = `"in":["192.0.2.0/24"]`, `"not_in":["192.0.2.7/32"]`
	for _, tt := range []struct {
		name, token string // the condition of the token
		change      func(*condition)
		want        string // condition that is sent
		problem     string // in the error, instead of want
	}{
		{name: "removed", token: in + `,` + notIn, change: func(c *condition) { *c = condition{} }, problem: "create a new token"},
		{name: "emptied", token: in + `,` + notIn, change: func(c *condition) { c.RequestIP.In, c.RequestIP.NotIn = []string{}, []string{} }, problem: "create a new token"},
		{name: "nil list", token: in, change: func(c *condition) { c.RequestIP.In = nil }, problem: "create a new token"},
		{name: "shortened to nothing", token: notIn, change: func(c *condition) { c.RequestIP.NotIn = c.RequestIP.NotIn[:0] }, problem: "create a new token"},
		{name: "removed from a token that allows no address", token: `"in":[]`, change: func(c *condition) { *c = condition{} }, problem: "allows no address"},
		{name: "another list for a token that allows no address", token: `"in":[]`, change: func(c *condition) { c.RequestIP.NotIn = []string{"192.0.2.1"} }, problem: "allows no address"},
		{name: "one of two lists cleared", token: in + `,` + notIn, change: func(c *condition) { c.RequestIP.In = nil }, want: `{"request_ip":{` + notIn + `}}`},
		{name: "one of two lists emptied", token: in + `,` + notIn, change: func(c *condition) { c.RequestIP.NotIn = []string{} }, want: `{"request_ip":{` + in + `}}`},
		{name: "replaced", token: in, change: func(c *condition) { c.RequestIP = cftokens.RequestIP{NotIn: []string{"192.0.2.7/32"}} }, want: `{"request_ip":{` + notIn + `}}`},
		{name: "added", token: ``, change: func(c *condition) { c.RequestIP.In = []string{"192.0.2.0/24"} }, want: `{"request_ip":{` + in + `}}`},
		{name: "none before and after", token: `"not_in":[]`, change: func(c *condition) { *c = condition{} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := editable(`{"id":"` + tokenID + `","name":"n","condition":{"request_ip":{` + tt.token + `}},"policies":[` + policyJSON + `]}`)
			got, err := newClient(t, api).Edit(t.Context(), tokenID, func(u *cftokens.TokenUpdate) error {
				tt.change(&u.Condition)
				return nil
			})
			if tt.problem != "" {
				if got != nil {
					t.Errorf("Edit() = %v, want nil", got)
				}
				checkError(t, "Edit()", err, cftokens.ErrLossyUpdate, tt.problem)
				api.checkRequests(t, "Edit()", 1)
				return
			}
			if err != nil {
				t.Fatalf("Edit() error = %v", err)
			}
			var want any
			if tt.want != "" {
				want = object(t, tt.want)
			}
			if diff := cmp.Diff(want, object(t, api.bodies[1])["condition"]); diff != "" {
				t.Errorf("condition (-want +got):\n%s", diff)
			}
		})
	}
}

// TestEdit_Policies checks that a token can be edited even if its policies could not be
// created: none, or one without permission groups.
func TestEdit_Policies(t *testing.T) {
	t.Parallel()
	rename := func(u *cftokens.TokenUpdate) error {
		u.Name = "m"
		return nil
	}
	repair := func(u *cftokens.TokenUpdate) error {
		u.Policies[0].PermissionGroups = policy().PermissionGroups
		return nil
	}
	grant := func(u *cftokens.TokenUpdate) error {
		u.Policies = append(u.Policies, policy())
		return nil
	}
	removeAll := func(u *cftokens.TokenUpdate) error {
		u.Policies = []cftokens.Policy{}
		return nil
	}
	const withoutGroups = `"policies":[{"effect":"allow","permission_groups":[],"resources":{"` + zoneName + `":"*"}}]`
	for _, tt := range []struct {
		name, token string
		change      func(*cftokens.TokenUpdate) error
		want        string // body that is sent
		problem     string // in the error, instead of want
	}{
		{name: "no policies", token: `{"name":"n","policies":[]}`, change: rename, want: `{"name":"m","policies":[]}`},
		{name: "policies are null", token: `{"name":"n","policies":null}`, change: rename, want: `{"name":"m","policies":[]}`},
		{name: "policies missing", token: `{"name":"n"}`, change: rename, want: `{"name":"m","policies":[]}`},
		{name: "no policies, one granted", token: `{"name":"n","policies":[]}`, change: grant, want: `{"name":"n","policies":[` + policyJSON + `]}`},
		{name: "policy without groups, repaired", token: `{"name":"n",` + withoutGroups + `}`, change: repair, want: `{"name":"n","policies":[` + policyJSON + `]}`},
		{name: "policy without groups, kept", token: `{"name":"n",` + withoutGroups + `}`, change: rename, problem: "policies[0].permission_groups must not be empty"},
		{name: "policies cleared", token: `{"name":"n","policies":[` + policyJSON + `]}`, change: removeAll, problem: "policies must not be empty"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			api := editable(tt.token)
			_, err := newClient(t, api).Edit(t.Context(), tokenID, tt.change)
			if tt.problem != "" {
				checkError(t, "Edit()", err, cftokens.ErrInvalidArgument, tt.problem)
				api.checkRequests(t, "Edit()", 1)
				return
			}
			if err != nil {
				t.Fatalf("Edit() error = %v", err)
			}
			if api.requests[1].Method != http.MethodPut {
				t.Errorf("Edit() sent a %s, want a PUT", api.requests[1].Method)
			}
			if diff := cmp.Diff(object(t, tt.want), object(t, api.bodies[1])); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
		})
	}
}
