package cftokens_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestNewProperty adds a writable property to openapi.yaml in a copy of the module, and
// generates the code again. Without other changes, Create, Update, Edit and Replace send
// it, and the last two send no null that they read. Components that are not objects, which
// are added too, must build.
func TestNewProperty(t *testing.T) {
	t.Parallel()
	module := t.TempDir()
	copyModule(t, module)

	path := filepath.Join(module, "openapi.yaml")
	document := read(t, path)
	for _, schema := range []string{"TokenCreate", "TokenUpdate", "Policy", "Condition"} {
		properties := regexp.MustCompile(`(?m)^    ` + schema + `:\n(?:      .*\n)*?      properties:\n`)
		if !properties.MatchString(document) {
			t.Fatalf("openapi.yaml has no schema %s with properties", schema)
		}
		document = properties.ReplaceAllString(document, "${0}        added:\n          type: string\n          description: Added by a test.\n")
	}
	document = regexp.MustCompile(`(?m)^  schemas:\n`).ReplaceAllString(document, "${0}"+
		"    AddedScalar:\n      type: string\n      format: date-time\n      description: A scalar.\n"+
		"    AddedArray:\n      type: array\n      description: An array.\n      items:\n        type: integer\n")
	if err := os.WriteFile(path, []byte(document), 0o600); err != nil {
		t.Fatal(err)
	}

	goIn(t, module, "generate", ".")
	goIn(t, module, "build", "./gen", "./wrapper")
	const want = `{"name":"n","added":"token","condition":{"added":"condition"},"policies":[{"added":"policy","effect":"allow","permission_groups":[{"id":"g"}],"resources":{"r":"*"}}]}`
	bodies := strings.Fields(goIn(t, module, "run", "./wrapper/testdata/newproperty"))
	if len(bodies) != 4 {
		t.Fatalf("newproperty sent %q, want the bodies of Create, Update, Edit and Replace", bodies)
	}
	for i, call := range []string{"Create", "Update", "Edit", "Replace"} {
		if diff := cmp.Diff(object(t, want), object(t, bodies[i])); diff != "" {
			t.Errorf("body of %s (-want +got):\n%s", call, diff)
		}
	}
}

// copyModule copies the files that the library is built from.
func copyModule(t *testing.T, module string) {
	t.Helper()
	for _, pattern := range []string{"go.mod", "go.sum", "*.yaml", "generate.go", "gen", "wrapper/*.go", "wrapper/*.yaml", "wrapper/secret", "wrapper/resource", "wrapper/testdata/newproperty"} {
		matches, err := filepath.Glob(filepath.Join("..", pattern))
		if err != nil || len(matches) == 0 {
			t.Fatalf("%s: nothing to copy: %v", pattern, err)
		}
		for _, source := range matches {
			target := filepath.Join(module, strings.TrimPrefix(source, ".."))
			if info, err := os.Stat(source); err != nil || info.IsDir() {
				if err := os.CopyFS(target, os.DirFS(source)); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(target, []byte(read(t, source)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// goIn runs the go command in a directory.
func goIn(t *testing.T, dir string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("go %s in %s: %v\n%s", strings.Join(args, " "), dir, err, out)
	}
	return string(out)
}
