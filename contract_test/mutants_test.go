package contract_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// tolerated lists the mutants that the document accepts, by the end of their names, with
// the reason.
var tolerated = map[string]string{
	".is_selectable: another type": "the type is not documented",
	".editable: another type":      "only the name of the property has been observed, so any type is accepted",
	".deprecated: another type":    "only the name of the property has been observed, so any type is accepted",

	"_edge.json content type application/problem+json": "the edge sends the content type that the Accept header asks for",
}

// mutant is a recording with one error.
type mutant struct {
	name     string
	exchange *exchange
}

// mutants returns copies of e with one error each.
func (v *validator) mutants(t testing.TB, e *exchange) (all []mutant) {
	t.Helper()
	add := func(name string, change func(*exchange)) {
		changed := *e
		changed.Response.Headers = maps.Clone(e.Response.Headers)
		changed.Request.Query = maps.Clone(e.Request.Query)
		change(&changed)
		all = append(all, mutant{e.name + " " + name, &changed})
	}
	for _, status := range []int{100, 201, 204, 302, 304} {
		add(fmt.Sprintf("status %d", status), func(e *exchange) { e.Response.Status = status })
	}
	for _, contentType := range []string{"text/html", "text/plain", "application/problem+json"} {
		add("content type "+contentType, func(e *exchange) { e.Response.Headers["content-type"] = contentType })
	}
	add("query: unknown parameter", func(e *exchange) {
		if e.Request.Query == nil {
			e.Request.Query = map[string]string{}
		}
		e.Request.Query["unknown"] = "1"
	})
	for name := range e.Request.Query {
		if name == "name" {
			continue // a name is any text
		}
		add("query: "+name+" of another type", func(e *exchange) { e.Request.Query[name] = "x" })
	}
	route, _, err := v.router.FindRoute(e.request())
	if err != nil {
		t.Fatal(err)
	}
	response := route.Operation.Responses.Status(e.Response.Status)
	if response == nil {
		t.Fatalf("%s: openapi.yaml has no response with status %d for %s: add it, or move the file to contract_test/testdata/drift", e.name, e.Response.Status, route.Operation.OperationID)
	}
	for name, body := range mutations(t, "response", e.Response.Body, jsonSchema(response.Value.Content)) {
		add(name, func(e *exchange) { e.Response.Body = body })
	}
	if e.Request.Body != nil {
		if route.Operation.RequestBody == nil {
			t.Fatalf("%s: openapi.yaml has no request body for %s: add it, or delete the body from the file", e.name, route.Operation.OperationID)
		}
		schema := jsonSchema(route.Operation.RequestBody.Value.Content)
		for name, body := range mutations(t, "request", e.Request.Body, schema) {
			add(name, func(e *exchange) { e.Request.Body = body })
		}
	} else if route.Operation.RequestBody == nil {
		add("request: undocumented body", func(e *exchange) { e.Request.Body = json.RawMessage(`{}`) })
	}
	return all
}

// mutations returns copies of body with one error each, by a description of the error.
func mutations(t testing.TB, root string, body json.RawMessage, schema *openapi3.SchemaRef) map[string]json.RawMessage {
	t.Helper()
	made := map[string]json.RawMessage{}
	tree := mustDecode(t, body)
	var walk func(path string, value any, schema *openapi3.Schema, put func(any))
	walk = func(path string, value any, schema *openapi3.Schema, put func(any)) {
		mutate := func(what string, v any) {
			put(v)
			made[path+": "+what] = json.RawMessage(jsonText(tree))
			put(value)
		}
		if value != nil && schema.Type != nil && !schema.Nullable {
			mutate("null", nil)
		}
		switch value := value.(type) {
		case map[string]any:
			for _, name := range sorted(value) {
				child, before := propertySchema(schema, name), value[name]
				walk(path+"."+name, before, child, func(v any) { value[name] = v })
				if slices.Contains(schema.Required, name) && (root != "request" || !child.ReadOnly) {
					delete(value, name)
					made[path+"."+name+": missing"] = json.RawMessage(jsonText(tree))
					value[name] = before
				}
			}
			for name, property := range schema.Properties {
				if _, ok := value[name]; root == "request" && property.Value.ReadOnly && !ok {
					value[name] = "text"
					made[path+"."+name+": read-only"] = json.RawMessage(jsonText(tree))
					delete(value, name)
				}
			}
			value["unknown-property"] = []any{1}
			made[path+": unknown property"] = json.RawMessage(jsonText(tree))
			delete(value, "unknown-property")
			mutate("a list instead of an object", []any{value})
		case []any:
			for i, item := range value {
				walk(fmt.Sprintf("%s[%d]", path, i), item, itemSchema(schema), func(v any) { value[i] = v })
			}
			mutate("an object instead of a list", map[string]any{"0": value})
		case nil:
		default:
			mutateScalar(value, schema, mutate)
		}
	}
	walk(root, tree, alternative(schema, tree).Value, func(v any) { tree = v })
	return made
}

