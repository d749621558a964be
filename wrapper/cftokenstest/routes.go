package cftokenstest

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/cftokens/cftokens-go/gen"
)

// route is a path template of the document, with its operations by method.
type route struct {
	segments   []string
	operations map[string]*gen.Operation
}

// routes lists the paths of the document, in the order in which they are matched:
// '{' sorts after the letters, so a literal segment comes before a parameter, and
// tokens/verify is not a token ID.
var routes = sync.OnceValue(func() (list []route) {
	byPath := make(map[string]map[string]*gen.Operation)
	for _, op := range gen.Operations {
		if byPath[op.Path] == nil {
			byPath[op.Path] = make(map[string]*gen.Operation)
		}
		byPath[op.Path][op.Method] = op
	}
	for _, path := range slices.Sorted(maps.Keys(byPath)) {
		list = append(list, route{strings.Split(path, "/"), byPath[path]})
	}
	return list
})

// Parameters in the path templates.
const (
	accountParam = "account_id"
	tokenParam   = "token_id"
)

var idShape = regexp.MustCompile(`^[0-9A-Fa-f]{32}$`)

// match returns the operation and the path parameters of r, or the gateway's error
// response, which is sent before credentials are checked.
func match(r *http.Request) (op *gen.Operation, params map[string]string, problem *response) {
	path := r.URL.EscapedPath()
	segments, ok := split(path)
	if !ok {
		return nil, nil, noRoute(http.StatusNotFound, path, true)
	}
	for _, candidate := range routes() {
		params, ok := candidate.match(segments)
		if !ok {
			continue
		}
		op := candidate.operations[r.Method]
		if op == nil {
			return nil, nil, noMethod(r.Method, candidate.operations)
		}
		for _, id := range params {
			if !idShape.MatchString(id) {
				return op, nil, noRoute(http.StatusBadRequest, path, false)
			}
		}
		return op, params, nil
	}
	return nil, nil, noRoute(http.StatusNotFound, path, true)
}

// split returns the segments of a path below basePath, the first of which is empty.
// It unescapes them after the split, so that an ID with an escaped slash stays one
// segment. Slashes at the end do not count: an empty token ID lists tokens.
func split(path string) ([]string, bool) {
	path, ok := strings.CutPrefix(path, basePath)
	segments := strings.Split(strings.TrimRight(path, "/"), "/")
	for i, segment := range segments {
		segments[i], _ = url.PathUnescape(segment) // net/http rejects an invalid escape
	}
	return segments, ok
}

// match compares a path with the template. A parameter takes any segment.
func (t route) match(segments []string) (params map[string]string, ok bool) {
	if len(segments) != len(t.segments) {
		return nil, false
	}
	params = make(map[string]string)
	for i, want := range t.segments {
		if strings.HasPrefix(want, "{") {
			params[strings.Trim(want, "{}")] = segments[i]
		} else if want != segments[i] {
			return nil, false
		}
	}
	return params, true
}

// noRoute is the gateway's response to a path that it does not know. Only the older
// form has the second error.
func noRoute(status int, path string, older bool) *response {
	errors := []detail{{Code: codeNoRoute, Message: "Could not route to " + path + ", perhaps your object identifier is invalid?"}}
	if older {
		errors = append(errors, detail{Code: codeNoURI, Message: "No route for that URI"})
	}
	return envelope{Errors: errors}.response(status)
}

// noMethod is the gateway's response to a method that a path does not have.
func noMethod(method string, operations map[string]*gen.Operation) *response {
	r := errorResponse(http.StatusMethodNotAllowed, codeNoMethod, "Method "+method+" not available for that URI.")
	r.header.Set("Allow", strings.Join(slices.Sorted(maps.Keys(operations)), ", "))
	return r
}

// handlers carry out the operations. Users and accounts share them: the call contains the
// owner.
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

// handlerOf returns the handler of an operation. If there is none, which tests notice, the
// fake does not respond as if the operation did not exist.
func handlerOf(op *gen.Operation) func(*Server, *call) *response {
	if handler, ok := handlers[op.ID]; ok {
		return handler
	}
	return func(*Server, *call) *response {
		return errorResponse(http.StatusNotImplemented, http.StatusNotImplemented, "operation "+op.ID+" has no handler: add it to handlers in routes.go")
	}
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

// verifies reports whether op verifies the token that it is called with. It requires no
// permission, and its errors have other codes and messages.
func verifies(op *gen.Operation) bool {
	return op == gen.OpVerifyToken || op == gen.OpVerifyAccountToken
}
