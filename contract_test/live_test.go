package contract_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

var (
	checkLive  = flag.Bool("live", false, "compare the live API with openapi.yaml, with CLOUDFLARE_API_TOKEN and, for an account, CLOUDFLARE_ACCOUNT_ID")
	liveReport = flag.String("live.report", "", "with -live, the `file` to write differences to")
)

// readOnly is a transport that sends only GET requests.
type readOnly struct{ next http.RoundTripper }

func (r readOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return nil, errors.New("the live check only reads")
	}
	return r.next.RoundTrip(req)
}

// environment returns the credential, the account and the base URL for a test of the live
// API, and logs the base URL.
func environment(t *testing.T, target, level string) (token, account string, base cftokens.Option) {
	t.Helper()
	url := cmp.Or(os.Getenv("CLOUDFLARE_BASE_URL"), baseURL)
	t.Logf("make %s: %s", target, url)
	if token = os.Getenv("CLOUDFLARE_API_TOKEN"); token == "" {
		t.Fatalf("make %s needs CLOUDFLARE_API_TOKEN, a token with the permission group API Tokens %s "+
			"and, with CLOUDFLARE_ACCOUNT_ID, Account API Tokens %[2]s; see CONTRIBUTING.md", target, level)
	}
	return token, os.Getenv("CLOUDFLARE_ACCOUNT_ID"), cftokens.WithBaseURL(url)
}

