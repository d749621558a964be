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

// returnedBy names the function or type of the fake that makes what a response says of
// a schema; an envelope is made by the type of that name.
var returnedBy = map[string]string{
	"Token": "encodeWith", "CreatedToken": "encodeWith", "Verification": "verifyToken", "DeletedToken": "deleteToken",
	"Policy": "policy", "PermissionGroupRef": "groupRef", "PermissionGroupMeta": "groupRef",
	"Condition": "readCondition", "RequestIP": "readCondition", "PermissionGroup": "permissionGroup",
	"ResultInfo": "resultInfo", "ResponseInfo": "detail", "ErrorSource": "detail",
}

// readBy names the function of the fake that reads a schema in a request.
var readBy = map[string]string{
	"TokenCreate": "change", "TokenUpdate": "updateToken", "Policy": "readPolicy", "PermissionGroupRef": "readGroups",
	"Condition": "readCondition", "RequestIP": "readCondition",
}

// TestFake_Declarations checks that the lists above name what exists.
func TestFake_Declarations(t *testing.T) {
	t.Parallel()
	schemas := strict(t).doc.Components.Schemas
	for name, list := range map[string]map[string]string{"returnedBy": returnedBy, "readBy": readBy} {
		for schema, declaration := range list {
			if schemas[schema] == nil {
				t.Errorf("openapi.yaml has no schema %s: take it out of %s in contract_test/declarations_test.go", schema, name)
			}
			if located(declaration) == "" {
				t.Errorf("wrapper/cftokenstest has no %s any more: correct %s in contract_test/declarations_test.go", declaration, name)
			}
		}
	}
}

// handler names the function of the fake that carries out an operation, and its file.
func (f *fake) handler(op *gen.Operation) string {
	f.t.Helper()
	if declaration := userOperation(op.ID); declarations()[declaration] != "" {
		return located(declaration)
	}
	return "handlers in wrapper/cftokenstest/routes.go"
}

// located names a function or type of the fake with its file.
func located(declaration string) string { return declarations()[declaration] }

// declarations returns "func change in wrapper/cftokenstest/tokens.go" for "change", and
// so for each function and type of the fake.
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

// maker names what makes a schema in the responses of the fake.
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

// reader names the function of the fake that reads a property in a request.
func (f *fake) reader(place string, op *gen.Operation) string {
	f.t.Helper()
	schema, _, _ := strings.Cut(place, ".")
	if declaration := readBy[schema]; declaration != "" {
		return located(declaration)
	}
	return f.handler(op)
}
