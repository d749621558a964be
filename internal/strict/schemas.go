package strict

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// EachSchema visits every schema of the components once, with the path to it.
func (d *Document) EachSchema(visit func(path string, s *openapi3.Schema)) {
	seen := map[*openapi3.Schema]bool{}
	var walk func(string, *openapi3.SchemaRef)
	walk = func(path string, ref *openapi3.SchemaRef) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return
		}
		s := ref.Value
		seen[s] = true
		visit(path, s)
		for _, name := range Sorted(s.Properties) {
			walk(path+"."+name, s.Properties[name])
		}
		walk(path+"[]", s.Items)
		walk(path+".*", s.AdditionalProperties.Schema)
		for i, sub := range slices.Concat(s.AnyOf, s.OneOf) {
			walk(fmt.Sprintf("%s(%d)", path, i), sub)
		}
	}
	for _, name := range Sorted(d.Components.Schemas) {
		walk(name, d.Components.Schemas[name])
	}
}

// JSON returns the schema of a JSON body, or an empty schema if there is none.
func JSON(content openapi3.Content) *openapi3.SchemaRef {
	if media := content["application/json"]; media != nil && media.Schema != nil {
		return media.Schema
	}
	return &openapi3.SchemaRef{Value: &openapi3.Schema{}}
}

// Name returns the name of the component that ref refers to, or otherwise if ref is not a
// reference.
func Name(ref *openapi3.SchemaRef, otherwise string) string {
	if ref.Ref != "" {
		return ref.Ref[strings.LastIndex(ref.Ref, "/")+1:]
	}
	return otherwise
}

// alternative returns the schema in ref's oneOf that allows value, or else the one of whose
// required properties value lacks the fewest. If ref has no oneOf, it returns ref.
func alternative(ref *openapi3.SchemaRef, value any) *openapi3.SchemaRef {
	if len(ref.Value.OneOf) == 0 {
		return ref
	}
	for _, one := range ref.Value.OneOf {
		if one.Value.VisitJSON(value, options...) == nil {
			return one
		}
	}
	object, _ := value.(map[string]any)
	lacks := func(ref *openapi3.SchemaRef) (n int) {
		for _, name := range ref.Value.Required {
			if _, ok := object[name]; !ok {
				n++
			}
		}
		return n
	}
	return slices.MinFunc(ref.Value.OneOf, func(a, b *openapi3.SchemaRef) int { return lacks(a) - lacks(b) })
}

// Reach visits every property that can be reached from a schema, as "Component.property".
// If sent is true, it skips read-only properties.
func Reach(ref *openapi3.SchemaRef, sent bool, visit func(property string)) {
	seen := map[*openapi3.Schema]bool{}
	var walk func(*openapi3.SchemaRef, string)
	walk = func(ref *openapi3.SchemaRef, name string) {
		if ref == nil || seen[ref.Value] || sent && ref.Value.ReadOnly {
			return
		}
		s, name := ref.Value, Name(ref, name)
		seen[s] = true
		for _, property := range Sorted(s.Properties) {
			if child := s.Properties[property]; !sent || !child.Value.ReadOnly {
				visit(name + "." + property)
				walk(child, name)
			}
		}
		walk(s.Items, name)
		walk(s.AdditionalProperties.Schema, name)
		for _, one := range s.OneOf {
			walk(one, name)
		}
	}
	walk(ref, "")
}

// Cover visits every property that a body contains, with the same names as Reach.
func Cover(body json.RawMessage, ref *openapi3.SchemaRef, visit func(property string)) {
	value, err := decode(body)
	if err != nil {
		return
	}
	var walk func(any, *openapi3.SchemaRef, string)
	walk = func(value any, ref *openapi3.SchemaRef, name string) {
		if ref == nil {
			return
		}
		ref = alternative(ref, value)
		s, name := ref.Value, Name(ref, name)
		switch value := value.(type) {
		case map[string]any:
			for key, item := range value {
				if property := s.Properties[key]; property != nil {
					visit(name + "." + key)
					walk(item, property, name)
				} else {
					walk(item, s.AdditionalProperties.Schema, name)
				}
			}
		case []any:
			for _, item := range value {
				walk(item, s.Items, name)
			}
		}
	}
	walk(value, ref, "")
}
