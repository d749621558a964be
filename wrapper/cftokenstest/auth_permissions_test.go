package cftokenstest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
)

const otherAccount = "00112233445566778899aabbccddeeff"

// TestAuthorize_Policies checks what policies allow. Deny takes precedence, in any order. In
// forms that only PutToken stores, they grant nothing, and an effect that cannot be read
// denies.
func TestAuthorize_Policies(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.unchecked.Store(true)
	const all, other = `"com.cloudflare.api.account.*":"*"`, `"com.cloudflare.api.account.` + otherAccount + `":"*"`
	account := f.onAccount()
	nested := func(value string) string { return strings.Replace(account, `"*"`, value, 1) }
	read := func(effect, resources string) string { return policy(effect, resources, tokensRead, accountTokensRead) }
	ofAccount := func(effect, resources string) string { return policy(effect, resources, accountTokensRead) }
	allowed := read("allow", onUser+`,`+account)
	none := []int{403, 403, 403}
	for policies, want := range map[string][]int{ // the status of the list of the user, a create, and the list of the account
		policy("allow", onUser, tokensRead, tokensWrite) + `,` + policy("deny", onUser, tokensWrite): {200, 403, 403},
		policy("deny", onUser, tokensRead) + `,` + policy("allow", onUser, tokensRead):               none,
		allowed: {200, 403, 200},
		allowed + `,` + read("Deny", onUser+`,`+account):                   none,
		allowed + `,` + read("DENY", onUser+`,`+account):                   none,
		read("Allow", onUser+`,`+account):                                  none,
		read("allow", onUser):                                              {200, 403, 403},
		read("allow", account):                                             {403, 403, 200},
		read("allow", all):                                                 {403, 403, 200},
		ofAccount("allow", other):                                          none,
		ofAccount("allow", account) + `,` + ofAccount("deny", other):       {403, 403, 200},
		ofAccount("allow", all) + `,` + ofAccount("deny", account):         none,
		read("allow", nested(`{"com.cloudflare.api.account.zone.*":"*"}`)): none,
		read("allow", nested(`{"com.cloudflare.edge.r2.bucket.*":"*"}`)):   none,
		read("allow", nested(`{}`)):                                        none,
		read("allow", nested(`null`)):                                      none,
		read("allow", nested(`""`)):                                        none,
		read("allow", `"com.cloudflare.api.user.*":""`):                    none,
		read("allow", ``):                                                  none,
		strings.Replace(read("allow", ``), `{}`, `null`, 1):                none,
		strings.Replace(read("allow", ``), `"resources":{},`, ``, 1):       none,
	} {
		as := as(f.manager(`[`+policies+`]`, "").Value)
		got := []int{
			f.do("GET", "/user/tokens", "", as...).status, f.do("POST", "/user/tokens", createBody, as...).status,
			f.do("GET", "/accounts/"+f.AccountID+"/tokens", "", as...).status,
		}
		if !slices.Equal(got, want) {
			t.Errorf("statuses with %s = %v, want %v", policies, got, want)
		}
		f.do("GET", "/user/tokens/verify", "", as...).ok(nil)
	}
}

func TestAuthorize_OtherAccount(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, op := range gen.Operations {
		r := f.request(op, unknownID)
		path := strings.Replace(r.path, f.AccountID, otherAccount, 1)
		if got := f.do(r.method, path, r.body); op == gen.OpVerifyAccountToken {
			got.rejected(401, 1000, "Invalid API Token")
		} else if strings.HasPrefix(op.Path, "/accounts") {
			got.rejected(403, 9109, "Unauthorized to access requested resource")
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
