package cftokenstest

import (
	"encoding/json"
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

// authorize finds the token that a call authenticates with, and rejects the call if that
// token may not make it. Verify rejects fewer tokens, with other messages.
func (s *Server) authorize(c *call) *response {
	verify := verifies(c.op)
	headers := c.Header.Values("Authorization")
	if len(headers) == 0 {
		return missingCredential(c.Header, verify)
	}
	scheme, value, _ := strings.Cut(headers[0], " ")
	user, known := s.index.byValue[digest(value)]
	c.user = user
	switch {
	case !strings.EqualFold(scheme, "Bearer") || !known && !valueShape.MatchString(value):
		return malformedCredential()
	case verify && (!known || user.owner != c.owner):
		return unknownCredential(c.op)
	case verify:
		return nil
	case known && user.owner == s.account && c.owner == s.user:
		return errorResponse(http.StatusForbidden, codeUnauthorized, "Valid user-level authentication not found")
	case !known || !user.usable(s.now()):
		return unknownCredential(c.op)
	}
	if from := clientAddr(c.Request); !user.allowsAddr(from) {
		return errorResponse(http.StatusForbidden, codeUnauthorized, "Cannot use the access token from location: "+from.String())
	}
	// An account that does not exist is not distinguished from one that the token has no
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

// unknownCredential is the response to a value that belongs to no usable token.
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
	// This response has neither messages nor result.
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

// grant is a permission group in a policy, with the permissions on the resources that the
// policy names directly.
type grant struct {
	group     string // ID
	resources map[string]string
}

// hasPermission reports whether the policies of the token grant what op needs. Deny takes
// precedence. For an account, the policy must name that account or all accounts.
func (t *token) hasPermission(op *gen.Operation, account string) bool {
	return slices.ContainsFunc(op.PermissionGroups, func(name string) bool {
		applies := func(g grant) bool { return g.group == groupNamed(name).ID && g.covers(account) }
		return slices.ContainsFunc(t.allowed, applies) && !slices.ContainsFunc(t.denied, applies)
	})
}

// covers reports whether the grant applies to an account, or, if account is empty, to a
// user, of whom there is only one.
func (g grant) covers(account string) bool {
	for name, permission := range g.resources {
		named := name == scopeAccount+".*" || name == scopeAccount+"."+account
		if account == "" {
			named = strings.HasPrefix(name, scopeUser+".")
		}
		if permission == "*" && named {
			return true
		}
	}
	return false
}

// allowsAddr reports whether the condition allows an address.
func (t *token) allowsAddr(from netip.Addr) bool {
	contains := func(p netip.Prefix) bool { return p.Contains(from) }
	return (t.addresses.in == nil || slices.ContainsFunc(t.addresses.in, contains)) &&
		!slices.ContainsFunc(t.addresses.notIn, contains)
}

// addresses are the addresses that a condition allows. A nil list is not set; an empty
// list of allowed addresses allows none.
type addresses struct{ in, notIn []netip.Prefix }

// requestIP is the property of a condition, and oldRequestIP its former name; the API
// accepts both and returns the first.
const (
	requestIP    = "request_ip"
	oldRequestIP = "request.ip"
)

// readCondition returns the condition as the API returns it, or nil if none was sent.
func (in object) readCondition() (json.RawMessage, *response) {
	var condition, request object
	if ok, problem := in.read("condition", "condition", "an object", &condition); !ok || problem != nil {
		return nil, problem
	}
	ok, problem := condition.read(requestIP, "condition.request_ip", "an object", &request)
	if !ok {
		ok, problem = condition.read(oldRequestIP, "condition.request.ip", "an object", &request)
	}
	switch {
	case problem != nil:
		return nil, problem
	case !ok:
		return json.RawMessage("{}"), nil
	}
	out := make(map[string][]string)
	for _, name := range []string{"in", "not_in"} {
		var list []string
		path := "condition.request_ip." + name
		ok, problem := request.read(name, path, "an array of strings", &list)
		if problem != nil {
			return nil, problem
		}
		for _, text := range list {
			if _, err := parsePrefix(text); err != nil {
				return nil, invalid(path + " must contain only addresses and networks in CIDR notation")
			}
		}
		if ok {
			out[name] = list
		}
	}
	return mustEncode(map[string]any{requestIP: out}), nil
}

// parsePrefix reads a network, with or without bits beyond its length, or a single
// address. IPv4-mapped IPv6 addresses become IPv4 addresses, like those of clients.
func parsePrefix(text string) (netip.Prefix, error) {
	p, err := netip.ParsePrefix(text)
	if err != nil {
		var addr netip.Addr
		addr, err = netip.ParseAddr(text)
		p = netip.PrefixFrom(addr, addr.BitLen())
	}
	if p.Addr().Is4In6() {
		p = netip.PrefixFrom(p.Addr().Unmap(), max(p.Bits()-96, 0))
	}
	return p, err
}

// setCondition accepts a condition in any form, and ignores what it cannot read.
func (t *token) setCondition(raw json.RawMessage) {
	t.condition, t.addresses = raw, addresses{}
	var condition, request object
	_ = json.Unmarshal(raw, &condition)
	for _, name := range []string{oldRequestIP, requestIP} {
		if json.Unmarshal(condition[name], &request) == nil {
			t.addresses = addresses{in: prefixes(request["in"]), notIn: prefixes(request["not_in"])}
		}
	}
}

// changeCondition applies a condition that was sent. An update replaces a condition but
// cannot remove it (observed): one that allows every address changes nothing.
func (t *token) changeCondition(raw json.RawMessage) {
	if t.condition == nil {
		t.setCondition(raw)
		return
	}
	changed := *t
	changed.setCondition(raw)
	if !changed.addresses.everyone() {
		*t = changed
	}
}

// everyone reports whether every address is allowed.
func (a addresses) everyone() bool { return a.in == nil && len(a.notIn) == 0 }

func prefixes(raw json.RawMessage) []netip.Prefix {
	var list []string
	if json.Unmarshal(raw, &list) != nil || list == nil {
		return nil
	}
	found := make([]netip.Prefix, 0, len(list))
	for _, text := range list {
		if p, err := parsePrefix(text); err == nil {
			found = append(found, p)
		}
	}
	return found
}
