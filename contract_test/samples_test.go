package contract_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
)

// sample is a value that a schema allows. about names what is special about it: a
// property with a value, or "" if there is only the value.
type sample struct {
	value any
	about string
}

// sampler generates samples from the document: its examples and enums, and values of a
// type or a format.
type sampler struct {
	t testing.TB
	// values replaces what the document cannot say: a property as in
	// "PermissionGroupRef.id", with values that exist on the server.
	values map[string][]any
	// replacer puts what exists on the server in place of what the examples name.
	replacer *strings.Replacer
}

// of returns samples of a schema. The first is a full one, with every property that can
// be sent; each of the others has another value in one place. A property has two
// different values at least, and all that its enum lists.
func (s *sampler) of(name string, ref *openapi3.SchemaRef) []sample {
	s.t.Helper()
	var values []any
	schema := ref.Value
	switch name := schemaName(ref, name); {
	case s.values[name] != nil:
		values = s.values[name]
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
		s.t.Fatalf("no sample of %s can be generated from openapi.yaml: give it an example there, or teach sampler.of in contract_test/samples_test.go its type", name)
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

// innermost keeps the description of a nested property, and makes one of a value.
func innermost(place string, ref *openapi3.SchemaRef, about string) string {
	if len(ref.Value.Properties) > 0 || ref.Value.Items != nil && len(ref.Value.Items.Value.Properties) > 0 {
		return about
	}
	return place + " = " + about
}

// ofArray returns arrays with one item, so that an order that is not kept does not
// matter.
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

// ofMap returns the example of a map, and each of its entries alone.
func (s *sampler) ofMap(schema *openapi3.Schema) (values []any) {
	example, _ := s.replace(schema.Example).(map[string]any)
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

// replace replaces in all strings of a value.
func (s *sampler) replace(value any) any {
	switch value := value.(type) {
	case string:
		return s.replacer.Replace(value)
	case []any:
		replaced := slices.Clone(value)
		for i := range replaced {
			replaced[i] = s.replace(replaced[i])
		}
		return replaced
	case map[string]any:
		replaced := map[string]any{}
		for key, v := range value {
			replaced[s.replacer.Replace(key)] = s.replace(v)
		}
		return replaced
	}
	return value
}

// ofParameter returns the values of a parameter to send.
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
