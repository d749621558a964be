package cftokenstest

import (
	"net/http"
	"net/netip"
	"regexp"
	"slices"
	"strings"
)

// valueShape is what the value of a token may look like. Its length is not looked
// at: it has changed before.
var valueShape = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// authorise finds the token that signs a call, and refuses the call where it may
// not be made with it. Verify refuses in its own words, and less.
func (s *Server) authorise(c call) (*token, *answer) {
	verify := c.op == opVerify
	headers := c.Header.Values("Authorization")
	if len(headers) == 0 {
		return nil, missingCredential(c.Header, verify)
	}
	scheme, value, _ := strings.Cut(headers[0], " ")
	user, known := s.store.byValue[digest(value)]
	switch {
	case len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") || !known && !valueShape.MatchString(value):
		return nil, envelope{Errors: []detail{{
			Code: codeHeaders, Message: "Invalid request headers",
			Chain: []detail{{Code: codeAuthorization, Message: "Invalid format for Authorization header"}},
		}}}.answer(http.StatusBadRequest)
	case verify && !known:
		return nil, refuse(http.StatusUnauthorized, codeUnknownToken, "Invalid API Token")
	case verify:
		return user, nil
	case strings.HasPrefix(value, "cfat_") && !known:
		return nil, refuse(http.StatusForbidden, codeUnauthorized, "Valid user-level authentication not found")
	case !known || !user.usable(s.now()):
		return nil, refuse(http.StatusUnauthorized, codeAuthentication, "Authentication error")
	}
	if from := clientAddr(c.Request); !user.admits(from) {
		return nil, refuse(http.StatusForbidden, codeUnauthorized, "Cannot use the access token from location: "+from.String())
	}
	if !user.may(c.op) {
		return nil, refuse(http.StatusForbidden, codeUnauthorized, "Unauthorized to access requested resource")
	}
	return user, nil
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

// may tells whether the policies grant what an operation needs. A denial wins.
func (t *token) may(op string) bool {
	needs := []string{groupTokensWrite}
	switch op {
	case opList, opGet, opGroups:
		needs = append(needs, groupTokensRead)
	}
	return slices.ContainsFunc(needs, func(group string) bool {
		return slices.Contains(t.allowed, group) && !slices.Contains(t.denied, group)
	})
}

// admits tells whether the condition admits an address.
func (t *token) admits(from netip.Addr) bool {
	contains := func(p netip.Prefix) bool { return p.Contains(from) }
	return (t.addresses.in == nil || slices.ContainsFunc(t.addresses.in, contains)) &&
		!slices.ContainsFunc(t.addresses.notIn, contains)
}
