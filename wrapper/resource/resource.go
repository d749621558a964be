// Package resource names the resources that a policy of an API token applies to.
//
//	policy.Resources = resource.Of(resource.Zone(zoneID))
//
// A permission group applies to resources of its own scope (account, zone, user, R2 bucket,
// Worker), and to an account that contains them. A group of the account scope cannot be
// granted on zones alone. See
// https://developers.cloudflare.com/fundamentals/api/how-to/create-via-api/.
package resource

import (
	"fmt"
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	account  = "com.cloudflare.api.account"
	zone     = account + ".zone"
	user     = "com.cloudflare.api.user"
	r2Bucket = "com.cloudflare.edge.r2.bucket"
	worker   = "com.cloudflare.edge.worker.script"

	everything = "*"
)

// Map maps resource names to what the policy applies to. Create one with [Of]; use
// [Named] for resources that have no function in this package.
type Map map[string]Value

// A Resource is an argument of [Of]. If its ID is invalid, the Map cannot be encoded, so
// the error is reported before any request is sent.
type Resource struct {
	name  string
	value Value
}

// Of returns the resources of a policy. Resources nested in the same resource are merged.
// If a resource is granted both directly and for nested resources, which the API cannot
// express, the Map cannot be encoded.
func Of(rs ...Resource) Map {
	m := make(Map, len(rs))
	for _, r := range rs {
		before, ok := m[r.name]
		switch {
		case ok && before.kind == none:
			// The first problem is reported.
		case !ok, r.value.kind == none:
			m[r.name] = r.value
		case before.kind == nested && r.value.kind == nested:
			both := before.Nested()
			maps.Copy(both, r.value.nested)
			m[r.name] = Value{kind: nested, nested: both}
		case !before.Equal(r.value):
			m[r.name] = unusable("%s is granted both directly and for nested resources", r.name)
		}
	}
	return m
}

// Has reports whether the policy applies to r by its name: a policy for [AllZones] has
// AllZones, but not a single [Zone].
func (m Map) Has(r Resource) bool {
	v := m[r.name]
	if r.value.kind != nested {
		return v.kind == permission && v.Equal(r.value)
	}
	for name, p := range r.value.nested {
		if v.nested[name] != p {
			return false
		}
	}
	return true
}

// Account returns an account as a resource.
func Account(id string) Resource { return one("Account", "ID", account, id) }

// AllAccounts returns all accounts that the token's user is a member of.
func AllAccounts() Resource { return Named(account + ".*") }

// Zone returns a zone as a resource. The ID is not the domain name: it is on the zone's
// Overview page in the dashboard, and in the response to GET /zones?name=example.com.
func Zone(id string) Resource {
	if strings.Contains(id, ".") {
		return Resource{name: zone + ".", value: unusable("Zone: give the zone's ID, not its name; " +
			"it is on the zone's Overview page in the dashboard, and in the response to GET /zones?name=<domain name>")}
	}
	return one("Zone", "ID", zone, id)
}

// AllZones returns all zones in all accounts that the token's user is a member of.
func AllZones() Resource { return Named(zone + ".*") }

// ZonesIn returns all zones in an account.
func ZonesIn(accountID string) Resource { return in("ZonesIn", accountID, zone+".*") }

// User returns a user as a resource. It must be the user who owns the token.
func User(id string) Resource { return one("User", "ID", user, id) }

// R2Bucket returns an R2 bucket as a resource. The jurisdiction is the bucket's, such as
// "eu"; if it is empty, it is "default".
func R2Bucket(accountID, jurisdiction, bucket string) Resource {
	if jurisdiction == "" {
		jurisdiction = "default"
	}
	for _, part := range []struct{ name, id string }{
		{"account ID", accountID}, {"jurisdiction", jurisdiction}, {"bucket", bucket},
	} {
		problem := check(part.id)
		if problem == "" && part.name != "bucket" && strings.Contains(part.id, "_") {
			problem = "contains an underscore, which separates the parts of the name"
		}
		if problem != "" {
			return Resource{name: r2Bucket + ".", value: unusable("R2Bucket: %s %s", part.name, problem)}
		}
	}
	return Named(r2Bucket + "." + accountID + "_" + jurisdiction + "_" + bucket)
}

// R2BucketsIn returns all R2 buckets in an account.
func R2BucketsIn(accountID string) Resource { return in("R2BucketsIn", accountID, r2Bucket+".*") }

// Worker returns a single Worker in an account as a resource, for the policies of account
// tokens. The script tag is not the script's name: it is the field tag in the response to
// GET /accounts/<account ID>/workers/scripts.
//
// Cloudflare docs: https://developers.cloudflare.com/changelog/post/2026-09-15-granular-worker-permissions/
func Worker(accountID, scriptTag string) Resource {
	problem := check(scriptTag)
	if problem == "" && (len(scriptTag) != 32 || strings.Trim(scriptTag, "0123456789abcdefABCDEF") != "") {
		problem = "is not 32 hexadecimal digits; give the script's tag, not its name; " +
			"it is in the response to GET /accounts/<account ID>/workers/scripts"
	}
	if problem != "" {
		return Resource{name: worker + ".", value: unusable("Worker: script tag %s", problem)}
	}
	return in("Worker", accountID, worker+"."+scriptTag)
}

// Named returns the resource with the given full name, for resources that have no
// function in this package. If nestedNames are given, the policy applies to those
// resources nested in it instead.
func Named(name string, nestedNames ...string) Resource {
	for _, n := range append([]string{name}, nestedNames...) {
		if n == "" || strings.ContainsFunc(n, unprintable) {
			return Resource{name: name, value: unusable("Named: a name is empty or contains white space or control characters")}
		}
	}
	if len(nestedNames) == 0 {
		return Resource{name: name, value: Value{kind: permission, text: everything}}
	}
	v := Value{kind: nested, nested: make(map[string]string, len(nestedNames))}
	for _, n := range nestedNames {
		v.nested[n] = everything
	}
	return Resource{name: name, value: v}
}

func one(function, argument, prefix, id string) Resource {
	if problem := check(id); problem != "" {
		return Resource{name: prefix + ".", value: unusable("%s: %s %s", function, argument, problem)}
	}
	return Named(prefix + "." + id)
}

func in(function, accountID, nestedName string) Resource {
	r := one(function, "account ID", account, accountID)
	if r.value.kind == none {
		return r
	}
	return Named(r.name, nestedName)
}

// check returns what is wrong with an ID, or "". "*" would grant all resources of the kind.
func check(id string) string {
	switch {
	case id == "":
		return "is empty"
	case strings.Contains(id, "*"):
		return `contains "*"; use the function for all resources of the kind, such as AllZones or R2BucketsIn`
	case strings.Contains(id, "."):
		return `contains "."; use Named for other kinds of resources`
	case strings.ContainsFunc(id, unprintable):
		return "contains white space or control characters"
	}
	return ""
}

// unprintable reports whether r must not occur in a name, such as a zero-width space that
// was copied from a page, or a byte that is not UTF-8, which JSON would replace.
func unprintable(r rune) bool {
	return r == ' ' || r == utf8.RuneError || !unicode.IsPrint(r)
}

func unusable(format string, args ...any) Value {
	return Value{text: fmt.Sprintf(format, args...)}
}
