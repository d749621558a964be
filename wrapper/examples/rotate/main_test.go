package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const policy = `{"effect":"allow","permission_groups":[{"id":"c8fed203ed3043cba015a93ad1616f1f"}],"resources":{"com.cloudflare.api.account.zone.eb78d65290b24279ba6f44721b3ea3c4":"*"}}`

func start(t *testing.T) (server *cftokenstest.Server, id string) {
	t.Helper()
	server = cftokenstest.NewServer()
	t.Cleanup(server.Close)
	t.Setenv("CLOUDFLARE_API_TOKEN", server.Token)
	t.Setenv("CLOUDFLARE_BASE_URL", server.URL)
	t.Setenv("CLOUDFLARE_ACCOUNT_ID", "")
	id, err := server.PutToken([]byte(`{"name":"deploy","policies":[` + policy + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	return server, id
}

func TestRotate(t *testing.T) {
	server, id := start(t)
	file := filepath.Join(t.TempDir(), "value")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-id", id, "--", "tee", file}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	handed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	tokens := server.Tokens()
	if len(tokens) != 1 || tokens[0].ID == id {
		t.Fatalf("tokens %v exist, want only a copy of %s", tokens, id)
	}
	if name := tokens[0].Name; name != "deploy" {
		t.Errorf("name of the copy = %q, want deploy", name)
	}
	now, _ := server.Value(tokens[0].ID)
	if string(handed) != now.Reveal() {
		t.Errorf("the command got %q, want the new value", handed)
	}
	if strings.Contains(out.String(), now.Reveal()) {
		t.Errorf("run() printed %q, want it without the value", &out)
	}
	if want := id + " (deploy) was replaced by " + tokens[0].ID; !strings.Contains(out.String(), want) {
		t.Errorf("run() printed %q, want %q", &out, want)
	}
}

// TestRotate_ControlCharacters checks that a name cannot control the terminal.
func TestRotate_ControlCharacters(t *testing.T) {
	server, _ := start(t)
	id, err := server.PutToken([]byte(`{"name":"a\u001b[2J","policies":[` + policy + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"-in-place", "-id", id, "--", "true"}, {"-id", id, "--", "true"}} {
		var out bytes.Buffer
		if err := run(t.Context(), args, &out, io.Discard); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), "(a\ufffd[2J)") {
			t.Errorf("run(%q) printed %q, want the name without control characters", args, &out)
		}
	}
}

// TestRotate_CommandFails checks that only the old token is left, unchanged.
func TestRotate_CommandFails(t *testing.T) {
	server, id := start(t)
	before, _ := server.Value(id)
	err := run(t.Context(), []string{"-id", id, "--", "false"}, io.Discard, io.Discard)
	for _, want := range []string{"false: exit status 1", "old token " + id + " stays"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("run() error = %v, want it to contain %q", err, want)
		}
	}
	if now, _ := server.Value(id); len(server.Tokens()) != 1 || !now.Equal(before) {
		t.Errorf("%d tokens exist, want only the old one, unchanged", len(server.Tokens()))
	}
}

