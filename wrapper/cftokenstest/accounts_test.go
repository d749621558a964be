package cftokenstest_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const otherAccount = "00112233445566778899aabbccddeeff"

// TestOperations calls every operation of the document with success.
func TestOperations(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, op := range gen.Operations {
		owner := f.owners()[0]
		if strings.HasPrefix(op.Path, "/accounts") {
			owner = f.owners()[1]
		}
		token := owner.manager(t, f, "[]", "")
		r := f.request(op, token.ID)
		header := as(f.Token)
		if len(op.PermissionGroups) == 0 {
			header = as(token.Value)
		}
		var result any
		f.do(r.method, r.path, r.body, header...).ok(&result)
		if result == nil {
			t.Errorf("%s: no result", op.ID)
		}
		requests := f.Requests()
		if got := requests[len(requests)-1].Operation; got != op.ID {
			t.Errorf("%s %s is recorded as %q, want %s", r.method, r.path, got, op.ID)
		}
		f.Inject(cftokenstest.Fault{Operation: op.ID, Status: 418})
		if got := f.do(r.method, r.path, r.body, header...); got.status != 418 {
			t.Errorf("%s with a fault: status %d, want 418", op.ID, got.status)
		}
	}
}

func TestAccountID(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	if !idShape.MatchString(f.AccountID) {
		t.Errorf("AccountID = %q, want %v", f.AccountID, idShape)
	}
	if again := newFake(t); again.AccountID != f.AccountID {
		t.Errorf("AccountID = %q, then %q; want the same in every run", f.AccountID, again.AccountID)
	}
	client, err := f.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Account(f.AccountID); err != nil {
		t.Errorf("Account(AccountID) error = %v", err)
	}
}

