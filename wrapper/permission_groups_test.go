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

func TestFindPermissionGroup(t *testing.T) {
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
			got, err := client.FindPermissionGroup(t.Context(), tt.group, tt.scope)
			if tt.err != nil {
				if !errors.Is(err, tt.err) || !strings.Contains(err.Error(), tt.group) {
					t.Errorf("FindPermissionGroup() = %v, %v; want an error that matches %q and names the group", got, err, tt.err)
				}
				return
			}
			if err != nil || got.ID != tt.id {
				t.Errorf("FindPermissionGroup() = %v, %v; want ID %s", got, err, tt.id)
			}
		})
	}
}

// TestFindPermissionGroups checks that the groups come in the order of the names, for a
// policy of either owner, in one request.
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
		if len(requests) != 1 || requests[0].Path != path || requests[0].Query.Get("scope") != string(cftokens.ScopeAccountZone) {
			t.Errorf("FindPermissionGroups() sent %+v, want one request to %s for the scope", requests, path)
		}
	}
	policy := policy()
	policy.PermissionGroups, _ = user.FindPermissionGroups(t.Context(), cftokens.ScopeAccountZone, "Zone Read", "DNS Write")
	if _, err := user.Create(t.Context(), cftokens.TokenCreate{Name: "n", Policies: []cftokens.Policy{policy}}); err != nil {
		t.Errorf("Create() with the groups: error = %v", err)
	}
}

// TestFindPermissionGroups_Pages checks that a server that returns fewer groups than were
// requested is asked for the rest.
func TestFindPermissionGroups_Pages(t *testing.T) {
	t.Parallel()
	api := lister(392, 50, func(int, int) string { return `{"total_count":392}` })
	got, err := newClient(t, api).FindPermissionGroups(t.Context(), "", "token 391", "token 0")
	if err != nil || len(got) != 2 || got[0].Name != "token 391" || len(api.requests) != 8 {
		t.Errorf("FindPermissionGroups() = %v, %v after %d requests; want 391 and 0 after 8", got, err, len(api.requests))
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
		{"empty name", "names[1] must not be empty", []string{"a", ""}},
		{"repeated name", `names[2] repeats names[0], "a"`, []string{"a", "b", "a"}},
	} {
		got, err := newClient(t, api).FindPermissionGroups(t.Context(), "", tt.names...)
		if got != nil || !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: FindPermissionGroups() = %v, %v; want an invalid argument: %s", tt.name, got, err, tt.want)
		}
	}
	if len(api.requests) != 0 {
		t.Errorf("%d requests were sent, want none", len(api.requests))
	}
}

