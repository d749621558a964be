package cftokens_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// TestApply runs the program in apply_program_test.go, which has at most 100 lines, with a
// token that is in the list itself, for a user and an account.
func TestApply(t *testing.T) {
	t.Parallel()
	if n := strings.Count(read(t, "apply_program_test.go"), "\n"); n > 100 {
		t.Errorf("the program has %d lines, want at most 100", n)
	}
	for _, owner := range []string{"user", "account"} {
		t.Run(owner, func(t *testing.T) {
			t.Parallel()
			server, client, account := newFakeClients(t)
			tokens, own := server.Tokens, map[string]string{} // without the server's own token
			const zone = "com.cloudflare.api.account.zone." + zoneID
			if owner == "account" {
				tokens, own["manager"] = server.AccountTokens, "com.cloudflare.api.account."+server.AccountID
				if _, err := server.PutAccountToken(jsonOf(t, map[string]any{"name": "manager", "value": tokenValue, "policies": []any{map[string]any{
					"id": tokenID, "effect": "allow", "resources": map[string]any{own["manager"]: "*"},
					"permission_groups": groupsOf(t, account, "Account API Tokens Write", "DNS Write", "DNS Read", "Zone Read"),
				}}})); err != nil {
					t.Fatal(err)
				}
				var err error
				if client, err = account.WithToken(tokenValue); err != nil {
					t.Fatal(err)
				}
			}
			values := map[string]string{}
			store := func(name string, value secret.Value) error {
				values[name] = value.Reveal()
				return nil
			}
			for _, step := range []struct {
				document string
				want     map[string]string // resources and expiries by name
				requests []string          // that change something
			}{
				{
					document: "- {name: deploy, groups: [DNS Write, Zone Read], zones: [" + zoneID + "], from: [192.0.2.1]}\n- {name: audit, groups: [Zone Read], zones: [" + zoneID + "], expires: 2099-01-01}\n",
					want:     map[string]string{"deploy": zone, "audit": zone + " 2099-01-01"},
					requests: []string{"POST", "POST"},
				},
				{
					document: "- {name: audit, groups: [Zone Read], zones: [" + zoneID + "], expires: 2099-01-01}\n- {name: deploy, groups: [Zone Read, DNS Write], zones: [" + zoneID + "], from: [192.0.2.1/32]}\n",
					want:     map[string]string{"deploy": zone, "audit": zone + " 2099-01-01"},
				},
				{
					document: "- {name: audit, groups: [Zone Read, DNS Read], zones: [" + zoneID + "], expires: 2099-02-01}\n",
					want:     map[string]string{"audit": zone + " 2099-02-01"},
					requests: []string{"PUT", "DELETE"},
				},
			} {
				before := len(server.Requests())
				if err := apply(t.Context(), client, step.document, store); err != nil {
					t.Fatalf("apply() error = %v", err)
				}
				got := map[string]string{}
				for _, token := range tokens() {
					for name := range token.Policies[0].Resources {
						got[token.Name] = name
					}
					if token.ExpiresOn != nil {
						got[token.Name] += token.ExpiresOn.Format(" 2006-01-02")
					}
				}
				maps.Copy(step.want, own)
				if diff := cmp.Diff(step.want, got); diff != "" {
					t.Errorf("tokens after apply() (-want +got):\n%s", diff)
				}
				if diff := cmp.Diff(step.requests, changing(server.Requests()[before:])); diff != "" {
					t.Errorf("requests of apply() (-want +got):\n%s", diff)
				}
			}
			if _, err := client.Verify(t.Context()); err != nil {
				t.Errorf("Verify() after apply(): error = %v, want the own token to exist", err)
			}
			if len(values) != 2 || values["deploy"] == "" || values["audit"] == "" {
				t.Errorf("apply() stored values of %d tokens, want deploy and audit", len(values))
			}
		})
	}
}

// changing returns the methods of requests that change something.
func changing(requests []cftokenstest.Request) (methods []string) {
	for _, r := range requests {
		if r.Method != "GET" {
			methods = append(methods, r.Method)
		}
	}
	return methods
}

// groupsOf returns the permission groups that have one of the names, whatever their scope.
func groupsOf(t *testing.T, client *cftokens.Client, names ...string) (groups []cftokens.PermissionGroupRef) {
	t.Helper()
	for group, err := range client.AllPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(names, group.Name) {
			groups = append(groups, cftokens.PermissionGroupRef{ID: group.ID})
		}
	}
	return groups
}

func jsonOf(t *testing.T, v any) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
