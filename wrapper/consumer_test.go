package cftokens_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/cftokens/cftokens-go/wrapper/cftokenstest"
)

const consumer = "testdata/consumer"

// TestConsumer builds the programs of the README in a third-party module, and runs them on
// the fake.
func TestConsumer(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	goIn(t, consumer, "build", "-o", folder+string(filepath.Separator), "./...")

	server := cftokenstest.NewServer()
	t.Cleanup(server.Close)
	id, err := server.PutToken([]byte(`{"name":"readonly token"}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ program, token, want string }{
		{"list", server.Token, `\n` + id + ` active readonly token\n$`},
		{"create", server.Token, `^[0-9a-f]{32} FAKE-\S{35}\n$`},
		{"list", "unknown-token-0123456789abcdefghijklmnopq", `cftokens: listTokens: .* HTTP 401 .*\n$`},
	} {
		cmd := exec.CommandContext(t.Context(), filepath.Join(folder, tt.program))
		cmd.Env = append(os.Environ(), "CLOUDFLARE_API_TOKEN="+tt.token, "CLOUDFLARE_BASE_URL="+server.URL)
		out, err := cmd.CombinedOutput()
		if !regexp.MustCompile(tt.want).Match(out) || (err == nil) != (tt.token == server.Token) {
			t.Errorf("%s: output %q, error %v, want %s", tt.program, out, err, tt.want)
		}
	}
	if tokens := server.Tokens(); len(tokens) != 2 || tokens[1].Name != "example.com DNS" {
		t.Errorf("the server has %d tokens, want the README's token last", len(tokens))
	}
}

// TestConsumerDependencies checks that programs do not depend on packages that only tests
// and the generator need, and how many modules a scanner finds, which also reads the
// requirements of those.
func TestConsumerDependencies(t *testing.T) {
	t.Parallel()
	allowed := regexp.MustCompile(`^(github\.com/cftokens/cftokens-go/(wrapper|gen)|github\.com/oapi-codegen/(runtime|nullable)|` +
		`github\.com/(apapsch/go-jsonmerge|google/uuid)|example\.com/consumer|vendor/)`)
	packages := strings.Fields(goIn(t, consumer, "list", "-deps", "./..."))
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
	if modules := strings.Split(strings.TrimSpace(goIn(t, consumer, "list", "-m", "all")), "\n"); len(modules) > 35 {
		t.Errorf("the module graph of a program has %d modules, want at most 35: %v", len(modules), modules)
	}
}

// TestREADME_Code checks that the Go code of the README is that of the programs of
// TestConsumer, and that it is short.
func TestREADME_Code(t *testing.T) {
	t.Parallel()
	readme := read(t, "../README.md")
	if n := strings.Count(readme, "\n"); n > 140 {
		t.Errorf("README.md has %d lines, want at most 140", n)
	}
	first, _, _ := strings.Cut(readme, "\n## ")
	if n := strings.Count(read(t, consumer+"/list/main.go"), "\n"); n > 25 || !strings.Contains(first, "```go\n") {
		t.Errorf("the first program of README.md has %d lines, want at most 25, before the first heading", n)
	}
	programs, err := filepath.Glob(consumer + "/*/main.go")
	if err != nil || len(programs) != strings.Count(readme, "```go\n") {
		t.Fatalf("%d blocks of Go code in README.md, %d programs in %s, %v", strings.Count(readme, "```go\n"), len(programs), consumer, err)
	}
	for _, path := range programs {
		if !strings.Contains(readme, "```go\n"+read(t, path)+"```\n") {
			t.Errorf("README.md does not contain the program %s", path)
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
