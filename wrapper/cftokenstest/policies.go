package cftokenstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/cftokens/cftokens-go/gen"
)

// policy is a policy as the API returns it.
type policy struct {
	ID               string          `json:"id"`
	Effect           gen.Effect      `json:"effect"`
	Resources        json.RawMessage `json:"resources"`
	PermissionGroups []groupRef      `json:"permission_groups"`
}

type groupRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// serverPolicies returns the policies of the server's own credential: one for each
// scope of the permission groups that manage tokens.
func serverPolicies(newID func() string) json.RawMessage {
	var policies []policy
	for _, scope := range []string{scopeUser, scopeAccount} {
		p := policy{ID: newID(), Effect: gen.EffectAllow, Resources: mustEncode(map[string]string{scope + ".*": "*"})}
		for _, g := range managingGroups() {
			if slices.Contains(g.Scopes, scope) {
				p.PermissionGroups = append(p.PermissionGroups, groupRef{g.ID, g.Name})
			}
		}
		policies = append(policies, p)
	}
	return mustEncode(policies)
}

// readPolicies returns the policies of a token as the API returns them: with new IDs,
// with the names of their groups, and in a different order than they were sent in. The
// list may be empty, but must be present.
func (in object) readPolicies(owner *store) (json.RawMessage, *response) {
	var list []json.RawMessage
	ok, problem := in.read("policies", "policies", "an array", &list)
	switch {
	case problem != nil:
		return nil, problem
	case !ok:
		return nil, invalid("policies must be present")
	}
	policies := make([]policy, len(list))
	for i, raw := range list {
		p, problem := readPolicy(raw, fmt.Sprintf("policies[%d]", i), owner.account)
		if problem != nil {
			return nil, problem
		}
		policies[i] = p
	}
	for i := range policies {
		policies[i].ID = owner.newID()
	}
	slices.Reverse(policies)
	return mustEncode(policies), nil
}

func readPolicy(raw json.RawMessage, path, account string) (p policy, problem *response) {
	var in, resources object
	if err := json.Unmarshal(raw, &in); err != nil || in == nil {
		return p, invalid(path + " must be an object")
	}
	if _, ok := in["id"]; ok {
		return p, errorResponse(http.StatusBadRequest, codeRejected, "Reusing existing policies is not supported by token creation")
	}
	if _, problem := in.read("effect", path+".effect", "a string", &p.Effect); problem != nil {
		return p, problem
	}
	if !p.Effect.Valid() {
		return p, notAllowed(path+".effect", string(p.Effect))
	}
	groups, problem := in.readGroups(path)
	if problem != nil {
		return p, problem
	}
	if _, problem := in.read("resources", path+".resources", "an object", &resources); problem != nil {
		return p, problem
	}
	if len(resources) == 0 {
		return p, invalid(path + ".resources must not be empty")
	}
	var compact bytes.Buffer
	_ = json.Compact(&compact, in["resources"]) // it was decoded before
	p.Resources = compact.Bytes()

	for _, g := range groups {
		if p.Effect == gen.EffectAllow && managesTokens(g.ID) {
			return p, errorResponse(http.StatusBadRequest, codeRejected, "sub-token is not allowed to have permissions to manage other tokens")
		}
		for _, name := range slices.Sorted(maps.Keys(resources)) {
			if !fits(g.Scopes[0], name, resources[name]) {
				return p, failedCheck(g.ID)
			}
		}
		p.PermissionGroups = append(p.PermissionGroups, groupRef{g.ID, g.Name})
	}
	for _, name := range slices.Sorted(maps.Keys(resources)) {
		if problem := checkInside(account, name); problem != "" {
			return p, errorResponse(http.StatusBadRequest, codeRejected, problem)
		}
	}
	slices.Reverse(p.PermissionGroups)
	return p, nil
}

// failedCheck is the response to a permission group in the catalog that cannot be
// granted.
func failedCheck(id string) *response {
	g, _ := groupByID(id)
	return errorResponse(http.StatusBadRequest, codeRejected,
		fmt.Sprintf("Failed common permission check against resources. (Permission group: %q)", g.Name))
}

// readGroups finds a policy's permission groups in the catalog.
func (in object) readGroups(path string) (groups []permissionGroup, problem *response) {
	var list []object
	path += ".permission_groups"
	if _, problem := in.read("permission_groups", path, "an array of objects", &list); problem != nil {
		return nil, problem
	}
	if len(list) == 0 {
		return nil, invalid(path + " must not be empty")
	}
	for _, ref := range list {
		var id string
		rules := "These rules must pass for " + path + "\n- id"
		if _, problem := ref.read("id", rules, "a string", &id); problem != nil {
			return nil, problem
		}
		if id == "" {
			return nil, invalid(rules + " must be present")
		}
		g, ok := groupByID(id)
		if !ok {
			return nil, errorResponse(http.StatusBadRequest, codeRejected, "Permission group "+id+" not found")
		}
		groups = append(groups, g)
	}
	return groups, nil
}

// setPolicies accepts policies in any form; what it cannot read grants nothing.
func (t *token) setPolicies(raw json.RawMessage) {
	t.policies, t.allowed, t.denied = raw, nil, nil
	var policies []json.RawMessage
	_ = json.Unmarshal(raw, &policies)
	for _, raw := range policies {
		var p policy
		_ = json.Unmarshal(raw, &p)
		var resources object
		_ = json.Unmarshal(p.Resources, &resources)
		for _, g := range p.PermissionGroups {
			switch p.Effect {
			case gen.EffectAllow:
				t.allowed = append(t.allowed, grant{g.ID, resources})
			case gen.EffectDeny:
				t.denied = append(t.denied, grant{g.ID, resources})
			}
		}
	}
}

// Scopes of permission groups. The names of resources begin with them.
const (
	scopeAccount = "com.cloudflare.api.account"
	scopeZone    = "com.cloudflare.api.account.zone"
	scopeUser    = "com.cloudflare.api.user"
	scopeBucket  = "com.cloudflare.edge.r2.bucket"
)

// fits reports whether a permission group of a scope can be granted on a resource:
// either on the resource itself, or, nested in an account, on its zones or buckets.
func fits(scope, name string, value json.RawMessage) bool {
	var permission string
	if json.Unmarshal(value, &permission) == nil {
		return permission == "*" && scopeOf(name) == scope
	}
	var nested map[string]string
	if json.Unmarshal(value, &nested) != nil || len(nested) == 0 || scopeOf(name) != scopeAccount {
		return false
	}
	for name, permission := range nested {
		inner := scopeOf(name)
		if permission != "*" || inner != scope || inner != scopeZone && inner != scopeBucket {
			return false
		}
	}
	return true
}

// checkInside returns why an account token cannot name a resource, or "". A user token
// (account is empty) can name any.
func checkInside(account, name string) string {
	if account == "" {
		return ""
	}
	switch scope := scopeOf(name); {
	case name == scopeZone+".*": // observed; to be nested in the account
		return "must specify a zone for account owned tokens"
	case scope == scopeZone,
		name == scopeAccount+"."+account,
		scope == scopeBucket && strings.HasPrefix(name, scopeBucket+"."+account+"_"):
		return ""
	}
	return "resource " + name + " is not in the account that owns the token"
}

// scopeOf returns the scope of a resource, or "" if its name has none.
func scopeOf(name string) string {
	for _, scope := range []string{scopeZone, scopeUser, scopeBucket, scopeAccount} {
		if id, ok := strings.CutPrefix(name, scope+"."); ok && id != "" && (scope == scopeBucket || !strings.Contains(id, ".")) {
			return scope
		}
	}
	return ""
}
