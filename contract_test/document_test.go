package contract_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"

	openapi "github.com/cftokens/cftokens-go"
	"github.com/cftokens/cftokens-go/gen"
	"github.com/cftokens/cftokens-go/internal/strict"
)

// userOperation returns the ID of the operation on user tokens that corresponds to id.
func userOperation(id string) string { return strings.Replace(id, "Account", "", 1) }

// TestDocument checks that the document is valid OpenAPI, including its examples and
// defaults.
func TestDocument(t *testing.T) {
	t.Parallel()
	ctx := openapi3.WithValidationOptions(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation())
	if err := changeable(t).Validate(ctx); err != nil {
		text, _, _ := strings.Cut(err.Error(), "\n") // the lines after the first are the entire schema
		t.Error("openapi.yaml: " + text)
	}
}

// TestConventions checks the rules that the document and its operations follow beyond
// OpenAPI's own.
func TestConventions(t *testing.T) {
	t.Parallel()
	doc := document()
	ops := doc.Operations
	for name, check := range map[string]func(t *testing.T){
		"gen has the operations": func(t *testing.T) {
			generated := map[string]bool{}
			for _, op := range gen.Operations {
				generated[op.ID] = true
			}
			if diff := cmp.Diff(strict.Sorted(ops), strict.Sorted(generated)); diff != "" {
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
				if diff := cmp.Diff(shape(t, ops[userID]), shape(t, ops[op.ID])); diff != "" {
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
		"operations consist of components": func(t *testing.T) {
			_, paths, _ := strings.Cut(string(openapi.Document), "\npaths:\n")
			paths, _, _ = strings.Cut(paths, "\ncomponents:\n")
			if paths == "" || strings.Contains(paths, "schema:") {
				t.Error("an operation contains a schema: move its parameter, body or response to components and refer to it with $ref")
			}
			for name, response := range doc.Components.Responses {
				headers := openapi3.Headers{"Cf-Ray": {}, "Ratelimit": {}, "Ratelimit-Policy": {}} // every response has them
				maps.Copy(headers, response.Value.Headers)
				for header, ref := range headers {
					if ref.Ref == "" {
						t.Errorf("%s: want the header %s as a $ref to components", name, header)
					}
				}
			}
		},
		"bodies are JSON": func(t *testing.T) {
			bodies := map[string]openapi3.Content{}
			for name, ref := range doc.Components.RequestBodies {
				bodies[name] = ref.Value.Content
			}
			for name, ref := range doc.Components.Responses {
				bodies[name] = ref.Value.Content
			}
			for name, content := range bodies {
				want := []string{"application/json"}
				if strict.JSON(content).Ref == "#/components/schemas/ErrorBody" {
					want = append(want, "application/problem+json") // if the Accept header asks for it
				}
				got := strict.Sorted(content)
				if !slices.Equal(got, want) || slices.ContainsFunc(got, func(media string) bool { return content[media].Schema == nil }) {
					t.Errorf("%s has the content types %q, want %q, with schemas", name, got, want)
				} else if media := content[want[0]]; media.Example == nil && len(media.Examples) == 0 {
					t.Errorf("%s has no example: add one next to its schema", name)
				}
			}
		},
		"responses are 200, ClientError and ServerError": func(t *testing.T) {
			for id, op := range ops {
				responses := op.Responses.Map()
				if got := strict.Sorted(responses); !slices.Equal(got, []string{"200", "4XX", "5XX"}) {
					t.Errorf("%s has the responses %q, want 200, 4XX and 5XX", id, got)
				} else if responses["4XX"].Ref != "#/components/responses/ClientError" || responses["5XX"].Ref != "#/components/responses/ServerError" {
					t.Errorf("%s: want the response ClientError for 4XX and ServerError for 5XX", id)
				}
			}
		},
	} {
		t.Run(name, check)
	}
}

// shape returns the components that an operation refers to.
func shape(t *testing.T, op *openapi3.Operation) any {
	t.Helper()
	if op == nil {
		return nil
	}
	return mustDecode(t, []byte(jsonText([]any{op.Parameters, op.RequestBody, op.Responses})))
}

// operationByID returns the operation of gen with the ID, or nil.
func operationByID(id string) *gen.Operation {
	if i := slices.IndexFunc(gen.Operations, func(op *gen.Operation) bool { return op.ID == id }); i >= 0 {
		return gen.Operations[i]
	}
	return nil
}