// TestLive compares the fake's responses to every read with the document, for a user token
// and for an account token. With -live, which make contract-live passes, it calls the
// API instead. It only reads, and prints no values.
func TestLive(t *testing.T) {
	if *checkLive {
		token, account, base := environment(t, "contract-live", "Read")
		compareLive(t, token, account, base)
		return
	}
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	id, err := server.PutAccountToken([]byte(`{"policies":[{"id":"1","effect":"allow","permission_groups":[{"id":"eb56a6953c034b9d97dd838155666f06"}],` +
		`"resources":{"com.cloudflare.api.account.` + server.AccountID + `":"*"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	accountToken, _ := server.Value(id)
	for _, tt := range []struct {
		name, token, account string
		want                 []string
	}{
		{"a user token", server.Token, "", []string{"verifyToken 200", "listTokens 200", "getToken 200", "listPermissionGroups 200"}},
		{"a user token, with an account", server.Token, server.AccountID, []string{
			"verifyToken 200", "listTokens 200", "getToken 200", "listPermissionGroups 200",
			"listAccountTokens 200", "getAccountToken 200", "listAccountPermissionGroups 200",
		}},
		{"an account token", accountToken.Reveal(), server.AccountID, []string{
			"verifyToken 401", "verifyAccountToken 200", "listAccountTokens 200", "getAccountToken 200", "listAccountPermissionGroups 200",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, e := range compareLive(t, tt.token, tt.account, cftokens.WithBaseURL(server.URL)) {
				got = append(got, fmt.Sprint(e.operation, " ", e.Response.Status))
			}
			if diff := gocmp.Diff(tt.want, got); diff != "" {
				t.Errorf("operations called (-want +got):\n%s", diff)
			}
		})
	}
}

// compareLive reads everything that the token can read. It fails the test if a call fails
// or a response differs from the document, and prints neither values nor text from the
// server.
func compareLive(t *testing.T, token, account string, options ...cftokens.Option) []*exchange {
	t.Helper()
	exchanges, report, differs, failures := readAll(t, token, account, options...)
	for _, failure := range failures {
		t.Error(failure)
	}
	if *liveReport != "" && (differs || len(failures) == 0) {
		if err := os.WriteFile(*liveReport, []byte(report), 0o600); err != nil {
			t.Error(err)
		}
	}
	if differs {
		t.Error(strings.TrimSpace(report))
	} else {
		t.Log(strings.TrimSpace(report))
	}
	return exchanges
}

// readAll reads everything that the token can read, and returns what liveReportOf says
// about it, and the calls that failed.
func readAll(t *testing.T, token, account string, options ...cftokens.Option) (exchanges []*exchange, report string, differs bool, failures []string) {
	t.Helper()
	w := &wire{next: readOnly{&http.Transport{Proxy: http.ProxyFromEnvironment}}}
	for _, err := range callAll(t.Context(), token, account, append(options, cftokens.WithHTTPClient(&http.Client{Transport: w}))...) {
		failures = append(failures, brief(err))
	}
	report, differs = liveReportOf(w.exchanges, document().differences(w.exchanges))
	return w.exchanges, report, differs, failures
}

// liveReportOf returns a report, and whether it is to fail: if there are differences, or
// if no token was compared.
func liveReportOf(exchanges []*exchange, differences []string) (report string, differs bool) {
	compared := fmt.Sprintf("%d responses compared\n", len(exchanges))
	if len(differences) > 0 {
		return "The live API differs from openapi.yaml:\n\n    " + strings.Join(differences, "\n    ") +
			"\n\nSee \"Checking the live API\" in CONTRIBUTING.md. Values and IDs are omitted.\n" + compared, true
	}
	isToken := func(e *exchange) bool {
		return userOperation(e.operation) == "getToken" && e.Response.Status == http.StatusOK
	}
	if !slices.ContainsFunc(exchanges, isToken) {
		return compared + "no token was listed, so no property of a token was compared: create one\n", true
	}
	return "The live API agrees with openapi.yaml.\n" + compared, false
}

// callAll calls the operations that read: those on user tokens, unless token is an account
// token, and those on account tokens if account is set. Each verify operation accepts
// only its own kind of token, so callAll calls the account's if the user's rejects token.
func callAll(ctx context.Context, token, account string, options ...cftokens.Option) (errs []error) {
	client, err := cftokens.NewClient(token, options...)
	if err != nil {
		return []error{err}
	}
	_, err = client.Verify(ctx)
	rejected := errors.Is(err, cftokens.ErrUnauthorized) || errors.Is(err, cftokens.ErrForbidden)
	if rejected && account == "" {
		return []error{err, errors.New("an account token needs CLOUDFLARE_ACCOUNT_ID")}
	}
	if !rejected {
		if err != nil {
			errs = append(errs, err)
		}
		errs = append(errs, readOwner(ctx, client)...)
	}
	if account == "" {
		return errs
	}
	if client, err = client.Account(account); err != nil {
		return append(errs, err)
	}
	if rejected {
		if _, err := client.Verify(ctx); err != nil {
			return append(errs, err)
		}
	}
	return append(errs, readOwner(ctx, client)...)
}

// readOwner calls the operations that read the tokens of a user or an account. It reads
// only the first page of each list.
func readOwner(ctx context.Context, client *cftokens.Client) (errs []error) {
	page, err := client.List(ctx, cftokens.ListOptions{})
	if err == nil && len(page.Items) > 0 {
		_, err = client.Get(ctx, page.Items[0].ID)
	}
	_, groupsErr := client.ListPermissionGroups(ctx, cftokens.PermissionGroupOptions{})
	return slices.DeleteFunc([]error{err, groupsErr}, func(err error) bool { return err == nil })
}

// private matches IDs and email addresses.
var private = regexp.MustCompile(`[0-9A-Fa-f]{32}|[^\s"'/]+@[^\s"'/]+`)

// brief describes an error of the wrapper, without text from the server.
func brief(err error) string {
	var apiErr *cftokens.APIError
	if !errors.As(err, &apiErr) {
		return private.ReplaceAllString(err.Error(), "*")
	}
	text := fmt.Sprintf("%s: HTTP %d", apiErr.Operation, apiErr.StatusCode)
	for _, detail := range apiErr.Errors {
		text += fmt.Sprintf(", code %d", detail.Code)
	}
	return text
}

// indexes matches the position of an item in a list.
var indexes = regexp.MustCompile(`/\d+`)

// differences returns a line for each violation of the document in the exchanges, with
// the path of the operation. It omits positions, because every item of a page may violate
// the same constraint.
func (v *validator) differences(exchanges []*exchange) (lines []string) {
	for _, e := range exchanges {
		if e.Response.Status >= 400 && !strings.HasPrefix(e.Response.Headers["content-type"], "application/json") {
			continue // described in the document: the edge sends HTML or text
		}
		request, response := v.check(e)
		for _, violation := range slices.Concat(request, response) {
			_, text, _ := strings.Cut(violation, ": ")
			line := e.operation + " " + operationByID(e.operation).Path + ": " + indexes.ReplaceAllString(text, "/*")
			if !slices.Contains(lines, line) {
				lines = append(lines, line)
			}
		}
	}
	return lines
}
