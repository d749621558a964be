package cftokens_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// TestConstants: a value that is added to an enum of openapi.yaml is a constant of
// this package too.
func TestConstants(t *testing.T) {
	t.Parallel()
	generated, own := constants(t, "../gen/client.gen.go"), constants(t, "types.go")
	if len(generated) < 20 {
		t.Fatalf("only %d constants were found in gen", len(generated))
	}
	for name := range generated {
		if !own[name] {
			t.Errorf("types.go lacks %s = gen.%s", name, name)
		}
	}
}

func constants(t *testing.T, path string) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, decl := range file.Decls {
		if group, ok := decl.(*ast.GenDecl); ok && group.Tok == token.CONST {
			for _, spec := range group.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					// The names of security schemes are the generator's own business.
					if !strings.HasSuffix(name.Name, "Scopes") {
						names[name.Name] = true
					}
				}
			}
		}
	}
	return names
}
