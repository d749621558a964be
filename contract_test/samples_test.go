package contract_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// sample is a value that a schema allows. about describes how it differs from the full
// sample, such as a property with its value, and is "" for the full sample itself.
type sample struct {
	value any
	about string
}

// sampler generates samples from the examples, enums, types and formats of the document.
type sampler struct{ t testing.TB }

// of returns samples of a schema. The first is the full sample, with every property that
// can be sent; each other sample has a different value in one place. A property gets at
// least two values, and every value of its enum.
func (s *sampler) of(name string, ref *openapi3.SchemaRef) []sample {
	s.t.Helper()
	var values []any
	schema := ref.Value
	switch name := schemaName(ref, name); {
	case len(schema.Enum) > 0:
		values = schema.Enum
	case schema.Type.Is("object") && schema.AdditionalProperties.Schema == nil:
		return s.ofObject(name, schema)
	case schema.Type.Is("array"):
		return s.ofArray(name, schema)
	case schema.Type.Is("object"):
		values = s.ofMap(schema)
	case schema.Type.Is("boolean"):
		values = []any{true, false}
	case schema.Type.Is("integer"), schema.Type.Is("number"):
		least := 1.0
		if schema.Min != nil {
			least = *schema.Min
		}
		values = []any{least, least + 1}
	case schema.Type.Is("string"):
		values = ofString(schema)
	}
	if len(values) == 0 {
		s.t.Fatalf("cannot generate a sample of %s from openapi.yaml: add an example there, or support its type in sampler.of in contract_test/samples_test.go", name)
	}
	samples := make([]sample, len(values))
	for i, value := range values {
		samples[i] = sample{value: value, about: jsonText(value)}
	}
	return samples
}

func (s *sampler) ofObject(name string, schema *openapi3.Schema) []sample {
	full := map[string]any{}
	others := []sample{}
	for _, property := range sorted(schema.Properties) {
		ref := schema.Properties[property]
		if ref.Value.ReadOnly {
			continue
		}
		place := name + "." + property
		for i, of := range s.of(place, ref) {
			if i == 0 {
				full[property] = of.value
				continue
			}
			others = append(others, sample{map[string]any{property: of.value}, innermost(place, ref, of.about)})
		}
	}
	for i, other := range others {
		value := maps.Clone(full)
		maps.Copy(value, other.value.(map[string]any))
		others[i].value = value
	}
	return append([]sample{{full, ""}}, others...)
}

// innermost returns about if it describes a nested property, or else describes place with
// the value about.
func innermost(place string, ref *openapi3.SchemaRef, about string) string {
	if len(ref.Value.Properties) > 0 || ref.Value.Items != nil && len(ref.Value.Items.Value.Properties) > 0 {
		return about
	}
	return place + " = " + about
}

// ofArray returns arrays with one item, because the fake need not keep the order.
func (s *sampler) ofArray(name string, schema *openapi3.Schema) (samples []sample) {
	items := schema.Items
	if example, ok := schema.Example.([]any); ok && items.Value.Example == nil {
		for _, item := range example {
			samples = append(samples, sample{[]any{item}, jsonText([]any{item})})
		}
		return samples
	}
	for _, item := range s.of(name, items) {
		samples = append(samples, sample{[]any{item.value}, item.about})
	}
	return samples
}

// ofMap returns the example of a map, and maps with each single entry of it.
func (s *sampler) ofMap(schema *openapi3.Schema) (values []any) {
	example, _ := schema.Example.(map[string]any)
	if len(example) > 0 {
		values = append(values, example)
	}
	for _, key := range sorted(example) {
		values = append(values, map[string]any{key: example[key]})
	}
	return values
}

func ofString(schema *openapi3.Schema) []any {
	example, _ := schema.Example.(string)
	if at, err := time.Parse(time.RFC3339, example); err == nil {
		return []any{example, at.Add(time.Hour).Format(time.RFC3339)}
	}
	switch {
	case example == "" && schema.Format == "" && schema.Pattern == "":
		example = "sample"
	case example == "":
		return nil
	}
	return []any{example, example + "2"}
}

// ofParameter returns sample values of a query parameter.
func (s *sampler) ofParameter(p *openapi3.Parameter) (values []string) {
	s.t.Helper()
	ref := p.Schema
	if p.Example != nil && ref.Value.Example == nil && len(ref.Value.Enum) == 0 {
		schema := *ref.Value
		schema.Example = p.Example
		ref = &openapi3.SchemaRef{Value: &schema}
	}
	for _, of := range s.of("query parameter "+p.Name, ref) {
		values = append(values, fmt.Sprint(of.value))
	}
	return values
}
