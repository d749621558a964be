package contract_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
)

// requests returns the requests in testdata/requests, whose responses are not known.
func requests(t testing.TB) []*exchange { return load(t, "testdata/requests") }

// TestRequests creates the token of each request, and checks that the document allows the
// request and the responses, that the wrapper sends the request unchanged, and that the
// fake returns the policies.
func TestRequests(t *testing.T) {
	t.Parallel()
	all := requests(t)
	for _, e := range all {
		t.Run(e.name, func(t *testing.T) {
			f := newFake(t)
			client, err := f.NewClient(cftokens.WithHTTPClient(&http.Client{Transport: f.wire}))
			if err != nil {
				t.Fatal(err)
			}
			body := e.Request.Body
			if account := e.param("{account_id}"); account != "" {
				body = bytes.ReplaceAll(body, []byte(account), []byte(f.AccountID))
				if client, err = client.Account(f.AccountID); err != nil {
					t.Fatal(err)
				}
			}
			var token cftokens.TokenCreate
			if err := json.Unmarshal(body, &token); err != nil {
				t.Fatal(err)
			}
			created, err := client.Create(t.Context(), token)
			if err != nil {
				t.Fatalf("Create() error = %v, want nil, because %s sends this", err, e.Note)
			}
			got, err := client.Get(t.Context(), created.ID)
			if err != nil {
				t.Fatalf("Get() error = %v", err)
			}
			if !cftokens.SamePolicies(got.Policies, token.Policies) {
				t.Errorf("policies (-sent +returned):\n%s", cmp.Diff(token.Policies, got.Policies))
			}
			if diff := cmp.Diff(token.Condition, got.Condition); diff != "" {
				t.Errorf("condition (-sent +returned):\n%s", diff)
			}
			exchanges := document().name(t, f.wire.exchanges)
			for _, problem := range document().problems(exchanges...) {
				t.Error(problem)
			}
			if diff := cmp.Diff(mustDecode(t, body), mustDecode(t, exchanges[0].Request.Body)); diff != "" {
				t.Errorf("request body (-recorded +sent):\n%s", diff)
			}
		})
	}
	if len(all) < 25 {
		t.Errorf("found %d requests, want 25 or more", len(all))
	}
}
