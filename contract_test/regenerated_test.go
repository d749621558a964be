package contract_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestFake_Regenerated changes the document in a copy of the module, regenerates the code,
// and runs the tests of the fake there. It checks that they report each property and
// parameter that the fake lacks with the place to edit, and that new enum values need no
// edit.
func TestFake_Regenerated(t *testing.T) {
	t.Parallel()
	module := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "generate.go", "openapi.yaml", "oapi-codegen.yaml"} {
		data, err := os.ReadFile(filepath.Join("..", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(module, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"gen", "wrapper", "contract_test"} {
		if err := os.CopyFS(filepath.Join(module, name), os.DirFS(filepath.Join("..", name))); err != nil {
			t.Fatal(err)
		}
	}

	path := filepath.Join(module, "openapi.yaml")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	document := string(data)
	edit := func(pattern, replacement string) {
		t.Helper()
		old := document
		document = regexp.MustCompile(pattern).ReplaceAllString(document, replacement)
		if document == old {
			t.Fatalf("openapi.yaml does not match %s: update the pattern in contract_test/regenerated_test.go", pattern)
		}
	}
	insert := func(after, text string) {
		t.Helper()
		edit(after, "${0}"+text)
	}
	for _, schema := range []string{"Token", "TokenUpdate", "Policy", "Verification"} {
		insert(`(?m)^    `+schema+`:\n(?:      .*\n)*?      properties:\n`,
			"        added:\n          type: string\n          description: Added by a test.\n")
	}
	insert(`(?m)^components:\n(?:.*\n)*?  parameters:\n`, "    Added:\n      name: added\n      in: query\n"+
		"      description: Added by a test.\n      x-go-type-skip-optional-pointer: false\n      schema:\n        type: string\n")
	insert(`- \$ref: '#/components/parameters/ListDirection'\n`, "        - $$ref: '#/components/parameters/Added'\n")
	// The fake reads permission groups from the document: no edit is needed.
	edit(`(operationId: listTokens\n +x-api-token-group: ).*`, "${1}[API Tokens Read]")
	for _, schema := range []string{"Effect", "Direction", "TokenStatus"} {
		insert(`(?m)^    `+schema+`:\n(?:      .*\n)*?      enum: \[[^\]]*`, ", added")
		insert(`(?m)^    `+schema+`:\n(?:      .*\n)*?      x-enum-varnames: \[[^\]]*`, ", Added")
	}
	insert(`(?m)^    Scope:\n(?:      .*\n)*?      enum:\n`, "        - added\n")
	insert(`(?m)^    Scope:\n(?:      .*\n)*?      x-enum-varnames: \[`, "Added, ")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}

	if out, err := goIn(t, module, "generate", "."); err != nil {
		t.Fatalf("go generate: %v\n%s", err, out)
	}
	out, err := goIn(t, module, "test", "-run", "^TestFake_(Declarations|Responses|QueryParameters|WritableProperties|Permissions)$", "./contract_test")
	if err == nil {
		t.Fatalf("the tests of the fake pass, want failures because the fake lacks properties and parameters:\n%s", out)
	}
	failures := regexp.MustCompile(`(?m)^ +\w+_test\.go:\d+: .*(make|see) .*$`).FindAllString(out, -1)
	// The tests of the fake themselves report what it lacks without these changes.
	known := regexp.MustCompile(`: (no response of the fake|query parameter|the fake does not return) `)
	failures = slices.DeleteFunc(failures, func(f string) bool { return known.MatchString(f) && !strings.Contains(f, "added") })
	wants := []string{
		`query parameter listTokens\?added does not affect the result on the fake .* make func listTokens in wrapper/cftokenstest/tokens.go apply it`,
		`query parameter listAccountTokens\?added does not affect the result on the fake .* make func listTokens in wrapper/cftokenstest/tokens.go apply it`,
		`no response .* of users and accounts contains Token.added, .* make func encodeWith in wrapper/cftokenstest/tokens.go return it`,
		`no response .* of users and accounts contains CreatedToken.added, .* make func encodeWith in wrapper/cftokenstest/tokens.go return it`,
		`no response .* of users and accounts contains Policy.added, .* make type policy in wrapper/cftokenstest/policies.go return it`,
		`no response .* of users and accounts contains Verification.added, .* make func verifyToken in wrapper/cftokenstest/tokens.go return it`,
		`does not return TokenUpdate.added of .* make func updateToken in wrapper/cftokenstest/tokens.go read it, and func encodeWith in wrapper/cftokenstest/tokens.go return it`,
		`does not return Policy.added of .* make func readPolicy in wrapper/cftokenstest/policies.go read it, and type policy in wrapper/cftokenstest/policies.go return it`,
	}
	for _, want := range wants {
		if !slices.ContainsFunc(failures, regexp.MustCompile(want).MatchString) {
			t.Errorf("no failure message matches %q", want)
		}
	}
	if len(failures) != len(wants) || t.Failed() {
		t.Errorf("got %d failures, want %d, none of them about an enum value or a permission:\n%s", len(failures), len(wants), out)
	}
}

// goIn runs the go command in dir.
func goIn(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
