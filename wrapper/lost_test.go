package cftokens_test

import (
	"errors"
	"net/http"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestClient_LostResponses checks that each of 1000 creates and 1000 rolls whose response
// is lost takes effect once and returns ErrOutcomeUnknown.
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
			t.Fatalf("run %d: Create() error = %v, want ErrOutcomeUnknown", run, err)
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
			t.Fatalf("run %d: Roll() error = %v, want ErrOutcomeUnknown", run, err)
		}
		value, _ := server.Value(token.ID)
		values[value.Reveal()] = true
	}
	sent := map[string]int{}
	for _, req := range server.Requests() {
		sent[req.Operation]++
	}
	if got, want := len(values), runs+1; got != want {
		t.Errorf("the token had %d values, want %d", got, want)
	}
	for operation, want := range map[string]int{"createToken": runs + 1, "rollToken": runs} {
		if got := sent[operation]; got != want {
			t.Errorf("%s was sent %d times, want %d", operation, got, want)
		}
	}
}
