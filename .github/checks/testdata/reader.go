// Command reader calls the fake with the client that ogen generates from openapi.yaml.
// readers.sh copies it into the module of that client.
package main

import (
	"context"
	"fmt"
	"os"

	"example.com/reader/api"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

type credential string

func (c credential) ApiToken(context.Context, api.OperationName) (api.ApiToken, error) {
	return api.ApiToken{Token: string(c)}, nil
}

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "reader:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	server := cftokenstest.NewServer()
	defer server.Close()
	id, err := server.PutToken([]byte(`{"name":"a token","policies":[{"id":"f267e341f3dd4697bd3b9f71dd96247f","effect":"allow",` +
		`"permission_groups":[{"id":"82e64a83756745bbbb1c9c2701bf816b"}],"resources":{"com.cloudflare.api.account.zone.*":"*"}}],` +
		`"condition":{"request_ip":{"in":["192.0.2.0/24"]}},"expires_on":"2030-01-01T00:00:00Z"}`))
	if err != nil {
		return err
	}
	client, err := api.NewClient(server.URL, credential(server.Token))
	if err != nil {
		return err
	}

	tokens, err := client.ListTokens(ctx, api.ListTokensParams{})
	if list, ok := tokens.(*api.TokenListResponseHeaders); !ok || len(list.Response.Result) == 0 {
		return fmt.Errorf("ListTokens() = %T, %w, want tokens", tokens, err)
	}
	token, err := client.GetToken(ctx, api.GetTokenParams{TokenID: id})
	if got, ok := token.(*api.TokenResponseHeaders); !ok || got.Response.Result.Value.Name.Value != "a token" {
		return fmt.Errorf("GetToken() = %T, %w, want the token", token, err)
	}
	groups, err := client.ListAccountPermissionGroups(ctx, api.ListAccountPermissionGroupsParams{AccountID: server.AccountID})
	if list, ok := groups.(*api.PermissionGroupListResponseHeaders); !ok || len(list.Response.Result) == 0 {
		return fmt.Errorf("ListAccountPermissionGroups() = %T, %w, want groups", groups, err)
	}
	value, err := client.RollToken(ctx, &api.RollRequest{}, api.RollTokenParams{TokenID: id})
	if rolled, ok := value.(*api.TokenValueResponseHeaders); !ok || rolled.Response.Result.Value == "" {
		return fmt.Errorf("RollToken() = %T, %w, want a value", value, err)
	}
	deleted, err := client.DeleteToken(ctx, api.DeleteTokenParams{TokenID: id})
	if got, ok := deleted.(*api.DeletedTokenResponseHeaders); !ok || got.Response.Result.Value.ID != id {
		return fmt.Errorf("DeleteToken() = %T, %w, want the ID", deleted, err)
	}
	missing, err := client.GetToken(ctx, api.GetTokenParams{TokenID: id})
	if failure, ok := missing.(*api.ErrorBodyStatusCodeWithHeaders); !ok || failure.StatusCode != 404 || len(failure.Response.ErrorEnvelope.Errors) != 1 {
		return fmt.Errorf("GetToken() of a deleted token = %T, %w, want a 404 with one error", missing, err)
	}
	return nil
}
