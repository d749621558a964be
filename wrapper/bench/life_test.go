package bench

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/accounts"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/shared"
	"github.com/cloudflare/cloudflare-go/v7/user"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// family is the operations of the official client on user tokens or on account tokens.
type family struct {
	groups func(ctx context.Context) (ids map[string]string, err error) // by name
	create func(ctx context.Context, name string, policies []shared.TokenPolicyParam) (id, value string, err error)
	get    func(ctx context.Context, id string) (*shared.Token, error)
	list   func(ctx context.Context) (ids []string, err error)
	update func(ctx context.Context, id string, token shared.TokenParam) (*shared.Token, error)
	roll   func(ctx context.Context, id string) (*shared.TokenValue, error)
	verify func(ctx context.Context, value string) (id, status string, err error)
	remove func(ctx context.Context, id string) error
}

// TestLife takes a user token and an account token through their lives on the fake, with
// the official client.
func TestLife(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	opts := []option.RequestOption{option.WithBaseURL(server.URL + "/"), option.WithAPIToken(server.Token), option.WithMaxRetries(0)}
	for name, f := range map[string]family{
		"user":    userFamily(user.NewTokenService(opts...)),
		"account": accountFamily(accounts.NewTokenService(opts...), server.AccountID),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.live(t, server.AccountID)
		})
	}
}

func (f family) live(t *testing.T, account string) {
	t.Helper()
	ctx := t.Context()
	groups, err := f.groups(ctx)
	if err != nil || groups["DNS Read"] == "" {
		t.Fatalf("the permission groups lack DNS Read: %v", err)
	}
	policies := []shared.TokenPolicyParam{{
		Effect:           cloudflare.F(shared.TokenPolicyEffectAllow),
		PermissionGroups: cloudflare.F([]shared.TokenPolicyPermissionGroupParam{{ID: cloudflare.F(groups["DNS Read"])}}),
		Resources: cloudflare.F[shared.TokenPolicyResourcesUnionParam](shared.TokenPolicyResourcesIAMResourcesTypeObjectNestedParam{
			"com.cloudflare.api.account." + account: {"com.cloudflare.api.account.zone.*": "*"},
		}),
	}}
	id, old, err := f.create(ctx, "life", policies)
	if err != nil {
		t.Fatalf("create: %v", err)
	}
	if got, err := f.get(ctx, id); err != nil || got.Name != "life" || len(got.Policies) != 1 {
		t.Errorf("get = %+v, %v; want the token", got, err)
	}
	if ids, err := f.list(ctx); err != nil || !slices.Contains(ids, id) {
		t.Errorf("list = %q, %v; want %s in it", ids, err, id)
	}
	if got, err := f.update(ctx, id, shared.TokenParam{Name: cloudflare.F("renamed"), Policies: cloudflare.F(policies)}); err != nil || got.Name != "renamed" {
		t.Errorf("update = %+v, %v; want the new name", got, err)
	}
	value, err := f.roll(ctx, id)
	if err != nil {
		t.Fatalf("roll: %v", err)
	}
	if got, status, err := f.verify(ctx, *value); err != nil || got != id || status != "active" {
		t.Errorf("verify of the new value = %s, %s, %v; want %s, active", got, status, err, id)
	}
	if _, _, err := f.verify(ctx, old); status(err) != http.StatusUnauthorized {
		t.Errorf("verify of the old value: error = %v, want status 401", err)
	}
	if err := f.remove(ctx, id); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := f.get(ctx, id); status(err) != http.StatusNotFound {
		t.Errorf("get of the deleted token: error = %v, want status 404", err)
	}
}

// status returns the status of a response that the official client returned as an error.
func status(err error) int {
	if failure, ok := errors.AsType[*cloudflare.Error](err); ok {
		return failure.StatusCode
	}
	return 0
}

