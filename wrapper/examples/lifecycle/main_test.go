package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/gen"
	cftokens "github.com/cftokens/cftokens-go/wrapper"
	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

var update = flag.Bool("update", false, "write testdata/demo.golden")

// TestDemo_Golden compares the output with testdata/demo.golden, except for IDs and times.
func TestDemo_Golden(t *testing.T) {
	t.Parallel()
	const golden = "testdata/demo.golden"
	var out bytes.Buffer
	if err := run(t.Context(), nil, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	got := out.String()
	for pattern, with := range map[string]string{`\b[0-9a-f]{8}\b`: "01234567", `\b\d{4}-\d\d-\d\d\b`: "2026-01-01", `\d+\.\d\d s\n`: "0.00 s\n"} {
		got = regexp.MustCompile(pattern).ReplaceAllString(got, with)
	}
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("run() printed (-want +got); run go test with -update to accept it:\n%s", diff)
	}
	for line := range strings.Lines(out.String()) {
		if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 100 {
			t.Errorf("a line has %d columns, want at most 100: %s", n, line)
		}
	}
	// The last line counts every operation of openapi.yaml.
	if want := fmt.Sprintf("\n%d operations, 0 leaked values, ", len(gen.Operations)); !strings.Contains(out.String(), want) {
		t.Errorf("run() printed no %q:\n%s", want, &out)
	}
}

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
		t.Errorf("tokens %+v are left, want only %s", left, before)
	}
	// A run with a failing step also cleans up.
	server.Inject(cftokenstest.Fault{Operation: "rollToken", Status: 403, Body: `{"success":false,"errors":[{"code":9109,"message":"no"}]}`})
	if err := run(t.Context(), []string{"-live", "-zone", "z"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "roll: ") {
		t.Errorf("run() error = %v, want that of roll", err)
	}
	if left := server.Tokens(); len(left) != 1 {
		t.Errorf("%d tokens are left, want 1", len(left))
	}
}

// TestRunLive_Account checks that -account and CLOUDFLARE_ACCOUNT_ID set the account.
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
		t.Errorf("tokens %+v are left, want none", left)
	}
	for _, req := range server.Requests() {
		if !strings.HasPrefix(req.Path, "/client/v4/accounts/"+server.AccountID+"/tokens") {
			t.Errorf("%s %s was sent, want only requests for the account", req.Method, req.Path)
		}
	}
	if err := run(t.Context(), []string{"-live", "-zone", "z", "-account", "x"}, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), "account ID") {
		t.Errorf("run() with an invalid account ID: error = %v, want it to name the ID", err)
	}
}

// TestRunLive_Canceled cancels a create that takes effect.
func TestRunLive_Canceled(t *testing.T) {
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
		t.Errorf("run() error = %v, want context.Canceled", err)
	}
	if err := run(t.Context(), []string{"-live", "-zone", "z"}, io.Discard, io.Discard); err == nil {
		t.Error("run() with a lost create: error = nil, want one")
	}
	if left := server.Tokens(); len(left) != 0 {
		t.Errorf("tokens %+v are left, want none", left)
	}
}

type writer func(string)

func (w writer) Write(p []byte) (int, error) {
	w(string(p))
	return len(p), nil
}

func TestRun_InvalidArguments(t *testing.T) {
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
			t.Errorf("%s: run() error = %v, want it to contain %q", tt.name, err, tt.want)
		}
	}
}
