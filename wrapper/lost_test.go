package cftokens_test

import (
	"errors"
	"net/http"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestClient_LostResponses: over a thousand creates and rolls whose first answer is lost,
// each takes effect once and tells so.
func TestClient_LostResponses(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	client, err := server.NewClient(cftokens.WithHTTPClient(&http.Client{Transport: &http.Transport{}}))
	if err != nil {
		t.Fatal(err)
	}
	const runs = 1000
	server.Inject(cftokenstest.Fault{Operation: "createToken", Times: runs, DropAfter: true})
	for run := range runs {
		if _, err := client.Create(t.Context(), tokenCreate()); !errors.Is(err, cftokens.ErrOutcomeUnknown) {
			t.Fatalf("run %d: %v", run, err)
		}
		tokens := server.Tokens()
		if len(tokens) != 1 {
			t.Fatalf("run %d: %d tokens exist, want 1", run, len(tokens))
		}
		if err := client.Delete(t.Context(), tokens[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	token, err := client.Create(t.Context(), tokenCreate())
	if err != nil {
		t.Fatal(err)
	}
	server.Inject(cftokenstest.Fault{Operation: "rollToken", Times: runs, DropAfter: true})
	values := map[string]bool{token.Value.Reveal(): true}
	for run := range runs {
		if _, err := client.Roll(t.Context(), token.ID); !errors.Is(err, cftokens.ErrOutcomeUnknown) {
			t.Fatalf("run %d: %v", run, err)
		}
		value, _ := server.Value(token.ID)
		values[value.Reveal()] = true
	}
	sent := map[string]int{}
	for _, req := range server.Requests() {
		sent[req.Operation]++
	}
	if len(values) != runs+1 || sent["rollToken"] != runs || sent["createToken"] != runs+1 {
		t.Errorf("%d values and %v requests", len(values), sent)
	}
}
