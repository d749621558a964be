package cftokens

import (
	"net/http"
	"strings"
)

// operation is what the wrapper has to know of an operation of openapi.yaml
// besides its generated code.
type operation struct {
	id, method, path string

	// repeatable operations come to the same whether the API carries them out
	// once or twice. The others are never sent again once they may have taken
	// effect.
	repeatable bool

	// advice is what to do where the outcome of an operation that is not
	// repeatable is unknown.
	advice string
}

var (
	opListTokens = operation{id: "listTokens", method: http.MethodGet, path: "/user/tokens", repeatable: true}
	opGetToken   = operation{id: "getToken", method: http.MethodGet, path: "/user/tokens/{token_id}", repeatable: true}
	opUpdate     = operation{id: "updateToken", method: http.MethodPut, path: "/user/tokens/{token_id}", repeatable: true}
	opDelete     = operation{id: "deleteToken", method: http.MethodDelete, path: "/user/tokens/{token_id}", repeatable: true}
	opVerify     = operation{id: "verifyToken", method: http.MethodGet, path: "/user/tokens/verify", repeatable: true}
	opGroups     = operation{id: "listPermissionGroups", method: http.MethodGet, path: "/user/tokens/permission_groups", repeatable: true}

	opCreate = operation{
		id: "createToken", method: http.MethodPost, path: "/user/tokens",
		advice: "a token without a known value may exist; look for it by name, and delete it, before creating again",
	}
	opRoll = operation{
		id: "rollToken", method: http.MethodPut, path: "/user/tokens/{token_id}/value",
		advice: "the old value may have stopped working; roll again to get a value that is known",
	}
)

// The literal paths stand before the templates that would match them too.
var operations = []operation{
	opListTokens, opCreate, opVerify, opGroups, opGetToken, opUpdate, opDelete, opRoll,
}

// operationOf finds the operation of a request that was made with the generated
// client itself. A request of no operation is sent once.
func operationOf(method, path string) operation {
	for _, op := range operations {
		if op.method == method && op.matches(path) {
			return op
		}
	}
	return operation{id: "unknown", method: method, path: "unknown"}
}

// matches compares from the end, for the path begins with that of the base URL.
func (op operation) matches(path string) bool {
	want, got := strings.Split(op.path, "/")[1:], strings.Split(path, "/")
	if len(got) < len(want) {
		return false
	}
	got = got[len(got)-len(want):]
	for i := range want {
		if want[i] != got[i] && !strings.HasPrefix(want[i], "{") {
			return false
		}
	}
	return true
}
