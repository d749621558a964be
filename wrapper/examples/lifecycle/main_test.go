package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func TestRunOnTheEmbeddedFake(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"find ", "create ", "verify ", "list ", "edit ", "roll ", "the old value is dead", "the token is gone", "clean up 5 tokens deleted"} {
		if !strings.Contains(out.String(), step) {
			t.Errorf("the output lacks %q:\n%s", step, &out)
		}
	}
	ofUser, ofAccount, ok := strings.Cut(out.String(), "owner    the token is of account ")
	if !ok || !strings.HasPrefix(ofUser, "owner    the token is the user's\n") {
		t.Errorf("the output does not show a token of the user, then one of an account:\n%s", &out)
	}
	for _, step := range []string{"create ", "verify ", "the old value is dead: cftokens: verifyAccountToken: ", "the token is gone: cftokens: getAccountToken: ", "clean up 5 tokens deleted"} {
		if !strings.Contains(ofAccount, step) {
			t.Errorf("the account's part lacks %q:\n%s", step, ofAccount)
		}
	}
	if strings.Contains(out.String(), "FAKE-") {
		t.Errorf("the output shows a value:\n%s", &out)
	}
}

func TestRunLive(t *testing.T) {
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	t.Setenv("CLOUDFLARE_API_TOKEN", server.Token)
	t.Setenv("CLOUDFLARE_BASE_URL", server.URL)
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	before, err := server.PutToken([]byte(`{"name":"not ours"}`))
	if err != nil {
		t.Fatal(err)
	}
	if err := run(t.Context(), []string{"-live", "-zone", "eb78d65290b24279ba6f44721b3ea3c4"}, io.Discard, io.Discard); err != nil {
		t.Fatal(err)
	}
	if left := server.Tokens(); len(left) != 1 || left[0].ID != before {
		t.Errorf("left: %+v", left)
	}
	// A step that fails fails the run, which cleans up nonetheless.
	server.Inject(cftokenstest.Fault{Operation: "rollToken", Status: 403, Body: `{"success":false,"errors":[{"code":9109,"message":"no"}]}`})
	if err := run(t.Context(), []string{"-live", "-zone", "z"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "roll: ") {
		t.Errorf("got %v, want the failure of roll", err)
	}
	if left := server.Tokens(); len(left) != 1 {
		t.Errorf("%d tokens are left", len(left))
	}
}

// TestRunLive_Account manages a token of an account, named by the flag or by the
// environment.
func TestRunLive_Account(t *testing.T) {
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	t.Setenv("CLOUDFLARE_API_TOKEN", server.Token)
	t.Setenv("CLOUDFLARE_BASE_URL", server.URL)
	for _, tt := range []struct {
		name, env string
		args      []string
	}{
		{"flag", "", []string{"-account", server.AccountID}},
		{"environment", server.AccountID, nil},
	} {
		t.Setenv("CLOUDFLARE_ACCOUNT_ID", tt.env)
		if err := run(t.Context(), append(tt.args, "-live", "-zone", "z"), io.Discard, io.Discard); err != nil {
			t.Errorf("%s: run() error = %v", tt.name, err)
		}
	}
	if left := server.AccountTokens(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
	for _, req := range server.Requests() {
		if !strings.HasPrefix(req.Path, "/client/v4/accounts/"+server.AccountID+"/tokens") {
			t.Errorf("%s %s was sent", req.Method, req.Path)
		}
	}
	if err := run(t.Context(), []string{"-live", "-zone", "z", "-account", "x"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "account ID") {
		t.Errorf("account ID: run() error = %v", err)
	}
}

// TestInterrupt cancels while a create is under way, whose token exists then.
func TestInterrupt(t *testing.T) {
	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	t.Setenv("CLOUDFLARE_API_TOKEN", server.Token)
	t.Setenv("CLOUDFLARE_BASE_URL", server.URL)
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	ctx, cancel := context.WithCancel(t.Context())
	server.Inject(cftokenstest.Fault{Operation: "createToken", DropAfter: true})
	out := writer(func(line string) {
		if strings.Contains(line, "DNS Write") {
			cancel()
		}
	})
	if err := run(ctx, []string{"-live", "-zone", "z"}, out, io.Discard); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if err := run(t.Context(), []string{"-live", "-zone", "z"}, io.Discard, io.Discard); err == nil {
		t.Error("a create whose answer is lost passed for a success")
	}
	if left := server.Tokens(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

func TestArguments(t *testing.T) {
	t.Setenv("CLOUDFLARE_API_TOKEN", "")
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"live without a zone", []string{"-live"}, "-zone"},
		{"live without a token", []string{"-live", "-zone", "z"}, "CLOUDFLARE_API_TOKEN"},
		{"argument", []string{"x"}, "unexpected argument"},
		{"unknown flag", []string{"-x"}, "not defined"},
	} {
		if err := run(t.Context(), tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, io.Discard, &help); !errors.Is(err, flag.ErrHelp) || !strings.Contains(help.String(), "Example: ") {
		t.Errorf("-h: %v, %q", err, &help)
	}
}
