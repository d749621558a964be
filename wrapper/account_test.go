package cftokens_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

const accountID = "0A1b2c3d4e5f60718293a4b5c6d7e8f9"

// TestAccount calls every operation on the tokens of an account: the request is the one
// of the operation table, and the error names the operation.
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
			t.Fatal(err)
		}
		err = call(t, client)
		var apiErr *cftokens.APIError
		if !errors.As(err, &apiErr) {
			t.Fatalf("%s: error = %v, want an *APIError", operation, err)
		}
		if strings.Replace(apiErr.Operation, "Account", "", 1) != operation || apiErr.Operation == operation {
			t.Errorf("%s: the error names the operation %s", operation, apiErr.Operation)
		}
		op := operationByID(apiErr.Operation)
		path := "/client/v4" + strings.NewReplacer("{account_id}", accountID, "{token_id}", tokenID).Replace(op.Path)
		if req := api.requests[0]; req.Method != op.Method || req.URL.Path != path || req.Header.Get("Authorization") != "Bearer "+credential {
			t.Errorf("%s: sent %s %s, want %s %s with the credential", operation, req.Method, req.URL.Path, op.Method, path)
		}
		if unknown := op.Method != http.MethodGet; errors.Is(err, cftokens.ErrOutcomeUnknown) != unknown {
			t.Errorf("%s: error = %v, matches ErrOutcomeUnknown: want %v", operation, err, unknown)
		}
		called[op.ID] = true
	}
	for _, op := range gen.Operations {
		if strings.Contains(op.Path, "{account_id}") && !called[op.ID] {
			t.Errorf("no call of everyCall in wrapper/support_test.go is one of %s: implement it for account in wrapper/owner.go", op.ID)
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
		if got != nil || !errors.Is(err, cftokens.ErrInvalidArgument) || !strings.Contains(err.Error(), "account ID must be 32 hexadecimal digits, not a name; it is in the URLs of the dashboard") {
			t.Errorf("Account(%q) = %v, %v; want an error that names the account ID", id, got, err)
		}
	}
}

// TestVerify_AccountToken checks that the error says what an account token needs.
func TestVerify_AccountToken(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		hint   bool
	}{{name: "unauthorized", status: 401, hint: true}, {name: "forbidden", status: 403, hint: true}, {name: "bad request", status: 400}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client := newClient(t, respond(tt.status, apiError("1000", "Invalid API Token")))
			_, err := client.Verify(t.Context())
			var apiErr *cftokens.APIError
			if !errors.As(err, &apiErr) || strings.Contains(err.Error(), "use Client.Account") != tt.hint {
				t.Errorf("Verify() error = %v, names Account: want %v", err, tt.hint)
			}
			account, err := client.Account(accountID)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := account.Verify(t.Context()); strings.Contains(err.Error(), "use Client.Account") {
				t.Errorf("Verify() of the account: error = %v", err)
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
	if err == nil || strings.Contains(err.Error(), other) {
		t.Errorf("Get() error = %v, want one without the new credential", err)
	}
	_, err = client.Get(t.Context(), tokenID)
	if err == nil || strings.Contains(err.Error(), credential) {
		t.Errorf("Get() error = %v, want one without the old credential", err)
	}
	for i, want := range []string{other, credential} {
		req := api.requests[i]
		if req.Header.Get("Authorization") != "Bearer "+want {
			t.Errorf("request %d does not authenticate with its client's token", i)
		}
		if !strings.HasPrefix(req.Header.Get("User-Agent"), "rotator/1.2 ") || req.URL.String() != "https://example.com/v4/accounts/"+accountID+"/tokens/"+tokenID {
			t.Errorf("request %d: %s by %s, want the same settings and account", i, req.URL, req.Header.Get("User-Agent"))
		}
	}
	if got, err := client.WithToken(leak + "\x00"); got != nil || !errors.Is(err, cftokens.ErrInvalidArgument) || strings.Contains(err.Error(), leak) {
		t.Errorf("WithToken() = %v, %v; want an error that does not quote the token", got, err)
	}
}