func userFamily(s *user.TokenService) family {
	return family{
		groups: func(ctx context.Context) (map[string]string, error) {
			pager, ids := s.PermissionGroups.ListAutoPaging(ctx, user.TokenPermissionGroupListParams{}), map[string]string{}
			for pager.Next() {
				ids[pager.Current().Name] = pager.Current().ID
			}
			return ids, pager.Err()
		},
		create: func(ctx context.Context, name string, policies []shared.TokenPolicyParam) (id, value string, err error) {
			created, err := s.New(ctx, user.TokenNewParams{Name: cloudflare.F(name), Policies: cloudflare.F(policies)})
			if err != nil {
				return "", "", err
			}
			return created.ID, created.Value, nil
		},
		get: func(ctx context.Context, id string) (*shared.Token, error) { return s.Get(ctx, id) },
		list: func(ctx context.Context) (ids []string, err error) {
			pager := s.ListAutoPaging(ctx, user.TokenListParams{})
			for pager.Next() {
				ids = append(ids, pager.Current().ID)
			}
			return ids, pager.Err()
		},
		update: func(ctx context.Context, id string, token shared.TokenParam) (*shared.Token, error) {
			return s.Update(ctx, id, user.TokenUpdateParams{Token: token})
		},
		roll: func(ctx context.Context, id string) (*shared.TokenValue, error) {
			return s.Value.Update(ctx, id, user.TokenValueUpdateParams{Body: struct{}{}})
		},
		verify: func(ctx context.Context, value string) (id, status string, err error) {
			got, err := s.Verify(ctx, option.WithAPIToken(value))
			if err != nil {
				return "", "", err
			}
			return got.ID, string(got.Status), nil
		},
		remove: func(ctx context.Context, id string) error {
			_, err := s.Delete(ctx, id)
			return err
		},
	}
}

func accountFamily(s *accounts.TokenService, accountID string) family {
	account := cloudflare.F(accountID)
	return family{
		groups: func(ctx context.Context) (map[string]string, error) {
			pager, ids := s.PermissionGroups.ListAutoPaging(ctx, accounts.TokenPermissionGroupListParams{AccountID: account}), map[string]string{}
			for pager.Next() {
				ids[pager.Current().Name] = pager.Current().ID
			}
			return ids, pager.Err()
		},
		create: func(ctx context.Context, name string, policies []shared.TokenPolicyParam) (id, value string, err error) {
			created, err := s.New(ctx, accounts.TokenNewParams{AccountID: account, Name: cloudflare.F(name), Policies: cloudflare.F(policies)})
			if err != nil {
				return "", "", err
			}
			return created.ID, created.Value, nil
		},
		get: func(ctx context.Context, id string) (*shared.Token, error) {
			return s.Get(ctx, id, accounts.TokenGetParams{AccountID: account})
		},
		list: func(ctx context.Context) (ids []string, err error) {
			pager := s.ListAutoPaging(ctx, accounts.TokenListParams{AccountID: account})
			for pager.Next() {
				ids = append(ids, pager.Current().ID)
			}
			return ids, pager.Err()
		},
		update: func(ctx context.Context, id string, token shared.TokenParam) (*shared.Token, error) {
			return s.Update(ctx, id, accounts.TokenUpdateParams{AccountID: account, Token: token})
		},
		roll: func(ctx context.Context, id string) (*shared.TokenValue, error) {
			return s.Value.Update(ctx, id, accounts.TokenValueUpdateParams{AccountID: account, Body: struct{}{}})
		},
		verify: func(ctx context.Context, value string) (id, status string, err error) {
			got, err := s.Verify(ctx, accounts.TokenVerifyParams{AccountID: account}, option.WithAPIToken(value))
			if err != nil {
				return "", "", err
			}
			return got.ID, string(got.Status), nil
		},
		remove: func(ctx context.Context, id string) error {
			_, err := s.Delete(ctx, id, accounts.TokenDeleteParams{AccountID: account})
			return err
		},
	}
}
