package cftokenstest_test

import (
	"slices"
	"strings"
	"testing"
)

func TestRoute_NoRoute(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, path := range []string{
		"/zones", "/user/tokensx", "/user/tokens/" + unknownID + "/other", "/user/tokens/" + unknownID + "/value/x", "/accounts/" + unknownID + "/zones",
		"/accounts/" + unknownID + "/tokens/" + unknownID + "/other", "/accounts/tokens", "/x/user/tokens", "//user/tokens",
	} {
		f.do("GET", path, "", "Authorization", "").want(404, `{"success":false,"messages":[],"result":null,"errors":[`+
			`{"code":7003,"message":"Could not route to /client/v4`+path+`, perhaps your object identifier is invalid?"},`+
			`{"code":7000,"message":"No route for that URI"}]}`)
	}
}

// TestRoute_WrongShape checks malformed IDs of tokens and accounts.
func TestRoute_WrongShape(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	for _, id := range []string{"not-an-id", strings.Repeat("g", 32), unknownID + "f", unknownID[1:], "%2e%2e", "a%2Fb", "%2566", ""} {
		for path, operation := range map[string]string{"/user/tokens/" + id + "/value": "rollToken", "/accounts/" + id + "/tokens/" + unknownID + "/value": "rollAccountToken"} {
			f.do("PUT", path, "{}").rejected(400, 7003, "Could not route to /client/v4"+path+", perhaps your object identifier is invalid?")
			requests := f.Requests()
			if got := requests[len(requests)-1].Operation; got != operation {
				t.Errorf("PUT %s recorded the operation %q, want %s", path, got, operation)
			}
		}
	}
}

// TestRoute_UpperCase checks that an ID in upper case is well formed but unknown: code must
// not rely on the API to fold case.
func TestRoute_UpperCase(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	created := f.create(policies(zoneRead), "")
	f.do("GET", "/user/tokens/"+strings.ToUpper(created.ID), "").rejected(404, 1003, "Token not found")
	f.do("GET", "/accounts/"+strings.ToUpper(f.AccountID)+"/tokens", "").rejected(403, 9109, "Unauthorized to access requested resource")
}

func TestRoute_NoMethod(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	account := "/accounts/" + f.AccountID
	for _, tt := range []struct{ method, path, allow string }{
		{"PUT", "/user/tokens", "GET, POST"},
		{"DELETE", account + "/tokens/", "GET, POST"},
		{"PATCH", "/user/tokens/" + unknownID, "DELETE, GET, PUT"},
		{"GET", account + "/tokens/" + unknownID + "/value", "PUT"},
		{"PUT", account + "/tokens/verify", "GET"}, // not the token with this ID
		{"DELETE", "/user/tokens/permission_groups", "GET"},
	} {
		r := f.do(tt.method, tt.path, "")
		r.rejected(405, 7001, "Method "+tt.method+" not available for that URI.")
		if got := r.header.Get("Allow"); got != tt.allow {
			t.Errorf("%s %s: Allow %q, want %q", tt.method, tt.path, got, tt.allow)
		}
	}
}

func TestRoute_EmptyIDLists(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.unchecked.Store(true) // the path of getToken
	for _, owner := range f.owners() {
		f.do("POST", owner.path, createBody).ok(nil)
		want, _ := f.list(owner.path)
		if got, _ := f.list(owner.path + "/"); !slices.Equal(got, want) || len(got) == 0 {
			t.Errorf("GET %s/ returned the tokens %q, want %q", owner.path, got, want)
		}
	}
}
