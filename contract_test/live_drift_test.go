package contract_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// liveOfFault reads everything from a fake that responds to one operation with f.
func liveOfFault(t *testing.T, f cftokenstest.Fault) (report string, differs bool, failures []string) {
	t.Helper()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	server.Inject(f)
	_, report, differs, failures = readAll(t, server.Token, "", cftokens.WithBaseURL(server.URL), cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))
	return report, differs, failures
}

// TestLive_Drift checks what the live check reports about an API that differs from the
// document.
func TestLive_Drift(t *testing.T) {
	t.Parallel()
	const leak = "MUST-NOT-LEAK"
	id := strings.Repeat("5a", 16)
	item := `{"name":"` + strings.Repeat(leak, 20) + `","tier":"` + leak + `","policies":[{"id":"` + id + `","effect":"` + leak + `","permission_groups":[],` +
		`"resources":{"com.cloudflare.edge.r2.bucket.` + id + `_eu_` + leak + `":7}}],"user@example.com":1}`
	report, differs, failures := liveOfFault(t, cftokenstest.Fault{Operation: "listTokens", Status: http.StatusOK, Body: `{"success":true,"errors":[],"messages":[],"result":[` + item + `,` + item + `]}`})
	text := report + strings.Join(failures, "\n")
	if !differs {
		t.Errorf("liveReportOf() = %s\nwant differences", report)
	}
	for _, want := range []string{
		"listTokens /user/tokens: response 200: /result/*/name: must have a length of at most 120",
		"listTokens /user/tokens: response 200: /result/*/tier: is not in the document",
		"listTokens /user/tokens: response 200: /result/*/*: is not in the document",
		"listTokens /user/tokens: response 200: /result/*/policies/*/effect: must be one of",
		"listTokens /user/tokens: response 200: /result/*/policies/*/resources/*: ",
	} {
		if strings.Count(text, want) != 1 {
			t.Errorf("liveReportOf() = %s\nwant %q once", text, want)
		}
	}
	for _, secret := range []string{leak, id, "user@example.com"} {
		if strings.Contains(text, secret) {
			t.Errorf("liveReportOf() = %s\nwant no %q", text, secret)
		}
	}
}

// TestLive_Failure checks that a documented error response is reported as a failure, not
// as a difference, and without the text that the server sent. Without a token to compare,
// the check fails.
func TestLive_Failure(t *testing.T) {
	t.Parallel()
	const leak = "MUST-NOT-LEAK"
	for name, tt := range map[string]struct {
		fault cftokenstest.Fault
		want  []string
	}{
		"empty":  {cftokenstest.Fault{Operation: "listTokens", Body: `{"success":true,"errors":[],"result":[]}`}, nil},
		"denied": {cftokenstest.Fault{Operation: "listTokens", Status: 403, Body: `{"success":false,"errors":[{"code":9109,"message":"` + leak + `"}]}`}, []string{"listTokens: HTTP 403, code 9109"}},
		"edge":   {cftokenstest.Fault{Operation: "listTokens", Status: 502, Body: "<html>" + leak, Header: http.Header{"Content-Type": {"text/html"}}}, []string{"listTokens: HTTP 502"}},
	} {
		report, differs, failures := liveOfFault(t, tt.fault)
		if !differs || !strings.HasSuffix(report, "no token was listed, so no property of a token was compared: create one\n") || !slices.Equal(failures, tt.want) {
			t.Errorf("%s: report %q, failures %q, want that no token was listed, and the failures %q", name, report, failures, tt.want)
		}
	}
}

// TestLive_ReadOnly checks that the transport of the live check sends only GET requests.
func TestLive_ReadOnly(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.NewClient(cftokens.WithHTTPClient(&http.Client{Transport: readOnly{&http.Transport{}}}), cftokens.WithRetryPolicy(cftokens.RetryPolicy{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), strings.Repeat("f", 32)); err == nil || len(server.Requests()) != 0 {
		t.Errorf("Delete() error = %v after %d requests, want an error and no requests", err, len(server.Requests()))
	}
}
