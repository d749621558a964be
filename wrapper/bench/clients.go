package main

import (
	"context"
	"net/http"

	"github.com/cloudflare/cloudflare-go/v7"
	"github.com/cloudflare/cloudflare-go/v7/option"
	"github.com/cloudflare/cloudflare-go/v7/shared"
	"github.com/cloudflare/cloudflare-go/v7/user"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
)

// client is what is measured, as each of the three does it. What comes of a call
// is told as far as it takes to see that all of it was decoded.
type client interface {
	list(ctx context.Context, perPage int) (tokens int, err error) // perPage 0: the client's own default
	get(ctx context.Context, id string) (name string, err error)
	create(ctx context.Context) (value string, err error)
	verify(ctx context.Context) (status string, err error)
	groups(ctx context.Context) (count int, err error)
}

const credential = "EXAMPLE-credential_not_a_secret_01234567"

// newClients makes the clients that are compared: this one, the official one, and
// the floor.
func newClients(baseURL string, c *http.Client) ([]client, error) {
	ours, err := cftokens.NewClient(credential, cftokens.WithBaseURL(baseURL), cftokens.WithHTTPClient(c))
	if err != nil {
		return nil, err
	}
	// What cloudflare.NewClient gives as its User.Tokens, without compiling the rest.
	official := user.NewTokenService(option.WithBaseURL(baseURL+"/"), option.WithAPIToken(credential), option.WithHTTPClient(c))
	return []client{thisClient{ours}, officialClient{official}, floor{c, baseURL}}, nil
}

type thisClient struct{ *cftokens.Client }

func (c thisClient) list(ctx context.Context, perPage int) (tokens int, err error) {
	for token, err := range c.All(ctx, cftokens.ListOptions{PerPage: perPage}) {
		if err != nil {
			return 0, err
		}
		if len(token.Policies) == 2 {
			tokens++
		}
	}
	return tokens, nil
}

func (c thisClient) get(ctx context.Context, id string) (string, error) {
	token, err := c.Get(ctx, id)
	if err != nil {
		return "", err
	}
	return token.Name, nil
}

// wanted is the token that is created.
func wanted() cftokens.TokenCreate {
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

func (c thisClient) create(ctx context.Context) (string, error) {
	created, err := c.Create(ctx, wanted())
	if err != nil {
		return "", err
	}
	return created.Value.Reveal(), nil
}

func (c thisClient) verify(ctx context.Context) (string, error) {
	verification, err := c.Verify(ctx)
	if err != nil {
		return "", err
	}
	return string(verification.Status), nil
}

func (c thisClient) groups(ctx context.Context) (int, error) {
	page, err := c.ListPermissionGroups(ctx, cftokens.PermissionGroupOptions{})
	if err != nil {
		return 0, err
	}
	return len(page.Items), nil
}

type officialClient struct{ *user.TokenService }

func (c officialClient) list(ctx context.Context, perPage int) (tokens int, err error) {
	var params user.TokenListParams
	if perPage > 0 {
		params.PerPage = cloudflare.F(float64(perPage))
	}
	pager := c.ListAutoPaging(ctx, params)
	for pager.Next() {
		if len(pager.Current().Policies) == 2 {
			tokens++
		}
	}
	return tokens, pager.Err()
}

func (c officialClient) get(ctx context.Context, id string) (string, error) {
	token, err := c.Get(ctx, id)
	if err != nil {
		return "", err
	}
	return token.Name, nil
}

func (c officialClient) create(ctx context.Context) (string, error) {
	created, err := c.New(ctx, user.TokenNewParams{
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
	if err != nil {
		return "", err
	}
	return created.Value, nil
}

func (c officialClient) verify(ctx context.Context) (string, error) {
	verification, err := c.Verify(ctx)
	if err != nil {
		return "", err
	}
	return string(verification.Status), nil
}

func (c officialClient) groups(ctx context.Context) (int, error) {
	page, err := c.PermissionGroups.List(ctx, user.TokenPermissionGroupListParams{})
	if err != nil {
		return 0, err
	}
	return len(page.Result), nil
}
