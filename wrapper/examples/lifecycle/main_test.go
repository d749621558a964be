package main

import (
	"bytes"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestValues checks that every value would be found in the log, even if it no longer works.
func TestValues(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	values := newValues(server)
	var log bytes.Buffer
	client, err := server.NewClient(values.options(&log)...)
	if err != nil {
		t.Fatal(err)
	}
	created, err := client.Create(t.Context(), cftokens.TokenCreate{Name: "n", Policies: []cftokens.Policy{(&demo{zone: "z"}).policy(cftokens.PermissionGroupRef{ID: "g"})}})
	if err != nil {
		t.Fatal(err)
	}
	rolled, err := client.Roll(t.Context(), created.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Delete(t.Context(), created.ID); err != nil {
		t.Fatal(err)
	}
	if n := values.leaked(log.String()); n != 0 || !strings.Contains(log.String(), "operation=rollToken") {
		t.Errorf("leaked() of the log = %d, want 0 of a log of every operation:\n%s", n, &log)
	}
	for _, value := range []string{server.Token, created.Value.Reveal(), rolled.Reveal()} {
		if n := values.leaked("token=" + value + "\n"); n != 1 {
			t.Errorf("leaked() = %d, want 1", n)
		}
	}
}