func mutateScalar(value any, schema *openapi3.Schema, mutate func(string, any)) {
	if _, isText := value.(string); isText {
		mutate("another type", 7)
	} else {
		mutate("another type", "text")
	}
	if len(schema.Enum) > 0 {
		if _, isBool := value.(bool); isBool {
			mutate("not in the enum", value != true)
		} else {
			mutate("not in the enum", "unknown value")
		}
	}
	if schema.Format == "date-time" || schema.Format == "cidr" {
		mutate("format", "wrong format")
	}
	if schema.MaxLength != nil {
		mutate("too long", strings.Repeat("a", int(*schema.MaxLength)+1))
	}
	if schema.MinLength > 0 {
		mutate("too short", strings.Repeat("a", int(schema.MinLength)-1))
	}
}

// itemSchema returns the schema of the items of a list. Like propertySchema, it returns a
// schema that allows everything if the document has none.
func itemSchema(schema *openapi3.Schema) *openapi3.Schema {
	if schema.Items == nil {
		return &openapi3.Schema{}
	}
	return schema.Items.Value
}

// propertySchema returns the schema of a property of an object or a map.
func propertySchema(schema *openapi3.Schema, name string) *openapi3.Schema {
	if property := schema.Properties[name]; property != nil {
		return property.Value
	}
	if values := schema.AdditionalProperties.Schema; values != nil {
		return values.Value
	}
	for _, alternative := range schema.AnyOf {
		if values := alternative.Value.AdditionalProperties.Schema; values != nil {
			return values.Value
		}
	}
	return &openapi3.Schema{}
}

// TestMutants checks that the document rejects every mutant of the recordings, except for
// those in tolerated. It fails if the document, or the validator, becomes too permissive.
func TestMutants(t *testing.T) {
	t.Parallel()
	v := strict(t)
	made, rejected, listed := 0, 0, map[string]int{}
	for _, e := range recordings(t) {
		if e.RequestRejected != "" {
			continue
		}
		for _, m := range v.mutants(t, e) {
			made++
			requestErr, responseErr := v.check(m.exchange.request(), m.exchange.response())
			if requestErr != nil || responseErr != nil {
				rejected++
				continue
			}
			reason := ""
			for end := range tolerated {
				if strings.HasSuffix(m.name, end) {
					reason = end
				}
			}
			if reason == "" {
				t.Errorf("openapi.yaml accepts the mutant %s: make it stricter, or add a reason to tolerated in contract_test/mutants_test.go", m.name)
				continue
			}
			listed[reason]++
		}
	}
	tolerances := 0
	for end, reason := range tolerated {
		if listed[end] == 0 {
			t.Errorf("openapi.yaml rejects every mutant whose name ends in %q: delete the entry from tolerated in contract_test/mutants_test.go", end)
		}
		t.Logf("accepted %d times: %s (%s)", listed[end], end, reason)
		tolerances += listed[end]
	}
	t.Logf("mutants: %d created, %d rejected, %d tolerated", made, rejected, tolerances)
	if made < 500 {
		t.Errorf("created %d mutants, want 500 or more", made)
	}
}
