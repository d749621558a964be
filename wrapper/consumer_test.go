package cftokens_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const consumer = "testdata/consumer"

// TestConsumer builds a third-party module, which contains the code of the README, and
// runs it on the fake.
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
	for _, tt := range []struct{ command, token, want string }{
		{"list", server.Token, `\n` + id + ` active readonly token\n$`},
		{"create", server.Token, `^[0-9a-f]{32} 40\n$`},
		{"list", "unknown-token-0123456789abcdefghijklmnopq", `^HTTP 401, Ray ID `},
	} {
		cmd := exec.CommandContext(t.Context(), binary, tt.command)
		cmd.Env = append(os.Environ(), "CLOUDFLARE_API_TOKEN="+tt.token, "CLOUDFLARE_BASE_URL="+server.URL)
		out, err := cmd.CombinedOutput()
		if err != nil || !regexp.MustCompile(tt.want).Match(out) {
			t.Errorf("consumer %s: output %q, error %v, want %s", tt.command, out, err, tt.want)
		}
	}
	if tokens := server.Tokens(); len(tokens) != 2 || tokens[1].Name != "example.com DNS" {
		t.Errorf("the server has %d tokens, want the README's token last", len(tokens))
	}
}

// TestConsumerDependencies checks that programs do not depend on packages that only tests
// and the generator need.
func TestConsumerDependencies(t *testing.T) {
	t.Parallel()
	allowed := regexp.MustCompile(`^(github\.com/cftokens/cftokens-go/(wrapper|gen)|github\.com/oapi-codegen/(runtime|nullable)|` +
		`github\.com/(apapsch/go-jsonmerge|google/uuid)|example\.com/consumer|vendor/)`)
	packages := strings.Fields(goIn(t, consumer, "list", "-deps", "."))
	own := 0
	for _, pkg := range packages {
		if first, _, _ := strings.Cut(pkg, "/"); strings.Contains(first, ".") || first == "vendor" {
			if own++; !allowed.MatchString(pkg) {
				t.Errorf("programs that use the library depend on %s, want only %s", pkg, allowed)
			}
		}
	}
	if own < 5 {
		t.Errorf("go list -deps = %v, want at least 5 packages of modules", packages)
	}
}

// TestREADME_Code checks that the code of the README is in the program of TestConsumer.
func TestREADME_Code(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(consumer + "/readme.go")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```").FindAllSubmatch(readme, -1)
	if len(blocks) < 2 {
		t.Fatalf("README.md has %d blocks of Go code, want 2 or more", len(blocks))
	}
	for _, block := range blocks {
		indented := regexp.MustCompile(`(?m)^(.)`).ReplaceAll(block[1], []byte("\t$1"))
		if !bytes.Contains(program, indented) {
			t.Errorf("%s/readme.go does not contain this code of README.md:\n%s", consumer, block[1])
		}
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
		t.Errorf("Get() sent the User-Agent %q, want %q: the newest version in CHANGELOG.md", got, want)
	}
}
