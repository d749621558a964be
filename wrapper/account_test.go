package cftokens_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/secret"
)

// Requests for accounts are built as those for users, so their parameters must be the same.
var (
	_ = gen.ListAccountTokensParams(gen.ListTokensParams{})
	_ = gen.ListAccountPermissionGroupsParams(gen.ListPermissionGroupsParams{})
)

const accountID = "0A1b2c3d4e5f60718293a4b5c6d7e8f9"

// TestAccount checks the request and the error of every operation on account tokens.
func TestAccount(t *testing.T) {
	t.Parallel()
	called := map[string]bool{}
	for operation, call := range everyCall {
		if !slices.ContainsFunc(gen.Operations, func(op *gen.Operation) bool {
			return op.ID != operation && strings.Replace(op.ID, "Account", "", 1) == operation
		}) {
			continue // on user tokens only
		}
		api := respond(http.StatusBadGateway, "")
		client, err := newClient(t, api).Account(accountID)
		if err != nil {
			t.Fatalf("Account() error = %v", err)
		}
		err = call(t, client)
		apiErr := asError[*cftokens.APIError](t, operation, err)
		if strings.Replace(apiErr.Operation, "Account", "", 1) != operation || apiErr.Operation == operation {
			t.Errorf("%s error names the operation %s, want the account's", operation, apiErr.Operation)
		}
		op := operationByID(apiErr.Operation)
		path := "/client/v4" + strings.NewReplacer("{account_id}", accountID, "{token_id}", tokenID).Replace(op.Path)
		req := api.requests[0]
		if req.Method != op.Method || req.URL.Path != path {
			t.Errorf("%s sent %s %s, want %s %s", operation, req.Method, req.URL.Path, op.Method, path)
		}
		if got := req.Header.Get("Authorization"); got != "Bearer "+credential {
			t.Errorf("%s sent the Authorization header %q, want the credential", operation, got)
		}
		checkUnknown(t, operation, err, op.Method != http.MethodGet)
		called[op.ID] = true
	}
	for _, op := range gen.Operations {
		if strings.Contains(op.Path, "{account_id}") && !called[op.ID] {
			t.Errorf("no call of everyCall in wrapper/support_test.go is one of %s: its path and method must be those for users", op.ID)
		}
		if !strings.Contains(op.Path, "{account_id}") && everyCall[op.ID] == nil {
			t.Errorf("everyCall in wrapper/support_test.go has no call of %s: add its method to Client in wrapper/tokens.go, and a call of it to everyCall", op.ID)
		}
	}
}

func TestAccount_Invalid(t *testing.T) {
	t.Parallel()
	client := newClient(t, respond(http.StatusOK, success(tokenJSON)))
	for _, id := range []string{"", "0a1b", accountID + "0", "g" + accountID[1:], "../" + accountID[3:], "my account, whose name is 32 long"} {
		got, err := client.Account(id)
		if got != nil {
			t.Errorf("Account(%q) = %v, want nil", id, got)
		}
		checkError(t, fmt.Sprintf("Account(%q)", id), err, cftokens.ErrInvalidArgument,
			"account ID must be 32 hexadecimal digits, not a name; it is in the URLs of the dashboard")
	}
}

// TestVerify_Owner checks the hints for a token of another owner. WaitUntilActive gives
// none, because the API rejects a new value in the same way.
func TestVerify_Owner(t *testing.T) {
	t.Parallel()
	const user, account = "if an account owns the token, use Client.Account", "if a user owns the token"
	for _, tt := range []struct {
		name   string
		status int
		hints  bool
	}{{"unauthorized", 401, true}, {"forbidden", 403, true}, {"bad request", 400, false}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, respond(tt.status, apiError("10000", "Authentication error")))
			accountClient, err := client.Account(accountID)
			if err != nil {
				t.Fatalf("Account() error = %v", err)
			}
			for hint, client := range map[string]*cftokens.Client{user: client, account: accountClient} {
				_, err := client.Verify(t.Context())
				_ = asError[*cftokens.APIError](t, "Verify()", err)
				if got := strings.Contains(err.Error(), hint); got != tt.hints || strings.Count(err.Error(), "owns") > 1 {
					t.Errorf("Verify() error = %v, contains %q: %v, want %v", err, hint, got, tt.hints)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
				defer cancel()
				_, err = client.WaitUntilActive(ctx, secret.New(tokenValue))
				_ = asError[*cftokens.APIError](t, "WaitUntilActive()", err)
				checkNoLeak(t, "WaitUntilActive()", err, "owns")
			}
		})
	}
}

func TestWithToken(t *testing.T) {
	t.Parallel()
	const other = "TEST-another_credential_not_a_secret_012"
	api := respond(http.StatusForbidden, apiError("9109", "bearers are "+other+" and "+credential))
	client, err := newClient(t, api, cftokens.WithUserAgent("rotator/1.2"), cftokens.WithBaseURL("https://example.com/v4")).Account(accountID)
	if err != nil {
		t.Fatal(err)
	}
	second, err := client.WithToken(" " + other + "\n")
	if err != nil {
		t.Fatal(err)
	}
	_, err = second.Get(t.Context(), tokenID)
	checkError(t, "Get() with the new credential:", err, cftokens.ErrForbidden, "")
	checkNoLeak(t, "Get() with the new credential:", err, other)
	_, err = client.Get(t.Context(), tokenID)
	checkError(t, "Get() with the old credential:", err, cftokens.ErrForbidden, "")
	checkNoLeak(t, "Get() with the old credential:", err, credential)
	for i, want := range []string{other, credential} {
		req := api.requests[i]
		if got := req.Header.Get("Authorization"); got != "Bearer "+want {
			t.Errorf("request %d has the Authorization header %q, want that of its client", i, got)
		}
		if got := req.Header.Get("User-Agent"); !strings.HasPrefix(got, "rotator/1.2 ") {
			t.Errorf("request %d has the User-Agent %q, want rotator/1.2", i, got)
		}
		if got, want := req.URL.String(), "https://example.com/v4/accounts/"+accountID+"/tokens/"+tokenID; got != want {
			t.Errorf("request %d was sent to %s, want %s", i, got, want)
		}
	}
	invalid, err := client.WithToken(leak + "\x00")
	if invalid != nil {
		t.Errorf("WithToken() = %v, want nil", invalid)
	}
	checkError(t, "WithToken()", err, cftokens.ErrInvalidArgument, "")
	checkNoLeak(t, "WithToken()", err, leak)
}
