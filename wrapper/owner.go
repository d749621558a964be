package cftokens

import (
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
)

// owner is the owner of tokens: an account, or, if that is empty, the user whose token the
// client authenticates with. Its methods return the calls of the API.
type owner struct{ account string }

// call is an operation, and how generated code builds its request, without a body.
type call struct {
	op    *gen.Operation
	build func() (*http.Request, error)
}

// root is a placeholder for the base URL in generated requests.
const root = "/"

const contentType = "application/json"

func (o owner) choose(user, account call) call {
	if o.account == "" {
		return user
	}
	return account
}

func (o owner) listTokens(p *gen.ListTokensParams) call {
	return o.choose(call{gen.OpListTokens, func() (*http.Request, error) {
		return gen.NewListTokensRequest(root, p)
	}}, call{gen.OpListAccountTokens, func() (*http.Request, error) {
		return gen.NewListAccountTokensRequest(root, o.account, (*gen.ListAccountTokensParams)(p))
	}})
}

func (o owner) createToken() call {
	return o.choose(call{gen.OpCreateToken, func() (*http.Request, error) {
		return gen.NewCreateTokenRequestWithBody(root, contentType, nil)
	}}, call{gen.OpCreateAccountToken, func() (*http.Request, error) {
		return gen.NewCreateAccountTokenRequestWithBody(root, o.account, contentType, nil)
	}})
}

func (o owner) getToken(id string) call {
	return o.choose(call{gen.OpGetToken, func() (*http.Request, error) {
		return gen.NewGetTokenRequest(root, id)
	}}, call{gen.OpGetAccountToken, func() (*http.Request, error) {
		return gen.NewGetAccountTokenRequest(root, o.account, id)
	}})
}

func (o owner) updateToken(id string) call {
	return o.choose(call{gen.OpUpdateToken, func() (*http.Request, error) {
		return gen.NewUpdateTokenRequestWithBody(root, id, contentType, nil)
	}}, call{gen.OpUpdateAccountToken, func() (*http.Request, error) {
		return gen.NewUpdateAccountTokenRequestWithBody(root, o.account, id, contentType, nil)
	}})
}

func (o owner) deleteToken(id string) call {
	return o.choose(call{gen.OpDeleteToken, func() (*http.Request, error) {
		return gen.NewDeleteTokenRequest(root, id)
	}}, call{gen.OpDeleteAccountToken, func() (*http.Request, error) {
		return gen.NewDeleteAccountTokenRequest(root, o.account, id)
	}})
}

func (o owner) verifyToken() call {
	return o.choose(call{gen.OpVerifyToken, func() (*http.Request, error) {
		return gen.NewVerifyTokenRequest(root)
	}}, call{gen.OpVerifyAccountToken, func() (*http.Request, error) {
		return gen.NewVerifyAccountTokenRequest(root, o.account)
	}})
}

func (o owner) rollToken(id string) call {
	return o.choose(call{gen.OpRollToken, func() (*http.Request, error) {
		return gen.NewRollTokenRequestWithBody(root, id, contentType, nil)
	}}, call{gen.OpRollAccountToken, func() (*http.Request, error) {
		return gen.NewRollAccountTokenRequestWithBody(root, o.account, id, contentType, nil)
	}})
}

func (o owner) listPermissionGroups(p *gen.ListPermissionGroupsParams) call {
	return o.choose(call{gen.OpListPermissionGroups, func() (*http.Request, error) {
		return gen.NewListPermissionGroupsRequest(root, p)
	}}, call{gen.OpListAccountPermissionGroups, func() (*http.Request, error) {
		return gen.NewListAccountPermissionGroupsRequest(root, o.account, (*gen.ListAccountPermissionGroupsParams)(p))
	}})
}