// TestOwners_Apart checks that a token is found on the paths of its owner only.
func TestOwners_Apart(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for i, owner := range f.owners() {
		other := f.owners()[1-i]
		var created token
		f.do("POST", owner.path, createBody).ok(&created)
		f.do("GET", owner.path+"/"+created.ID, "").ok(nil)
		for _, r := range []struct{ method, path, body string }{
			{"GET", "/" + created.ID, ""},
			{"PUT", "/" + created.ID, createBody},
			{"DELETE", "/" + created.ID, ""},
			{"PUT", "/" + created.ID + "/value", "{}"},
		} {
			f.do(r.method, other.path+r.path, r.body).rejected(404, 1003, "Token not found")
		}
		if tokens := owner.tokens(); len(tokens) != 1 || tokens[0].ID != created.ID {
			t.Errorf("tokens of the %s: %+v, want %s", owner.name, tokens, created.ID)
		}
		var list []token
		f.do("GET", owner.path, "").ok(&list)
		if len(list) != 1 || list[0].ID != created.ID {
			t.Errorf("list of the %s: %+v, want %s", owner.name, list, created.ID)
		}
		if value, ok := f.Value(created.ID); !ok || value.Reveal() != created.Value {
			t.Errorf("Value does not return that of the %s's token", owner.name)
		}

		f.do("GET", owner.path+"/verify", "", as(created.Value)...).ok(nil)
		f.do("GET", other.path+"/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
	}
}

// TestAuthorize_AccountToken checks what a token of an account may do: manage the
// tokens of that account, and nothing of the user's.
func TestAuthorize_AccountToken(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	manager := f.owners()[1].manager(t, f, `[`+policy("allow", f.onAccount(), accountTokensWrite)+`,`+policy("allow", zone, zoneRead)+`]`, "")
	path := "/accounts/" + f.AccountID + "/tokens"
	var created token
	f.do("POST", path, createBody, as(manager.Value)...).ok(&created)
	f.do("PUT", path+"/"+created.ID+"/value", "{}", as(manager.Value)...).ok(nil)
	f.do("DELETE", path+"/"+created.ID, "", as(manager.Value)...).ok(nil)
	for _, r := range f.requests("/user") {
		f.do(r.method, r.path, r.body, as(manager.Value)...).rejected(403, 9109, "Valid user-level authentication not found")
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
		{"this account", policiesOn(f.onAccount(), accountTokensRead), true},
		{"all accounts", policiesOn(`"com.cloudflare.api.account.*":"*"`, accountTokensRead), true},
		{"another account", policiesOn(`"com.cloudflare.api.account.`+otherAccount+`":"*"`, accountTokensRead), false},
		{"the user", policiesOn(onUser, accountTokensRead), false},
		{
			"another account denied", `[` + policy("allow", f.onAccount(), accountTokensRead) + `,` +
				policy("deny", `"com.cloudflare.api.account.`+otherAccount+`":"*"`, accountTokensRead) + `]`, true,
		},
		{
			"this account denied", `[` + policy("allow", `"com.cloudflare.api.account.*":"*"`, accountTokensRead) + `,` +
				policy("deny", f.onAccount(), accountTokensRead) + `]`, false,
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

// TestCreate_AccountNulls checks the explicit nulls that only a create returns, and
// only for an account.
func TestCreate_AccountNulls(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	f := newFake(t, cftokenstest.WithClock(func() time.Time { return now }))
	path := "/accounts/" + f.AccountID + "/tokens"
	r := f.do("POST", path, createBody)
	var created token
	r.ok(&created)
	token := `"id":"` + created.ID + `","name":"n","status":"active",` +
		`"issued_on":"2026-01-02T03:04:05Z","modified_on":"2026-01-02T03:04:05Z",` +
		`"policies":[{"id":"` + created.Policies[0].ID + `","effect":"allow","resources":{` + zone + `},` +
		`"permission_groups":[{"id":"` + zoneRead + `","name":"Zone Read"}]}],` +
		`"creator_email_at_creation":"user@example.com"`
	const rest = `,"success":true,"errors":[],"messages":[]}`
	r.want(200, `{"result":{`+token+`,"last_used_on":null,"not_before":null,"expires_on":null,"value":"`+created.Value+`"}`+rest)
	f.do("GET", path+"/"+created.ID, "").want(200, `{"result":{`+token+`}`+rest)

	f.do("POST", path, strings.Replace(createBody, "{", `{"expires_on":"2030-01-01T00:00:00Z",`, 1)).ok(&created)
	if created.ExpiresOn == nil || *created.ExpiresOn != "2030-01-01T00:00:00Z" {
		t.Errorf("expires_on = %v, want what was sent", created.ExpiresOn)
	}
}

// TestAccountValues checks that the values of an account's tokens can be told from
// those of a user's, and from live ones.
func TestAccountValues(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	want, live := regexp.MustCompile(`^FAKE-account-[A-Za-z0-9_-]{35}$`), regexp.MustCompile(`cf(ut|at|k)_[A-Za-z0-9]{40}`)
	path := "/accounts/" + f.AccountID + "/tokens"
	var created token
	f.do("POST", path, createBody).ok(&created)
	var rolled string
	f.do("PUT", path+"/"+created.ID+"/value", "{}").ok(&rolled)
	for _, value := range []string{created.Value, rolled} {
		if !want.MatchString(value) || live.MatchString(value) {
			t.Errorf("a value is not of the shape %v", want)
		}
	}
	f.do("GET", path+"/verify", "", as(created.Value)...).rejected(401, 1000, "Invalid API Token")
	f.do("GET", path+"/verify", "", as(rolled)...).ok(nil)
}

func TestQuota(t *testing.T) {
	t.Parallel()
	for name, quota := range map[string]int{"user": 50, "account": 500} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			for _, owner := range f.owners() {
				if owner.name != name {
					continue
				}
				var last token
				for range quota {
					f.do("POST", owner.path, createBody).ok(&last)
				}
				f.do("POST", owner.path, createBody).rejected(400, 1001, fmt.Sprintf("You have reached the maximum number of API tokens (%d)", quota))
				if n := len(owner.tokens()); n != quota {
					t.Errorf("%d tokens, want %d", n, quota)
				}
				f.do("DELETE", owner.path+"/"+last.ID, "").ok(nil)
				f.do("POST", owner.path, createBody).ok(nil)
			}
			for _, owner := range f.owners() {
				if owner.name != name {
					f.do("POST", owner.path, createBody).ok(nil)
				}
			}
		})
	}
}

// TestAccountResources checks which resources the policies of an account's token may
// name.
func TestAccountResources(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	const mustNest = "must specify a zone for account owned tokens"
	outside := func(name string) string { return "resource " + name + " is not in the account that owns the token" }
	this, other := "com.cloudflare.api.account."+f.AccountID, "com.cloudflare.api.account."+otherAccount
	bucket := "com.cloudflare.edge.r2.bucket."
	for _, tt := range []struct{ name, resources, group, message string }{
		{"account", `"` + this + `":"*"`, billingRead, ""},
		{"zones in the account", `"` + this + `":{"com.cloudflare.api.account.zone.*":"*"}`, zoneRead, ""},
		{"buckets in the account", `"` + this + `":{"com.cloudflare.edge.r2.bucket.*":"*"}`, bucketRead, ""},
		{"zone", zone, zoneRead, ""},
		{"bucket", `"` + bucket + f.AccountID + `_eu_a":"*"`, bucketRead, ""},

		{"all zones", `"com.cloudflare.api.account.zone.*":"*"`, zoneRead, mustNest},
		{"all zones besides a zone", `"com.cloudflare.api.account.zone.*":"*",` + zone, zoneRead, mustNest},
		{"all accounts", `"com.cloudflare.api.account.*":"*"`, billingRead, outside("com.cloudflare.api.account.*")},
		{"another account", `"` + other + `":"*"`, billingRead, outside(other)},
		{"zones in another account", `"` + other + `":{"com.cloudflare.api.account.zone.*":"*"}`, zoneRead, outside(other)},
		{"another account's bucket", `"` + bucket + otherAccount + `_eu_a":"*"`, bucketRead, outside(bucket + otherAccount + "_eu_a")},
		{"user", onUser, membershipsRead, outside("com.cloudflare.api.user.00112233445566778899aabbccddeeff")},
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

// TestSubTokens checks that no token can be given permissions to manage tokens.
func TestSubTokens(t *testing.T) {
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
			t.Errorf("token %+v was created or updated", token)
		}
	}
	f.create(`[`+policy("allow", zone, zoneRead)+`,`+policy("deny", onUser, tokensWrite)+`]`, "")
}

// TestCreate_Creator checks that an account's token cannot grant a permission group that
// it lacks, while a user's token can.
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
		{"all groups", `[` + manage + `,` + policy("allow", zone, zoneRead, dnsWrite) + `]`, true},
		{"one of two", `[` + manage + `,` + policy("allow", zone, zoneRead) + `]`, false},
		{"one denied", `[` + manage + `,` + policy("allow", zone, zoneRead, dnsWrite) + `,` + policy("deny", zone, dnsWrite) + `]`, false},
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

// TestNoPolicies checks that a token may have no policies.
func TestNoPolicies(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, owner := range f.owners() {
		var created, updated token
		f.do("POST", owner.path, `{"name":"n","policies":[]}`).ok(&created)
		f.do("PUT", owner.path+"/"+created.ID, createBody).ok(&updated)
		if len(created.Policies) != 0 || len(updated.Policies) != 1 {
			t.Errorf("%s: got %+v, then %+v; want no policy, then one", owner.name, created, updated)
		}
		r := f.do("PUT", owner.path+"/"+created.ID, `{"name":"n","policies":[]}`)
		r.ok(nil)
		if !strings.Contains(r.body, `"policies":[]`) {
			t.Errorf("%s: got %s, want an empty list of policies", owner.name, r.body)
		}
	}
}

func TestPutAccountToken(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	id, err := f.PutAccountToken([]byte(`{"name":"n","value":"short"}`))
	if err != nil {
		t.Fatal(err)
	}
	f.do("GET", "/accounts/"+f.AccountID+"/tokens/verify", "", as("short")...).ok(nil)
	if tokens := f.AccountTokens(); len(tokens) != 1 || tokens[0].ID != id || len(f.Tokens()) != 0 {
		t.Errorf("tokens of the account: %+v, of the user: %+v; want %s and none", tokens, f.Tokens(), id)
	}
	if _, err := f.PutToken([]byte(`{"id":"` + id + `"}`)); err == nil || !strings.Contains(err.Error(), "another owner") {
		t.Errorf("PutToken with the ID of an account's token: error = %v", err)
	}
	if _, err := f.PutAccountToken([]byte(`[]`)); err == nil || !strings.HasPrefix(err.Error(), "cftokenstest: PutAccountToken: ") {
		t.Errorf("PutAccountToken of an array: error = %v", err)
	}
	if diff := cmp.Diff([]cftokens.Token{}, f.Tokens()); diff != "" {
		t.Errorf("tokens of the user (-want +got):\n%s", diff)
	}
}