// TestRotate_ManagesTokens checks that a token that cannot be replaced can be rolled.
func TestRotate_ManagesTokens(t *testing.T) {
	server, _ := start(t)
	id, err := server.PutToken([]byte(`{"name":"admin","policies":[{"effect":"allow",` +
		`"permission_groups":[{"id":"686d18d5ac6c441c867cbf6771e58a0a"}],"resources":{"com.cloudflare.api.user.*":"*"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	err = run(t.Context(), []string{"-id", id, "--", "cat"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), "run again with -in-place") {
		t.Errorf("run() error = %v, want it to name -in-place", err)
	}
	if err := run(t.Context(), []string{"-in-place", "-id", id, "--", "cat"}, io.Discard, io.Discard); err != nil {
		t.Errorf("-in-place: run() error = %v", err)
	}
}

func TestRotate_InPlace(t *testing.T) {
	server, id := start(t)
	before, _ := server.Value(id)
	// The first response is lost, so the token is rolled again.
	server.Inject(cftokenstest.Fault{Operation: "rollToken", DropAfter: true})
	file := filepath.Join(t.TempDir(), "value")
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-in-place", "-id", id, "--", "tee", file}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	handed, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	now, _ := server.Value(id)
	if string(handed) != now.Reveal() || now.Equal(before) {
		t.Errorf("the command got %q, want the new value", handed)
	}
	if !strings.Contains(out.String(), "is active") || strings.Contains(out.String(), now.Reveal()) {
		t.Errorf("run() printed %q, want the status without the value", &out)
	}
}

// TestRotate_Account checks that -account and CLOUDFLARE_ACCOUNT_ID set the account.
func TestRotate_Account(t *testing.T) {
	server, _ := start(t)
	id, err := server.PutAccountToken([]byte(`{"name":"service","policies":[` + policy + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, env string
		args      []string
	}{
		{"flag", "", []string{"-in-place", "-account", server.AccountID, "-id", id, "--"}},
		{"environment", server.AccountID, []string{"-in-place", "-id", id, "--"}},
		{"replaced", "", []string{"-account", server.AccountID, "-id", id, "--"}},
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
		if tokens := server.AccountTokens(); len(tokens) == 1 {
			id = tokens[0].ID
		}
		if now, _ := server.Value(id); string(handed) != now.Reveal() || now.Equal(before) {
			t.Errorf("%s: the command got %q, want the new value", tt.name, handed)
		}
		if want := "is active"; !strings.Contains(out.String(), want) {
			t.Errorf("%s: run() printed %q, want %q", tt.name, &out, want)
		}
	}
	for _, req := range server.Requests() {
		if !strings.Contains(req.Operation, "Account") {
			t.Errorf("%s was sent, want only operations of the account", req.Operation)
		}
	}
}

func TestRotate_NothingChanged(t *testing.T) {
	server, id := start(t)
	for _, tt := range []struct {
		name, want string
		args       []string
	}{
		{"no such command", "nothing was changed", []string{"-id", id, "--", "no-such-command"}},
		{"no such token", "nothing was changed", []string{"-id", strings.Repeat("0", 32), "--", "cat"}},
		{"no id", "-id and a command are required", []string{"cat"}},
		{"no command", "-id and a command are required", []string{"-id", id}},
		{"unknown flag", "not defined", []string{"-x"}},
		{"account ID", "account ID", []string{"-account", "x", "-id", id, "--", "cat"}},
		{"user token", "nothing was changed", []string{"-account", server.AccountID, "-id", id, "--", "cat"}},
	} {
		if err := run(t.Context(), tt.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: run() error = %v, want it to contain %q", tt.name, err, tt.want)
		}
	}
	for _, req := range server.Requests() {
		if req.Method != "GET" {
			t.Errorf("%s was sent, want only reads", req.Operation)
		}
	}
}

func TestRotate_InPlaceFails(t *testing.T) {
	server, id := start(t)
	if err := run(t.Context(), []string{"-in-place", "-id", id, "--", "false"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "not handed over") {
		t.Errorf("command fails: run() error = %v, want it to say that the value was not handed over", err)
	}
	server.Inject(cftokenstest.Fault{Operation: "verifyToken", Times: 9, Status: 403, Body: "no"})
	if err := run(t.Context(), []string{"-in-place", "-id", id, "--", "cat"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "does not verify") {
		t.Errorf("verify fails: run() error = %v, want it to say so", err)
	}
	server.Inject(cftokenstest.Fault{Operation: "verifyToken", Times: 9, Status: 401, Body: "no"})
	if err := run(t.Context(), []string{"-in-place", "-id", id, "-patience", "50ms", "--", "cat"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "does not verify") {
		t.Errorf("verify fails until the patience ends: run() error = %v, want it to say so", err)
	}
}

func TestRotate_JSON(t *testing.T) {
	server, old := start(t)
	var out bytes.Buffer
	if err := run(t.Context(), []string{"-json", "-id", old, "--", "cat"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	id := server.Tokens()[0].ID
	if want := `{"id":"` + id + `","name":"deploy","replaced_id":"` + old + `"}` + "\n"; out.String() != want || id == old {
		t.Errorf("run() printed %s, want %s with a new ID", &out, want)
	}
	out.Reset()
	if err := run(t.Context(), []string{"-json", "-in-place", "-id", id, "--", "cat"}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	if want := `{"id":"` + id + `","name":"deploy"}` + "\n"; out.String() != want {
		t.Errorf("-in-place: run() printed %s, want %s", &out, want)
	}
}
