package cftokens

import (
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
)

// owner is the owner of tokens: an account, or the user whose token the client
// authenticates with if account is empty. Its methods return the calls of the API;
// everything else is shared.
type owner struct{ account string }

// call is an operation, and how generated code builds its request, without a body.
type call struct {
	op    *gen.Operation
	build func() (*http.Request, error)
}

// root is a placeholder for the server in generated requests. The client replaces it with
// the base URL, to parse that only once.
const root = "/"

const contentType = "application/json"

func (o owner) listTokens(p *gen.ListTokensParams) call {
	if o.account != "" {
		return call{gen.OpListAccountTokens, func() (*http.Request, error) {
			return gen.NewListAccountTokensRequest(root, o.account, (*gen.ListAccountTokensParams)(p))
		}}
	}
	return call{gen.OpListTokens, func() (*http.Request, error) { return gen.NewListTokensRequest(root, p) }}
}

func (o owner) createToken() call {
	if o.account != "" {
		return call{gen.OpCreateAccountToken, func() (*http.Request, error) {
			return gen.NewCreateAccountTokenRequestWithBody(root, o.account, contentType, nil)
		}}
	}
	return call{gen.OpCreateToken, func() (*http.Request, error) { return gen.NewCreateTokenRequestWithBody(root, contentType, nil) }}
}

func (o owner) getToken(id string) call {
	if o.account != "" {
		return call{gen.OpGetAccountToken, func() (*http.Request, error) {
			return gen.NewGetAccountTokenRequest(root, o.account, id)
		}}
	}
	return call{gen.OpGetToken, func() (*http.Request, error) { return gen.NewGetTokenRequest(root, id) }}
}

func (o owner) updateToken(id string) call {
	if o.account != "" {
		return call{gen.OpUpdateAccountToken, func() (*http.Request, error) {
			return gen.NewUpdateAccountTokenRequestWithBody(root, o.account, id, contentType, nil)
		}}
	}
	return call{gen.OpUpdateToken, func() (*http.Request, error) { return gen.NewUpdateTokenRequestWithBody(root, id, contentType, nil) }}
}

func (o owner) deleteToken(id string) call {
	if o.account != "" {
		return call{gen.OpDeleteAccountToken, func() (*http.Request, error) {
			return gen.NewDeleteAccountTokenRequest(root, o.account, id)
		}}
	}
	return call{gen.OpDeleteToken, func() (*http.Request, error) { return gen.NewDeleteTokenRequest(root, id) }}
}

func (o owner) verifyToken() call {
	if o.account != "" {
		return call{gen.OpVerifyAccountToken, func() (*http.Request, error) {
			return gen.NewVerifyAccountTokenRequest(root, o.account)
		}}
	}
	return call{gen.OpVerifyToken, func() (*http.Request, error) { return gen.NewVerifyTokenRequest(root) }}
}

func (o owner) rollToken(id string) call {
	if o.account != "" {
		return call{gen.OpRollAccountToken, func() (*http.Request, error) {
			return gen.NewRollAccountTokenRequestWithBody(root, o.account, id, contentType, nil)
		}}
	}
	return call{gen.OpRollToken, func() (*http.Request, error) { return gen.NewRollTokenRequestWithBody(root, id, contentType, nil) }}
}

func (o owner) listPermissionGroups(p *gen.ListPermissionGroupsParams) call {
	if o.account != "" {
		return call{gen.OpListAccountPermissionGroups, func() (*http.Request, error) {
			return gen.NewListAccountPermissionGroupsRequest(root, o.account, (*gen.ListAccountPermissionGroupsParams)(p))
		}}
	}
	return call{gen.OpListPermissionGroups, func() (*http.Request, error) { return gen.NewListPermissionGroupsRequest(root, p) }}
}
