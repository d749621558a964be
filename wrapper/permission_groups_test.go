package cftokens_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestFindPermissionGroups_Match(t *testing.T) {
	t.Parallel()
	const groups = `[
		{"id":"1","name":"Logs Read","scopes":["com.cloudflare.api.account"]},
		{"id":"2","name":"Logs Read","scopes":["com.cloudflare.api.account.zone"]},
		{"id":"3","name":"Logs Read Only","scopes":["com.cloudflare.api.account.zone"]},
		{"id":"4","name":"DNS Read","scopes":["com.cloudflare.api.account","com.cloudflare.api.account.zone"]}]`
	client := newClient(t, respond(http.StatusOK, success(groups)))
	for _, tt := range []struct {
		name, group string
		scope       cftokens.Scope
		id          string
		err         error
	}{
		{name: "by name and scope", group: "Logs Read", scope: cftokens.ScopeAccountZone, id: "2"},
		{name: "one of several scopes", group: "DNS Read", scope: cftokens.ScopeAccountZone, id: "4"},
		{name: "any scope", group: "DNS Read", id: "4"},
		{name: "ambiguous", group: "Logs Read", err: cftokens.ErrAmbiguous},
		{name: "another scope", group: "Logs Read", scope: cftokens.ScopeUser, err: cftokens.ErrNotFound},
		{name: "other case", group: "logs read", err: cftokens.ErrNotFound},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := client.FindPermissionGroups(t.Context(), tt.scope, tt.group)
			if tt.err != nil {
				checkError(t, "FindPermissionGroups()", err, tt.err, tt.group)
				return
			}
			if diff := cmp.Diff([]cftokens.PermissionGroupRef{{ID: tt.id, Name: tt.group}}, got); diff != "" || err != nil {
				t.Errorf("FindPermissionGroups() error = %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// TestFindPermissionGroups checks that the groups are returned in the order of the names, in
// one request, for users and accounts.
func TestFindPermissionGroups(t *testing.T) {
	t.Parallel()
	server, user, account := newFakeClients(t)
	for path, client := range map[string]*cftokens.Client{
		"/client/v4/user/tokens/permission_groups":                              user,
		"/client/v4/accounts/" + server.AccountID + "/tokens/permission_groups": account,
	} {
		before := len(server.Requests())
		got, err := client.FindPermissionGroups(t.Context(), cftokens.ScopeAccountZone, "Zone Read", "DNS Write", "Cache Purge")
		want := []cftokens.PermissionGroupRef{
			{ID: "c8fed203ed3043cba015a93ad1616f1f", Name: "Zone Read"},
			{ID: "4755a26eedb94da69e1066d98aa820be", Name: "DNS Write"},
			{ID: "e17beae8b8cb423a99b1730f21238bed", Name: "Cache Purge"},
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("FindPermissionGroups() error = %v (-want +got):\n%s", err, diff)
		}
		requests := server.Requests()[before:]
		if len(requests) != 1 {
			t.Fatalf("FindPermissionGroups() sent %+v, want one request", requests)
		}
		if got := requests[0].Path; got != path {
			t.Errorf("FindPermissionGroups() requested %s, want %s", got, path)
		}
		if got := requests[0].Query.Get("scope"); got != string(cftokens.ScopeAccountZone) {
			t.Errorf("FindPermissionGroups() sent the scope %q, want %q", got, cftokens.ScopeAccountZone)
		}
	}
	policy := policy()
	policy.PermissionGroups, _ = user.FindPermissionGroups(t.Context(), cftokens.ScopeAccountZone, "Zone Read", "DNS Write")
	if _, err := user.Create(t.Context(), cftokens.TokenCreate{Name: "n", Policies: []cftokens.Policy{policy}}); err != nil {
		t.Errorf("Create() with the groups: error = %v", err)
	}
}

// TestFindPermissionGroups_Pages checks servers that limit the number of groups on a page,
// with and without totals, or that reject a higher number.
func TestFindPermissionGroups_Pages(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		size     int
		info     string
		strict   bool // per_page must be at most size
		requests int
	}{
		{name: "totals", size: 50, info: `{"total_count":392}`, requests: 8},
		{name: "totals, smaller pages", size: 20, info: `{"total_count":392}`, requests: 20},
		{name: "no totals", size: 100, requests: 9},
		{name: "no totals, smaller pages", size: 20, requests: 21},
		{name: "limit on per_page", size: 100, info: `{"total_count":392}`, strict: true, requests: 8},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			pages := lister(392, tt.size, fixed(tt.info))
			api := &fakeTransport{handle: func(n int, req *http.Request) (*http.Response, error) {
				if tt.strict && number(req.URL.Query(), "per_page") > tt.size {
					return response(http.StatusBadRequest, apiError("1001", "per_page is too large")), nil
				}
				return pages.handle(n, req)
			}}
			got, err := newClient(t, api).FindPermissionGroups(t.Context(), "", "token 391", "token 0")
			if err != nil {
				t.Fatalf("FindPermissionGroups() error = %v", err)
			}
			if len(got) != 2 || got[0].Name != "token 391" {
				t.Errorf("FindPermissionGroups() = %v, want 391 and 0", got)
			}
			api.checkRequests(t, "FindPermissionGroups()", tt.requests)
		})
	}
}

func TestFindPermissionGroups_Invalid(t *testing.T) {
	t.Parallel()
	api := respond(http.StatusOK, success("[]"))
	for _, tt := range []struct {
		name, want string
		names      []string
	}{
		{"no names", "names must not be empty", nil},
		{"empty name", "names[1] must not be empty or repeated", []string{"a", ""}},
		{"repeated name", `names[2] must not be empty or repeated, got "a"`, []string{"a", "b", "a"}},
	} {
		got, err := newClient(t, api).FindPermissionGroups(t.Context(), "", tt.names...)
		if got != nil {
			t.Errorf("%s: FindPermissionGroups() = %v, want nil", tt.name, got)
		}
		checkError(t, tt.name+": FindPermissionGroups()", err, cftokens.ErrInvalidArgument, tt.want)
	}
	api.checkRequests(t, "FindPermissionGroups()", 0)
}

// TestFindPermissionGroups_Problems checks that the error lists all names without a group,
// with suggestions.
func TestFindPermissionGroups_Problems(t *testing.T) {
	t.Parallel()
	_, user, account := newFakeClients(t)
	const zone = cftokens.ScopeAccountZone
	for _, tt := range []struct {
		name  string
		scope cftokens.Scope
		names []string
		want  string // after the first name and the scope
	}{
		{name: "the dashboard's Edit", scope: zone, names: []string{"DNS Edit"}, want: `not found (did you mean "DNS Write" or "Zone DNS Settings Write" or "DNS Read"?)`},
		{name: "singular, different case", scope: zone, names: []string{"load balancer read"}, want: `not found (did you mean "Load Balancers Read" or "Load Balancers Write"?)`},
		{name: "extra word", scope: zone, names: []string{"Zone Cache Purge"}, want: `not found (did you mean "Cache Purge"?)`},
		{name: "missing word", scope: zone, names: []string{"DNS Settings Edit"}, want: `not found (did you mean "Zone DNS Settings Write" or "DNS Write" or "Cache Settings Write"?)`},
		{name: "word and its plural", scope: zone, names: []string{"Page Edit"}, want: `not found (did you mean "Custom Pages Write" or "Page Rules Write" or "Page Shield Write"?)`},
		{name: "similar name in another scope", scope: zone, names: []string{"R2 Edit"}, want: `not found (did you mean "Workers R2 Storage Write" or "Workers R2 Data Catalog Write" or "Workers R2 Storage Bucket Item Write" in another scope?)`},
		{name: "in another scope", scope: zone, names: []string{"Workers Scripts Write"}, want: `not found (it is in scope [com.cloudflare.api.account])`},
		{name: "in several other scopes", scope: cftokens.ScopeUser, names: []string{"Logs Read"}, want: `not found (it is in scope [com.cloudflare.api.account com.cloudflare.api.account.zone])`},
		{name: "no similar name", scope: zone, names: []string{"Nope"}, want: "not found"},
		{name: "only a level", scope: zone, names: []string{"Edit"}, want: "not found"},
		{name: "ambiguous", names: []string{"Logs Read"}, want: "ambiguous (found in scopes [com.cloudflare.api.account com.cloudflare.api.account.zone]; specify one)"},
		{
			name: "several", names: []string{"DNS Edit", "DNS Read", "Nope", "Logs Read"},
			want: `not found (did you mean "DNS Write" or "DNS Firewall Write" or "DNS View Write"?); permission group "Nope": not found; ` +
				`permission group "Logs Read": ambiguous (found in scopes [com.cloudflare.api.account com.cloudflare.api.account.zone]; specify one)`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			want := fmt.Sprintf("cftokens: permission group %q", tt.names[0])
			if tt.scope != "" {
				want += fmt.Sprintf(" in scope %q", tt.scope)
			}
			want += ": " + tt.want
			for _, client := range []*cftokens.Client{user, account} {
				got, err := client.FindPermissionGroups(t.Context(), tt.scope, tt.names...)
				if got != nil {
					t.Errorf("FindPermissionGroups() = %v, want nil", got)
				}
				if err == nil || err.Error() != want {
					t.Fatalf("FindPermissionGroups() error = %v, want\n%s", err, want)
				}
				for _, sentinel := range []error{cftokens.ErrNotFound, cftokens.ErrAmbiguous} {
					if matches := strings.Contains(want, ": "+sentinel.Error()); errors.Is(err, sentinel) != matches {
						t.Errorf("FindPermissionGroups() error matches %q: %v, want %v", sentinel, !matches, matches)
					}
				}
			}
		})
	}
}

