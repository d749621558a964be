package cftokens_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// newFakeClients returns a fake and clients for its user tokens and its account tokens.
func newFakeClients(t *testing.T) (server *cftokenstest.Server, user, account *cftokens.Client) {
	t.Helper()
	server = cftokenstest.NewServer()
	t.Cleanup(server.Close)
	user, err := server.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	account, err = user.Account(server.AccountID)
	if err != nil {
		t.Fatal(err)
	}
	return server, user, account
}

// TestClient_EndToEnd calls every method over real HTTP, for user tokens and account
// tokens.
func TestClient_EndToEnd(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		account bool
		prefix  string // of the paths
		put     func(*cftokenstest.Server, json.RawMessage) (string, error)
		tokens  func(*cftokenstest.Server) []cftokens.Token
	}{
		{name: "user", prefix: "/client/v4/user/tokens", put: (*cftokenstest.Server).PutToken, tokens: (*cftokenstest.Server).Tokens},
		{name: "account", account: true, prefix: "/client/v4/accounts/", put: (*cftokenstest.Server).PutAccountToken, tokens: (*cftokenstest.Server).AccountTokens},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := cftokenstest.NewServer()
			t.Cleanup(server.Close)
			// of returns a client for the tokens of this owner.
			of := func(client *cftokens.Client, err error) *cftokens.Client {
				t.Helper()
				if err == nil && tt.account {
					client, err = client.Account(server.AccountID)
				}
				if err != nil {
					t.Fatal(err)
				}
				return client
			}
			client := of(server.NewClient())
			endToEnd(t, server, client)
			if left := tt.tokens(server); len(left) != 0 {
				t.Errorf("%d tokens are left, want none", len(left))
			}

			id, err := tt.put(server, json.RawMessage(`{}`))
			if err != nil {
				t.Fatal(err)
			}
			value, _ := server.Value(id)
			own := of(cftokens.NewClient(value.Reveal(), cftokens.WithBaseURL(server.URL)))
			checkActive(t, own, id)
			for _, req := range server.Requests() {
				if !strings.HasPrefix(req.Path, tt.prefix) {
					t.Errorf("%s %s was sent, want only requests to %s", req.Method, req.Path, tt.prefix)
				}
			}
		})
	}
}

// checkActive checks that a client's own token has this ID and is active.
func checkActive(t *testing.T, client *cftokens.Client, id string) {
	t.Helper()
	v, err := client.Verify(t.Context())
	if err != nil {
		t.Fatalf("Verify() error = %v", err)
	}
	if v.ID != id || v.Status != cftokens.TokenStatusActive {
		t.Errorf("Verify() = %+v, want token %s, active", v, id)
	}
}

// endToEnd creates, reads, changes and deletes a token, and lists the permission groups.
func endToEnd(t *testing.T, server *cftokenstest.Server, client *cftokens.Client) {
	t.Helper()
	ctx := t.Context()
	created, err := client.Create(ctx, tokenCreate())
	if err != nil {
		t.Fatal(err)
	}
	if stored, _ := server.Value(created.ID); !stored.Equal(created.Value) {
		t.Error("Create() returned another value than the server stores")
	}
	got, err := client.Get(ctx, created.ID)
	if err != nil {
		t.Fatal(err)
	}
	// A new token property needs no edit here.
	withoutValue := *created
	withoutValue.Value = secret.Value{}
	encoded, err := json.Marshal(withoutValue)
	if err != nil {
		t.Fatal(err)
	}
	var want cftokens.Token
	if err := json.Unmarshal(encoded, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("Get() (-created +got):\n%s", diff)
	}
	listed := 0
	for token, err := range client.All(ctx, cftokens.ListOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		if token.ID != want.ID { // the server's own credential
			continue
		}
		if diff := cmp.Diff(&want, token); diff != "" {
			t.Errorf("All() (-created +got):\n%s", diff)
		}
		listed++
	}
	if listed != 1 {
		t.Errorf("All() returned %d tokens, want 1", listed)
	}
	updated, err := client.Update(ctx, created.ID, cftokens.TokenUpdate{Name: "m", Policies: got.Policies})
	if err != nil {
		t.Fatalf("Update() error = %v", err)
	}
	if updated.Name != "m" {
		t.Errorf("Update() = name %q, want m", updated.Name)
	}
	if !cftokens.SamePolicies(updated.Policies, got.Policies) {
		t.Errorf("Update() = policies %+v, want %+v", updated.Policies, got.Policies)
	}
	if id := updated.Policies[0].ID; id == got.Policies[0].ID {
		t.Errorf("Update() = policy %s, want a new ID", id)
	}
	edited, err := client.Edit(ctx, created.ID, func(u *cftokens.TokenUpdate) error {
		u.Status = cftokens.TokenStatusDisabled
		return nil
	})
	if err != nil {
		t.Fatalf("Edit() error = %v", err)
	}
	if edited.Name != "m" || edited.Status != cftokens.TokenStatusDisabled {
		t.Errorf("Edit() = %+v, want name m, disabled", edited)
	}
	value, err := client.Roll(ctx, created.ID)
	if err != nil {
		t.Fatalf("Roll() error = %v", err)
	}
	if value.Equal(created.Value) {
		t.Error("Roll() returned the old value")
	}
	if stored, _ := server.Value(created.ID); !stored.Equal(value) {
		t.Error("Roll() returned another value than the server stores")
	}
	if err := client.Delete(ctx, created.ID); err != nil {
		t.Errorf("Delete() error = %v", err)
	}
	groups := map[string]bool{}
	for group, err := range client.AllPermissionGroups(ctx, cftokens.PermissionGroupOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		groups[group.ID] = true
	}
	if len(groups) < 100 {
		t.Errorf("AllPermissionGroups() returned %d groups, want several pages", len(groups))
	}
}

// TestGet_MalformedID checks the error for an ID that no token can have.
func TestGet_MalformedID(t *testing.T) {
	t.Parallel()
	_, user, account := newFakeClients(t)
	for _, client := range []*cftokens.Client{user, account} {
		_, err := client.Get(t.Context(), "nope")
		checkError(t, "Get(nope)", err, cftokens.ErrBadRequest, "")
		if !asError[*cftokens.APIError](t, "Get(nope)", err).HasCode(7003) {
			t.Errorf("Get(nope) error = %v, want the code 7003", err)
		}
	}
}

func TestEdit_UnknownFieldOnFake(t *testing.T) {
	t.Parallel()
	server, client, _ := newFakeClients(t)
	id, err := server.PutToken(json.RawMessage(`{"name":"n","condition":{"request_country":{"in":["DE"]}},"policies":[` + policyJSON + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Edit(t.Context(), id, keep)
	checkError(t, "Edit()", err, cftokens.ErrLossyUpdate, "request_country")
	for _, req := range server.Requests() {
		if req.Method != "GET" {
			t.Errorf("Edit() sent a %s, want only the GET", req.Method)
		}
	}
}
