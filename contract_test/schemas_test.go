package contract_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/cftokens/cftokens-go/internal/strict"
)

// TestConventions_Schemas checks the rules that schemas and parameters follow beyond
// OpenAPI's own.
func TestConventions_Schemas(t *testing.T) {
	t.Parallel()
	doc := document()
	for name, check := range map[string]func(t *testing.T){
		"objects are components": func(t *testing.T) {
			component := map[*openapi3.Schema]bool{}
			for _, ref := range doc.Components.Schemas {
				component[ref.Value] = true
			}
			doc.EachSchema(func(path string, s *openapi3.Schema) {
				// Maps, and alternatives for a map's values, do not become structs.
				if len(s.Properties) > 0 && !component[s] {
					t.Errorf("%s is an unnamed object: move it to components/schemas and refer to it with $ref", path)
				}
			})
		},
		"schemas are described": func(t *testing.T) {
			doc.EachSchema(func(path string, s *openapi3.Schema) {
				if s.Description == "" {
					t.Errorf("%s has no description: add one; it becomes the doc comment", path)
				}
			})
		},
		"no oneOf, not or nested allOf": func(t *testing.T) {
			doc.EachSchema(func(path string, s *openapi3.Schema) {
				if len(s.AllOf) > 0 || len(s.OneOf) > 0 && path != "ErrorBody" || s.Not != nil {
					t.Errorf("%s: use anyOf instead of not and of oneOf (ErrorBody has components without a common property), and allOf only at the top of a component: strict validation cannot reject unknown properties inside the others", path)
				}
			})
		},
		"constraints are known": func(t *testing.T) {
			const schema = "type format enum description example properties required items additionalProperties allOf anyOf oneOf nullable readOnly default pattern minLength maxLength minimum maximum"
			doc.EachSchema(func(path string, s *openapi3.Schema) { onlyKeys(t, path, s, schema) })
			for name, ref := range doc.Components.Parameters {
				onlyKeys(t, name, ref.Value, "name in description required schema example")
				if ref.Value.Schema == nil {
					t.Errorf("parameter %s has no schema: add one", name)
					continue
				}
				if onlyKeys(t, name, ref.Value.Schema.Value, schema); ref.Value.Schema.Value.Type == nil {
					t.Errorf("parameter %s has no type: add it, because it becomes the Go type", name)
				}
			}
		},
		"objects without properties state additionalProperties": func(t *testing.T) {
			doc.EachSchema(func(path string, s *openapi3.Schema) {
				if s.Type.Is("object") && len(s.Properties) == 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
					t.Errorf("%s: want additionalProperties, because an object without properties otherwise allows every property", path)
				}
			})
		},
		"read-only properties of tokens": func(t *testing.T) {
			writable, token := doc.Components.Schemas["TokenUpdate"].Value.Properties, doc.Components.Schemas["CreatedToken"].Value.Properties
			for name, property := range token {
				if readOnly := writable[name] == nil; property.Value.ReadOnly != readOnly {
					t.Errorf("property %s of a token: readOnly is %t, want %t, because TokenUpdate has exactly the others", name, property.Value.ReadOnly, readOnly)
				}
			}
		},
		"secrets are passwords": func(t *testing.T) {
			found := 0
			doc.EachSchema(func(path string, s *openapi3.Schema) {
				if (path == "CreatedToken.value" || path == "TokenValueEnvelope.result") && s.Format == "password" && s.ReadOnly {
					found++
				}
			})
			if found != 2 {
				t.Error("CreatedToken.value and TokenValueEnvelope.result: want format: password, so that they are generated as secret.Value, which is redacted when printed, and readOnly: true")
			}
		},
		"unset stays unset": func(t *testing.T) {
			for id, op := range doc.Operations {
				for _, ref := range op.Parameters {
					if p := ref.Value; p.In == "query" && p.Extensions["x-go-type-skip-optional-pointer"] != false {
						t.Errorf("%s: query parameter %s: want x-go-type-skip-optional-pointer: false, because it would otherwise be sent even if unset", id, p.Name)
					}
				}
			}
			noField := map[*openapi3.Schema]bool{} // the object's type is not generated
			doc.EachSchema(func(path string, s *openapi3.Schema) {
				for _, property := range s.Properties {
					noField[property.Value] = s.Extensions["x-go-type"] != nil
				}
				if s.Format == "date-time" && s.Extensions["x-go-type-skip-optional-pointer"] != false && s.Extensions["x-go-type"] == nil && !noField[s] {
					t.Errorf("%s: want x-go-type-skip-optional-pointer: false, because an unset time would otherwise be the zero time", path)
				}
			})
		},
		"enums do not contain null": func(t *testing.T) {
			doc.EachSchema(func(path string, s *openapi3.Schema) {
				if !s.Type.Is("object") && slices.Contains(s.Enum, nil) {
					t.Errorf(`%s: enum contains null, which the generator would make the constant "<nil>": delete it, and write nullable: true`, path)
				}
			})
		},
		"null can be sent": func(t *testing.T) {
			for name, body := range doc.Components.RequestBodies {
				_ = strict.JSON(body.Value.Content).WalkSubtree(func(pointer string, ref *openapi3.SchemaRef) error {
					goType := fmt.Sprint(ref.Value.Extensions["x-go-type"])
					if ref.Value.Nullable && !ref.Value.ReadOnly && !strings.HasPrefix(goType, "nullable.Nullable[") {
						t.Errorf("%s%s is nullable and can be sent: want x-go-type: nullable.Nullable[time.Time], or of another type, and x-go-type-import with path: github.com/oapi-codegen/nullable, because null and absent would otherwise be the same", name, pointer)
					}
					return nil
				})
			}
		},
		"enums have Go names": func(t *testing.T) {
			doc.EachSchema(func(path string, s *openapi3.Schema) {
				names, _ := s.Extensions["x-enum-varnames"].([]any)
				if s.Type.Is("string") && len(s.Enum) > 0 && len(names) != len(s.Enum) {
					t.Errorf("%s: enum has %d values and x-enum-varnames has %d names, want one name per value", path, len(s.Enum), len(names))
				}
			})
		},
	} {
		t.Run(name, check)
	}
}

// onlyKeys checks that a part of the document has no other keys than those given. Another
// may be a constraint that TestWeakenings and TestStrengthenings do not know.
func onlyKeys(t *testing.T, path string, part json.Marshaler, keys string) {
	t.Helper()
	fields, _ := mustDecode(t, []byte(jsonText(part))).(map[string]any)
	for _, key := range strict.Sorted(fields) {
		if !strings.HasPrefix(key, "x-") && !slices.Contains(strings.Fields(keys), key) {
			t.Errorf("%s: no test detects a change of %s: delete it, or add it to schemaConstraints in contract_test/constraints_test.go and to the list in TestConventions_Schemas", path, key)
		}
	}
}
