package cftokenstest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const (
	accountTokensRead  = "eb56a6953c034b9d97dd838155666f06"
	accountTokensWrite = "5bc3f8b21c554832afc660159ab75fa4"
)

// accountPath returns the path of the tokens of the account that exists.
func (f *fake) accountPath() string { return "/accounts/" + f.AccountID + "/tokens" }

// onAccount returns the resource that is the account.
func (f *fake) onAccount() string { return `"com.cloudflare.api.account.` + f.AccountID + `":"*"` }

// TestServer_HasEveryOperation calls every operation of the document.
func TestServer_HasEveryOperation(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, op := range gen.Operations {
		path := strings.NewReplacer("{account_id}", f.AccountID, "{token_id}", unknownID).Replace(op.Path)
		r := f.do(op.Method, path, "{}")
		if r.status == http.StatusMethodNotAllowed || strings.Contains(r.body, `"code":700`) {
			t.Errorf("%s: status %d: %s", op.ID, r.status, r.body)
		}
		requests := f.Requests()
		if got := requests[len(requests)-1].Operation; got != op.ID {
			t.Errorf("%s %s is recorded as %q, want %s", op.Method, path, got, op.ID)
		}
		f.Inject(cftokenstest.Fault{Operation: op.ID, Status: http.StatusTeapot})
		if r := f.do(op.Method, path, "{}"); r.status != http.StatusTeapot {
			t.Errorf("%s: status %d, want that of the fault", op.ID, r.status)
		}
	}
}

func TestAccountTokens(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var created, listed token
	f.do("POST", f.accountPath(), `{"name":"n","policies":`+policies(zoneRead)+`}`).ok(&created)
	r := f.do("GET", f.accountPath()+"/"+created.ID, "")
	r.ok(&listed)
	if listed.ID != created.ID || created.Value == "" {
		t.Errorf("created %+v, got %+v", created, listed)
	}
	f.do("GET", "/user/tokens/"+created.ID, "").refused(404, 1003, "Token not found")
	if len(f.Tokens()) != 0 || len(f.AccountTokens()) != 1 {
		t.Errorf("%d tokens of the user and %d of the account, want 0 and 1", len(f.Tokens()), len(f.AccountTokens()))
	}
	if value, ok := f.Value(created.ID); !ok || value.Reveal() != created.Value {
		t.Error("Value() does not find the token of the account")
	}

	// The response to a create has explicit nulls; that to a get leaves them out.
	body := f.do("POST", f.accountPath(), `{"name":"n","policies":`+policies(zoneRead)+`}`).body
	for _, name := range []string{"last_used_on", "not_before", "expires_on"} {
		if !strings.Contains(body, `"`+name+`":null`) || strings.Contains(r.body, name) {
			t.Errorf("%s: create responds with %s, get with %s", name, body, r.body)
		}
	}

	var value string
	f.do("PUT", f.accountPath()+"/"+created.ID+"/value", "{}").ok(&value)
	f.do("GET", f.accountPath()+"/verify", "", as(value)...).ok(nil)
	f.do("GET", f.accountPath()+"/verify", "", as(created.Value)...).refused(401, 1000, "Invalid API Token")
	f.do("DELETE", f.accountPath()+"/"+created.ID, "").ok(nil)
	f.do("GET", f.accountPath()+"/"+created.ID, "").refused(404, 1003, "Token not found")
}

// TestAccountTokens_OtherFamily checks what a token of one kind gets at the paths of the
// other kind.
func TestAccountTokens_OtherFamily(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	var owned token
	f.do("POST", f.accountPath(), `{"name":"n","policies":`+policies(zoneRead)+`}`).ok(&owned)
	f.do("GET", "/user/tokens/verify", "", as(owned.Value)...).refused(401, 1000, "Invalid API Token")
	for _, r := range requests {
		f.do(r.method, r.path, r.body, as(owned.Value)...).refused(403, 9109, "Valid user-level authentication not found")
	}
	f.do("GET", f.accountPath()+"/verify", "").refused(401, 1000, "Invalid API Token")
}

