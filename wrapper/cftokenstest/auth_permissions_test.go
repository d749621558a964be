package cftokenstest_test

import (
	"slices"
	"strings"
	"testing"
)

const otherAccount = "00112233445566778899aabbccddeeff"

// TestAuthorize_Denied checks that deny takes precedence over allow, in any order.
func TestAuthorize_Denied(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for policies, want := range map[string][]int{ // the status of a read and of a write
		policy("allow", onUser, tokensRead, tokensWrite) + `,` + policy("deny", onUser, tokensWrite): {200, 403},
		policy("deny", onUser, tokensRead) + `,` + policy("allow", onUser, tokensRead):               {403, 403},
	} {
		manager := f.manager(`[`+policies+`]`, "")
		got := []int{f.do("GET", "/user/tokens", "", as(manager.Value)...).status, f.do("POST", "/user/tokens", createBody, as(manager.Value)...).status}
		if !slices.Equal(got, want) {
			t.Errorf("statuses with %s = %v, want %v", policies, got, want)
		}
		f.do("GET", "/user/tokens/verify", "", as(manager.Value)...).ok(nil)
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
		manager := f.manager(`[`+policies+`]`, "")
		for _, owner := range f.owners() {
			f.do("GET", owner.path, "", as(manager.Value)...).rejected(403, 9109, "Unauthorized to access requested resource")
		}
	}
}

// TestAuthorize_OtherAccount checks accounts that do not exist, and policies that name
// another account.
func TestAuthorize_OtherAccount(t *testing.T) {
	t.Parallel()
	const denied = "Unauthorized to access requested resource"
	f := newFake(t)
	for _, r := range f.requests("/accounts") {
		f.do(r.method, strings.Replace(r.path, f.AccountID, otherAccount, 1), r.body).rejected(403, 9109, denied)
	}
	f.do("GET", "/accounts/"+otherAccount+"/tokens/verify", "").rejected(401, 1000, "Invalid API Token")

	allow := policy("allow", f.onAccount(), accountTokensRead)
	const all, other = `"com.cloudflare.api.account.*":"*"`, `"com.cloudflare.api.account.` + otherAccount + `":"*"`
	for policies, allowed := range map[string]bool{
		allow:                                   true,
		policy("allow", all, accountTokensRead): true,
		policy("allow", other, accountTokensRead):                                                        false,
		policy("allow", onUser, accountTokensRead):                                                       false,
		allow + `,` + policy("deny", other, accountTokensRead):                                           true,
		policy("allow", all, accountTokensRead) + `,` + policy("deny", f.onAccount(), accountTokensRead): false,
	} {
		manager := f.manager(`[`+policies+`]`, "")
		if r := f.do("GET", "/accounts/"+f.AccountID+"/tokens", "", as(manager.Value)...); allowed {
			r.ok(nil)
		} else {
			r.rejected(403, 9109, denied)
		}
	}
}

// TestCreate_Creator checks that an account token cannot grant a permission group that it
// lacks, while a user token can.
func TestCreate_Creator(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	manage := policy("allow", f.onAccount(), accountTokensWrite)
	path := "/accounts/" + f.AccountID + "/tokens"
	for policies, allowed := range map[string]bool{
		manage + `,` + policy("allow", zone, zoneRead, dnsWrite):                                        true,
		manage + `,` + policy("allow", zone, zoneRead):                                                  false,
		manage + `,` + policy("allow", zone, zoneRead, dnsWrite) + `,` + policy("deny", zone, dnsWrite): false,
	} {
		for _, owner := range f.owners() {
			creator := owner.manager(t, f, `[`+policies+`]`, "")
			r := f.do("POST", path, `{"name":"n","policies":[`+policy("allow", zone, zoneRead)+`,`+policy("allow", zone, dnsWrite)+`]}`, as(creator.Value)...)
			if allowed || owner.name == "user" {
				r.ok(nil)
			} else {
				r.rejected(400, 1001, `Failed common permission check against resources. (Permission group: "DNS Write")`)
			}
			f.do("POST", path, `{"name":"n","policies":[`+policy("deny", zone, dnsWrite)+`]}`, as(creator.Value)...).ok(nil)
			f.do("POST", path, `{"name":"n","policies":[]}`, as(creator.Value)...).ok(nil)
		}
	}
}
