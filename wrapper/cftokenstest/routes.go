package cftokenstest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
)

var idShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

// route returns the operation that r is for and the parameters in its path, or the
// gateway's rejection, which comes before any look at credentials. Paths are split
// before they are unescaped, so that an ID with an escaped slash stays an ID.
func route(r *http.Request) (op *gen.Operation, params map[string]string, rejection *answer) {
	path := r.URL.EscapedPath()
	rest, ok := strings.CutPrefix(path, basePath+"/")
	if !ok {
		return nil, nil, unroutable(http.StatusNotFound, path, true)
	}
	var segments []string
	for segment := range strings.SplitSeq(strings.Trim(rest, "/"), "/") {
		name, _ := url.PathUnescape(segment) // net/http rejects a path with a malformed escape
		segments = append(segments, name)
	}
	// The template with the fewest parameters wins: verify is not the ID of a token.
	var candidates []*gen.Operation
	for _, candidate := range gen.Operations {
		p, ok := match(candidate.Path, segments)
		switch {
		case !ok || params != nil && len(p) > len(params):
		case params != nil && len(p) == len(params):
			candidates = append(candidates, candidate)
		default:
			candidates, params = []*gen.Operation{candidate}, p
		}
	}
	if candidates == nil {
		return nil, nil, unroutable(http.StatusNotFound, path, true)
	}
	i := slices.IndexFunc(candidates, func(op *gen.Operation) bool { return op.Method == r.Method })
	if i < 0 {
		return nil, nil, unavailable(r.Method, candidates)
	}
	for _, id := range params {
		if !idShape.MatchString(id) {
			return candidates[i], nil, unroutable(http.StatusBadRequest, path, false)
		}
	}
	return candidates[i], params, nil
}

// match returns the parameters that make segments out of a path template.
func match(template string, segments []string) (map[string]string, bool) {
	parts := strings.Split(strings.Trim(template, "/"), "/")
	if len(parts) != len(segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			params[strings.Trim(part, "{}")] = segments[i]
		} else if part != segments[i] {
			return nil, false
		}
	}
	return params, true
}

// unroutable is the gateway's response to a path that it does not know. Only the older
// form of it has the second error.
func unroutable(status int, path string, older bool) *answer {
	errors := []detail{{Code: codeNoRoute, Message: "Could not route to " + path + ", perhaps your object identifier is invalid?"}}
	if older {
		errors = append(errors, detail{Code: codeNoURI, Message: "No route for that URI"})
	}
	return envelope{Errors: errors}.answer(status)
}

// unavailable is the gateway's response to a method that a path does not have.
func unavailable(method string, ops []*gen.Operation) *answer {
	a := refuse(http.StatusMethodNotAllowed, codeNoMethod, "Method "+method+" not available for that URI.")
	var allowed []string
	for _, op := range ops {
		allowed = append(allowed, op.Method)
	}
	slices.Sort(allowed)
	a.header.Set("Allow", strings.Join(allowed, ", "))
	return a
}
