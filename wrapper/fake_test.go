package cftokens_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestOnTheFake takes every method over real HTTP once.
func TestOnTheFake(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()

	created, err := client.Create(ctx, tokenCreate())
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.Get(ctx, created.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := cftokens.Token{
		ID: created.ID, Name: created.Name, Status: created.Status, IssuedOn: created.IssuedOn, ModifiedOn: created.ModifiedOn, Policies: created.Policies,
	}
	if diff := cmp.Diff(&want, got); diff != "" {
		t.Errorf("token (-created +got):\n%s", diff)
	}
	updated, err := client.Update(ctx, created.ID, cftokens.TokenUpdate{Name: "m", Policies: got.Policies})
	if err != nil || updated.Name != "m" || !cftokens.SamePolicies(updated.Policies, got.Policies) || updated.Policies[0].ID == got.Policies[0].ID {
		t.Errorf("update: %+v, %v", updated, err)
	}
	edited, err := client.Edit(ctx, created.ID, func(u *cftokens.TokenUpdate) error {
		u.Status = cftokens.TokenStatusDisabled
		return nil
	})
	if err != nil || edited.Name != "m" || edited.Status != cftokens.TokenStatusDisabled {
		t.Errorf("edit: %+v, %v", edited, err)
	}
	value, err := client.Roll(ctx, created.ID)
	if err != nil || value.Equal(created.Value) {
		t.Errorf("roll: %v", err)
	}
	if kept, _ := server.Value(created.ID); !kept.Equal(value) {
		t.Error("the rolled value is not the one that the server keeps")
	}
	if err := client.Delete(ctx, created.ID); err != nil || len(server.Tokens()) != 0 {
		t.Errorf("delete: %v, %d tokens are left", err, len(server.Tokens()))
	}
	if v, err := client.Verify(ctx); err != nil || v.Status != cftokens.TokenStatusActive {
		t.Errorf("verify: %v, %v", v, err)
	}
	groups := map[string]bool{}
	for group, err := range client.AllPermissionGroups(ctx, cftokens.PermissionGroupOptions{}) {
		if err != nil {
			t.Fatal(err)
		}
		groups[group.ID] = true
	}
	if len(groups) < 100 {
		t.Errorf("%d permission groups; want several pages", len(groups))
	}
}

func TestEditOfAStoredUnknown(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	id, err := server.PutToken(json.RawMessage(`{"name":"n","condition":{"request_country":{"in":["DE"]}},"policies":[` + policyJSON + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.Edit(t.Context(), id, keep)
	if !errors.Is(err, cftokens.ErrLossyUpdate) || !strings.Contains(err.Error(), "condition.request_country") {
		t.Errorf("got %v", err)
	}
	for _, req := range server.Requests() {
		if req.Method != "GET" {
			t.Errorf("a %s was sent", req.Method)
		}
	}
}
