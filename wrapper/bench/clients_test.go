package bench

import (
	"context"
	"net/http"
	"testing"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/shared"
	"github.com/cloudflare/cloudflare-go/v7/user"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// client is one of the clients that are compared. Its calls return what the client returns.
type client interface {
	name() string
	list(ctx context.Context, perPage int, visit func(id string, policies int)) error // perPage 0: the client's default
	get(ctx context.Context, id string) (any, error)
	create(ctx context.Context) (any, error)
	verify(ctx context.Context) (any, error)
	groups(ctx context.Context) (any, error)
}

const credential = "EXAMPLE-credential_not_a_secret_01234567"

func newClients(tb testing.TB, baseURL string, c *http.Client) []client {
	tb.Helper()
	ours, err := cftokens.NewClient(credential, cftokens.WithBaseURL(baseURL), cftokens.WithHTTPClient(c))
	if err != nil {
		tb.Fatal(err)
	}
	// The User.Tokens of cloudflare.NewClient, without compiling the rest.
	official := user.NewTokenService(option.WithBaseURL(baseURL+"/"), option.WithAPIToken(credential), option.WithHTTPClient(c))
	return []client{baselineClient{c, baseURL}, cloudflareClient{official}, cftokensClient{ours}}
}

type cftokensClient struct{ c *cftokens.Client }

func (c cftokensClient) name() string { return "cftokens" }

func (c cftokensClient) list(ctx context.Context, perPage int, visit func(string, int)) error {
	for token, err := range c.c.All(ctx, cftokens.ListOptions{PerPage: perPage}) {
		if err != nil {
			return err
		}
		visit(token.ID, len(token.Policies))
	}
	return nil
}

func (c cftokensClient) get(ctx context.Context, id string) (any, error) { return c.c.Get(ctx, id) }

func (c cftokensClient) create(ctx context.Context) (any, error) {
	return c.c.Create(ctx, createParams())
}

func (c cftokensClient) verify(ctx context.Context) (any, error) { return c.c.Verify(ctx) }

func (c cftokensClient) groups(ctx context.Context) (any, error) {
	return c.c.ListPermissionGroups(ctx, cftokens.PermissionGroupOptions{})
}

func createParams() cftokens.TokenCreate {
	return cftokens.TokenCreate{
		Name: "deploy of service 1",
		Policies: []cftokens.Policy{{
			Effect:           cftokens.EffectAllow,
			PermissionGroups: []cftokens.PermissionGroupRef{{ID: "c8fed203ed3043cba015a93ad1616f1f"}, {ID: "4755a26eedb94da69e1066d98aa820be"}},
			Resources:        resource.Of(resource.Zone("22b1de5f1c0e4b3ea97bb1e963b06a43"), resource.Zone("eb78d65290b24279ba6f44721b3ea3c4")),
		}},
		Condition: cftokens.Condition{RequestIP: cftokens.RequestIP{In: []string{"192.0.2.0/24"}}},
	}
}

type cloudflareClient struct{ tokens *user.TokenService }

func (c cloudflareClient) name() string { return "cloudflare-go" }

func (c cloudflareClient) list(ctx context.Context, perPage int, visit func(string, int)) error {
	var params user.TokenListParams
	if perPage > 0 {
		params.PerPage = cloudflare.F(float64(perPage))
	}
	pager := c.tokens.ListAutoPaging(ctx, params)
	for pager.Next() {
		token := pager.Current()
		visit(token.ID, len(token.Policies))
	}
	return pager.Err()
}

func (c cloudflareClient) get(ctx context.Context, id string) (any, error) {
	return c.tokens.Get(ctx, id)
}

func (c cloudflareClient) create(ctx context.Context) (any, error) {
	return c.tokens.New(ctx, user.TokenNewParams{
		Name: cloudflare.F("deploy of service 1"),
		Policies: cloudflare.F([]shared.TokenPolicyParam{{
			Effect: cloudflare.F(shared.TokenPolicyEffectAllow),
			PermissionGroups: cloudflare.F([]shared.TokenPolicyPermissionGroupParam{
				{ID: cloudflare.F("c8fed203ed3043cba015a93ad1616f1f")}, {ID: cloudflare.F("4755a26eedb94da69e1066d98aa820be")},
			}),
			Resources: cloudflare.F[shared.TokenPolicyResourcesUnionParam](shared.TokenPolicyResourcesIAMResourcesTypeObjectStringParam{
				"com.cloudflare.api.account.zone.22b1de5f1c0e4b3ea97bb1e963b06a43": "*",
				"com.cloudflare.api.account.zone.eb78d65290b24279ba6f44721b3ea3c4": "*",
			}),
		}}),
		Condition: cloudflare.F(user.TokenNewParamsCondition{RequestIP: cloudflare.F(user.TokenNewParamsConditionRequestIP{
			In: cloudflare.F([]shared.TokenConditionCIDRListParam{"192.0.2.0/24"}),
		})}),
	})
}

func (c cloudflareClient) verify(ctx context.Context) (any, error) { return c.tokens.Verify(ctx) }

func (c cloudflareClient) groups(ctx context.Context) (any, error) {
	return c.tokens.PermissionGroups.List(ctx, user.TokenPermissionGroupListParams{})
}
