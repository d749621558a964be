package contract_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
	"github.com/cftokens/cftokens-go/wrapper/contract"
)

// list is what another project would write: it sends a request with its own client, and
// returns the violations.
func list(t *testing.T, url, token string) (violations []string) {
	t.Helper()
	client := &http.Client{Transport: contract.Transport(nil, func(all []contract.Violation) {
		for _, v := range all {
			violations = append(violations, v.String())
		}
	})}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return violations
}

// TestStranger checks that list notices every kind of mistake, and prints no value.
func TestStranger(t *testing.T) {
	t.Parallel()
	const leak = "MUST-NOT-LEAK"
	body := func(token string) string {
		return `{"success":true,"errors":[],"messages":[],"result":[{"id":"1","status":"active","issued_on":"2026-01-02T03:04:05Z","modified_on":"2026-01-02T03:04:05Z","policies":[],` + token + `}]}`
	}
	html := http.Header{"Content-Type": {"text/html"}}
	for _, tt := range []struct {
		name, query string
		fault       cftokenstest.Fault
		want        []string // without the operation
	}{
		{name: "none"},
		{name: "a renamed property", fault: cftokenstest.Fault{Body: body(`"title":"` + leak + `"`)}, want: []string{"response 200: /result/0/title: is not in the document"}},
		{name: "an unknown property", fault: cftokenstest.Fault{Body: body(`"name":"n","owner":"` + leak + `"`)}, want: []string{"response 200: /result/0/owner: is not in the document"}},
		{name: "an undocumented status", fault: cftokenstest.Fault{Status: 202, Body: body(`"name":"` + leak + `"`)}, want: []string{"response 202: status: is not in the document"}},
		{name: "a missing success", fault: cftokenstest.Fault{Body: `{"errors":[],"result":[]}`}, want: []string{"response 200: /success: is missing"}},
		{name: "an error without success", fault: cftokenstest.Fault{Status: 403, Body: `{"errors":[{"code":9109,"message":"` + leak + `"}]}`}, want: []string{"response 403: /success: is missing"}},
		{name: "HTML", fault: cftokenstest.Fault{Status: 502, Body: "<html>" + leak, Header: html}, want: []string{"response 502: header Content-Type: must be application/json or application/problem+json"}},
		{name: "HTML with 200", fault: cftokenstest.Fault{Body: "<html>" + leak, Header: html}, want: []string{"response 200: header Content-Type: must be application/json"}},
		{name: "an unknown parameter", query: "?tag=" + leak, want: []string{"request: query tag: is not in the document"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			server := cftokenstest.NewServer()
			defer server.Close()
			for path, operation := range map[string]string{"/user/tokens": "listTokens", "/accounts/" + server.AccountID + "/tokens": "listAccountTokens"} {
				if tt.fault.Body != "" {
					server.Inject(tt.fault)
				}
				var want []string
				for _, text := range tt.want {
					want = append(want, operation+": "+text)
				}
				if diff := cmp.Diff(want, list(t, server.URL+path+tt.query, server.Token)); diff != "" {
					t.Errorf("violations (-want +got):\n%s", diff)
				}
			}
		})
	}
}
