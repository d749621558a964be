package main

import (
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

// TestDemo_Leak checks that every value is found in the log, new or old.
func TestDemo_Leak(t *testing.T) {
	t.Parallel()
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	values := newValues(server)
	var log bytes.Buffer
	client, err := server.NewClient(values.options(&log)...)
	if err != nil {
		t.Fatal(err)
	}
	account, err := client.Account(server.AccountID)
	if err != nil {
		t.Fatal(err)
	}
	issued := []string{server.Token}
	for _, client := range []*cftokens.Client{client, account} {
		d := demo{out: io.Discard, client: client, zone: "z"}
		for _, step := range []func(context.Context) (string, error){d.find, d.create} {
			if _, err := step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		rolled, err := client.Roll(t.Context(), d.token.ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Delete(t.Context(), d.token.ID); err != nil {
			t.Fatal(err)
		}
		issued = append(issued, d.token.Value.Reveal(), rolled.Reveal())
	}
	if n := values.leaked(log.String()); n != 0 || !strings.Contains(log.String(), "operation=rollAccountToken") {
		t.Errorf("leaked() of the log = %d, want 0 of a log of every operation:\n%s", n, &log)
	}
	for i, value := range issued {
		if n := values.leaked("token=" + value + "\n"); n != 1 {
			t.Errorf("leaked() of value %d = %d, want 1", i, n)
		}
	}
}
