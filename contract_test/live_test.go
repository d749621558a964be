package contract_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

var checkLive = flag.Bool("live", false, "compare the live API with openapi.yaml, with CLOUDFLARE_API_TOKEN and, for an account, CLOUDFLARE_ACCOUNT_ID")

// readOnly is a transport that sends nothing that could change something.
type readOnly struct{ next http.RoundTripper }

func (r readOnly) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.Method != http.MethodGet {
		return nil, errors.New("the live check only reads")
	}
	return r.next.RoundTrip(req)
}

// TestLive compares what the fake responds to every read with the document. With -live,
// which make contract-live passes, it asks the API. It writes nothing and prints no
// value.
func TestLive(t *testing.T) {
	token, account, options := os.Getenv("CLOUDFLARE_API_TOKEN"), os.Getenv("CLOUDFLARE_ACCOUNT_ID"), []cftokens.Option{}
	if *checkLive {
		if token == "" {
			t.Fatal("make contract-live needs CLOUDFLARE_API_TOKEN, a token with the permission group API Tokens Read " +
				"and, with CLOUDFLARE_ACCOUNT_ID, Account API Tokens Read; see CONTRIBUTING.md")
		}
		if base := os.Getenv("CLOUDFLARE_BASE_URL"); base != "" {
			options = append(options, cftokens.WithBaseURL(base))
		}
	} else {
		server := cftokenstest.NewServer()
		t.Cleanup(server.Close)
		if _, err := server.PutToken([]byte(`{"name":"n"}`)); err != nil {
			t.Fatal(err)
		}
		token, account, options = server.Token, server.AccountID, append(options, cftokens.WithBaseURL(server.URL))
	}
	w := &wire{next: readOnly{&http.Transport{Proxy: http.ProxyFromEnvironment}}}
	client, err := cftokens.NewClient(token, append(options, cftokens.WithHTTPClient(&http.Client{Transport: w}))...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	readEverything(t, client)
	if account != "" {
		if client, err = client.Account(account); err != nil {
			t.Fatal(err)
		}
		readEverything(t, client)
	}
	if err := strict(t).drift(t, w.exchanges); err != nil {
		t.Errorf("the API and openapi.yaml differ:\n%v", err)
	}
	t.Logf("%d responses compared", len(w.exchanges))
}

// readEverything calls the operations that read, without the iterators: the first page
// is enough.
func readEverything(t *testing.T, client *cftokens.Client) {
	t.Helper()
	page, err := client.List(t.Context(), cftokens.ListOptions{})
	if err != nil {
		t.Error(err)
		return
	}
	if len(page.Items) > 0 {
		if _, err := client.Get(t.Context(), page.Items[0].ID); err != nil {
			t.Error(err)
		}
	}
	if _, err := client.ListPermissionGroups(t.Context(), cftokens.PermissionGroupOptions{}); err != nil {
		t.Error(err)
	}
}

// drift returns an error that names operation, path and constraint of everything in the
// exchanges that the document does not allow.
func (v *validator) drift(t testing.TB, exchanges []*exchange) error {
	t.Helper()
	var errs []error
	for _, e := range v.name(t, exchanges) {
		requestErr, responseErr := v.check(e.request(), e.response())
		if err := errors.Join(requestErr, responseErr); err != nil {
			errs = append(errs, fmt.Errorf("%s %s: %w", e.operation, operationByID(e.operation).Path, err))
		}
	}
	return errors.Join(errs...)
}

// TestLive_Drift checks what the live check says of an API that differs.
func TestLive_Drift(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	const leak = "MUST-NOT-LEAK"
	server.Inject(cftokenstest.Fault{Operation: "listTokens", Status: http.StatusOK, Body: `{"success":true,"errors":[],"messages":[],"result":[{"name":"` +
		strings.Repeat(leak, 20) + `","tier":"` + leak + `"}]}`})
	w := &wire{next: readOnly{&http.Transport{}}}
	client, err := server.NewClient(cftokens.WithHTTPClient(&http.Client{Transport: w}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.List(context.Background(), cftokens.ListOptions{}); err != nil {
		t.Fatal(err)
	}
	err = strict(t).drift(t, w.exchanges)
	for _, want := range []string{"listTokens /user/tokens: ", "/result/0/name", "maximum string length is 120", `"tier" is unsupported`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("drift() = %v, want it to say %q", err, want)
		}
	}
	if err != nil && strings.Contains(err.Error(), leak) {
		t.Errorf("drift() = %v, which shows a value", err)
	}
	if err := client.Delete(context.Background(), "ffffffffffffffffffffffffffffffff"); err == nil || len(server.Requests()) != 1 {
		t.Errorf("Delete() error = %v after %d requests, want it not to be sent", err, len(server.Requests()))
	}
}
