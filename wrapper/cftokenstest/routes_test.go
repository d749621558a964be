package cftokenstest_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

func TestRoute_NoRoute(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, tt := range []struct{ name, path string }{
		{"another endpoint", "/zones"},
		{"similar to the endpoint", "/user/tokensx"},
		{"below a token", "/user/tokens/" + unknownID + "/other"},
		{"too deep", "/user/tokens/" + unknownID + "/value/x"},
		{"of an account", "/accounts/" + unknownID + "/zones"},
		{"below an account token", "/accounts/" + unknownID + "/tokens/" + unknownID + "/other"},
		{"account ID left out", "/accounts/tokens"},
		{"segment before the path", "/x/user/tokens"},
		{"empty segment", "//user/tokens"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			f.do("GET", tt.path, "", "Authorization", "").want(404, `{"success":false,"messages":[],"result":null,"errors":[`+
				`{"code":7003,"message":"Could not route to /client/v4`+tt.path+`, perhaps your object identifier is invalid?"},`+
				`{"code":7000,"message":"No route for that URI"}]}`)
		})
	}
}

// TestRoute_WrongShape checks malformed IDs in place of each parameter of each path.
func TestRoute_WrongShape(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, op := range gen.Operations {
		for _, param := range []string{"{token_id}", "{account_id}"} {
			if !strings.Contains(op.Path, param) {
				continue
			}
			for _, id := range []string{
				"not-an-id", "gggggggggggggggggggggggggggggggg", unknownID + "f", unknownID[1:], "%2e%2e", "a%2Fb", "%2566",
			} {
				path := strings.NewReplacer(param, id, "{token_id}", unknownID, "{account_id}", f.AccountID).Replace(op.Path)
				f.do(op.Method, path, "{}").rejected(400, 7003,
					"Could not route to /client/v4"+path+", perhaps your object identifier is invalid?")
				requests := f.Requests()
				if got := requests[len(requests)-1].Operation; got != op.ID {
					t.Errorf("%s %s recorded the operation %q, want %s", op.Method, path, got, op.ID)
				}
			}
		}
	}
	f.do("GET", "/accounts//tokens", "").rejected(400, 7003, "Could not route to /client/v4/accounts//tokens, perhaps your object identifier is invalid?")
	f.do("PUT", "/user/tokens//value", "{}").rejected(400, 7003, "Could not route to /client/v4/user/tokens//value, perhaps your object identifier is invalid?")
}

// TestRoute_UpperCase checks that an ID in upper case is well formed but unknown: code must
// not rely on the API to fold case.
func TestRoute_UpperCase(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	f.do("GET", "/user/tokens/"+strings.ToUpper(created.ID), "").rejected(404, 1003, "Token not found")
	account := strings.ToUpper(f.AccountID)
	f.do("GET", "/accounts/"+account+"/tokens", "").rejected(403, 9109, "Unauthorized to access requested resource")
	client, err := f.NewClient()
	if err != nil {
		t.Fatal(err)
	}
	if client, err = client.Account(account); err != nil {
		t.Fatalf("Account(%q) error = %v", account, err)
	}
	if _, err := client.List(t.Context(), cftokens.ListOptions{}); !errors.Is(err, cftokens.ErrForbidden) {
		t.Errorf("List() of account %s: error = %v, want ErrForbidden", account, err)
	}
}

// TestRoute_LiteralWins checks that a literal segment is not taken for a token ID.
func TestRoute_LiteralWins(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for path, want := range map[string]string{
		"/user/tokens/verify":                                    "verifyToken",
		"/user/tokens/%76erify":                                  "verifyToken",
		"/user/tokens/permission_groups":                         "listPermissionGroups",
		"/accounts/" + f.AccountID + "/tokens/verify":            "verifyAccountToken",
		"/accounts/" + f.AccountID + "/tokens/permission_groups": "listAccountPermissionGroups",
	} {
		f.do("GET", path, "")
		requests := f.Requests()
		if got := requests[len(requests)-1].Operation; got != want {
			t.Errorf("GET %s recorded the operation %q, want %s", path, got, want)
		}
	}
}

func TestRoute_Escapes(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	escaped := ""
	for _, c := range []byte(created.ID) {
		escaped += "%" + string("0123456789abcdef"[c>>4]) + string("0123456789abcdef"[c&15])
	}
	f.do("GET", "/user/tokens/"+escaped, "").ok(nil)
	requests := f.Requests()
	if got := requests[len(requests)-1]; got.Path != "/client/v4/user/tokens/"+escaped || got.Operation != "getToken" {
		t.Errorf("Requests() = %+v, want getToken with the escaped path", got)
	}
}

func TestRoute_NoMethod(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	account := "/accounts/" + f.AccountID
	for _, tt := range []struct{ method, path, allow string }{
		{"PUT", "/user/tokens", "GET, POST"},
		{"PUT", "/user/tokens/", "GET, POST"},
		{"DELETE", "/user/tokens/", "GET, POST"},
		{"POST", "/user/tokens/" + unknownID, "DELETE, GET, PUT"},
		{"PATCH", "/user/tokens/" + unknownID, "DELETE, GET, PUT"},
		{"GET", "/user/tokens/" + unknownID + "/value", "PUT"},
		{"PATCH", account + "/tokens", "GET, POST"},
		{"DELETE", account + "/tokens/", "GET, POST"},
		{"POST", account + "/tokens/" + unknownID, "DELETE, GET, PUT"},
		{"GET", account + "/tokens/" + unknownID + "/value", "PUT"},
		{"PUT", account + "/tokens/verify", "GET"},
		{"POST", "/user/tokens/verify", "GET"},
		{"DELETE", "/user/tokens/permission_groups", "GET"},
	} {
		t.Run(tt.method+" "+tt.path, func(t *testing.T) {
			t.Parallel()
			r := f.do(tt.method, tt.path, "")
			r.rejected(405, 7001, "Method "+tt.method+" not available for that URI.")
			if got := r.header.Get("Allow"); got != tt.allow {
				t.Errorf("%s %s: Allow %q, want %q", tt.method, tt.path, got, tt.allow)
			}
		})
	}
}

func TestRoute_EmptyIDLists(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.unchecked.Store(true) // the path of getToken
	for _, owner := range f.owners() {
		f.do("POST", owner.path, createBody).ok(nil)
		f.do("GET", owner.path+"/", "").want(200, f.do("GET", owner.path, "").body)
	}
}

func TestResponse_Headers(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.Inject(faultOf("createToken", 502))
	seen := map[string]bool{}
	requests := slices.Concat(f.requests("/user"), f.requests("/accounts"))
	for _, r := range append(requests, request{op: new(gen.Operation), method: "GET", path: "/zones"}) {
		header := f.do(r.method, r.path, r.body).header
		for name, want := range map[string]string{
			"Cf-Ray": `^[0-9a-f]{16}-[A-Z]{3}$`, "Content-Type": `^application/json$`,
			"Ratelimit": `^"default";r=\d+;t=\d+$`, "Ratelimit-Policy": `^"default";q=\d+;w=\d+$`,
		} {
			if got := header.Get(name); !regexp.MustCompile(want).MatchString(got) {
				t.Errorf("%s: %s %q, want %s", r.op.ID, name, got, want)
			}
		}
		if ray := header.Get("Cf-Ray"); seen[ray] {
			t.Errorf("Cf-Ray %s was sent twice", ray)
		}
		seen[header.Get("Cf-Ray")] = true
	}
}
