package contract_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cftokens/cftokens-go/gen"
)

// returnedBy maps a schema to the function or type of the fake that returns it in
// responses. Envelopes are not listed: they are all written by the type envelope.
var returnedBy = map[string]string{
	"Token": "encodeWith", "CreatedToken": "encodeWith", "Verification": "verifyToken", "DeletedToken": "deleteToken",
	"Policy": "policy", "PermissionGroupRef": "groupRef", "PermissionGroupMeta": "groupRef",
	"Condition": "readCondition", "RequestIP": "readCondition", "PermissionGroup": "permissionGroup",
	"ResultInfo": "resultInfo", "ResponseInfo": "detail", "ErrorSource": "detail",
}

// readBy maps a schema to the function of the fake that reads it from requests.
var readBy = map[string]string{
	"TokenCreate": "change", "TokenUpdate": "updateToken", "Policy": "readPolicy", "PermissionGroupRef": "readGroups",
	"Condition": "readCondition", "RequestIP": "readCondition",
}

// TestFake_Declarations checks that returnedBy and readBy name existing schemas,
// functions and types.
func TestFake_Declarations(t *testing.T) {
	t.Parallel()
	schemas := strict(t).doc.Components.Schemas
	for name, list := range map[string]map[string]string{"returnedBy": returnedBy, "readBy": readBy} {
		for schema, declaration := range list {
			if schemas[schema] == nil {
				t.Errorf("openapi.yaml has no schema %s: delete it from %s in contract_test/declarations_test.go", schema, name)
			}
			if located(declaration) == "" {
				t.Errorf("wrapper/cftokenstest does not declare %s: update %s in contract_test/declarations_test.go", declaration, name)
			}
		}
	}
}

// handler returns the function of the fake that handles an operation, with its file.
func (f *fake) handler(op *gen.Operation) string {
	f.t.Helper()
	if declaration := userOperation(op.ID); declarations()[declaration] != "" {
		return located(declaration)
	}
	return "handlers in wrapper/cftokenstest/routes.go"
}

// located returns the kind, name and file of a function or type of the fake.
func located(declaration string) string { return declarations()[declaration] }

// declarations maps the name of each function and type of the fake to a description, such
// as "func change in wrapper/cftokenstest/tokens.go".
var declarations = sync.OnceValue(func() map[string]string {
	found := map[string]string{}
	paths, err := filepath.Glob("../wrapper/cftokenstest/*.go")
	if err != nil {
		panic(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			panic(err)
		}
		for _, declaration := range file.Decls {
			switch declaration := declaration.(type) {
			case *ast.FuncDecl:
				found[declaration.Name.Name] = fmt.Sprintf("func %s in %s", declaration.Name.Name, strings.TrimPrefix(path, "../"))
			case *ast.GenDecl:
				for _, spec := range declaration.Specs {
					if spec, ok := spec.(*ast.TypeSpec); ok {
						found[spec.Name.Name] = fmt.Sprintf("type %s in %s", spec.Name.Name, strings.TrimPrefix(path, "../"))
					}
				}
			}
		}
	}
	return found
})

// maker returns the function or type of the fake that returns a schema in responses.
func (f *fake) maker(schema string, op *gen.Operation) string {
	f.t.Helper()
	switch declaration := returnedBy[schema]; {
	case declaration != "":
		return located(declaration)
	case strings.HasSuffix(schema, "Envelope"):
		return located("envelope")
	}
	return f.handler(op)
}

// reader returns the function of the fake that reads a property from requests.
func (f *fake) reader(place string, op *gen.Operation) string {
	f.t.Helper()
	schema, _, _ := strings.Cut(place, ".")
	if declaration := readBy[schema]; declaration != "" {
		return located(declaration)
	}
	return f.handler(op)
}
