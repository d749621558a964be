package contract_test

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	openapi "github.com/cftokens/cftokens-go"
	"github.com/cftokens/cftokens-go/gen"
)

// userOperation returns the ID of the operation on user tokens that corresponds to id.
func userOperation(id string) string { return strings.Replace(id, "Account", "", 1) }

// operations returns the operations of a document by operationId.
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	all := map[string]*openapi3.Operation{}
	for _, path := range doc.Paths.Map() {
		for _, op := range path.Operations() {
			all[op.OperationID] = op
		}
	}
	return all
}

// TestDocument checks that the document is valid OpenAPI, including its examples and
// defaults.
func TestDocument(t *testing.T) {
	t.Parallel()
	if err := strict(t).valid(); err != nil {
		t.Error(err)
	}
}

// valid returns an error if the document is not valid. Examples are validated as strictly
// as responses.
func (v *validator) valid() error {
	err := v.doc.Validate(openapi3.WithValidationOptions(context.Background(),
		openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation()))
	if err == nil {
		return nil
	}
	// The lines after the first are the entire schema.
	text, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New("openapi.yaml: " + text)
}

// TestConventions checks the rules that the document follows beyond OpenAPI's own.
func TestConventions(t *testing.T) {
	t.Parallel()
	doc := loadDocument(t, openapi.Document)
	ops := operations(doc)
	for name, check := range map[string]func(t *testing.T){
		"version 3.0.3": func(t *testing.T) {
			if doc.OpenAPI != "3.0.3" {
				t.Errorf("openapi is %q, want 3.0.3: for later versions, error messages of kin-openapi contain values", doc.OpenAPI)
			}
		},
		"gen has the operations": func(t *testing.T) {
			generated := map[string]bool{}
			for _, op := range gen.Operations {
				generated[op.ID] = true
			}
			if diff := cmp.Diff(sorted(ops), sorted(generated)); diff != "" {
				t.Errorf("the operations in gen differ from openapi.yaml: run make generate (-document +gen):\n%s", diff)
			}
		},
		"users and accounts have the same operations": func(t *testing.T) {
			account := 0
			for _, op := range gen.Operations {
				userID := userOperation(op.ID)
				if userID == op.ID {
					continue
				}
				account++
				user := operationByID(userID)
				if user == nil {
					t.Errorf("%s: want a corresponding operation %s on user tokens", op.ID, userID)
					continue
				}
				want := *user
				want.ID, want.Path, want.PermissionGroups = op.ID, strings.Replace(user.Path, "/user/", "/accounts/{account_id}/", 1), nil
				for _, group := range user.PermissionGroups {
					want.PermissionGroups = append(want.PermissionGroups, "Account "+group)
				}
				if diff := cmp.Diff(&want, op); diff != "" {
					t.Errorf("%s differs from %s in more than its path and permission groups (-want +got):\n%s", op.ID, userID, diff)
				}
				if diff := cmp.Diff(shape(ops[userID]), shape(ops[op.ID])); diff != "" {
					t.Errorf("%s and %s do not share their components (-user +account):\n%s", userID, op.ID, diff)
				}
			}
			if account == 0 {
				t.Error(`found no operations on account tokens, whose operationIds contain "Account"`)
			}
		},
		"no YAML anchors, aliases, merge keys or tags": func(t *testing.T) {
			found := regexp.MustCompile(`(?m)^.*([:,\[-] +[&*!][A-Za-z]|<<:).*$`).Find(openapi.Document)
			if found != nil {
				t.Errorf("%q: use a component instead, because not every generator supports anchors, aliases, merge keys and tags", found)
			}
		},
		"operations are described": func(t *testing.T) {
			for id, op := range ops {
				if len(op.Tags) != 1 || op.Summary == "" || op.Description == "" || op.ExternalDocs == nil || !strings.HasPrefix(op.ExternalDocs.URL, "https://developers.cloudflare.com/api/") {
					t.Errorf("%s: want one tag, a summary, a description, and externalDocs with a URL that begins with https://developers.cloudflare.com/api/", id)
				}
			}
		},
		"bodies are JSON": func(t *testing.T) {
			for id, op := range ops {
				bodies := map[string]openapi3.Content{}
				for status, response := range op.Responses.Map() {
					bodies["response "+status] = response.Value.Content
				}
				if op.RequestBody != nil {
					bodies["the request body"] = op.RequestBody.Value.Content
				}
				for name, content := range bodies {
					if got := strings.Join(sorted(content), ", "); got != "application/json" || content[got].Schema == nil {
						t.Errorf("%s: %s has the content types %q, want only application/json, with a schema", id, name, got)
					}
				}
			}
		},
		"responses are 200, 4XX and 5XX": func(t *testing.T) {
			for id, op := range ops {
				if got := strings.Join(sorted(op.Responses.Map()), " "); got != "200 4XX 5XX" {
					t.Errorf("%s has the responses %s, want 200 4XX 5XX", id, got)
				}
				for _, status := range []string{"4XX", "5XX"} {
					response := op.Responses.Value(status)
					if response == nil || jsonSchema(response.Value.Content).Ref != "#/components/schemas/ErrorEnvelope" {
						t.Errorf("%s: the schema of %s is not ErrorEnvelope: use the response ClientError or ServerError", id, status)
					}
				}
			}
		},
		"responses have examples": func(t *testing.T) {
			for id, op := range ops {
				for status, response := range op.Responses.Map() {
					media := response.Value.Content["application/json"]
					if media == nil || media.Example == nil && len(media.Examples) == 0 {
						t.Errorf("%s: response %s has no example: add one next to its schema", id, status)
					}
				}
			}
		},
		"objects are components": func(t *testing.T) {
			component := map[*openapi3.Schema]bool{}
			for _, ref := range doc.Components.Schemas {
				component[ref.Value] = true
			}
			walkSchemas(doc, func(path string, s *openapi3.Schema) {
				// Maps, and alternatives for a map's values, do not become structs.
				if len(s.Properties) > 0 && !component[s] {
					t.Errorf("%s is an unnamed object: move it to components/schemas and refer to it with $ref", path)
				}
			})
		},
		"schemas are described": func(t *testing.T) {
			walkSchemas(doc, func(path string, s *openapi3.Schema) {
				if s.Description == "" {
					t.Errorf("%s has no description: add one; it becomes the doc comment", path)
				}
			})
		},
		"no oneOf, not or nested allOf": func(t *testing.T) {
			walkSchemas(doc, func(path string, s *openapi3.Schema) {
				if len(s.AllOf) > 0 || len(s.OneOf) > 0 || s.Not != nil {
					t.Errorf("%s: use anyOf instead of oneOf and not, and allOf only at the top of a component: strict validation cannot reject unknown properties inside the others", path)
				}
			})
		},
		"constraints are known": func(t *testing.T) {
			const schema = "type format enum description example properties required items additionalProperties allOf anyOf nullable readOnly default pattern minLength maxLength minimum maximum"
			walkSchemas(doc, func(path string, s *openapi3.Schema) { onlyKeys(t, path, s, schema) })
			for name, ref := range doc.Components.Parameters {
				onlyKeys(t, name, ref.Value, "name in description required schema example")
				onlyKeys(t, name, ref.Value.Schema.Value, schema)
			}
		},
		"objects without properties state additionalProperties": func(t *testing.T) {
			walkSchemas(doc, func(path string, s *openapi3.Schema) {
				if s.Type.Is("object") && len(s.Properties) == 0 && s.AdditionalProperties.Has == nil && s.AdditionalProperties.Schema == nil {
					t.Errorf("%s: want additionalProperties, because an object without properties otherwise allows every property", path)
				}
			})
		},
		"read-only properties of tokens": func(t *testing.T) {
			writable := doc.Components.Schemas["TokenUpdate"].Value.Properties
			for name, property := range doc.Components.Schemas["CreatedToken"].Value.Properties {
				if readOnly := writable[name] == nil; property.Value.ReadOnly != readOnly {
					t.Errorf("property %s of a token: readOnly is %t, want %t, because TokenUpdate has exactly the others", name, property.Value.ReadOnly, readOnly)
				}
			}
		},
		"codes have no minimum": func(t *testing.T) {
			if code := doc.Components.Schemas["ResponseInfo"].Value.Properties["code"].Value; code.Min != nil {
				t.Error("ResponseInfo.code has a minimum: delete it, because the codes 400 and 971 were observed")
			}
		},
		"read-only parts of policies": func(t *testing.T) {
			for schema, properties := range map[string][]string{"Policy": {"id"}, "PermissionGroupRef": {"name", "meta"}} {
				for _, name := range properties {
					if property := doc.Components.Schemas[schema].Value.Properties[name]; property == nil || !property.Value.ReadOnly {
						t.Errorf("%s.%s: want readOnly: true, because the API rejects it in requests", schema, name)
					}
				}
			}
		},
		"resources allow both forms per key": func(t *testing.T) {
			values := doc.Components.Schemas["Resources"].Value.AdditionalProperties.Schema
			if values == nil || len(values.Value.AnyOf) != 2 {
				t.Error("Resources: want additionalProperties with anyOf a string and a map of strings, because one token can contain both")
			}
		},
		"secrets are passwords": func(t *testing.T) {
			for _, place := range []*openapi3.SchemaRef{
				doc.Components.Schemas["CreatedToken"].Value.Properties["value"],
				doc.Components.Schemas["TokenValueEnvelope"].Value.Properties["result"],
			} {
				if place == nil || place.Value.Format != "password" || !place.Value.ReadOnly {
					t.Error("CreatedToken.value and TokenValueEnvelope.result: want format: password, so that they are generated as secret.Value, which is redacted when printed, and readOnly: true")
				}
			}
		},
		"unset stays unset": func(t *testing.T) {
			for id, op := range ops {
				for _, ref := range op.Parameters {
					if p := ref.Value; p.In == "query" && p.Extensions["x-go-type-skip-optional-pointer"] != false {
						t.Errorf("%s: query parameter %s: want x-go-type-skip-optional-pointer: false, because it would otherwise be sent even if unset", id, p.Name)
					}
				}
			}
			noField := map[*openapi3.Schema]bool{} // the object's type is not generated
			walkSchemas(doc, func(path string, s *openapi3.Schema) {
				for _, property := range s.Properties {
					noField[property.Value] = s.Extensions["x-go-type"] != nil
				}
				if s.Format == "date-time" && s.Extensions["x-go-type-skip-optional-pointer"] != false && s.Extensions["x-go-type"] == nil && !noField[s] {
					t.Errorf("%s: want x-go-type-skip-optional-pointer: false, because an unset time would otherwise be the zero time", path)
				}
			})
		},
		"enums have Go names": func(t *testing.T) {
			walkSchemas(doc, func(path string, s *openapi3.Schema) {
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
	for _, key := range sorted(fields) {
		if !strings.HasPrefix(key, "x-") && !slices.Contains(strings.Fields(keys), key) {
			t.Errorf("%s: no test detects a change of %s: delete it, or add it to schemaConstraints in contract_test/constraints_test.go and to the list in TestConventions", path, key)
		}
	}
}

// shape returns the components that an operation references.
func shape(op *openapi3.Operation) (refs []string) {
	for _, p := range op.Parameters {
		refs = append(refs, p.Ref)
	}
	if op.RequestBody != nil {
		refs = append(refs, op.RequestBody.Ref)
	}
	for _, status := range sorted(op.Responses.Map()) {
		refs = append(refs, status+" "+op.Responses.Value(status).Ref)
	}
	return refs
}

func operationByID(id string) *gen.Operation {
	for _, op := range gen.Operations {
		if op.ID == id {
			return op
		}
	}
	return nil
}
