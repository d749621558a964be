package cftokenstest_test

import (
	"strings"
	"testing"
)

const (
	onZones  = `"com.cloudflare.api.account.zone.*":"*"`
	onBucket = `"com.cloudflare.edge.r2.bucket.00112233445566778899aabbccddeeff_eu_a.b":"*"`
	worker   = "com.cloudflare.edge.worker.script.9b0e1d2c3f4a45b6a7c8d9e0f1a2b3c4"
)

// TestPolicies_Resources checks which groups and resources can be in one policy.
func TestPolicies_Resources(t *testing.T) {
	t.Parallel()
	const (
		mustNest  = "Must specify a zone for account owned tokens, or nest zone under specific account resource"
		noWorkers = "com.cloudflare.edge.worker.script is not a supported resource type"
		onAccount = "com.cloudflare.api.account." + otherAccount
	)
	for _, tt := range []struct {
		name, resources string
		groups          []string
		user, account   string // error messages; empty if the policy is accepted
	}{
		{name: "zone", resources: zone, groups: []string{zoneRead}},
		{name: "all zones", resources: onZones, groups: []string{zoneRead}, account: mustNest},
		{name: "all zones and a zone", resources: onZones + `,` + zone, groups: []string{zoneRead}, account: mustNest},
		{name: "zones in an account", resources: `"` + onAccount + `":{` + onZones + `}`, groups: []string{zoneRead}},
		{name: "both forms", resources: `"` + onAccount + `":{` + onZones + `},` + zone, groups: []string{zoneRead}},
		{name: "account", resources: `"` + onAccount + `":"*"`, groups: []string{billingRead}},
		{name: "all accounts", resources: `"com.cloudflare.api.account.*":"*"`, groups: []string{billingRead}},
		{name: "user", resources: onUser, groups: []string{membershipsRead}},
		{name: "bucket", resources: onBucket, groups: []string{bucketRead}},
		{name: "buckets in an account", resources: `"` + onAccount + `":{"com.cloudflare.edge.r2.bucket.*":"*"}`, groups: []string{bucketRead}},

		{name: "zone group on an account", resources: `"` + onAccount + `":"*"`, groups: []string{zoneRead}},
		{name: "zone group on an account and zones", resources: `"` + onAccount + `":"*",` + zone, groups: []string{zoneRead}},
		{name: "bucket group on an account", resources: `"` + onAccount + `":"*"`, groups: []string{bucketRead}},
		{name: "account group on a bucket", resources: onBucket, groups: []string{billingRead}},
		{name: "two scopes on two kinds", resources: `"` + onAccount + `":"*",` + zone, groups: []string{billingRead, zoneRead}},
		{name: "zone group on buckets", resources: `"` + onAccount + `":{"com.cloudflare.edge.r2.bucket.*":"*"}`, groups: []string{zoneRead}},
		{name: "group that the catalog lacks", resources: zone, groups: []string{unknownID}},
		{name: "300 groups", resources: zone, groups: strings.Fields(strings.Repeat(zoneRead+" ", 300))},
		{name: "no resources", groups: []string{billingRead}},
		{name: "nothing nested", resources: `"` + onAccount + `":{}`, groups: []string{zoneRead}},
		{name: "unknown kind", resources: `"com.cloudflare.api.account.flagship.app.x":"*"`, groups: []string{zoneRead}},
		{name: "unknown permission", resources: strings.Replace(zone, "*", "read", 1), groups: []string{zoneRead}},

		{name: "worker", resources: `"` + onAccount + `":{"` + worker + `":"*"}`, groups: []string{workersEditor}, user: noWorkers},
		{name: "worker not nested", resources: `"` + worker + `":"*"`, groups: []string{workersEditor}, user: noWorkers, account: noWorkers},
		{name: "zones in the name of an account", resources: `"` + onAccount + `.zone.*":"*"`, groups: []string{zoneRead}, account: onAccount + ".zone is not a supported resource type"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			body := `{"name":"n","policies":` + policiesOn(tt.resources, tt.groups...) + `}`
			for _, owner := range f.owners() {
				message := map[string]string{"user": tt.user, "account": tt.account}[owner.name]
				var created token
				f.do("POST", owner.path, createBody).ok(&created)
				for _, r := range []reply{f.do("POST", owner.path, body), f.do("PUT", owner.path+"/"+created.ID, body)} {
					if message == "" {
						r.ok(nil)
					} else {
						r.rejected(400, 1001, message)
					}
				}
			}
		})
	}
}

// TestPolicies_CreateTokens checks that no token can get permission to create tokens, and
// that one that has it keeps it.
func TestPolicies_CreateTokens(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const message = "sub-token is not allowed to have permissions to manage other tokens"
	user, account := policiesOn(onUser, tokensWrite), policiesOn(f.onAccount(), accountTokensWrite)
	for _, owner := range f.owners() {
		manager := owner.manager(t, f, user, "")
		path := owner.path + "/" + manager.ID
		put := func(policies string) reply { return f.do("PUT", path, `{"name":"renamed","policies":`+policies+`}`) }
		for _, policies := range []string{user, account, `[` + policy("allow", zone, zoneRead) + `,` + policy("allow", f.onAccount(), billingRead, accountTokensWrite) + `]`} {
			f.do("POST", owner.path, `{"name":"n","policies":`+policies+`}`).rejected(400, 1001, message)
		}
		put(account).rejected(400, 1001, message)
		put(`[` + policy("allow", onUser, tokensWrite, tokensRead) + `]`).ok(nil)
		put(policies(zoneRead)).ok(nil)
		put(user).rejected(400, 1001, message)

		for _, policies := range []string{policiesOn(onUser, tokensRead), policiesOn(f.onAccount(), accountTokensRead), `[` + policy("deny", onUser, tokensWrite) + `]`} {
			f.do("POST", owner.path, `{"name":"n","policies":`+policies+`}`).ok(nil)
		}
	}
	// A token with the permission updates itself.
	for _, owner := range f.owners() {
		manager := owner.manager(t, f, `[`+policy("allow", onUser, tokensWrite)+`,`+policy("allow", f.onAccount(), accountTokensWrite)+`]`, "")
		f.do("PUT", owner.path+"/"+manager.ID, `{"name":"renamed","policies":[`+policy("allow", f.onAccount(), accountTokensWrite, billingRead)+`]}`, as(manager.Value)...).ok(nil)
	}
}

// TestPolicies_Empty checks that a token can have no policies.
func TestPolicies_Empty(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, owner := range f.owners() {
		var created, updated token
		f.do("POST", owner.path, `{"name":"n","policies":[]}`).ok(&created)
		f.do("PUT", owner.path+"/"+created.ID, createBody).ok(&updated)
		if len(created.Policies) != 0 || len(updated.Policies) != 1 {
			t.Errorf("%s: policies = %+v after POST, %+v after PUT; want none, then one", owner.name, created.Policies, updated.Policies)
		}
		r := f.do("PUT", owner.path+"/"+created.ID, `{"name":"n","policies":[]}`)
		r.ok(nil)
		if !strings.Contains(r.body, `"policies":[]`) {
			t.Errorf("%s: PUT = %s, want an empty list of policies", owner.name, r.body)
		}
	}
}
