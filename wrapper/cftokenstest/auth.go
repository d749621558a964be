package cftokenstest

import (
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
)

// valueShape is the shape of a token's value. Shorter values are malformed (observed);
// longer ones are not, because the length has changed before.
var valueShape = regexp.MustCompile(`^[A-Za-z0-9_-]{40,}$`)

// authorize finds the token that a call authenticates with, and rejects the call if it
// may not be made with it. Verify rejects less, in other words.
func (s *Server) authorize(c *call) *response {
	verify := verifies(c.op)
	headers := c.Header.Values("Authorization")
	if len(headers) == 0 {
		return missingCredential(c.Header, verify)
	}
	scheme, value, _ := strings.Cut(headers[0], " ")
	user, known := s.index.byValue[digest(value)]
	c.user = user
	ofAccount := known && user.owner.account != "" || !known && strings.HasPrefix(value, "cfat_")
	switch {
	case len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || !known && !valueShape.MatchString(value):
		return malformedCredential()
	case verify && (!known || user.owner != c.owner):
		return unknownCredential(c.op)
	case verify:
		return nil
	case ofAccount && c.owner == s.user:
		return errorResponse(http.StatusForbidden, codeUnauthorized, "Valid user-level authentication not found")
	case !known || !user.usable(s.now()):
		return unknownCredential(c.op)
	}
	if from := clientAddr(c.Request); !user.allowsAddr(from) {
		return errorResponse(http.StatusForbidden, codeUnauthorized, "Cannot use the access token from location: "+from.String())
	}
	// An account that does not exist is not told from one that the token has no
	// permission for (inferred).
	if c.owner == nil || !user.hasPermission(c.op, c.owner.account) {
		return unauthorized()
	}
	return nil
}

// malformedCredential is the response to an Authorization header that cannot contain
// a token.
func malformedCredential() *response {
	return envelope{Errors: []detail{{
		Code: codeHeaders, Message: "Invalid request headers",
		Chain: []detail{{Code: codeAuthorization, Message: "Invalid format for Authorization header"}},
	}}}.response(http.StatusBadRequest)
}

// unknownCredential is the response to a value that no usable token has.
func unknownCredential(op *gen.Operation) *response {
	if verifies(op) {
		return errorResponse(http.StatusUnauthorized, codeUnknownToken, "Invalid API Token")
	}
	return errorResponse(http.StatusUnauthorized, codeAuthentication, "Authentication error")
}

// unauthorized is the response to a token without the permission.
func unauthorized() *response {
	return errorResponse(http.StatusForbidden, codeUnauthorized, "Unauthorized to access requested resource")
}

func missingCredential(header http.Header, verify bool) *response {
	switch {
	case verify:
		return errorResponse(http.StatusBadRequest, codeRejected, `Missing "Authorization" header`)
	case header.Get("X-Auth-Key") != "" && header.Get("X-Auth-Email") != "":
		return errorResponse(http.StatusForbidden, codeUnknownKey, "Unknown X-Auth-Key or X-Auth-Email")
	}
	// This one has neither messages nor result.
	return newResponse(http.StatusBadRequest, struct {
		Success bool     `json:"success"`
		Errors  []detail `json:"errors"`
	}{Errors: []detail{{Code: codeNoCredential, Message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers"}}})
}

// clientAddr returns the address of the client.
func clientAddr(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr().Unmap().WithZone("")
}

// grant is a permission group in a policy, with the resources of the policy.
type grant struct {
	group     string // ID
	resources properties
}

// hasPermission reports whether the policies of the token grant what op needs. A
// denial wins. For an account, the policy must name that account or all accounts.
func (t *token) hasPermission(op *gen.Operation, account string) bool {
	return slices.ContainsFunc(op.PermissionGroups, func(name string) bool {
		applies := func(g grant) bool { return g.group == groupNamed(name).ID && g.covers(account) }
		return slices.ContainsFunc(t.allowed, applies) && !slices.ContainsFunc(t.denied, applies)
	})
}

func (g grant) covers(account string) bool {
	_, all := g.resources[scopeAccount+".*"]
	_, one := g.resources[scopeAccount+"."+account]
	return account == "" || all || one
}

// allowsAddr reports whether the condition allows an address.
func (t *token) allowsAddr(from netip.Addr) bool {
	contains := func(p netip.Prefix) bool { return p.Contains(from) }
	return (t.addresses.in == nil || slices.ContainsFunc(t.addresses.in, contains)) &&
		!slices.ContainsFunc(t.addresses.notIn, contains)
}
