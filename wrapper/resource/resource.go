// Package resource names the resources that a policy of an API token applies to.
//
//	policy.Resources = resource.Of(resource.Zone(zoneID))
//
// Permission groups of different scopes (account, zone, user, R2 bucket) cannot
// share a policy, so the resources of one policy are usually of one kind. See
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

	everything = "*"
)

// Map is the resources of a policy, by name. [Of] makes one; a name that is not of
// this package's functions can be set by [Named].
type Map map[string]Value

// Resource is a resource with what a policy says of it, for [Of]. One that was
// made of an unusable id makes a Map that cannot be encoded, so that the mistake
// shows before anything is sent.
type Resource struct {
	name  string
	value Value
}

// Of makes the resources of a policy. Resources nested in the same resource are
// brought together. A resource that is named both as a whole and for what is
// nested in it cannot be expressed, and makes a Map that cannot be encoded.
func Of(rs ...Resource) Map {
	m := make(Map, len(rs))
	for _, r := range rs {
		before, ok := m[r.name]
		switch {
		case ok && before.kind == none:
			// The first problem is told.
		case !ok, r.value.kind == none:
			m[r.name] = r.value
		case before.kind == nested && r.value.kind == nested:
			both := before.Nested()
			maps.Copy(both, r.value.nested)
			m[r.name] = Value{kind: nested, nested: both}
		case !before.Equal(r.value):
			m[r.name] = unusable("%s is named both as a whole and for what is nested in it", r.name)
		}
	}
	return m
}

// Account is one account.
func Account(id string) Resource { return one("Account", "id", account, id) }

// AllAccounts is every account that the token's user is a member of.
func AllAccounts() Resource { return Named(account + ".*") }

// Zone is one zone, by its ID, which is not its domain name: see the Overview page of the
// zone in the dashboard, or the "id" in the response to GET /zones?name=example.com.
func Zone(id string) Resource {
	if strings.Contains(id, ".") {
		return Resource{name: zone + ".", value: unusable("Zone: give the zone's ID, not its name; " +
			"it is on the zone's Overview page in the dashboard, and in the response to GET /zones?name=<domain name>")}
	}
	return one("Zone", "id", zone, id)
}

// AllZones is every zone in every account of the token's user.
func AllZones() Resource { return Named(zone + ".*") }

// ZonesIn is every zone in one account.
func ZonesIn(accountID string) Resource { return in("ZonesIn", accountID, zone+".*") }

// User is one user: the one whose token it is.
func User(id string) Resource { return one("User", "id", user, id) }

// R2Bucket is one R2 bucket. Jurisdiction is that of the bucket, such as "eu";
// empty means "default".
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

// R2BucketsIn is every R2 bucket in one account.
func R2BucketsIn(accountID string) Resource { return in("R2BucketsIn", accountID, r2Bucket+".*") }

// Named is any resource by its full name, for those that have no function here: the
// resource itself, or, where names of nested resources are given, those in it.
func Named(name string, nestedNames ...string) Resource {
	for _, n := range append([]string{name}, nestedNames...) {
		if n == "" || strings.ContainsFunc(n, unprintable) {
			return Resource{name: name, value: unusable("Named: a name is empty, or holds white space or control characters")}
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
	r := one(function, "account id", account, accountID)
	if r.value.kind == none {
		return r
	}
	return Named(r.name, nestedName)
}

// check tells what is wrong with an id. "*" would quietly mean all of a kind.
func check(id string) string {
	switch {
	case id == "":
		return "is empty"
	case strings.Contains(id, "*"):
		return "holds *; use the function for all of a kind"
	case strings.Contains(id, "."):
		return "holds a dot, and so would name another kind of resource"
	case strings.ContainsFunc(id, unprintable):
		return "holds white space or control characters"
	}
	return ""
}

// unprintable also finds what comes along unseen when an id is copied from a page
// (no-break and zero-width spaces), and bytes that are not UTF-8, which JSON would
// replace.
func unprintable(r rune) bool {
	return r == ' ' || r == utf8.RuneError || !unicode.IsPrint(r)
}

func unusable(format string, args ...any) Value {
	return Value{text: fmt.Sprintf(format, args...)}
}
