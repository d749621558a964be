package cftokenstest_test

import (
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/resource"
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

// TestPolicies_InUse creates tokens as programs and configurations in public repositories
// do, and compares their policies.
func TestPolicies_InUse(t *testing.T) {
	t.Parallel()
	const zone1, zone2, user = "c952fb5989d232593ec9cca71030cb51", "034bf5d0a4ff33b0e9965f50be70d8d1", "1f2e3d4c5b6a79880123456789abcdef"
	const dnsRead, storageWrite, scriptsWrite = "82e64a83756745bbbb1c9c2701bf816b", "bf7481a1826f439697cb59a20b22293e", "e086da7e2179491d91ee5f35b3ca210a"
	allow := func(r cftokens.Resources, groups ...string) cftokens.Policy {
		p := cftokens.Policy{Effect: cftokens.EffectAllow, Resources: r}
		for _, id := range groups {
			p.PermissionGroups = append(p.PermissionGroups, cftokens.PermissionGroupRef{ID: id})
		}
		return p
	}
	deny := func(r cftokens.Resources, groups ...string) cftokens.Policy {
		p := allow(r, groups...)
		p.Effect = cftokens.EffectDeny
		return p
	}
	on := resource.Of
	for _, tt := range []struct {
		name     string
		owner    string
		policies func(account string) []cftokens.Policy
	}{
		{"account groups, and zone groups on two zones", "account", func(account string) []cftokens.Policy {
			return []cftokens.Policy{
				allow(on(resource.Account(account)), "9d24387c6e8544e2bc4024a03991339f", "d2a1802cc9a34e30852f8b33869b2f3c", "1e13c5124ca64b72b1969a67e8829049"),
				allow(on(resource.Zone(zone1), resource.Zone(zone2)), zoneRead, dnsRead, dnsWrite, "e9a975f628014f1d85b723993116f7d5"),
			}
		}},
		{"zone groups on the account", "account", func(account string) []cftokens.Policy {
			return []cftokens.Policy{allow(on(resource.Account(account)), scriptsWrite), allow(on(resource.Account(account)), dnsWrite, zoneRead)}
		}},
		{"items of a bucket", "account", func(account string) []cftokens.Policy {
			return []cftokens.Policy{allow(on(resource.R2Bucket(account, "", "updates")), "2efd5506f9c8494dacb1fa10a3e7d5b6")}
		}},
		{"storage of the account on a bucket", "user", func(account string) []cftokens.Policy {
			return []cftokens.Policy{allow(on(resource.R2Bucket(account, "", "state")), storageWrite)}
		}},
		{"reads tokens", "user", func(string) []cftokens.Policy {
			return []cftokens.Policy{allow(on(resource.User(user)), tokensRead, membershipsRead, "8acbe5bb0d54464ab867149d7f7cf8ac")}
		}},
		{"two Workers", "account", func(account string) []cftokens.Policy {
			return []cftokens.Policy{allow(on(resource.Worker(account, "9b0e1d2c3f4a45b6a7c8d9e0f1a2b3c4"), resource.Worker(account, "8b0e1d2c3f4a45b6a7c8d9e0f1a2b3c5")), workersEditor)}
		}},
		{"a zone group on the account, and on its zones", "account", func(account string) []cftokens.Policy {
			return []cftokens.Policy{allow(on(resource.Account(account)), dnsRead), allow(on(resource.ZonesIn(account)), dnsRead)}
		}},
		{"several zone groups on the account", "user", func(account string) []cftokens.Policy {
			return []cftokens.Policy{allow(on(resource.Account(account)), dnsRead, zoneRead, "e199d584e69344eba202452019deafe3")}
		}},
		{"deny alone", "user", func(string) []cftokens.Policy {
			return []cftokens.Policy{deny(on(resource.AllZones()), dnsRead)}
		}},
		{"the account and all zones", "user", func(account string) []cftokens.Policy {
			return []cftokens.Policy{allow(on(resource.Account(account), resource.AllZones()), dnsRead)}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := newFake(t).Server
			client, err := server.NewClient()
			if err == nil && tt.owner == "account" {
				client, err = client.Account(server.AccountID)
			}
			if err != nil {
				t.Fatal(err)
			}
			want := tt.policies(server.AccountID)
			created, err := client.Create(t.Context(), cftokens.TokenCreate{Name: "n", Policies: want})
			if err != nil {
				t.Fatalf("Create() error = %v", err)
			}
			got, err := client.Get(t.Context(), created.ID)
			if err != nil || !cftokens.SamePolicies(want, got.Policies) {
				t.Errorf("Get() = %+v, %v, want policies %+v", got, err, want)
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
