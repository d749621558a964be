package cftokenstest_test

import (
	"strings"
	"testing"
)

func TestPolicies_ValidResources(t *testing.T) {
	t.Parallel()
	const account = `"com.cloudflare.api.account.00112233445566778899aabbccddeeff"`
	for _, tt := range []struct{ name, resources, group string }{
		{"zone", zone, zoneRead},
		{"all zones", `"com.cloudflare.api.account.zone.*":"*"`, zoneRead},
		{"zones in an account", account + `:{"com.cloudflare.api.account.zone.*":"*"}`, zoneRead},
		{"both forms", account + `:{"com.cloudflare.api.account.zone.*":"*"},` + zone, zoneRead},
		{"account", account + `:"*"`, billingRead},
		{"all accounts", `"com.cloudflare.api.account.*":"*"`, billingRead},
		{"user", onUser, membershipsRead},
		{"bucket", `"com.cloudflare.edge.r2.bucket.00112233445566778899aabbccddeeff_eu_a.b":"*"`, bucketRead},
		{"buckets in an account", account + `:{"com.cloudflare.edge.r2.bucket.*":"*"}`, bucketRead},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			newFake(t).create(policiesOn(tt.resources, tt.group), "")
		})
	}
}

// TestPolicies_AccountResources checks which resources the policies of an account token can
// contain.
func TestPolicies_AccountResources(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const mustNest = "must specify a zone for account owned tokens"
	outside := func(name string) string { return "resource " + name + " is not in the account that owns the token" }
	this, other := "com.cloudflare.api.account."+f.AccountID, "com.cloudflare.api.account."+otherAccount
	bucket := "com.cloudflare.edge.r2.bucket."
	for _, tt := range []struct{ name, resources, group, message string }{
		{name: "account", resources: `"` + this + `":"*"`, group: billingRead},
		{name: "zones in the account", resources: `"` + this + `":{"com.cloudflare.api.account.zone.*":"*"}`, group: zoneRead},
		{name: "buckets in the account", resources: `"` + this + `":{"com.cloudflare.edge.r2.bucket.*":"*"}`, group: bucketRead},
		{name: "zone", resources: zone, group: zoneRead},
		{name: "bucket", resources: `"` + bucket + f.AccountID + `_eu_a":"*"`, group: bucketRead},

		{name: "all zones", resources: `"com.cloudflare.api.account.zone.*":"*"`, group: zoneRead, message: mustNest},
		{name: "all zones and a zone", resources: `"com.cloudflare.api.account.zone.*":"*",` + zone, group: zoneRead, message: mustNest},
		{name: "all accounts", resources: `"com.cloudflare.api.account.*":"*"`, group: billingRead, message: outside("com.cloudflare.api.account.*")},
		{name: "another account", resources: `"` + other + `":"*"`, group: billingRead, message: outside(other)},
		{name: "zones in another account", resources: `"` + other + `":{"com.cloudflare.api.account.zone.*":"*"}`, group: zoneRead, message: outside(other)},
		{name: "another account's bucket", resources: `"` + bucket + otherAccount + `_eu_a":"*"`, group: bucketRead, message: outside(bucket + otherAccount + "_eu_a")},
		{name: "user", resources: onUser, group: membershipsRead, message: outside("com.cloudflare.api.user.00112233445566778899aabbccddeeff")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			body := `{"name":"n","policies":` + policiesOn(tt.resources, tt.group) + `}`
			path := "/accounts/" + f.AccountID + "/tokens"
			var created token
			f.do("POST", path, createBody).ok(&created)
			for _, r := range []reply{f.do("POST", path, body), f.do("PUT", path+"/"+created.ID, body)} {
				if tt.message == "" {
					r.ok(nil)
				} else {
					r.rejected(400, 1001, tt.message)
				}
			}
			f.do("POST", "/user/tokens", body).ok(nil)
		})
	}
}

// TestPolicies_ManageTokens checks that no token can get permissions to manage tokens.
func TestPolicies_ManageTokens(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for name, groups := range map[string]string{
		"API Tokens Read":          policiesOn(onUser, tokensRead),
		"API Tokens Write":         policiesOn(onUser, tokensWrite),
		"Account API Tokens Read":  policiesOn(f.onAccount(), accountTokensRead),
		"Account API Tokens Write": policiesOn(f.onAccount(), accountTokensWrite),
		"among others":             `[` + policy("allow", zone, zoneRead) + `,` + policy("allow", f.onAccount(), billingRead, accountTokensRead) + `]`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, owner := range f.owners() {
				manager := owner.manager(t, f, policiesOn(f.onAccount(), accountTokensWrite), "")
				for _, r := range []reply{
					f.do("POST", owner.path, `{"name":"n","policies":`+groups+`}`),
					f.do("PUT", owner.path+"/"+manager.ID, `{"name":"n","policies":`+groups+`}`),
				} {
					r.rejected(400, 1001, "sub-token is not allowed to have permissions to manage other tokens")
				}
			}
		})
	}
	for _, token := range append(f.Tokens(), f.AccountTokens()...) {
		if token.Name != "manager" {
			t.Errorf("token %+v was created or updated, want only the managers", token)
		}
	}
	f.create(`[`+policy("allow", zone, zoneRead)+`,`+policy("deny", onUser, tokensWrite)+`]`, "")
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
