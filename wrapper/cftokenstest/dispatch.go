package cftokenstest

import (
	"net/http"

	"github.com/cftokens/cftokens-go/gen"
)

// handlers carry out the operations. Users and accounts share them: a call knows
// whose tokens it is about.
var handlers = map[string]func(*Server, *call) *response{
	gen.OpListTokens.ID:           (*Server).listTokens,
	gen.OpCreateToken.ID:          (*Server).createToken,
	gen.OpGetToken.ID:             withToken((*Server).getToken),
	gen.OpUpdateToken.ID:          withToken((*Server).updateToken),
	gen.OpDeleteToken.ID:          withToken((*Server).deleteToken),
	gen.OpRollToken.ID:            withToken((*Server).rollToken),
	gen.OpVerifyToken.ID:          (*Server).verifyToken,
	gen.OpListPermissionGroups.ID: (*Server).listPermissionGroups,

	gen.OpListAccountTokens.ID:           (*Server).listTokens,
	gen.OpCreateAccountToken.ID:          (*Server).createToken,
	gen.OpGetAccountToken.ID:             withToken((*Server).getToken),
	gen.OpUpdateAccountToken.ID:          withToken((*Server).updateToken),
	gen.OpDeleteAccountToken.ID:          withToken((*Server).deleteToken),
	gen.OpRollAccountToken.ID:            withToken((*Server).rollToken),
	gen.OpVerifyAccountToken.ID:          (*Server).verifyToken,
	gen.OpListAccountPermissionGroups.ID: (*Server).listPermissionGroups,
}

// handlerOf panics if an operation has no handler: it is in the document, and the
// fake must not respond to it with something else.
func handlerOf(op *gen.Operation) func(*Server, *call) *response {
	handler, ok := handlers[op.ID]
	if !ok {
		panic("cftokenstest: operation " + op.ID + " has no handler")
	}
	return handler
}

// withToken looks up the token in the path for a handler.
func withToken(handler func(*Server, *call, *token) *response) func(*Server, *call) *response {
	return func(s *Server, c *call) *response {
		t, ok := s.index.byID[c.params[tokenParam]]
		if !ok || t.owner != c.owner {
			return tokenNotFound()
		}
		return handler(s, c, t)
	}
}

func tokenNotFound() *response {
	return errorResponse(http.StatusNotFound, codeNotFound, "Token not found")
}

// verifies reports whether op verifies the token that it is called with. The document
// asks for no permission there, and the API reports errors in other words.
func verifies(op *gen.Operation) bool {
	return op == gen.OpVerifyToken || op == gen.OpVerifyAccountToken
}
