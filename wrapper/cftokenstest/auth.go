package cftokenstest

import (
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
)

// valueShape is what the value of a token may look like. Its length is not looked
// at: it has changed before.
var valueShape = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// minValueLength is the length of the shortest value of a token: a shorter one is
// rejected as malformed, unless it is known (observed).
const minValueLength = 40

// authorize returns the token that a call authenticates with, or a rejection if the
// call may not be made with it. Verify rejects in its own words, and less.
func (s *Server) authorize(c call) (*token, *answer) {
	verify := len(c.op.PermissionGroups) == 0
	headers := c.Header.Values("Authorization")
	if len(headers) == 0 {
		return nil, missingCredential(c.Header, verify)
	}
	scheme, value, _ := strings.Cut(headers[0], " ")
	user, owner := s.find(value)
	known := user != nil
	switch {
	case len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || !known && (!valueShape.MatchString(value) || len(value) < minValueLength):
		return nil, envelope{Errors: []detail{{
			Code: codeHeaders, Message: "Invalid request headers",
			Chain: []detail{{Code: codeAuthorization, Message: "Invalid format for Authorization header"}},
		}}}.answer(http.StatusBadRequest)
	case verify && (!known || owner != c.store):
		return nil, refuse(http.StatusUnauthorized, codeUnknownToken, "Invalid API Token")
	case verify:
		return user, nil
	case c.store == &s.user && (owner == &s.account || !known && strings.HasPrefix(value, "cfat_")):
		return nil, refuse(http.StatusForbidden, codeUnauthorized, "Valid user-level authentication not found")
	case !known || !user.usable(s.now()):
		return nil, refuse(http.StatusUnauthorized, codeAuthentication, "Authentication error")
	case c.store == nil: // no such account: inferred, not observed
		return nil, refuse(http.StatusForbidden, codeAuthentication, "Authentication error")
	}
	if from := clientAddr(c.Request); !user.admits(from) {
		return nil, refuse(http.StatusForbidden, codeUnauthorized, "Cannot use the access token from location: "+from.String())
	}
	if !user.hasPermission(c.op) {
		return nil, refuse(http.StatusForbidden, codeUnauthorized, "Unauthorized to access requested resource")
	}
	return user, nil
}

// find returns the token that has a value, and the store that it is in.
func (s *Server) find(value string) (*token, *store) {
	for _, store := range []*store{&s.user, &s.account} {
		if t := store.byValue[digest(value)]; t != nil {
			return t, store
		}
	}
	return nil, nil
}

func missingCredential(header http.Header, verify bool) *answer {
	switch {
	case verify:
		return refuse(http.StatusBadRequest, codeRefused, `Missing "Authorization" header`)
	case header.Get("X-Auth-Key") != "" && header.Get("X-Auth-Email") != "":
		return refuse(http.StatusForbidden, codeUnknownKey, "Unknown X-Auth-Key or X-Auth-Email")
	}
	// This one comes without messages and result.
	return newAnswer(http.StatusBadRequest, struct {
		Success bool     `json:"success"`
		Errors  []detail `json:"errors"`
	}{Errors: []detail{{Code: codeNoCredential, Message: "Missing X-Auth-Key, X-Auth-Email or Authorization headers"}}})
}

// clientAddr is the address that a request comes from.
func clientAddr(r *http.Request) netip.Addr {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return from.Addr().Unmap().WithZone("")
}

// hasPermission reports whether the policies grant what an operation needs. A denial
// wins.
func (t *token) hasPermission(op *gen.Operation) bool {
	return slices.ContainsFunc(op.PermissionGroups, func(name string) bool {
		return slices.ContainsFunc(groupsNamed(name), func(g permissionGroup) bool {
			return slices.Contains(t.allowed, g.ID) && !slices.Contains(t.denied, g.ID)
		})
	})
}

// admits reports whether the condition allows an address.
func (t *token) admits(from netip.Addr) bool {
	contains := func(p netip.Prefix) bool { return p.Contains(from) }
	return (t.addresses.in == nil || slices.ContainsFunc(t.addresses.in, contains)) &&
		!slices.ContainsFunc(t.addresses.notIn, contains)
}
