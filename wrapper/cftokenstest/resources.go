package cftokenstest

import (
	"encoding/json"
	"strings"
)

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

// checkInside returns why the token of an account may not name a resource, or "". A
// user's token (account is empty) may name any.
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
