package cftokens_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const consumer = "testdata/consumer"

// TestConsumer builds a module of somebody else's and runs it on the fake.
func TestConsumer(t *testing.T) {
	t.Parallel()
	binary := filepath.Join(t.TempDir(), "consumer")
	goIn(t, consumer, "build", "-o", binary, ".")

	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	id, err := server.PutToken([]byte(`{"name":"readonly token"}`))
	if err != nil {
		t.Fatal(err)
	}
	accountTokenID, err := server.PutAccountToken([]byte(`{"name":"token of an account"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, token, account, want string }{
		{name: "a user's token is listed", token: server.Token, want: id + " active readonly token\n"},
		{name: "an account's token is listed", token: server.Token, account: server.AccountID, want: accountTokenID + " active token of an account\n"},
		{name: "the API's error is shown", token: "unknown-token-0123456789abcdefghijklmnopq", want: "HTTP 401, Ray ID "},
	} {
		cmd := exec.CommandContext(t.Context(), binary)
		cmd.Env = append(os.Environ(), "CLOUDFLARE_API_TOKEN="+tt.token, "CLOUDFLARE_ACCOUNT_ID="+tt.account, "CLOUDFLARE_BASE_URL="+server.URL)
		out, err := cmd.CombinedOutput()
		if !strings.HasPrefix(string(out), tt.want) {
			t.Errorf("%s: got %q, %v", tt.name, out, err)
		}
	}
}

// TestConsumerDependencies: what only tests and the generator need is compiled
// into nobody's program.
func TestConsumerDependencies(t *testing.T) {
	t.Parallel()
	allowed := regexp.MustCompile(`^(github\.com/cftokens/cftokens-go/(wrapper|gen)|github\.com/oapi-codegen/(runtime|nullable)|` +
		`github\.com/(apapsch/go-jsonmerge|google/uuid)|example\.com/consumer|vendor/)`)
	packages := strings.Fields(goIn(t, consumer, "list", "-deps", "."))
	own := 0
	for _, pkg := range packages {
		if first, _, _ := strings.Cut(pkg, "/"); strings.Contains(first, ".") || first == "vendor" {
			if own++; !allowed.MatchString(pkg) {
				t.Errorf("%s is compiled into programs that use the library", pkg)
			}
		}
	}
	if own < 5 {
		t.Errorf("only %v were listed", packages)
	}
}

// TestREADME_Program: the program of the README is the one that is built here.
func TestREADME_Program(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(consumer + "/main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(readme), "```go\n")
	shown, _, _ := strings.Cut(after, "```")
	if diff := cmp.Diff(string(program), shown); diff != "" {
		t.Errorf("README.md and %s/main.go differ (-program +README):\n%s", consumer, diff)
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	changes, err := os.ReadFile("../CHANGELOG.md")
	if err != nil {
		t.Fatal(err)
	}
	newest := regexp.MustCompile(`(?m)^## \[(\d+\.\d+\.\d+)\]`).FindSubmatch(changes)
	if newest == nil {
		t.Fatal("CHANGELOG.md has no version")
	}
	api := respond(200, success(tokenJSON))
	if _, err := newClient(t, api).Get(t.Context(), tokenID); err != nil {
		t.Fatal(err)
	}
	if got, want := api.requests[0].Header.Get("User-Agent"), "cftokens-go/"+string(newest[1]); got != want {
		t.Errorf("User-Agent %q, but the newest version in CHANGELOG.md makes it %q", got, want)
	}
}
