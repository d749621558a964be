package cftokenstest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Operations, by the operationId of openapi.yaml.
const (
	opList   = "listTokens"
	opCreate = "createToken"
	opGet    = "getToken"
	opUpdate = "updateToken"
	opDelete = "deleteToken"
	opVerify = "verifyToken"
	opRoll   = "rollToken"
	opGroups = "listPermissionGroups"
)

var operations = []string{opList, opCreate, opGet, opUpdate, opDelete, opVerify, opRoll, opGroups}

var (
	tokensMethods = map[string]string{http.MethodGet: opList, http.MethodPost: opCreate}
	tokenMethods  = map[string]string{http.MethodGet: opGet, http.MethodPut: opUpdate, http.MethodDelete: opDelete}
	valueMethods  = map[string]string{http.MethodPut: opRoll}
	verifyMethods = map[string]string{http.MethodGet: opVerify}
	groupsMethods = map[string]string{http.MethodGet: opGroups}
)

var idShape = regexp.MustCompile(`^[0-9a-f]{32}$`)

// route finds the operation and the token id that r is for, or the gateway's
// refusal, which comes before any look at credentials. Paths are taken apart before
// their escapes are undone, so that an id with an escaped slash stays an id.
func route(r *http.Request) (op, id string, refused *answer) {
	path := r.URL.EscapedPath()
	rest, ok := strings.CutPrefix(path, basePath+"/user/tokens")
	if !ok || rest != "" && rest[0] != '/' {
		return "", "", unroutable(http.StatusNotFound, path, true)
	}
	var segments []string
	for segment := range strings.SplitSeq(strings.Trim(rest, "/"), "/") {
		name, _ := url.PathUnescape(segment) // net/http refuses a path with a broken escape
		segments = append(segments, name)
	}
	var methods map[string]string
	switch {
	case len(segments) == 2 && segments[1] == "value":
		id, methods = segments[0], valueMethods
	case len(segments) > 1:
		return "", "", unroutable(http.StatusNotFound, path, true)
	case segments[0] == "":
		methods = tokensMethods
	case segments[0] == "verify":
		methods = verifyMethods
	case segments[0] == "permission_groups":
		methods = groupsMethods
	default:
		id, methods = segments[0], tokenMethods
	}
	op, ok = methods[r.Method]
	if !ok {
		return "", "", unavailable(r.Method, methods)
	}
	if id != "" && !idShape.MatchString(id) {
		return op, "", unroutable(http.StatusBadRequest, path, false)
	}
	return op, id, nil
}

// unroutable is the gateway's answer to a path that it does not know. Only the older
// form of it has the second error.
func unroutable(status int, path string, older bool) *answer {
	errors := []detail{{Code: codeNoRoute, Message: "Could not route to " + path + ", perhaps your object identifier is invalid?"}}
	if older {
		errors = append(errors, detail{Code: codeNoURI, Message: "No route for that URI"})
	}
	return envelope{Errors: errors}.answer(status)
}

// unavailable is the gateway's answer to a method that a path does not have.
func unavailable(method string, methods map[string]string) *answer {
	a := refuse(http.StatusMethodNotAllowed, codeNoMethod, "Method "+method+" not available for that URI.")
	var allowed []string
	for m := range methods {
		allowed = append(allowed, m)
	}
	slices.Sort(allowed)
	a.header.Set("Allow", strings.Join(allowed, ", "))
	return a
}
