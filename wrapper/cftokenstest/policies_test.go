package cftokenstest_test

import (
	"testing"
)

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
