package cftokens

import (
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
)

// owner builds the requests for user tokens or for account tokens. Everything else is
// shared.
type owner interface {
	listTokens(*gen.ListTokensParams) request
	createToken() request
	getToken(id string) request
	updateToken(id string) request
	deleteToken(id string) request
	verifyToken() request
	rollToken(id string) request
	listPermissionGroups(*gen.ListPermissionGroupsParams) request
}

// request is a request that generated code built, without its body.
type request struct {
	op   *gen.Operation
	http *http.Request
	err  error // why it could not be built
}

// root is a placeholder for the server in generated requests. The client replaces it with
// the base URL, to parse that only once.
const root = "/"

const contentType = "application/json"

func build(op *gen.Operation) func(*http.Request, error) request {
	return func(req *http.Request, err error) request { return request{op, req, err} }
}

// user is the user whose token the client authenticates with.
type user struct{}

func (user) listTokens(p *gen.ListTokensParams) request {
	return build(gen.OpListTokens)(gen.NewListTokensRequest(root, p))
}

func (user) createToken() request {
	return build(gen.OpCreateToken)(gen.NewCreateTokenRequestWithBody(root, contentType, nil))
}

func (user) getToken(id string) request {
	return build(gen.OpGetToken)(gen.NewGetTokenRequest(root, id))
}

func (user) updateToken(id string) request {
	return build(gen.OpUpdateToken)(gen.NewUpdateTokenRequestWithBody(root, id, contentType, nil))
}

func (user) deleteToken(id string) request {
	return build(gen.OpDeleteToken)(gen.NewDeleteTokenRequest(root, id))
}

func (user) verifyToken() request {
	return build(gen.OpVerifyToken)(gen.NewVerifyTokenRequest(root))
}

func (user) rollToken(id string) request {
	return build(gen.OpRollToken)(gen.NewRollTokenRequestWithBody(root, id, contentType, nil))
}

func (user) listPermissionGroups(p *gen.ListPermissionGroupsParams) request {
	return build(gen.OpListPermissionGroups)(gen.NewListPermissionGroupsRequest(root, p))
}

// account is an account that owns tokens.
type account struct{ id string }

func (a account) listTokens(p *gen.ListTokensParams) request {
	return build(gen.OpListAccountTokens)(gen.NewListAccountTokensRequest(root, a.id, (*gen.ListAccountTokensParams)(p)))
}

func (a account) createToken() request {
	return build(gen.OpCreateAccountToken)(gen.NewCreateAccountTokenRequestWithBody(root, a.id, contentType, nil))
}

func (a account) getToken(id string) request {
	return build(gen.OpGetAccountToken)(gen.NewGetAccountTokenRequest(root, a.id, id))
}

func (a account) updateToken(id string) request {
	return build(gen.OpUpdateAccountToken)(gen.NewUpdateAccountTokenRequestWithBody(root, a.id, id, contentType, nil))
}

func (a account) deleteToken(id string) request {
	return build(gen.OpDeleteAccountToken)(gen.NewDeleteAccountTokenRequest(root, a.id, id))
}

func (a account) verifyToken() request {
	return build(gen.OpVerifyAccountToken)(gen.NewVerifyAccountTokenRequest(root, a.id))
}

func (a account) rollToken(id string) request {
	return build(gen.OpRollAccountToken)(gen.NewRollAccountTokenRequestWithBody(root, a.id, id, contentType, nil))
}

func (a account) listPermissionGroups(p *gen.ListPermissionGroupsParams) request {
	return build(gen.OpListAccountPermissionGroups)(gen.NewListAccountPermissionGroupsRequest(root, a.id, (*gen.ListAccountPermissionGroupsParams)(p)))
}
