package main

import (
	"bytes"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

func start(t *testing.T) (server *cftokenstest.Server, id string) {
	t.Helper()
	server = cftokenstest.NewServer()
	t.Cleanup(server.Close)
	t.Setenv("CLOUDFLARE_API_TOKEN", server.Token)
	t.Setenv("CLOUDFLARE_BASE_URL", server.URL)
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	id, err := server.PutToken([]byte(`{"name":"deploy"}`))
	if err != nil {
		t.Fatal(err)
	}
	return server, id
}

func TestRotate(t *testing.T) {
	server, id := start(t)
	before, _ := server.Value(id)
	// The first answer is lost: the value that nobody has is rolled away.
	server.Inject(cftokenstest.Fault{Operation: "rollToken", DropAfter: true})
	file := filepath.Join(t.TempDir(), "value")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-id", id, "--", "tee", file}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	handed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	now, _ := server.Value(id)
	if string(handed) != now.Reveal() || now.Equal(before) {
		t.Error("what was handed over is not the new value")
	}
	if !strings.Contains(out.String(), "is active") || strings.Contains(out.String(), now.Reveal()) {
		t.Errorf("output %q", &out)
	}
}

// TestRotate_Account rolls a token of an account, named by the flag or by the
// environment, and verifies it on the account's endpoint.
func TestRotate_Account(t *testing.T) {
	server, _ := start(t)
	id, err := server.PutAccountToken([]byte(`{"name":"service"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, env string
		args      []string
	}{
		{"flag", "", []string{"-account", server.AccountID, "-id", id, "--"}},
		{"environment", server.AccountID, []string{"-id", id, "--"}},
	} {
		t.Setenv("CLOUDFLARE_ACCOUNT_ID", tt.env)
		before, _ := server.Value(id)
		file := filepath.Join(t.TempDir(), "value")
		var out bytes.Buffer
		if err := run(t.Context(), append(tt.args, "tee", file), &out, io.Discard); err != nil {
			t.Fatalf("%s: run() error = %v", tt.name, err)
		}
		handed, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if now, _ := server.Value(id); string(handed) != now.Reveal() || now.Equal(before) || !strings.Contains(out.String(), "is active") {
			t.Errorf("%s: the command did not get the new value, or the output is wrong: %q", tt.name, &out)
		}
	}
	requests := server.Requests()
	if got := requests[len(requests)-1].Operation; got != "verifyAccountToken" {
		t.Errorf("last request is %s, want verifyAccountToken", got)
	}
}

func TestNothingIsRolledWhereItCannotWork(t *testing.T) {
	server, id := start(t)
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"no such command", "nothing was rolled", []string{"-id", id, "--", "no-such-command"}},
		{"no such token", "nothing was rolled", []string{"-id", strings.Repeat("0", 32), "--", "cat"}},
		{"no id", errUsage.Error(), []string{"cat"}},
		{"no command", errUsage.Error(), []string{"-id", id}},
		{"unknown flag", errUsage.Error(), []string{"-x"}},
		{"account ID", "account ID", []string{"-account", "x", "-id", id, "--", "cat"}},
		{"token of the user", "nothing was rolled", []string{"-account", server.AccountID, "-id", id, "--", "cat"}},
	} {
		if err := run(t.Context(), tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: got %v, want %q", tt.name, err, tt.want)
		}
	}
	for _, req := range server.Requests() {
		if req.Operation == "rollToken" {
			t.Error("the token was rolled")
		}
	}
}

func TestFailuresAfterTheRoll(t *testing.T) {
	server, id := start(t)
	if err := run(t.Context(), []string{"-id", id, "--", "false"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "not handed over") {
		t.Errorf("command that fails: %v", err)
	}
	server.Inject(cftokenstest.Fault{Operation: "verifyToken", Times: 9, Status: 403, Body: "no"})
	if err := run(t.Context(), []string{"-id", id, "--", "cat"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "does not verify") {
		t.Errorf("value that does not verify: %v", err)
	}
	server.Inject(cftokenstest.Fault{Operation: "verifyToken", Times: 9, Status: 401, Body: "no"})
	if err := run(t.Context(), []string{"-id", id, "-patience", "50ms", "--", "cat"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "does not verify") {
		t.Errorf("value that never verifies: %v", err)
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	var help bytes.Buffer
	if err := run(t.Context(), []string{"-h"}, io.Discard, &help); !errors.Is(err, flag.ErrHelp) || !strings.Contains(help.String(), "Example:") {
		t.Errorf("-h: %v, %q", err, &help)
	}
}
