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

// TestFake_Regenerated changes the document in a scratch copy of the module, generates
// the code again, and runs the tests of the fake there. Each property and parameter that
// the fake does not have yet is reported with the place to edit, and new values of enums
// are accepted without an edit.
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
			t.Fatalf("openapi.yaml has nothing like %s", pattern)
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
	// The fake and the tests take the permission groups from the document.
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
		t.Fatalf("the tests of the fake pass with properties and parameters that the fake does not have:\n%s", out)
	}
	complaints := regexp.MustCompile(`(?m)^ +\w+_test\.go:\d+: .*(make|see) .*$`).FindAllString(out, -1)
	// What the fake lacks without the edits too is reported by these tests themselves.
	known := regexp.MustCompile(`: (no response|query parameter|\S+ of \S+ does not come back) `)
	complaints = slices.DeleteFunc(complaints, func(c string) bool { return known.MatchString(c) && !strings.Contains(c, "added") })
	wants := []string{
		`query parameter listTokens\?added changes nothing on the fake .* make func listTokens in wrapper/cftokenstest/tokens.go obey it`,
		`query parameter listAccountTokens\?added changes nothing on the fake .* make func listTokens in wrapper/cftokenstest/tokens.go obey it`,
		`no response .* of users and accounts contains Token.added, .* make func encodeWith in wrapper/cftokenstest/tokens.go return it`,
		`no response .* of users and accounts contains CreatedToken.added, .* make func encodeWith in wrapper/cftokenstest/tokens.go return it`,
		`no response .* of users and accounts contains Policy.added, .* make type policy in wrapper/cftokenstest/policies.go return it`,
		`no response .* of users and accounts contains Verification.added, .* make func verifyToken in wrapper/cftokenstest/tokens.go return it`,
		`TokenUpdate.added of .* make func updateToken in wrapper/cftokenstest/tokens.go read it, and func encodeWith in wrapper/cftokenstest/tokens.go return it`,
		`Policy.added of .* make func readPolicy in wrapper/cftokenstest/policies.go read it, and type policy in wrapper/cftokenstest/policies.go return it`,
	}
	for _, want := range wants {
		if !slices.ContainsFunc(complaints, regexp.MustCompile(want).MatchString) {
			t.Errorf("the tests of the fake do not say %q", want)
		}
	}
	if len(complaints) != len(wants) || t.Failed() {
		t.Errorf("%d complaints, want %d, and none about a value of an enum or a permission:\n%s", len(complaints), len(wants), out)
	}
}

// goIn runs the go command in a folder.
func goIn(t *testing.T, dir string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
