package cftokens

import (
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
)

// owner is the owner of tokens: an account, or the user whose token the client
// authenticates with if account is empty. Its methods select the operation and build the
// request for either; everything else is shared.
type owner struct{ account string }

// root is a placeholder for the server in generated requests. The client replaces it with
// the base URL, to parse that only once.
const root = "/"

const contentType = "application/json"

func (o owner) choose(user, account *gen.Operation) *gen.Operation {
	if o.account == "" {
		return user
	}
	return account
}

// request is a request that generated code built, without its body.
type request struct {
	http *http.Request
	err  error // why it could not be built
}

func built(req *http.Request, err error) request { return request{req, err} }

func (o owner) opListTokens() *gen.Operation {
	return o.choose(gen.OpListTokens, gen.OpListAccountTokens)
}

func (o owner) listTokens(p *gen.ListTokensParams) request {
	if o.account == "" {
		return built(gen.NewListTokensRequest(root, p))
	}
	return built(gen.NewListAccountTokensRequest(root, o.account, (*gen.ListAccountTokensParams)(p)))
}

func (o owner) opCreateToken() *gen.Operation {
	return o.choose(gen.OpCreateToken, gen.OpCreateAccountToken)
}

func (o owner) createToken() request {
	if o.account == "" {
		return built(gen.NewCreateTokenRequestWithBody(root, contentType, nil))
	}
	return built(gen.NewCreateAccountTokenRequestWithBody(root, o.account, contentType, nil))
}

func (o owner) opGetToken() *gen.Operation {
	return o.choose(gen.OpGetToken, gen.OpGetAccountToken)
}

func (o owner) getToken(id string) request {
	if o.account == "" {
		return built(gen.NewGetTokenRequest(root, id))
	}
	return built(gen.NewGetAccountTokenRequest(root, o.account, id))
}

func (o owner) opUpdateToken() *gen.Operation {
	return o.choose(gen.OpUpdateToken, gen.OpUpdateAccountToken)
}

func (o owner) updateToken(id string) request {
	if o.account == "" {
		return built(gen.NewUpdateTokenRequestWithBody(root, id, contentType, nil))
	}
	return built(gen.NewUpdateAccountTokenRequestWithBody(root, o.account, id, contentType, nil))
}

func (o owner) opDeleteToken() *gen.Operation {
	return o.choose(gen.OpDeleteToken, gen.OpDeleteAccountToken)
}

func (o owner) deleteToken(id string) request {
	if o.account == "" {
		return built(gen.NewDeleteTokenRequest(root, id))
	}
	return built(gen.NewDeleteAccountTokenRequest(root, o.account, id))
}

func (o owner) opVerifyToken() *gen.Operation {
	return o.choose(gen.OpVerifyToken, gen.OpVerifyAccountToken)
}

func (o owner) verifyToken() request {
	if o.account == "" {
		return built(gen.NewVerifyTokenRequest(root))
	}
	return built(gen.NewVerifyAccountTokenRequest(root, o.account))
}

func (o owner) opRollToken() *gen.Operation {
	return o.choose(gen.OpRollToken, gen.OpRollAccountToken)
}

func (o owner) rollToken(id string) request {
	if o.account == "" {
		return built(gen.NewRollTokenRequestWithBody(root, id, contentType, nil))
	}
	return built(gen.NewRollAccountTokenRequestWithBody(root, o.account, id, contentType, nil))
}

func (o owner) opListPermissionGroups() *gen.Operation {
	return o.choose(gen.OpListPermissionGroups, gen.OpListAccountPermissionGroups)
}

func (o owner) listPermissionGroups(p *gen.ListPermissionGroupsParams) request {
	if o.account == "" {
		return built(gen.NewListPermissionGroupsRequest(root, p))
	}
	return built(gen.NewListAccountPermissionGroupsRequest(root, o.account, (*gen.ListAccountPermissionGroupsParams)(p)))
}