// TestFindPermissionGroups_Errors checks errors of the API: one of the second list request
// does not hide that the name was not found.
func TestFindPermissionGroups_Errors(t *testing.T) {
	t.Parallel()
	denied := reply(http.StatusForbidden, apiError("9109", "no"))
	none, end := reply(http.StatusOK, success("[]")), reply(http.StatusOK, success("[]"))
	unfiltered := reply(http.StatusOK, success(`[{"id":"1","name":"a","scopes":["s"]}]`))
	evil := reply(http.StatusOK, success(`[{"id":"1","name":"a `+credential+`\n\u001b`+strings.Repeat("x", 1000)+`","scopes":[]}]`))
	for _, tt := range []struct {
		name, group string
		scope       cftokens.Scope
		api         *fakeTransport
		err         error // nil: the group is found
		text        string
		requests    int
	}{
		{name: "denied", group: "a", api: sequence(denied), err: cftokens.ErrForbidden, requests: 1},
		{name: "denied the second time", group: "a", scope: "s", api: sequence(none, denied), err: cftokens.ErrNotFound, requests: 2},
		{name: "left out by the filter", group: "a", scope: "s", api: sequence(none, unfiltered, end), requests: 3},
		{name: "catalog is known", group: "b", api: sequence(unfiltered, end), err: cftokens.ErrNotFound, requests: 2},
		{name: "odd names", group: "a b", scope: "s", api: sequence(none, evil, end), err: cftokens.ErrNotFound, text: `did you mean "a [redacted] x`, requests: 3},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := newClient(t, tt.api).FindPermissionGroups(t.Context(), tt.scope, tt.group)
			tt.api.checkRequests(t, "FindPermissionGroups()", tt.requests)
			if tt.err == nil {
				if err != nil || len(got) != 1 || got[0].ID != "1" {
					t.Errorf("FindPermissionGroups() = %v, %v; want ID 1", got, err)
				}
				return
			}
			checkError(t, "FindPermissionGroups()", err, tt.err, tt.text)
			checkNoLeak(t, "FindPermissionGroups()", err, credential)
			if n := len(fmt.Sprint(err)); n > 700 {
				t.Errorf("FindPermissionGroups() error has %d bytes, want at most 700", n)
			}
		})
	}
}