// TestFindPermissionGroups_Problems checks that one error has all names without a group,
// each with what to try.
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
		{name: "the dashboard's Edit", scope: zone, names: []string{"DNS Edit"}, want: `not found (did you mean "DNS Write", "DNS Read" or "Zone DNS Settings Write"?)`},
		{name: "swapped letters", scope: zone, names: []string{"DSN Write"}, want: `not found (did you mean "DNS Write", "DNS Read" or "Zone DNS Settings Write"?)`},
		{name: "singular, other case", scope: zone, names: []string{"load balancer read"}, want: `not found (did you mean "Load Balancers Read" or "Load Balancers Write"?)`},
		{name: "a word more", scope: zone, names: []string{"Zone Cache Purge"}, want: `not found (did you mean "Cache Purge"?)`},
		{name: "a word less", scope: zone, names: []string{"DNS Settings Edit"}, want: `not found (did you mean "Zone DNS Settings Write", "Zone DNS Settings Read" or "DNS Write"?)`},
		{name: "a word and one like it", scope: zone, names: []string{"Page Edit"}, want: `not found (did you mean "Page Rules Write", "Page Rules Read" or "Custom Pages Write"?)`},
		{name: "near in another scope", scope: zone, names: []string{"R2 Edit"}, want: `not found (did you mean "Workers R2 Storage Write", "Workers R2 Storage Read" or "Workers R2 Storage Bucket Item Write" in another scope?)`},
		{name: "in another scope", scope: zone, names: []string{"Workers Scripts Write"}, want: `not found (it is in scope [com.cloudflare.api.account])`},
		{name: "in several other scopes", scope: cftokens.ScopeUser, names: []string{"Logs Read"}, want: `not found (it is in scope [com.cloudflare.api.account com.cloudflare.api.account.zone])`},
		{name: "nothing near", scope: zone, names: []string{"Nope"}, want: "not found"},
		{name: "a level alone", scope: zone, names: []string{"Edit"}, want: "not found"},
		{name: "ambiguous", names: []string{"Logs Read"}, want: "ambiguous (found in scopes [com.cloudflare.api.account] and [com.cloudflare.api.account.zone]; specify one)"},
		{
			name: "several", names: []string{"DNS Edit", "DNS Read", "Nope", "Logs Read"},
			want: `not found (did you mean "DNS Write", "DNS Read" or "DNS Firewall Write"?); permission group "Nope": not found; ` +
				`permission group "Logs Read": ambiguous (found in scopes [com.cloudflare.api.account] and [com.cloudflare.api.account.zone]; specify one)`,
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
				if got != nil || err == nil || err.Error() != want {
					t.Fatalf("FindPermissionGroups() = %v, %v; want error\n%s", got, err, want)
				}
				for _, sentinel := range []error{cftokens.ErrNotFound, cftokens.ErrAmbiguous} {
					if matches := strings.Contains(want, ": "+sentinel.Error()); errors.Is(err, sentinel) != matches {
						t.Errorf("FindPermissionGroups() error matches %q: %v, want %v", sentinel, !matches, matches)
					}
				}
				if len(tt.names) > 1 {
					continue
				}
				if _, one := client.FindPermissionGroup(t.Context(), tt.names[0], tt.scope); one == nil || one.Error() != want {
					t.Errorf("FindPermissionGroup() error = %v, want\n%s", one, want)
				}
			}
		})
	}
}

// TestFindPermissionGroup_Errors checks the errors of the API, and that those of the
// second listing do not hide that the name was not found.
func TestFindPermissionGroup_Errors(t *testing.T) {
	t.Parallel()
	denied := reply(http.StatusForbidden, apiError("9109", "no"))
	if _, err := newClient(t, sequence(denied)).FindPermissionGroup(t.Context(), "a", ""); !errors.Is(err, cftokens.ErrForbidden) {
		t.Errorf("FindPermissionGroup() error = %v, want ErrForbidden", err)
	}
	if _, err := newClient(t, sequence(denied)).FindPermissionGroups(t.Context(), "", "a"); !errors.Is(err, cftokens.ErrForbidden) {
		t.Errorf("FindPermissionGroups() error = %v, want ErrForbidden", err)
	}
	none, unfiltered := reply(http.StatusOK, success("[]")), reply(http.StatusOK, success(`[{"id":"1","name":"a","scopes":["s"]}]`))
	if got, err := newClient(t, sequence(none, unfiltered)).FindPermissionGroup(t.Context(), "a", "s"); err != nil || got.ID != "1" {
		t.Errorf("FindPermissionGroup() = %v, %v; want the group that the filter left out", got, err)
	}
	api := sequence(unfiltered)
	if _, err := newClient(t, api).FindPermissionGroups(t.Context(), "", "b"); !errors.Is(err, cftokens.ErrNotFound) || len(api.requests) != 1 {
		t.Errorf("FindPermissionGroups() error = %v after %d requests, want ErrNotFound after 1: the catalog is known", err, len(api.requests))
	}
	if _, err := newClient(t, sequence(none, denied)).FindPermissionGroup(t.Context(), "a", ""); !errors.Is(err, cftokens.ErrNotFound) {
		t.Errorf("FindPermissionGroup() error = %v, want ErrNotFound", err)
	}
	evil := reply(http.StatusOK, success(`[{"id":"1","name":"a `+credential+`\n\u001b`+strings.Repeat("x", 1000)+`","scopes":[]}]`))
	_, err := newClient(t, sequence(none, evil)).FindPermissionGroup(t.Context(), "a b", "")
	if err == nil || !strings.Contains(err.Error(), `did you mean "a [redacted] x`) || strings.Contains(err.Error(), credential) || len(err.Error()) > 700 {
		t.Errorf("FindPermissionGroup() error = %v, want a short one without the credential", err)
	}
}
