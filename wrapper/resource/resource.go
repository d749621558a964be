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
	"cmp"
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
)

// Map maps resource names to what the policy applies to. Create one with [Of]; use
// [Named] for resources that have no function in this package.
type Map map[string]Value

// A Resource is an argument of [Of]. If its ID is invalid, the Map cannot be encoded, so
// no request is sent.
type Resource struct {
	name  string // empty if the ID is invalid
	value Value
}

// Of returns the resources of a policy. Resources nested in the same resource are merged.
// If a resource is granted both directly and for nested resources, which the API cannot
// express, the Map cannot be encoded.
func Of(rs ...Resource) Map {
	m := make(Map, len(rs))
	for _, r := range rs {
		before, ok := m[r.name]
		both, nested := before.Nested(), r.value.Nested()
		switch {
		case !ok:
			m[r.name] = r.value
		case both != nil && nested != nil:
			maps.Copy(both, nested)
			m[r.name] = valueOf(both)
		case before.Err() == nil && before != r.value:
			m[r.name] = Value{problem: r.name + " is granted both directly and for nested resources"}
		}
	}
	return m
}

// Has reports whether the policy applies to r by its name: a policy for [AllZones] has
// AllZones, but not a single [Zone].
func (m Map) Has(r Resource) bool {
	v, nested := m[r.name], r.value.Nested()
	granted := v.Nested()
	for name, permission := range nested {
		if granted[name] != permission {
			return false
		}
	}
	return nested != nil || v == r.value && v.Err() == nil
}

// Account returns an account as a resource.
func Account(id string) Resource { return checked(check("Account: ID", id), account+"."+id) }

// AllAccounts returns all accounts that the token's user is a member of.
func AllAccounts() Resource { return Named(account + ".*") }

// Zone returns a zone as a resource. The ID is not the domain name: it is on the zone's
// Overview page in the dashboard, and in the response to GET /zones?name=example.com.
func Zone(id string) Resource { return checked(check("Zone: ID", id), zone+"."+id) }

// AllZones returns all zones in all accounts that the token's user is a member of.
func AllZones() Resource { return Named(zone + ".*") }

// ZonesIn returns all zones in an account.
func ZonesIn(accountID string) Resource {
	return checked(check("ZonesIn: account ID", accountID), account+"."+accountID, zone+".*")
}

// User returns a user as a resource. It must be the user who owns the token.
func User(id string) Resource { return checked(check("User: ID", id), user+"."+id) }

// R2Bucket returns an R2 bucket as a resource. The jurisdiction is the bucket's, such as
// "eu"; if it is empty, it is "default".
func R2Bucket(accountID, jurisdiction, bucket string) Resource {
	jurisdiction = cmp.Or(jurisdiction, "default")
	problem := cmp.Or(check("R2Bucket: account ID", accountID), check("R2Bucket: jurisdiction", jurisdiction), check("R2Bucket: bucket", bucket))
	if strings.Contains(accountID+jurisdiction, "_") {
		problem = "R2Bucket: account ID or jurisdiction contains an underscore, which separates the parts of the name"
	}
	return checked(problem, r2Bucket+"."+accountID+"_"+jurisdiction+"_"+bucket)
}

// R2BucketsIn returns all R2 buckets in an account.
func R2BucketsIn(accountID string) Resource {
	return checked(check("R2BucketsIn: account ID", accountID), account+"."+accountID, r2Bucket+".*")
}

// Worker returns a single Worker in an account as a resource, for the policies of account
// tokens. The script tag is not the script's name: it is the field tag in the response to
// GET /accounts/<account ID>/workers/scripts.
//
// Cloudflare docs: https://developers.cloudflare.com/changelog/post/2026-09-15-granular-worker-permissions/
func Worker(accountID, scriptTag string) Resource {
	problem := cmp.Or(check("Worker: account ID", accountID), check("Worker: script tag", scriptTag))
	if problem == "" && (len(scriptTag) != 32 || strings.Trim(scriptTag, "0123456789abcdefABCDEF") != "") {
		problem = "Worker: script tag is not 32 hexadecimal digits; give the script's tag, not its name; " +
			"it is in the response to GET /accounts/<account ID>/workers/scripts"
	}
	return checked(problem, account+"."+accountID, worker+"."+scriptTag)
}

// Named returns the resource with the given full name, for resources that have no
// function in this package. If nestedNames are given, the policy applies to those
// resources nested in it instead.
func Named(name string, nestedNames ...string) Resource {
	for _, n := range append([]string{name}, nestedNames...) {
		if n == "" || strings.ContainsFunc(n, unprintable) {
			return checked("Named: a name is empty or contains white space or control characters", "")
		}
	}
	if len(nestedNames) == 0 {
		return Resource{name: name, value: all}
	}
	nested := make(map[string]string, len(nestedNames))
	for _, n := range nestedNames {
		nested[n] = "*"
	}
	return Resource{name: name, value: valueOf(nested)}
}

// checked returns the resource with the given name, if there is no problem.
func checked(problem, name string, nestedNames ...string) Resource {
	if problem != "" {
		return Resource{value: Value{problem: problem}}
	}
	return Named(name, nestedNames...)
}

// check returns what is wrong with the ID that is passed as an argument, or "". "*" would
// grant all resources of the kind.
func check(argument, id string) string {
	switch {
	case id == "":
		return argument + " is empty"
	case strings.Contains(id, "*"):
		return argument + ` contains "*"; use the function for all resources of the kind, such as AllZones or R2BucketsIn`
	case strings.Contains(id, "."):
		return argument + ` contains "."; give the ID, not a name, or use Named for other kinds of resources`
	case strings.ContainsFunc(id, unprintable):
		return argument + " contains white space or control characters"
	}
	return ""
}

// unprintable reports whether r must not occur in a name, such as a zero-width space, or a
// byte that is not UTF-8, which JSON would replace.
func unprintable(r rune) bool {
	return r == ' ' || r == utf8.RuneError || !unicode.IsPrint(r)
}
