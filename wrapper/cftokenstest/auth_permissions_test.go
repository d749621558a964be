package cftokenstest_test

import (
	"strings"
	"testing"
)

const otherAccount = "00112233445566778899aabbccddeeff"

func TestAuthorize_Denied(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, policies string
		read, write    bool
	}{
		{name: "write denied", policies: `[` + policy("allow", onUser, tokensRead, tokensWrite) + `,` + policy("deny", onUser, tokensWrite) + `]`, read: true},
		{name: "read denied", policies: `[` + policy("deny", onUser, tokensRead) + `,` + policy("allow", onUser, tokensRead) + `]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			manager := f.manager(tt.policies, "")
			for _, r := range f.requests("/user") {
				got := f.do(r.method, r.path, r.body, as(manager.Value)...)
				isRead := len(r.op.PermissionGroups) == 2
				if allowed := tt.write || tt.read && isRead; (got.status != 403) != allowed {
					t.Errorf("%s: status = %d, want allowed: %t: %s", r.op.ID, got.status, allowed, got.body)
				}
			}
			f.do("GET", "/user/tokens/verify", "", as(manager.Value)...).ok(nil)
		})
	}
}

// TestAuthorize_StoredPolicies checks policies in forms that only PutToken stores: they grant
// nothing, and an effect that cannot be read denies.
func TestAuthorize_StoredPolicies(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	account := "com.cloudflare.api.account." + f.AccountID
	allowed := policy("allow", onUser, tokensRead) + `,` + policy("allow", f.onAccount(), accountTokensRead)
	for _, policies := range []string{
		policy("allow", `"`+account+`":{"com.cloudflare.api.account.zone.*":"*"}`, tokensRead, accountTokensRead),
		policy("allow", `"`+account+`":{"com.cloudflare.edge.r2.bucket.*":"*"}`, tokensRead, accountTokensRead),
		policy("allow", `"`+account+`":{}`, tokensRead, accountTokensRead),
		policy("allow", `"`+account+`":null`, tokensRead, accountTokensRead),
		policy("allow", `"`+account+`":""`, tokensRead, accountTokensRead),
		policy("allow", `"com.cloudflare.api.user.*":""`, tokensRead, accountTokensRead),
		policy("allow", ``, tokensRead, accountTokensRead),
		`{"effect":"allow","resources":null,"permission_groups":[{"id":"` + tokensRead + `"},{"id":"` + accountTokensRead + `"}]}`,
		`{"effect":"allow","permission_groups":[{"id":"` + tokensRead + `"},{"id":"` + accountTokensRead + `"}]}`,
		policy("Allow", onUser+`,`+f.onAccount(), tokensRead, accountTokensRead),
		allowed + `,` + policy("Deny", onUser+`,`+f.onAccount(), tokensRead, accountTokensRead),
		allowed + `,` + policy("DENY", onUser+`,`+f.onAccount(), tokensRead, accountTokensRead),
	} {
		t.Run(policies, func(t *testing.T) {
			t.Parallel()
			manager := f.manager(`[`+policies+`]`, "")
			for _, owner := range f.owners() {
				f.do("GET", owner.path, "", as(manager.Value)...).rejected(403, 9109, "Unauthorized to access requested resource")
			}
		})
	}
}

// TestAuthorize_OtherAccount checks accounts that do not exist, and policies that name
// another account.
func TestAuthorize_OtherAccount(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	ofAccount := f.owners()[1].manager(t, f, policiesOn(f.onAccount(), accountTokensWrite), "")
	for _, value := range []string{f.Token, ofAccount.Value} {
		for _, r := range f.requests("/accounts") {
			path := strings.Replace(r.path, f.AccountID, otherAccount, 1)
			f.do(r.method, path, r.body, as(value)...).rejected(403, 9109, "Unauthorized to access requested resource")
		}
		f.do("GET", "/accounts/"+otherAccount+"/tokens/verify", "", as(value)...).rejected(401, 1000, "Invalid API Token")
	}

	path := "/accounts/" + f.AccountID + "/tokens"
	for _, tt := range []struct {
		name, policies string
		allowed        bool
	}{
		{name: "this account", policies: policiesOn(f.onAccount(), accountTokensRead), allowed: true},
		{name: "all accounts", policies: policiesOn(`"com.cloudflare.api.account.*":"*"`, accountTokensRead), allowed: true},
		{name: "another account", policies: policiesOn(`"com.cloudflare.api.account.`+otherAccount+`":"*"`, accountTokensRead)},
		{name: "the user", policies: policiesOn(onUser, accountTokensRead)},
		{
			name: "another account denied", policies: `[` + policy("allow", f.onAccount(), accountTokensRead) + `,` +
				policy("deny", `"com.cloudflare.api.account.`+otherAccount+`":"*"`, accountTokensRead) + `]`, allowed: true,
		},
		{
			name: "this account denied", policies: `[` + policy("allow", `"com.cloudflare.api.account.*":"*"`, accountTokensRead) + `,` +
				policy("deny", f.onAccount(), accountTokensRead) + `]`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			manager := f.manager(tt.policies, "")
			if r := f.do("GET", path, "", as(manager.Value)...); tt.allowed {
				r.ok(nil)
			} else {
				r.rejected(403, 9109, "Unauthorized to access requested resource")
			}
		})
	}
}

// TestCreate_Creator checks that an account token cannot grant a permission group that it
// lacks, while a user token can.
func TestCreate_Creator(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const message = `Failed common permission check against resources. (Permission group: "DNS Write")`
	manage := policy("allow", f.onAccount(), accountTokensWrite)
	both := `{"name":"n","policies":[` + policy("allow", zone, zoneRead) + `,` + policy("allow", zone, dnsWrite) + `]}`
	for _, tt := range []struct {
		name, policies string
		created        bool
	}{
		{name: "all groups", policies: `[` + manage + `,` + policy("allow", zone, zoneRead, dnsWrite) + `]`, created: true},
		{name: "one of two", policies: `[` + manage + `,` + policy("allow", zone, zoneRead) + `]`},
		{name: "one denied", policies: `[` + manage + `,` + policy("allow", zone, zoneRead, dnsWrite) + `,` + policy("deny", zone, dnsWrite) + `]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			for _, owner := range f.owners() {
				creator := owner.manager(t, f, tt.policies, "")
				r := f.do("POST", "/accounts/"+f.AccountID+"/tokens", both, as(creator.Value)...)
				if tt.created || owner.name == "user" {
					r.ok(nil)
				} else {
					r.rejected(400, 1001, message)
				}
			}
			creator := f.owners()[1].manager(t, f, tt.policies, "")
			f.do("POST", "/accounts/"+f.AccountID+"/tokens", `{"name":"n","policies":[`+policy("deny", zone, dnsWrite)+`]}`, as(creator.Value)...).ok(nil)
			f.do("POST", "/accounts/"+f.AccountID+"/tokens", `{"name":"n","policies":[]}`, as(creator.Value)...).ok(nil)
		})
	}
	creator := f.manager(policiesOn(onUser, tokensWrite), "")
	f.do("POST", "/user/tokens", both, as(creator.Value)...).ok(nil)
}