func TestAccountTokens_Permission(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, group string
		read, write bool
	}{
		{"groups of the user", tokensWrite, false, false},
		{"read", accountTokensRead, true, false},
		{"write", accountTokensWrite, true, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t)
			user := f.manager(policiesOn(f.onAccount(), tt.group), "")
			for _, r := range requests {
				path := strings.Replace(r.path, "/user/tokens", f.accountPath(), 1)
				got := f.do(r.method, path, r.body, as(user.Value)...)
				if allowed := tt.write || tt.read && r.method == "GET"; (got.status == 403) == allowed {
					t.Errorf("%s %s: status %d: %s", r.method, path, got.status, got.body)
				}
			}
		})
	}
}

func TestAccountTokens_UnknownAccount(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.do("GET", "/accounts/"+unknownID+"/tokens", "").refused(403, 10000, "Authentication error")
	f.do("GET", "/accounts/not-an-id/tokens", "").refused(400, 7003, "Could not route to /client/v4/accounts/not-an-id/tokens, perhaps your object identifier is invalid?")
}

func TestAccountTokens_Quota(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	body := `{"name":"n","policies":` + policies(zoneRead) + `}`
	for range 500 {
		f.do("POST", f.accountPath(), body).ok(nil)
	}
	f.do("POST", f.accountPath(), body).refused(400, 1001, "You have reached the maximum number of API tokens (500)")
	f.do("POST", "/user/tokens", body).ok(nil)
}

func TestAccountTokens_Resources(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	create := func(resources, group string) reply {
		return f.do("POST", f.accountPath(), `{"name":"n","policies":`+policiesOn(resources, group)+`}`)
	}
	create(`"com.cloudflare.api.account.`+f.AccountID+`":{"com.cloudflare.api.account.zone.*":"*"}`, zoneRead).ok(nil)
	create(f.onAccount(), billingRead).ok(nil)
	create(`"com.cloudflare.api.account.zone.*":"*"`, zoneRead).refused(400, 1001, "must specify a zone for account owned tokens")
	for resources, group := range map[string]string{
		`"com.cloudflare.api.account.` + unknownID + `":"*"`: billingRead,
		onUser: "8acbe5bb0d54464ab867149d7f7cf8ac",
	} {
		if r := create(resources, group); r.status != 400 || !strings.Contains(r.body, "Failed common permission check") {
			t.Errorf("resource %s: status %d: %s", resources, r.status, r.body)
		}
	}
}

// TestSubTokens checks that a token created through the API cannot manage tokens.
func TestSubTokens(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	for _, group := range []string{tokensRead, tokensWrite, accountTokensRead, accountTokensWrite} {
		resources := onUser
		if group == accountTokensRead || group == accountTokensWrite {
			resources = f.onAccount()
		}
		body := `{"name":"n","policies":` + policiesOn(resources, group) + `}`
		const message = "sub-token is not allowed to have permissions to manage other tokens"
		f.do("POST", "/user/tokens", body).refused(400, 1001, message)
		f.do("PUT", "/user/tokens/"+created.ID, body).refused(400, 1001, message)
	}
}

func TestPolicies_Empty(t *testing.T) {
	t.Parallel()
	created := newFake(t).create(`[]`, "")
	if len(created.Policies) != 0 {
		t.Errorf("policies %v, want none", created.Policies)
	}
}

// TestUpdate_TakesAway narrows a token that is in use.
func TestUpdate_TakesAway(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	reader := f.manager(policiesOn(onUser, tokensRead), "")
	f.do("GET", "/user/tokens", "", as(reader.Value)...).ok(nil)
	if _, err := f.PutToken([]byte(`{"id":"` + reader.ID + `","name":"n","policies":` + policiesOn(onUser, tokensRead) + `,"condition":{"request_ip":{"in":["192.0.2.0/24"]}}}`)); err != nil {
		t.Fatal(err)
	}
	f.do("GET", "/user/tokens", "", as(reader.Value)...).refused(403, 9109, "Cannot use the access token from location: 127.0.0.1")
	f.do("PUT", "/user/tokens/"+reader.ID, `{"name":"n","policies":`+policies(zoneRead)+`,"condition":{"request_ip":{"in":["127.0.0.0/8"]}}}`).ok(nil)
	f.do("GET", "/user/tokens", "", as(reader.Value)...).refused(403, 9109, "Unauthorized to access requested resource")
}
